//! Whether the cells of a column can be what its name says.

use crate::domain::inputs::{CellKind, InputTable};
use crate::ingest::profile::{ColumnProfile, FileProfile};
use crate::ingest::{change_field, flag};
use crate::presets::TableRole;

/// The share of cells that must be dates or numbers where dates or numbers are meant.
const MOSTLY: f64 = 0.6;
/// More different stages than any process has.
const MOST_STAGES: u64 = 200;
/// More words than any status has.
const MOST_STATUSES: u64 = 40;
/// Whether a cell says yes, where it says yes or no.
pub(super) fn truth(cell: &str) -> Option<bool> {
    flag(cell)
}

/// Whether a column can be the canonical column `name` of a table; a CRM's column may be empty today.
pub(super) fn can_be(role: TableRole, name: &str, column: &ColumnProfile, file: &FileProfile) -> bool {
    if column.filled == 0 {
        return true;
    }
    if name.starts_with("is_") {
        return column.values.keys().all(|value| truth(value).is_some()) && !column.has_more;
    }
    let TableRole::Input(table) = role else { return true };
    let Some(at) = table.spec().position(name) else { return true };
    match table.spec().columns[at].kind {
        CellKind::Date => is_date(column),
        CellKind::Money | CellKind::Number => column.number_share() >= MOSTLY,
        CellKind::Period => true,
        CellKind::Text => can_be_text(table, name, column, file),
    }
}

/// Dates, day numbers of a spreadsheet, or seconds and milliseconds since 1970.
fn is_date(column: &ColumnProfile) -> bool {
    if column.date_share() >= MOSTLY || column.values.keys().next().is_some_and(|first| first.starts_with("0000-00-00"))
    {
        return true;
    }
    let day_numbers = |least: f64, most: f64| least >= 20_000.0 && most <= 80_000.0;
    let seconds = |least: f64, most: f64| least >= 1e8 && most < 1e14;
    let range = column.least.zip(column.most);
    column.number_share() >= 0.95 && range.is_some_and(|(least, most)| day_numbers(least, most) || seconds(least, most))
}

fn can_be_text(table: InputTable, name: &str, column: &ColumnProfile, file: &FileProfile) -> bool {
    let distinct = column.distinct();
    match (table, name) {
        (InputTable::Deals, "deal_id") => distinct * 2 > file.rows && column.filled * 10 >= file.rows * 9,
        (_, "stage") => distinct <= MOST_STAGES && (file.rows < 20 || distinct * 2 < column.filled) && is_word(column),
        (InputTable::Deals, "name") => !is_money(column),
        (InputTable::Deals, "status") => distinct <= MOST_STATUSES,
        (InputTable::Deals, "owner" | "currency" | "source") => is_word(column) || column.date_share() < 0.5,
        (InputTable::StageHistory, "field") => column.values.keys().any(|field| change_field(field).is_some()),
        (_, "status") => distinct <= MOST_STATUSES * 5,
        _ => true,
    }
}

/// Mostly numbers with decimals, or beside a currency.
fn is_money(column: &ColumnProfile) -> bool {
    let decimals = column.decimal_dot.0 + column.decimal_comma.0;
    let named: u64 = column.currencies.values().sum();
    column.number_share() >= MOSTLY && decimals.max(named) * 2 > column.filled
}

/// Neither dates nor amounts.
fn is_word(column: &ColumnProfile) -> bool {
    column.date_share() < 0.5 && column.decimal_dot.0 + column.decimal_comma.0 == 0
}
