//! Every column of every table that was read, in the declared order, beside what it held at the last run.

use crate::analyses::quality::record::{ColumnRecord, QualityRecord};
use crate::domain::day::Day;
use crate::domain::inputs::InputTable;
use crate::ingest::{ColumnCounts, Issues};

/// What stands in one column of one table.
#[derive(Clone, Debug)]
pub struct ColumnQuality {
    /// The table.
    pub table: &'static str,
    /// Canonical name or, of a column the contract does not know, its header.
    pub column: String,
    /// What stands there.
    pub counts: ColumnCounts,
    /// What stood there at the last run, where it was there.
    pub previous: Option<ColumnRecord>,
    /// The day of the last run.
    pub previous_day: Option<Day>,
}

/// Every column of `issues`, those the contract does not know last of their table.
#[must_use]
pub fn column_qualities(issues: &Issues, previous: Option<&QualityRecord>) -> Vec<ColumnQuality> {
    let mut found: Vec<ColumnQuality> = issues
        .columns()
        .map(|(table, column, counts)| ColumnQuality {
            table,
            column: column.to_owned(),
            counts: counts.clone(),
            previous: previous.and_then(|record| record.column(table, column)).cloned(),
            previous_day: previous.map(|record| record.as_of),
        })
        .collect();
    found.sort_by_cached_key(|of| (position(of.table, &of.column), of.column.clone()));
    found
}

/// Where a column is declared: the place of its table, its own place in it.
fn position(table: &str, column: &str) -> (usize, usize) {
    let Some(declared) = InputTable::from_name(table) else { return (usize::MAX, usize::MAX) };
    let of_table = InputTable::ALL.iter().position(|other| *other == declared).unwrap_or(usize::MAX);
    (of_table, declared.spec().position(column).unwrap_or(usize::MAX))
}
