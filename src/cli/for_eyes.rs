//! What of a table people look at first: the columns in order, and which rows say something twice.

use dealcast::render::ReadableTable;
use dealcast::report::cell::{Cell, TableCells};
use dealcast::report::first_columns::columns_in_a_line;
use dealcast::report::table::Table;

/// The places of the columns to show, the most wanted first.
pub(super) fn columns(readable: ReadableTable<'_>) -> Vec<usize> {
    let table = readable.table;
    let schema = table.batch().schema_ref();
    let first = columns_in_a_line(table.name());
    let mut places: Vec<usize> = first.iter().filter_map(|column| schema.index_of(column).ok()).collect();
    places.extend((0..schema.fields().len()).filter(|place| !first.contains(&schema.field(*place).name().as_str())));
    places.retain(|place| readable.is_worded(schema.field(*place).name()));
    places
}

/// Tables whose rows in single currencies are parts of a row in the base currency. Native rows of other tables say what the
/// base rows leave out.
const TOLD_TWICE: [&str; 2] = ["forecast", "waterfall"];

/// The rows to show: of such a table one per node and period, the one in the base currency where there is one.
pub(super) fn rows(table: &Table) -> Vec<usize> {
    let cells = TableCells(table.batch());
    let of_node = |row: usize| cells.key(&["level", "node", "period"], row);
    let is = |row: usize, basis: &str| matches!(cells.at("basis", row), Cell::Text(text) if text == basis);
    let all = 0..table.rows();
    if !TOLD_TWICE.contains(&table.name()) {
        return all.collect();
    }
    let in_base: std::collections::BTreeSet<Vec<String>> =
        all.clone().filter(|row| is(*row, "base")).map(of_node).collect();
    all.filter(|row| !is(*row, "native") || !in_base.contains(&of_node(*row))).collect()
}
