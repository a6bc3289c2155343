//! A table beside its declaration, as every check is given it, and how a row is named in what they say.

use crate::report::cell::TableCells;
use crate::report::column::TableDeclaration;
use crate::report::invariants::declared::Invariant;
use crate::report::invariants::violation::Violation;

/// A table with what was promised of it.
#[derive(Clone, Copy)]
pub(super) struct Checked<'t> {
    pub declaration: &'t TableDeclaration,
    pub cells: TableCells<'t>,
}

impl Checked<'_> {
    /// Whether a declared column is not there.
    pub fn lacks_columns(self) -> bool {
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
