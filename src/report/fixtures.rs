//! Tables as text, for the tests that hold every cell of a row against its column's name.

use arrow::array::Array;
use arrow::util::display::array_value_to_string;

use super::table::Table;

/// Row `row` of `table` as `(column, cell)`, in the order of the header; no value is the empty text.
#[track_caller]
pub(crate) fn cells(table: &Table, row: usize) -> Vec<(String, String)> {
    let batch = table.batch();
    let cell = |column: usize| {
        let cells = batch.column(column);
        if cells.is_null(row) { String::new() } else { array_value_to_string(cells, row).expect("a printable cell") }
    };
    batch.schema().fields().iter().enumerate().map(|(i, field)| (field.name().clone(), cell(i))).collect()
}

/// Asserts that row `row` of `table` has exactly the columns and cells `expected`, in this order.
#[track_caller]
pub(crate) fn assert_row(table: &Table, row: usize, expected: &[(&str, &str)]) {
    let got = cells(table, row);
    let got: Vec<(&str, &str)> = got.iter().map(|(column, cell)| (column.as_str(), cell.as_str())).collect();
    assert_eq!(got, expected);
}
