//! Money that is made of amounts is not below zero where none of these is.

use crate::report::cell::TableCells;
use crate::report::invariants::checked::Checked;
use crate::report::invariants::declared::SignOf;
use crate::report::invariants::violation::Violation;

/// Cells below zero though no amount of `source` is.
pub(super) fn signs_hold(checked: Checked<'_>, sign: &SignOf, source: TableCells<'_>) -> Vec<Violation> {
    if (0..source.rows()).any(|row| is_negative(source, sign.amount, row)) {
        return Vec::new();
    }
    let rows = 0..checked.cells.rows();
    let below = rows.flat_map(|row| sign.columns.iter().map(move |column| (row, *column)));
    let below = below.filter(|(row, column)| is_negative(checked.cells, column, *row));
    let violations = below.map(|(row, column)| {
        let expected = format!("0 and up, as every {}.{}", sign.table, sign.amount);
        checked.violation(row, &[column], checked.cells.at(column, row).to_string(), expected)
    });
    violations.collect()
}

fn is_negative(cells: TableCells<'_>, column: &str, row: usize) -> bool {
    cells.at(column, row).number().is_some_and(|number| number < 0.0)
}
