//! Stagnation as it would have been judged on past mornings.

use crate::analyses::stagnation::backtest::{BacktestRule, PastDeal, SLIP_DAYS, judge, past_deals};
use crate::domain::day::Day;
use crate::domain::period::FiscalCalendar;
use crate::domain::progress::Progress;
use crate::ingest;
use crate::ingest::tables::Tables;
use crate::run::error::{RunError, check_day};
use crate::run::inputs::Inputs;
use crate::run::morning::Morning;
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
pub fn backtest_stagnation(inputs: &Inputs, progress: &dyn Progress) -> Result<Vec<BacktestRule>, RunError> {
    let tables = ingest::load(&inputs.config, &inputs.base, progress)?.tables;
    let today = inputs.as_of.or_else(|| tables.day_after_newest_event()).unwrap_or(Day(0));
    let calendar = inputs.config.fiscal_calendar();
    check_day(&calendar, today)?;
    let now = Timeline::of_changes(&tables, &inputs.config, today)?;
    if now.deals.is_empty() {
        return Err(RunError::NothingYet { as_of: today });
    }
    progress.begin("past mornings", MORNINGS as u64);
    let mut deals: Vec<PastDeal> = Vec::new();
    for back in (0..MORNINGS).rev() {
        let morning = today.plus(-SLIP_DAYS - back * STEP_DAYS);
        deals.extend(deals_of(morning, &tables, inputs, &calendar, &now)?);
        progress.advance(1);
    }
    Ok(judge(&deals))
}

/// The open deals of `day` as judged then, with what became of them by `now`.
fn deals_of(
    day: Day,
    tables: &Tables,
    inputs: &Inputs,
    calendar: &FiscalCalendar,
    now: &Timeline,
) -> Result<Vec<PastDeal>, RunError> {
    let timeline = Timeline::of_changes(tables, &inputs.config, day)?;
    let snapshot = Snapshot::of(&timeline);
    let morning = Morning::new(tables, &timeline, &snapshot, calendar, &inputs.config);
    let stagnation = morning.stagnation(&vec![true; timeline.deals.len()], None)?;
    Ok(past_deals(&timeline, &snapshot, &stagnation, now))
}
