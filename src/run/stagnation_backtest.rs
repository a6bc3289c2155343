//! Stagnation as it would have been judged on past mornings.

use std::path::Path;

use crate::analyses::stagnation::backtest::{BacktestRule, PastDeal, SLIP_DAYS, judge, past_deals};
use crate::analyses::stagnation::{StagnationInput, stagnation};
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::progress::Progress;
use crate::ingest;
use crate::run::questions::{PipelineError, check_day, stagnation_candidates};
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;

/// Mornings judged, and the days between them.
const MORNINGS: i32 = 12;
const STEP_DAYS: i32 = 30;

/// Judges the stagnation of twelve past mornings, 30 days apart, the last one 90 days before the as-of day: on each,
/// thresholds are learned from what was known then.
///
/// # Errors
/// As [`AsOf::load`](crate::run::questions::AsOf::load).
pub fn judge_stagnation(
    config: &Config,
    base: &Path,
    as_of: Option<Day>,
    progress: &dyn Progress,
) -> Result<Vec<BacktestRule>, PipelineError> {
    let tables = ingest::load(config, base, progress)?.tables;
    let today = as_of.or_else(|| tables.day_after_newest_event()).unwrap_or(Day(0));
    check_day(&config.fiscal_calendar(), today)?;
    let now = Timeline::of_changes(&tables, config, today)?;
    if now.deals.is_empty() {
        return Err(PipelineError::NothingYet { as_of: today });
    }
    progress.begin("past mornings", MORNINGS as u64);
    let mut deals: Vec<PastDeal> = Vec::new();
    for back in (0..MORNINGS).rev() {
        let timeline = Timeline::of_changes(&tables, config, today.plus(-SLIP_DAYS - back * STEP_DAYS))?;
        let (snapshot, stays) = (Snapshot::of(&timeline), timeline.stays());
        let candidates = stagnation_candidates(config, &tables, &timeline, &snapshot)?;
        let stagnation = stagnation(&StagnationInput {
            timeline: &timeline,
            stays: &stays,
            snapshot: &snapshot,
            config: &config.stagnation,
            candidates: &candidates,
            keep: &vec![true; timeline.deals.len()],
            previous: None,
        });
        deals.extend(past_deals(&timeline, &snapshot, &stagnation, &now));
        progress.advance(1);
    }
    Ok(judge(&deals))
}
