//! The `stagnation` table: one row per open deal, in the order of the deals.

use arrow::error::ArrowError;

use super::table::{Table, TableBuilder};
use crate::analytics::stagnation::{Stagnation, StagnationRow};
use crate::domain::code::NO_AMOUNT;
use crate::ingest::tables::Tables;
use crate::timeline::Timeline;

/// `stagnation` as a table.
///
/// | column | meaning |
/// |---|---|
/// | `days_in_stage` | full days in the present stage, since creation where the stage has no history |
/// | `percentile` | share of stays that went on to advance that were shorter, 0 to 100 |
/// | `advance_30d`, `lost_30d` | chance to advance, to be lost, within 30 days given the days so far, 0 to 1 |
/// | `stalled_since` | first day it counted as stalled |
/// | `status` | `on pace`, `slow` or `stalled` |
/// | `norm_days` | median days of stays that advance |
/// | `basis` | `stage`, or `age` where the stage has no history |
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(stagnation: &Stagnation, tables: &Tables, timeline: &Timeline) -> Result<Table, ArrowError> {
    let rows = || stagnation.rows.iter();
    let scale = rows().map(|row| tables.decimals_of(row.currency)).max().unwrap_or(2);
    let id = |row: &StagnationRow| tables.deals.text("deal_id", timeline.deals[row.deal as usize].row);
    let amount = |row: &StagnationRow| {
        (row.amount_minor != NO_AMOUNT).then(|| (i128::from(row.amount_minor), tables.decimals_of(row.currency)))
    };
    TableBuilder::default()
        .text("deal_id", rows().map(id))
        .text("owner", rows().map(|row| tables.owners.name(row.owner)))
        .text("stage", rows().map(|row| Some(timeline.stages.name(row.stage))))
        .integer("days_in_stage", rows().map(|row| row.days_in_stage.map(i64::from)))
        .number("percentile", rows().map(|row| row.percentile))
        .number("advance_30d", rows().map(|row| row.advance_30d))
        .date("stalled_since", rows().map(|row| row.stalled_since.map(|day| day.0)))
        .text("status", rows().map(|row| Some(row.status.name())))
        .money("amount", scale, rows().map(amount))
        .text("currency", rows().map(|row| tables.currencies.name(row.currency)))
        .number("lost_30d", rows().map(|row| row.lost_30d))
        .integer("norm_days", rows().map(|row| row.norm_days.map(i64::from)))
        .text("basis", rows().map(|row| Some(if row.stage_tracked { "stage" } else { "age" })))
        .finish("stagnation")
}
