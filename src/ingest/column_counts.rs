//! What stands in the columns of a table: how many cells are filled, how many break a rule, between which days.
//!
//! Counted while rows are read, chunk by chunk, and added up in file order: [`ColumnCounts`] by canonical column or, where
//! the contract does not know it, by header. Says nothing of what that costs.

use std::collections::BTreeMap;

use crate::config::RuleSeverity;
use crate::domain::day::Day;
use crate::ingest::reject::Reject;

/// Samples that are kept of a column.
const SAMPLES: usize = 3;

/// What stands in one column of a table, in all files that have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnCounts {
    /// What the first of the files calls it.
    pub header: String,
    /// Rows of these files, those that a filter leaves out not counted.
    pub rows: u64,
    /// Rows in which something stands.
    pub filled: u64,
    /// Filled cells that break a rule.
    pub invalid: u64,
    /// The gravest severity of a broken rule.
    pub severity: Option<RuleSeverity>,
    /// The first and the last day, of dates.
    pub days: Option<(Day, Day)>,
    /// The first few cells that break a rule.
    pub samples: Vec<Reject>,
}

impl ColumnCounts {
    /// Counts a cell.
    pub(crate) fn cell(&mut self, is_filled: bool) {
        self.rows += 1;
        self.filled += u64::from(is_filled);
    }

    /// Notes the day a cell holds.
    pub(crate) fn day(&mut self, day: Day) {
        let (first, last) = self.days.unwrap_or((day, day));
        self.days = Some((first.min(day), last.max(day)));
    }

    /// Counts a filled cell that breaks a rule of this severity.
    pub(crate) fn breaks(&mut self, severity: RuleSeverity, sample: impl FnOnce() -> Reject) {
        self.invalid += 1;
        self.severity = self.severity.max(Some(severity));
        if self.samples.len() < SAMPLES {
            self.samples.push(sample());
        }
    }

    /// Adds the counts of later rows.
    pub(crate) fn add(&mut self, later: Self) {
        if self.rows == 0 {
            self.header = later.header;
        }
        self.rows += later.rows;
        self.filled += later.filled;
        self.invalid += later.invalid;
        self.severity = self.severity.max(later.severity);
        if let Some((first, last)) = later.days {
            self.day(first);
            self.day(last);
        }
        let room = SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(later.samples.into_iter().take(room));
    }
}

/// The counts of one chunk: first the canonical columns, by position in the table's spec, then those it does not know.
#[derive(Debug, Default)]
pub(crate) struct ChunkTally {
    pub(super) columns: Vec<ColumnCounts>,
}

impl ChunkTally {
    /// The counts of the column at `position`.
    pub(crate) fn column(&mut self, position: usize) -> &mut ColumnCounts {
        if self.columns.len() <= position {
            self.columns.resize_with(position + 1, ColumnCounts::default);
        }
        &mut self.columns[position]
    }
}

/// Counts by canonical name or, of columns the contract does not know, by header.
pub(crate) type ColumnsOfTable = BTreeMap<String, ColumnCounts>;

/// Adds the counts of later rows to `columns`.
pub(crate) fn add_columns(columns: &mut ColumnsOfTable, later: ColumnsOfTable) {
    for (name, counts) in later {
        columns.entry(name).or_default().add(counts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Rule;

    fn sample(line: u64) -> Reject {
        let (file, column, value) = ("f.csv".to_owned(), "Closed".to_owned(), "x".to_owned());
        Reject { file, line, column, value, reason: "expected a date".to_owned(), rule: Rule::BadDate }
    }

    #[test]
    fn cells_days_and_broken_rules_add_up_in_order() {
        let mut column = ColumnCounts { header: "Closed".to_owned(), ..ColumnCounts::default() };
        column.cell(true);
        column.cell(false);
        column.day(Day(5));
        column.breaks(RuleSeverity::Warn, || sample(1));
        let mut later = ColumnCounts { header: "closed".to_owned(), ..ColumnCounts::default() };
        later.cell(true);
        later.day(Day(3));
        (2..9).for_each(|line| later.breaks(RuleSeverity::Reject, || sample(line)));
        column.add(later);
        assert_eq!((column.rows, column.filled, column.invalid), (3, 2, 8));
        assert_eq!((column.header.as_str(), column.days), ("Closed", Some((Day(3), Day(5)))));
        assert_eq!(column.severity, Some(RuleSeverity::Reject), "the gravest");
        assert_eq!(column.samples.iter().map(|sample| sample.line).collect::<Vec<_>>(), [1, 2, 3]);
    }
}
