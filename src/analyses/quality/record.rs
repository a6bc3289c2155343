//! The input of one run in a few numbers, kept for the next one to be compared with.

use serde::{Deserialize, Serialize};

use crate::domain::day::Day;

/// How good the input of one run was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualityRecord {
    /// The as-of day of the run.
    pub as_of: Day,
    /// Its columns.
    pub columns: Vec<ColumnRecord>,
    /// What its gaps took from the results.
    pub costs: Vec<CostRecord>,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnRecord {
    /// Its table.
    pub table: String,
    /// Its name.
    pub column: String,
    /// Rows of the files that have it.
    pub rows: u64,
    /// Rows in which something stands.
    pub filled: u64,
    /// Filled cells that break a rule.
    pub invalid: u64,
}

/// What one gap cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostRecord {
    /// Which gap.
    pub gap: String,
    /// Deals it is about.
    pub deals: u64,
}

impl QualityRecord {
    /// The column of this name, if it was there.
    #[must_use]
    pub fn column(&self, table: &str, column: &str) -> Option<&ColumnRecord> {
        self.columns.iter().find(|of| of.table == table && of.column == column)
    }

    /// Deals the gap was about; 0 where there was none.
    #[must_use]
    pub fn deals(&self, gap: &str) -> u64 {
        self.costs.iter().find(|of| of.gap == gap).map_or(0, |of| of.deals)
    }
}

impl ColumnRecord {
    /// The share of filled cells, 0 to 1.
    #[must_use]
    pub fn filled_share(&self) -> f64 {
        self.filled as f64 / self.rows.max(1) as f64
    }

    /// The share of invalid cells, 0 to 1.
    #[must_use]
    pub fn invalid_share(&self) -> f64 {
        self.invalid as f64 / self.rows.max(1) as f64
    }
}
