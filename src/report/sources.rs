//! The `sources` table: one row per marketing source and created period.

use arrow::error::ArrowError;

use super::table::{Table, TableBuilder};
use crate::analytics::deal_values::DealValues;
use crate::analytics::sources::{SourceRow, Sources};

/// `sources` as a table. Money is in the currency of `values`, null where the deals have no common one; `return` is
/// (revenue - cost) / cost; `cost_per_win` is cost / won.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(sources: &Sources, values: &DealValues) -> Result<Table, ArrowError> {
    let rows = || sources.rows.iter();
    let count = |read: fn(&SourceRow) -> u64| rows().map(move |row| i64::try_from(read(row)).ok());
    let decimals = values.currency.as_ref().map_or(2, |currency| currency.decimals);
    let unit = 10_f64.powi(i32::try_from(decimals).unwrap_or(2));
    let money = |read: fn(&SourceRow) -> Option<i128>| rows().map(move |row| read(row).map(|minor| (minor, decimals)));
    let per_win =
        |row: &SourceRow| row.cost_minor.filter(|_| row.won > 0).map(|cost| cost as f64 / unit / row.won as f64);
    TableBuilder::default()
        .text("source", rows().map(|row| Some(&row.source)))
        .text("period", rows().map(|row| Some(row.period.to_string())))
        .integer("created", count(|row| row.created))
        .integer("won", count(|row| row.won))
        .integer("lost", count(|row| row.lost))
        .number("win_rate", rows().map(|row| row.win_rate))
        .money("revenue", decimals, money(|row| row.revenue_minor))
        .number("median_cycle_days", rows().map(|row| row.median_cycle_days))
        .money("cost", decimals, money(|row| row.cost_minor))
        .number("return", rows().map(|row| row.return_on_cost))
        .number("cost_per_win", rows().map(per_win))
        .text("currency", rows().map(|_| values.currency.as_ref().map(|currency| currency.name.as_str())))
        .finish("sources")
}
