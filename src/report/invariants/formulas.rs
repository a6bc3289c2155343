//! A column that says how it follows from others does.

use crate::report::cell::Cell;
use crate::report::column::{ColumnDeclaration, TableDeclaration};
use crate::report::invariants::checked::Checked;
use crate::report::invariants::formula::{Computed, Formula};
use crate::report::invariants::violation::Violation;

/// Numbers are computed with other roundings on the way; they agree to so many parts of themselves.
const RELATIVE: f64 = 1e-8;
/// Money is computed from numbers as they are shown, with nine decimals.
const SHOWN: f64 = 0.5e-9;

/// What does not follow from the other columns as the formulas say.
pub(super) fn formulas_hold(checked: Checked<'_>) -> Vec<Violation> {
    let columns = &checked.declaration.columns;
    columns.iter().flat_map(|column| follows(checked, column)).collect()
}

/// Whether the formula of `column` is one that is checked, not one in words.
#[must_use]
pub fn is_computed(table: &TableDeclaration, column: &ColumnDeclaration) -> bool {
    !formulas_of(table, column).is_empty()
}

fn formulas_of(table: &TableDeclaration, column: &ColumnDeclaration) -> Vec<Formula> {
    Formula::read(column.formula, |name| table.columns.iter().any(|column| column.name == name))
}

fn follows(checked: Checked<'_>, column: &ColumnDeclaration) -> Vec<Violation> {
    let mut violations = Vec::new();
    for formula in formulas_of(checked.declaration, column) {
        let mut names = vec![column.name];
        names.extend(formula.columns());
        for row in 0..checked.cells.rows() {
            let cell = checked.cells.at(column.name, row);
            if let Some(expected) = differs(checked, &formula, &cell, row) {
                violations.push(checked.violation(row, &names, cell.to_string(), expected));
            }
        }
    }
    violations
}

/// What the formula gives in `row`, where the cell says something else. An empty cell says nothing.
fn differs(checked: Checked<'_>, formula: &Formula, cell: &Cell<'_>, row: usize) -> Option<String> {
    let got = cell.number()?;
    let half = checked.cells.minor_unit(row) / 2.0;
    // A sum of money is exact; a product of rounded amounts is not.
    let of_column = |name: &str| {
        let cell = checked.cells.at(name, row);
        let slack = match cell {
            _ if formula.is_sum() => 0.0,
            Cell::Money(..) => half,
            Cell::Number(_) => SHOWN,
            _ => 0.0,
        };
        Some(Computed { value: cell.number()?, slack })
    };
    let computed = formula.value(&of_column)?;
    let shown = match cell {
        Cell::Money(..) if formula.is_sum() => half / 2.0,
        Cell::Money(..) => half,
        _ => RELATIVE * (1.0 + got.abs()),
    };
    let off = (got - computed.value).abs();
    (off > computed.slack + shown + RELATIVE * computed.value.abs() * f64::from(u8::from(!formula.is_sum())))
        .then(|| computed.value.to_string())
}
