//! What did marketing bring?

use crate::analyses::sources::columns::{attribution_table, table};
use crate::analyses::sources::{Attribution, Sources, SourcesBy, findings};
use crate::domain::inputs::InputTable;
use crate::domain::period::PeriodKind;
use crate::run::answers::answer::Answer;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::questions::DealFilter;
use crate::run::watch::Watcher;

/// What is asked of the sources.
#[derive(Clone, Debug, Default)]
pub struct SourcesQuestion {
    /// Which deals and leads; `created_in` are the periods to report.
    pub filter: DealFilter,
    /// By campaign too.
    pub campaigns: bool,
    /// All periods together.
    pub total: bool,
    /// Deals shared among the touches that reached them by these models; every deal counts for its own source if none.
    pub attribution: Vec<Attribution>,
}

impl SourcesQuestion {
    /// The ways deals are counted.
    fn wanted(&self) -> Vec<SourcesBy> {
        let (campaign, total) = (self.campaigns, self.total);
        let by = |attribution| SourcesBy { campaign, total, attribution };
        if self.attribution.is_empty() {
            return vec![by(None)];
        }
        self.attribution.iter().map(|model| by(Some(*model))).collect()
    }

    /// Only what lies in the periods asked for: money spent in other periods is no answer either.
    fn keep_asked(&self, made: &mut [Sources], kind: PeriodKind) -> Result<(), RunError> {
        let periods = &self.filter.created_in;
        if periods.is_empty() {
            return Ok(());
        }
        if let Some(costs) = made.first().map(|sources| sources.kind).filter(|longest| *longest > kind) {
            return Err(RunError::CostsOfLongerPeriods { costs, asked: kind });
        }
        for sources in made {
            sources.rows.retain(|row| {
                row.period.as_ref().is_none_or(|period| periods.iter().any(|asked| asked.contains(period.first)))
            });
        }
        Ok(())
    }
}

/// One row per source (and campaign) and period, for each model of attribution.
///
/// # Errors
/// [`RunError`]; [`RunError::CostsOfLongerPeriods`].
pub fn sources(inputs: &Inputs, asked: &SourcesQuestion, watcher: &dyn Watcher) -> Result<Answer, RunError> {
    let config = &inputs.config;
    let as_of = inputs.load(watcher)?;
    let selection = as_of.select(&asked.filter)?;
    let values = as_of.values(config, &selection.deals);
    if values.currency.is_none() {
        watcher.tell(&findings::no_common_currency(as_of.tables.currencies.names()));
    }
    if !selection.costs && config.sources.has(InputTable::CampaignCosts) {
        watcher.tell(&findings::costs_excluded());
    }
    let periods = asked.filter.created_in.iter().map(|period| period.kind);
    let kind = periods.min().unwrap_or(config.calendar.score_period);
    let mut made = as_of.sources(&values, &selection, kind, &asked.wanted())?;
    if let Some(sources) = made.first() {
        findings::costs(sources, kind).iter().for_each(|finding| watcher.tell(finding));
    }
    asked.keep_asked(&mut made, kind)?;
    let table = match &made[..] {
        [own] if own.attribution.is_none() => table(own, asked.campaigns, &values)?,
        models => attribution_table(models, &values)?,
    };
    Ok(Answer::of_day(table, &as_of))
}
