//! Rows about parts add up to the row about the whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::cell::Cell;
use crate::report::invariants::checked::Checked;
use crate::report::invariants::declared::{AddsUp, PartRows};
use crate::report::invariants::violation::Violation;

/// Sums of numbers agree to so many parts of themselves.
const RELATIVE: f64 = 1e-9;

/// What the whole and its parts have in common, in order of `per`.
type Common = Vec<String>;

/// A sum of one column, exact for money and counts.
#[derive(Clone, Copy, Debug, Default)]
struct ColumnSum {
    exact: i128,
    places: u32,
    number: f64,
}

impl ColumnSum {
    fn add(&mut self, cell: &Cell<'_>) {
        match *cell {
            Cell::Money(minor, places) => {
                self.exact = self.exact.saturating_add(minor);
                self.places = places;
            }
            Cell::Whole(number) => self.exact = self.exact.saturating_add(i128::from(number)),
            Cell::Number(number) => self.number += number,
            _ => {}
        }
    }

    fn is_that_of(self, other: Self) -> bool {
        self.exact == other.exact
            && (self.number - other.number).abs() <= RELATIVE * (1.0 + self.number.abs() + other.number.abs())
    }

    fn text(self) -> String {
        if self.number == 0.0 { Cell::Money(self.exact, self.places).to_string() } else { self.number.to_string() }
    }
}

/// The sums of the parts of one kind, by what they have in common with their whole.
type SumsOfKind = BTreeMap<Common, Vec<ColumnSum>>;

/// Wholes that are not the sum of their parts, and parts without a whole where there are wholes at all.
pub(super) fn adds_up(checked: Checked<'_>, sum: &AddsUp) -> Vec<Violation> {
    let (wholes, kinds) = collect(checked, sum);
    let nothing = vec![ColumnSum::default(); sum.columns.len()];
    let mut violations = Vec::new();
    for (kind, parts) in kinds.iter().filter(|_| !wholes.is_empty()) {
        for (common, row) in &wholes {
            let found = parts.get(common).unwrap_or(&nothing);
            violations.extend(compare(checked, sum, kind, *row, found));
        }
        let orphans = parts.iter().filter(|(common, _)| !wholes.contains_key(*common));
        for (common, _) in orphans.filter(|(_, sums)| sums.iter().any(|sum| !sum.is_that_of(ColumnSum::default()))) {
            let missing = Violation::of_file(checked.declaration.name, "no row", format!("a row of {}", sum.whole));
            violations.push(missing.column(sum.over).row(named(sum, common)));
        }
    }
    violations
}

fn named(sum: &AddsUp, common: &[String]) -> String {
    sum.per.iter().zip(common).map(|(column, value)| format!("{column} {value}")).collect::<Vec<_>>().join(", ")
}

/// The row about each whole, and the sums of its parts, kind by kind.
fn collect(checked: Checked<'_>, sum: &AddsUp) -> (BTreeMap<Common, usize>, BTreeMap<String, SumsOfKind>) {
    let cells = checked.cells;
    let mut wholes = BTreeMap::new();
    let mut kinds: BTreeMap<String, SumsOfKind> = BTreeMap::new();
    let is_meant = |row: &usize| sum.but.is_none_or(|(column, value)| cells.at(column, *row).text() != Some(value));
    for row in (0..cells.rows()).filter(is_meant) {
        let about = cells.at(sum.over, row).to_string();
        let common = cells.key(sum.per, row);
        if about == sum.whole {
            wholes.entry(common).or_insert(row);
        } else if let Some(kind) = sum.kind(&about) {
            let sums = kinds.entry(kind).or_default().entry(common);
            let sums = sums.or_insert_with(|| vec![ColumnSum::default(); sum.columns.len()]);
            sums.iter_mut().zip(sum.columns).for_each(|(sum, column)| sum.add(&cells.at(column, row)));
        }
    }
    (wholes, kinds)
}

impl AddsUp {
    /// Which kind of part a row about `value` is.
    fn kind(&self, value: &str) -> Option<String> {
        match self.parts {
            PartRows::EachValue(but) => (!but.contains(&value)).then(|| value.to_owned()),
            PartRows::AllOthers(but) => (!but.contains(&value)).then(|| format!("every other {}", self.over)),
            PartRows::EachColumn => value.split_once('=').map(|(column, _)| column.to_owned()),
        }
    }
}

/// The columns of the whole in `row` that its parts do not add up to; an empty cell of the whole says nothing.
fn compare(checked: Checked<'_>, sum: &AddsUp, kind: &str, row: usize, found: &[ColumnSum]) -> Vec<Violation> {
    let empties: BTreeSet<&str> =
        sum.columns.iter().filter(|column| checked.cells.at(column, row).is_empty()).copied().collect();
    let mut violations = Vec::new();
    for (column, parts) in sum.columns.iter().zip(found).filter(|(column, _)| !empties.contains(*column)) {
        let mut whole = ColumnSum::default();
        whole.add(&checked.cells.at(column, row));
        if !whole.is_that_of(*parts) {
            let expected = format!("{}, the sum over {kind}", parts.text());
            violations.push(checked.violation(row, &[*column], whole.text(), expected));
        }
    }
    violations
}
