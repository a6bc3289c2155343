//! Chances that contradict each other: by a later day, or in more days, something is never less likely.

use std::collections::BTreeMap;

use itertools::Itertools;

use crate::report::invariants::checked::Checked;
use crate::report::invariants::declared::GrowWithDays;
use crate::report::invariants::violation::Violation;

/// Chances are computed to about this; a larger difference is a contradiction.
const ROUNDING: f64 = 1e-7;

/// A chance and the days it speaks of, as numbers.
#[derive(Clone, Copy)]
struct Spanned<'a> {
    row: usize,
    column: &'a str,
    first: f64,
    last: f64,
    chance: f64,
}

impl Spanned<'_> {
    /// Whether its days are among those of `other`, and it is more likely all the same.
    fn contradicts(&self, other: &Self) -> bool {
        other.first <= self.first && self.last <= other.last && self.chance > other.chance + ROUNDING
    }
}

/// Rows in which a chance by an earlier day is above one by a later day, or two by one day differ.
pub(super) fn grow_by_day(checked: Checked<'_>, chances: &[(&str, &str)]) -> Vec<Violation> {
    let of_row = |row: usize| {
        let number = move |name: &str| checked.cells.at(name, row).number();
        chances.iter().filter_map(move |&(column, day)| {
            Some(Spanned { row, column, first: 0.0, last: number(day)?, chance: number(column)? })
        })
    };
    (0..checked.cells.rows()).flat_map(|row| contradictions(checked, &of_row(row).collect::<Vec<_>>())).collect()
}

/// Rows that say less than a row about some of their days.
pub(super) fn grow_with_days(checked: Checked<'_>, grow: &GrowWithDays) -> Vec<Violation> {
    let number = |name: &str, row: usize| checked.cells.at(name, row).number();
    let mut violations = Vec::new();
    for column in grow.columns {
        let mut same: BTreeMap<Vec<String>, Vec<Spanned<'_>>> = BTreeMap::new();
        for row in 0..checked.cells.rows() {
            let of_row = (number(grow.first, row), number(grow.last, row), number(column, row));
            if let (Some(first), Some(last), Some(chance)) = of_row {
                let spanned = Spanned { row, column, first, last, chance };
                same.entry(checked.cells.key(grow.per, row)).or_default().push(spanned);
            }
        }
        violations.extend(same.values().flat_map(|spanned| contradictions(checked, spanned)));
    }
    violations
}

/// Of each pair at most one contradicts the other.
fn contradictions(checked: Checked<'_>, spanned: &[Spanned<'_>]) -> Vec<Violation> {
    let pairs = spanned.iter().tuple_combinations().flat_map(|(one, other)| [(one, other), (other, one)]);
    let contradicting = pairs.filter(|(inner, outer)| inner.contradicts(outer));
    let violations = contradicting.map(|(inner, outer)| {
        let expected = format!("{} and up, as in {} of {}", inner.chance, inner.column, checked.name_of(inner.row));
        checked.violation(outer.row, &[outer.column], outer.chance.to_string(), expected)
    });
    violations.collect()
}
