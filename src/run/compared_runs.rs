//! Two finished runs read back and put side by side: [`RunsCompared`].
//!
//! For the question what moved between them, and for the run that says it of the one it replaces.

use std::collections::BTreeSet;

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
#[derive(Debug)]
pub(crate) struct ReadRun {
    run: FinishedRun,
    pub(crate) as_of: Day,
    deals: Table,
    scores: Table,
    forecast: Table,
    evaluation: Option<Table>,
}

impl ReadRun {
    /// The tables of `run`.
    ///
    /// # Errors
    /// [`RunError`] where one is missing or damaged.
    pub(crate) fn read(run: FinishedRun) -> Result<Self, RunError> {
        let no_run = |reason: String| OutputError::NoRun { dir: run.folder().to_owned(), reason };
        let as_of = run.manifest().as_of.parse().map_err(|_| no_run("its day is none".to_owned()))?;
        let table = |name: &str| {
            let read = run.table(name).map(|(table, _)| table);
            read.map_err(|error| no_run(format!("{name}.parquet cannot be read: {error}")))
        };
        let (deals, scores, forecast) = (table("period_deals")?, table("scores")?, table("forecast")?);
        let evaluation = run.manifest().model_id.as_ref().and_then(|_| table("evaluation").ok());
        Ok(Self { as_of, deals, scores, forecast, evaluation, run })
    }

    /// Whether most deals that were open in `earlier` are known here: otherwise the runs are of other books.
    fn is_of_the_books_of(&self, earlier: &Self) -> bool {
        let [then, now] = [&earlier.deals, &self.deals].map(|table| TableCells(table.batch()));
        let id = |cells: TableCells<'_>, row: usize| cells.at("deal_id", row).text().map(str::to_owned);
        let known: BTreeSet<String> = (0..now.rows()).filter_map(|row| id(now, row)).collect();
        let open = (0..then.rows()).filter(|row| then.at("status", *row).text() == Some("open"));
        let open: Vec<String> = open.filter_map(|row| id(then, row)).collect();
        2 * open.iter().filter(|id| known.contains(*id)).count() > open.len()
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

/// The bridges from the run `earlier` to `now`; none where the earlier one is not of an earlier day, or of other books: made
/// by another configuration, or without most of the deals.
///
/// # Errors
/// [`RunError`] where a run is damaged.
pub(crate) fn since_earlier(earlier: FinishedRun, now: FinishedRun) -> Result<Option<RunsCompared>, RunError> {
    let is_earlier = earlier.manifest().as_of < now.manifest().as_of;
    if !is_earlier || earlier.manifest().config_blake3 != now.manifest().config_blake3 {
        return Ok(None);
    }
    let [old, new] = [ReadRun::read(earlier)?, ReadRun::read(now)?];
    new.is_of_the_books_of(&old).then(|| side_by_side(&old, &new, false)).transpose()
}

/// What moved from `old` to `new`: bridges, or deal by deal.
///
/// # Errors
/// [`RunError`] where a table cannot be made.
pub(crate) fn side_by_side(old: &ReadRun, new: &ReadRun, by_deal: bool) -> Result<RunsCompared, RunError> {
    let comparison = of_runs(&old.compared(), &new.compared());
    let table = if by_deal { columns::deals_table(&comparison)? } else { columns::bridge_table(&comparison)? };
    let people = People::of_nodes(TableCells(new.forecast.batch()));
    Ok(RunsCompared { since: old.as_of, table, findings: findings::findings(&comparison), people })
}
