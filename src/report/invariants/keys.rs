//! What holds within a row, and between the rows' keys.

use std::collections::HashMap;

use itertools::Itertools;

use crate::report::invariants::checked::Checked;
use crate::report::invariants::violation::Violation;

/// Rows named like an earlier one.
pub(super) fn is_key(checked: Checked<'_>, columns: &[&str]) -> Vec<Violation> {
    let mut first: HashMap<Vec<String>, usize> = HashMap::new();
    let mut violations = Vec::new();
    for row in 0..checked.cells.rows() {
        match first.entry(checked.cells.key(columns, row)) {
            std::collections::hash_map::Entry::Occupied(earlier) => {
                let got = format!("row {} and row {}", earlier.get() + 1, row + 1);
                violations.push(checked.violation(row, columns, got, "one row".to_owned()));
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(row);
            }
        }
    }
    violations
}

/// Rows where a value is above the next one.
pub(super) fn are_ordered(checked: Checked<'_>, columns: &[&str]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for row in 0..checked.cells.rows() {
        let filled = columns.iter().map(|name| (*name, checked.cells.at(name, row)));
        let filled = filled.filter_map(|(name, cell)| Some((name, cell, cell.number()?)));
        for ((low_name, low_cell, low), (high_name, high_cell, high)) in filled.tuple_windows() {
            if low > high {
                let got = format!("{low_cell} and {high_cell}");
                let expected = format!("{low_name} <= {high_name}");
                violations.push(checked.violation(row, &[low_name, high_name], got, expected));
            }
        }
    }
    violations
}

/// Rows where some of the columns are filled and some are empty.
pub(super) fn are_together(checked: Checked<'_>, columns: &[&str]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for row in 0..checked.cells.rows() {
        let (empty, filled): (Vec<&str>, Vec<&str>) =
            columns.iter().partition(|name| checked.cells.at(name, row).is_empty());
        if !empty.is_empty() && !filled.is_empty() {
            let got = format!("{} filled, {} empty", filled.join(", "), empty.join(", "));
            violations.push(checked.violation(row, columns, got, "all filled or all empty".to_owned()));
        }
    }
    violations
}
