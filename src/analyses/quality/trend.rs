//! The input of two runs, side by side: what got better, what got worse.

use std::collections::BTreeSet;

use crate::analyses::quality::cost::QualityCost;
use crate::analyses::quality::record::{ColumnRecord, QualityRecord};
use crate::domain::day::Day;
use crate::report::words::{percent, thousands};

/// A share of filled cells that moved by less is the same.
const FILLED: f64 = 0.01;
/// The same of invalid cells.
const INVALID: f64 = 0.001;
/// A count that moved by a smaller share is the same.
const COUNT: f64 = 0.1;

/// What got better and what got worse, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trend {
    /// The day of the earlier run.
    pub previous: Day,
    /// What got worse.
    pub worse: Vec<String>,
    /// What got better.
    pub better: Vec<String>,
}

impl Trend {
    /// What changed since the run of `before`.
    #[must_use]
    pub fn of(before: &QualityRecord, now: &QualityRecord) -> Self {
        let mut trend = Self { previous: before.as_of, worse: Vec::new(), better: Vec::new() };
        trend.tables(before, now);
        for column in &now.columns {
            if let Some(earlier) = before.column(&column.table, &column.column) {
                trend.column(earlier, column);
            }
        }
        trend.gone(before, now);
        trend.costs(before, now);
        trend
    }

    /// Tables with fewer rows, and tables that came or went.
    fn tables(&mut self, before: &QualityRecord, now: &QualityRecord) {
        let tables = |record: &QualityRecord| -> BTreeSet<String> {
            record.columns.iter().map(|column| column.table.clone()).collect()
        };
        let (earlier, later) = (tables(before), tables(now));
        self.worse.extend(earlier.difference(&later).map(|table| format!("{table} is not given any more")));
        self.better.extend(later.difference(&earlier).map(|table| format!("{table} is given")));
        for table in earlier.intersection(&later) {
            let (was, is) = (rows(before, table), rows(now, table));
            if (is as f64) < (1.0 - COUNT) * was as f64 {
                self.worse.push(format!("{table} has {} rows, {} before", thousands(is.into()), thousands(was.into())));
            }
        }
    }

    fn column(&mut self, was: &ColumnRecord, is: &ColumnRecord) {
        let name = format!("{} of {}", is.column, is.table);
        let filled = is.filled_share() - was.filled_share();
        let told =
            || format!("{name} is {} filled, {} before", percent(is.filled_share()), percent(was.filled_share()));
        if filled <= -FILLED {
            self.worse.push(told());
        } else if filled >= FILLED {
            self.better.push(told());
        }
        let invalid = is.invalid_share() - was.invalid_share();
        let told =
            || format!("{name} has {} invalid, {} before", thousands(is.invalid.into()), thousands(was.invalid.into()));
        if invalid >= INVALID {
            self.worse.push(told());
        } else if invalid <= -INVALID {
            self.better.push(told());
        }
    }

    /// Columns that are not there any more, of tables that are.
    fn gone(&mut self, before: &QualityRecord, now: &QualityRecord) {
        let is_gone = |column: &&ColumnRecord| {
            now.column(&column.table, &column.column).is_none()
                && now.columns.iter().any(|other| other.table == column.table)
        };
        let gone = before.columns.iter().filter(is_gone);
        self.worse.extend(gone.map(|column| format!("{} of {} is gone", column.column, column.table)));
    }

    fn costs(&mut self, before: &QualityRecord, now: &QualityRecord) {
        let gaps: BTreeSet<&str> = before.costs.iter().chain(&now.costs).map(|cost| cost.gap.as_str()).collect();
        for gap in gaps {
            let (was, is) = (before.deals(gap), now.deals(gap));
            let told =
                || format!("{} {}, {} before", thousands(is.into()), QualityCost::words(gap), thousands(was.into()));
            if is as f64 > (1.0 + COUNT) * was as f64 {
                self.worse.push(told());
            } else if (is as f64) < (1.0 - COUNT) * was as f64 {
                self.better.push(told());
            }
        }
    }
}

/// Rows of a table: those of the column that is in most of its files.
fn rows(record: &QualityRecord, table: &str) -> u64 {
    record.columns.iter().filter(|column| column.table == table).map(|column| column.rows).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::quality::findings;
    use crate::analyses::quality::record::CostRecord;

    fn record(day: i32, columns: &[(&str, &str, u64, u64, u64)], costs: &[(&str, u64)]) -> QualityRecord {
        let columns = columns.iter().map(|&(table, column, rows, filled, invalid)| ColumnRecord {
            table: table.to_owned(),
            column: column.to_owned(),
            rows,
            filled,
            invalid,
        });
        let costs = costs.iter().map(|&(gap, deals)| CostRecord { gap: gap.to_owned(), deals });
        QualityRecord { as_of: Day(day), columns: columns.collect(), costs: costs.collect() }
    }

    fn sentences(before: &QualityRecord, now: &QualityRecord) -> Vec<String> {
        findings::trend(&Trend::of(before, now)).into_iter().map(|finding| finding.sentence).collect()
    }

    #[test]
    fn what_got_worse_and_what_got_better_is_told_apart() {
        let before = record(
            0,
            &[("deals", "amount", 1000, 972, 0), ("deals", "region", 1000, 1000, 0), ("users", "team", 9, 9, 0)],
            &[("open_without_date", 40)],
        );
        let now = record(
            7,
            &[("deals", "amount", 800, 728, 8), ("leads", "source", 5, 5, 0)],
            &[("open_without_amount", 12), ("open_without_date", 20)],
        );
        assert_eq!(
            sentences(&before, &now),
            [
                "worse than at the run of 1970-01-01: users is not given any more; deals has 800 rows, 1,000 before; amount of deals \
                 is 91.0 % filled, 97.2 % before; amount of deals has 8 invalid, 0 before; region of deals is gone; 12 open deals \
                 without an amount, 0 before",
                "better than at the run of 1970-01-01: leads is given; 20 open deals without an expected close date, 40 before",
            ]
        );
        assert_eq!(sentences(&before, &before), ["no better and no worse than at the run of 1970-01-01"]);
    }
}
