//! One table against its declaration.

use std::collections::BTreeMap;

use crate::report::cell::TableCells;
use crate::report::column::TableDeclaration;
use crate::report::invariants::additive::adds_up;
use crate::report::invariants::checked::Checked;
use crate::report::invariants::columns::columns_hold;
use crate::report::invariants::declared::Invariant;
use crate::report::invariants::formulas::formulas_hold;
use crate::report::invariants::grows::{grow_by_day, grow_with_days};
use crate::report::invariants::keys::{are_ordered, are_together, is_key};
use crate::report::invariants::repeated::repeats;
use crate::report::invariants::signs::signs_hold;
use crate::report::invariants::violation::Violation;
use crate::report::table::Table;

/// The other tables of the run, by name.
pub type Others<'t> = BTreeMap<&'t str, &'t Table>;

/// What in `table` does not hold of `declaration`; `others` are the tables it may have to agree with.
#[must_use]
pub fn check(declaration: &TableDeclaration, table: &Table, others: &Others<'_>) -> Vec<Violation> {
    let checked = Checked { declaration, cells: TableCells(table.batch()) };
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
            Invariant::GrowByDay(chances) => grow_by_day(checked, chances),
            Invariant::GrowWithDays(grow) => grow_with_days(checked, grow),
            Invariant::AddsUp(sum) => adds_up(checked, sum),
            Invariant::Repeats(said) => match others.get(said.table) {
                Some(other) => repeats(checked, said, TableCells(other.batch())),
                None => Vec::new(),
            },
            Invariant::SignOf(sign) => match others.get(sign.table) {
                Some(source) => signs_hold(checked, sign, TableCells(source.batch())),
                None => Vec::new(),
            },
        });
    }
    violations
}
