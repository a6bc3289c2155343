//! The `funnel` table: cohort x segment x stage, and the `funnel_summary` table: cohort x segment.

use arrow::error::ArrowError;

use super::table::{Table, TableBuilder};
use crate::analytics::deal_values::DealValues;
use crate::analytics::funnel::{Funnel, FunnelRow, FunnelSummary};
use crate::analytics::survival::Share;

/// `funnel` as a table. `value` is in the currency of `values`, null where the deals have no common one.
///
/// | column | meaning |
/// |---|---|
/// | `entered` | deals that were ever in the stage; for closed stages, that ended there |
/// | `advanced`, `lost`, `back`, `open` | of these, by how they last left it; `open` are still in it |
/// | `skipped` | deals that passed the stage without being in it |
/// | `conversion`, `_low`, `_high` | long-run share that advances with its 95 % interval, censoring taken into account |
/// | `median_days`, `p90_days` | days within which half, nine of ten leave the stage |
/// | `value` | sum of the amounts of the deals that entered |
/// | `won`, `conversion_to_won` | deals that entered and are won; long-run share that is |
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(funnel: &Funnel, values: &DealValues) -> Result<Table, ArrowError> {
    let rows = || funnel.rows.iter();
    let count = |read: fn(&FunnelRow) -> u64| rows().map(move |row| i64::try_from(read(row)).ok());
    let share = |read: fn(&Share) -> f64| rows().map(move |row| row.conversion.as_ref().map(read));
    let decimals = values.currency.as_ref().map_or(2, |currency| currency.decimals);
    TableBuilder::default()
        .text("cohort", rows().map(|row| funnel.cohorts.get(row.cohort as usize)))
        .text("segment", rows().map(|row| funnel.segments.get(row.segment as usize)))
        .text("stage", rows().map(|row| funnel.stages.get(row.stage as usize)))
        .integer("entered", count(|row| row.entered))
        .integer("advanced", count(|row| row.advanced))
        .integer("lost", count(|row| row.lost))
        .integer("back", count(|row| row.back))
        .integer("skipped", count(|row| row.skipped))
        .integer("open", count(|row| row.open))
        .number("conversion", share(|share| share.value))
        .number("conversion_low", share(|share| share.low))
        .number("conversion_high", share(|share| share.high))
        .integer("median_days", rows().map(|row| row.median_days.map(i64::from)))
        .integer("p90_days", rows().map(|row| row.p90_days.map(i64::from)))
        .money("value", decimals, rows().map(|row| row.value_minor.map(|minor| (minor, decimals))))
        .text("currency", rows().map(|_| values.currency.as_ref().map(|currency| currency.name.as_str())))
        .integer("won", count(|row| row.won))
        .number("conversion_to_won", rows().map(|row| row.conversion_to_won.map(|share| share.value)))
        .finish("funnel")
}

/// The summaries of `funnel` as a table: deals, outcomes, cycle, mean won amount and velocity (money a day).
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn summary_table(funnel: &Funnel, values: &DealValues) -> Result<Table, ArrowError> {
    let rows = || funnel.summaries.iter();
    let count = |read: fn(&FunnelSummary) -> u64| rows().map(move |row| i64::try_from(read(row)).ok());
    let decimals = values.currency.as_ref().map_or(2, |currency| currency.decimals);
    let unit = 10_f64.powi(i32::try_from(decimals).unwrap_or(2));
    TableBuilder::default()
        .text("cohort", rows().map(|row| funnel.cohorts.get(row.cohort as usize)))
        .text("segment", rows().map(|row| funnel.segments.get(row.segment as usize)))
        .integer("deals", count(|row| row.deals))
        .integer("won", count(|row| row.won))
        .integer("lost", count(|row| row.lost))
        .integer("open", count(|row| row.open))
        .number("win_rate", rows().map(|row| row.win_rate))
        .integer("median_cycle_days", rows().map(|row| row.median_cycle_days.map(i64::from)))
        .money("mean_won", decimals, rows().map(|row| row.mean_won_minor.map(|minor| (minor, decimals))))
        .number("velocity_per_day", rows().map(|row| row.velocity_minor.map(|minor| minor / unit)))
        .text("currency", rows().map(|_| values.currency.as_ref().map(|currency| currency.name.as_str())))
        .finish("funnel_summary")
}
