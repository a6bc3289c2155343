//! What moved between two finished runs?

use std::path::Path;

use crate::analyses::compare::{ComparedRun, columns, compare as of_runs, findings};
use crate::domain::day::Day;
use crate::report::cell::TableCells;
use crate::report::finding::Finding;
use crate::report::people::People;
use crate::report::table::Table;
use crate::run::error::RunError;
use crate::store::error::OutputError;
use crate::store::finished_run::FinishedRun;

/// The tables of a run that are compared.
struct ReadRun {
    run: FinishedRun,
    as_of: Day,
    deals: Table,
    scores: Table,
    forecast: Table,
    evaluation: Option<Table>,
}

impl ReadRun {
    fn read(folder: &Path) -> Result<Self, RunError> {
        let run = FinishedRun::open(folder)?;
        let no_run = |reason: String| OutputError::NoRun { dir: folder.to_owned(), reason };
        let as_of = run.manifest().as_of.parse().map_err(|_| no_run("its day is none".to_owned()))?;
        let table = |name: &str| {
            let read = run.table(name).map(|(table, _)| table);
            read.map_err(|error| no_run(format!("{name}.parquet cannot be read: {error}")))
        };
        let (deals, scores, forecast) = (table("period_deals")?, table("scores")?, table("forecast")?);
        let evaluation = run.manifest().model_id.as_ref().and_then(|_| table("evaluation").ok());
        Ok(Self { as_of, deals, scores, forecast, evaluation, run })
    }

    fn compared(&self) -> ComparedRun<'_> {
        ComparedRun {
            as_of: self.as_of,
            model_id: self.run.manifest().model_id.as_deref(),
            config: self.run.manifest().config_blake3.as_deref(),
            deals: &self.deals,
            scores: &self.scores,
            forecast: &self.forecast,
            evaluation: self.evaluation.as_ref(),
        }
    }
}

/// Two runs side by side.
#[derive(Clone, Debug)]
pub struct RunsCompared {
    /// The day of the old run.
    pub since: Day,
    /// The bridges, or the deals.
    pub table: Table,
    /// What there is to say.
    pub findings: Vec<Finding>,
    /// What owners and managers are called in the new run.
    pub people: People,
}

/// What moved from the run in `old` to the run in `new`: bridges, or deal by deal.
///
/// # Errors
/// [`RunError`] where a folder holds no finished run or a damaged one; [`RunError::RunsOutOfOrder`] where the old run is
/// of a later day.
pub fn compare(old: &Path, new: &Path, by_deal: bool) -> Result<RunsCompared, RunError> {
    let [old, new] = [ReadRun::read(old)?, ReadRun::read(new)?];
    if old.as_of > new.as_of {
        let (day, as_of) = (old.as_of, new.as_of);
        return Err(RunError::RunsOutOfOrder { old: day, new: as_of });
    }
    let comparison = of_runs(&old.compared(), &new.compared());
    let table = if by_deal { columns::deals_table(&comparison)? } else { columns::bridge_table(&comparison)? };
    let people = People::of_nodes(TableCells(new.forecast.batch()));
    Ok(RunsCompared { since: old.as_of, table, findings: findings::findings(&comparison), people })
}
