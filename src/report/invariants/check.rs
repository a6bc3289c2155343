//! One table against its declaration.

use std::collections::BTreeMap;

use crate::report::cell::Cells;
use crate::report::column::TableDeclaration;
use crate::report::invariants::additive::adds_up;
use crate::report::invariants::columns::columns_hold;
use crate::report::invariants::declared::Invariant;
use crate::report::invariants::formulas::formulas_hold;
use crate::report::invariants::keys::{are_ordered, are_together, is_key};
use crate::report::invariants::repeated::repeats;
use crate::report::invariants::violation::Violation;
use crate::report::table::Table;

/// The other tables of the run, by name.
pub type Others<'t> = BTreeMap<&'t str, &'t Table>;

/// A table with what was promised of it.
#[derive(Clone, Copy)]
pub(super) struct Checked<'t> {
    pub declaration: &'t TableDeclaration,
    pub cells: Cells<'t>,
}

/// What in `table` does not hold of `declaration`; `others` are the tables it may have to agree with.
#[must_use]
pub fn check(declaration: &TableDeclaration, table: &Table, others: &Others<'_>) -> Vec<Violation> {
    let checked = Checked { declaration, cells: Cells(table.batch()) };
    let mut violations = columns_hold(checked);
    if checked.lacks_columns() {
        return violations;
    }
    violations.extend(formulas_hold(checked));
    for invariant in &declaration.invariants {
        violations.extend(match invariant {
            Invariant::Key(columns) => is_key(checked, columns),
            Invariant::Ordered(columns) => are_ordered(checked, columns),
            Invariant::Together(columns) => are_together(checked, columns),
            Invariant::AddsUp(sum) => adds_up(checked, sum),
            Invariant::Repeats(said) => match others.get(said.table) {
                Some(other) => repeats(checked, said, Cells(other.batch())),
                None => Vec::new(),
            },
        });
    }
    violations
}

impl Checked<'_> {
    /// Whether a declared column is not there.
    fn lacks_columns(self) -> bool {
        self.declaration.columns.iter().any(|column| self.cells.0.column_by_name(column.name).is_none())
    }

    /// The columns that name a row.
    fn key(self) -> &'static [&'static str] {
        let keys = self.declaration.invariants.iter().filter_map(|invariant| match invariant {
            Invariant::Key(columns) => Some(*columns),
            _ => None,
        });
        keys.into_iter().next().unwrap_or_default()
    }

    /// What names row `row`: `deal_id D1`, or its number.
    pub fn name_of(self, row: usize) -> String {
        let named: Vec<String> =
            self.key().iter().map(|column| format!("{column} {}", self.cells.at(column, row))).collect();
        if named.is_empty() { format!("row {}", row + 1) } else { named.join(", ") }
    }

    /// That `columns` of `row` are not as promised.
    pub fn violation(self, row: usize, columns: &[&str], got: String, expected: String) -> Violation {
        Violation::of_file(self.declaration.name, got, expected).column(columns.join(", ")).row(self.name_of(row))
    }
}
