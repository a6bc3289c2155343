//! What of a table people look at first: the columns, and the rows in order.

use std::collections::BTreeSet;

use dealcast::domain::day::Day;
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

/// The levels of nodes, as a person reads them.
const LEVELS: [&str; 5] = ["company", "region", "team", "manager", "owner"];

/// The rows of a table for eyes, and how many are left out for what they are.
pub(super) struct RowsForEyes {
    /// Places of the rows to show, in the order of reading.
    pub shown: Vec<usize>,
    /// Rows that tell in another currency what a shown one tells.
    pub twice: usize,
    /// Rows of periods that ended before the as-of day, where others have not.
    pub ended: usize,
}

impl RowsForEyes {
    /// Of a table as of the morning of `as_of`, where it is of one.
    pub fn of(table: &Table, as_of: Option<Day>) -> Self {
        let cells = TableCells(table.batch());
        let mut shown = once(table, cells);
        let twice = table.rows() - shown.len();
        let told = shown.len();
        match table.name() {
            "forecast" => {
                let is_running = |row: &usize| match (cells.at("period_end", *row), as_of) {
                    (Cell::Date(end), Some(as_of)) => end >= as_of,
                    _ => true,
                };
                if shown.iter().any(is_running) {
                    shown.retain(is_running);
                }
                let level = |row: usize| LEVELS.iter().position(|level| is(cells, row, "level", level));
                // What is too far away to be forecast comes last.
                let is_far = |row: usize| cells.at("expected", row) == Cell::Empty;
                shown.sort_by_cached_key(|row| (is_far(*row), level(*row), cells.key(&["period_start"], *row)));
            }
            // The latest period first.
            "sources" => shown.sort_by_cached_key(|row| std::cmp::Reverse(cells.key(&["period"], *row))),
            _ => {}
        }
        Self { twice, ended: told - shown.len(), shown }
    }
}

/// The rows that tell nothing twice: of some tables one per node and period, the one in the base currency where there is one.
fn once(table: &Table, cells: TableCells<'_>) -> Vec<usize> {
    let of_node = |row: usize| cells.key(&["level", "node", "period"], row);
    let all = 0..table.rows();
    if !TOLD_TWICE.contains(&table.name()) {
        return all.collect();
    }
    let in_base: BTreeSet<Vec<String>> =
        all.clone().filter(|row| is(cells, *row, "basis", "base")).map(of_node).collect();
    all.filter(|row| !is(cells, *row, "basis", "native") || !in_base.contains(&of_node(*row))).collect()
}

fn is(cells: TableCells<'_>, row: usize, column: &str, value: &str) -> bool {
    matches!(cells.at(column, row), Cell::Text(text) if text == value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dealcast::report::column::{Column, TableSpec};

    /// Level, period, the last day of it, basis.
    type Row = (&'static str, &'static str, i32, &'static str);

    fn forecast(rows: &[Row]) -> Table {
        let columns = vec![
            Column::text("level", "", |row: &Row| Some(row.0.into())),
            Column::text("period", "", |row: &Row| Some(row.1.into())),
            Column::date("period_start", "", |row: &Row| Some(Day(row.2 - 90))),
            Column::date("period_end", "", |row: &Row| Some(Day(row.2))),
            Column::text("basis", "", |row: &Row| Some(row.3.into())),
            Column::number("expected", "", |row: &Row| (row.2 < 270).then_some(1.0)),
        ];
        TableSpec::new("forecast", "node", columns).table(rows, 2).expect("columns of one length")
    }

    const ROWS: [Row; 6] = [
        ("owner", "Q1", 90, "base"),
        ("owner", "Q1", 90, "native"),
        ("owner", "Q2", 181, "base"),
        ("company", "Q1", 90, "base"),
        ("company", "Q3", 273, "base"),
        ("company", "Q2", 181, "base"),
    ];

    #[test]
    fn a_forecast_begins_with_what_runs_and_with_the_company() {
        let rows = RowsForEyes::of(&forecast(&ROWS), Some(Day(181)));
        assert_eq!((rows.shown, rows.twice, rows.ended), (vec![5, 2, 4], 1, 2));
    }

    #[test]
    fn ended_periods_are_shown_where_they_are_all_there_is() {
        for as_of in [Some(Day(300)), None] {
            let rows = RowsForEyes::of(&forecast(&ROWS), as_of);
            assert_eq!((rows.shown, rows.twice, rows.ended), (vec![3, 5, 0, 2, 4], 1, 0));
        }
    }
}
