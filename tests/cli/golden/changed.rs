//! The reviewed list of changes: which numbers of the stored output are others today, how many, and why.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use serde::Deserialize;

use crate::harness::{Row, Table};

use super::compare::Difference;
use super::stored::golden;

/// What `tests/golden/changed.toml` says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Changes {
    changed: Vec<ChangedColumn>,
    rows: Vec<ChangedRows>,
}

/// A column with other values than before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangedColumn {
    stored: String,
    column: String,
    cells: usize,
    /// How far a number may have moved, relative to the larger one; any way where it is left out.
    within: Option<f64>,
    reason: String,
}

/// Rows that were not there before, or no longer are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedRows {
    stored: String,
    /// The columns (today's names) that name a row.
    pub key: Vec<String>,
    #[serde(default)]
    added: usize,
    #[serde(default)]
    removed: usize,
    reason: String,
}

impl Changes {
    pub fn read() -> Self {
        Self::parse(&fs::read_to_string(golden("changed.toml")).unwrap())
    }

    pub fn parse(text: &str) -> Self {
        let changes: Self = toml::from_str(text).unwrap_or_else(|error| panic!("tests/golden/changed.toml: {error}"));
        let mut reasons = changes.changed.iter().map(|rule| &rule.reason).chain(changes.rows.iter().map(|r| &r.reason));
        assert!(reasons.all(|reason| reason.len() > 20), "tests/golden/changed.toml: every change has a reason");
        changes
    }

    /// The rule for other rows in a stored file.
    pub fn rows(&self, stored: &str) -> Option<&ChangedRows> {
        self.rows.iter().find(|rule| rule.stored == stored)
    }

    /// What is left of the differences in a stored file when the stated ones are taken away, and what the list states
    /// that is not so.
    pub fn unstated(&self, stored: &str, found: &[Difference]) -> Vec<String> {
        let rules: Vec<&ChangedColumn> = self.changed.iter().filter(|rule| rule.stored == stored).collect();
        let untrue = rules.iter().filter_map(|rule| rule.untrue(found)).collect::<Vec<_>>();
        let mut rest: BTreeMap<&str, Vec<&Difference>> = BTreeMap::new();
        for difference in found.iter().filter(|found| !rules.iter().any(|rule| rule.column == found.column)) {
            rest.entry(&difference.column).or_default().push(difference);
        }
        untrue.into_iter().chain(rest.into_values().map(|of_column| summary(&of_column))).collect()
    }

    /// The stored files the list speaks of.
    pub fn stored(&self) -> impl Iterator<Item = &str> {
        let columns = self.changed.iter().map(|rule| rule.stored.as_str());
        columns.chain(self.rows.iter().map(|rule| rule.stored.as_str()))
    }
}

/// The differences of one column: the first, and of several their number and how far the numbers moved at most.
fn summary(differences: &[&Difference]) -> String {
    let [first, others @ ..] = differences else { return String::new() };
    if others.is_empty() {
        return first.told.clone();
    }
    let furthest = differences.iter().filter_map(|difference| difference.relative()).fold(0.0, f64::max);
    let (number, column) = (differences.len(), &first.column);
    format!("{number} cells of {column} differ, by at most {furthest:.3} of the larger, first {}", first.told)
}

impl ChangedColumn {
    /// What the rule states and `found` does not bear out.
    fn untrue(&self, found: &[Difference]) -> Option<String> {
        let of_column: Vec<&Difference> = found.iter().filter(|difference| difference.column == self.column).collect();
        if of_column.len() != self.cells {
            let first = of_column.first().map_or(String::new(), |difference| format!(", first {}", difference.told));
            let (column, stated, got) = (&self.column, self.cells, of_column.len());
            return Some(format!("changed.toml states {stated} other cells in {column}, {got} are{first}"));
        }
        let far =
            of_column.iter().find(|difference| self.within.is_some_and(|within| !difference.is_within(within)))?;
        Some(format!("changed.toml states {} to be within {:?}: {}", self.column, self.within, far.told))
    }
}

impl ChangedRows {
    /// The rows that are in both tables, and what the rule states that is not so. `old_key` are the key's old names.
    pub fn matched<'a>(&self, old: &'a Table, new: &'a Table, old_key: &[&str]) -> Result<Vec<[Row<'a>; 2]>, String> {
        let new_key: Vec<&str> = self.key.iter().map(String::as_str).collect();
        let mut by_key: HashMap<Vec<&str>, Row> = HashMap::new();
        for row in new.iter() {
            if by_key.insert(cells(row, &new_key), row).is_some() {
                return Err(format!("{:?} does not name one row of {}", self.key, self.stored));
            }
        }
        let pairs: Vec<[Row; 2]> =
            old.iter().filter_map(|row| Some([row, *by_key.get(&cells(row, old_key))?])).collect();
        let (added, removed) = (new.rows() - pairs.len(), old.rows() - pairs.len());
        if (added, removed) == (self.added, self.removed) {
            return Ok(pairs);
        }
        let (stated, is) = ((self.added, self.removed), (added, removed));
        Err(format!("changed.toml states (added, removed) rows {stated:?} in {}, there are {is:?}", self.stored))
    }
}

fn cells<'a>(row: Row<'a>, key: &[&str]) -> Vec<&'a str> {
    key.iter().map(|name| row.get(name)).collect()
}

#[test]
fn every_change_has_a_reason() {
    let list = "[[changed]]\nstored = \"run/gaps\"\ncolumn = \"won\"\ncells = 1\nreason = \"better\"";
    assert!(std::panic::catch_unwind(|| Changes::parse(list)).is_err());
}
