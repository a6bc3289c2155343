//! The deals table: one row per deal, every column of the input under its canonical name or its own.
//!
//! A polars frame for joins and groupings, read column by column elsewhere. Holds nothing that changes over time.

use std::collections::BTreeMap;

use polars::prelude::{Column, DataFrame, DataType};

use crate::domain::code::{Dictionary, NO_AMOUNT, NO_CODE, NO_DAY};

/// One row per deal, in a polars frame whose columns are named by the contract.
///
/// | column | type | null |
/// |---|---|---|
/// | `deal_id` | String, unique | never |
/// | `created_at`, `closed_at` | Int64, microseconds ([`Moment`](crate::domain::day::Moment)) | `closed_at` |
/// | `stage`, `owner`, `currency` | UInt32 codes of the shared dictionaries | `owner` |
/// | `status`, `forecast_category` | UInt32, see [`status_code`](crate::ingest::tables::status_code) and [`category_code`](crate::ingest::tables::category_code) | both |
/// | `amount_minor` | Int64, minor units of `currency` | yes |
/// | `expected_close_date` | Int32 days | yes |
/// | `probability` | Float64, 0 to 1 | yes |
/// | `name` | String | yes |
/// | `account`, `source`, `product`, `region` | UInt32 codes of [`Deals::dictionary`] | yes |
/// | every further column of the input | UInt32 codes of its dictionary, or Float64 | yes |
///
/// Optional columns that the input lacks are absent here too.
#[derive(Clone, Debug, Default)]
pub struct Deals {
    frame: DataFrame,
    dictionaries: BTreeMap<String, Dictionary>,
    extras: Vec<String>,
}

impl Deals {
    /// Wraps a frame laid out as documented on the type. `extras` are the columns the contract does not name.
    #[must_use]
    pub fn new(frame: DataFrame, dictionaries: BTreeMap<String, Dictionary>, extras: Vec<String>) -> Self {
        Self { frame, dictionaries, extras }
    }

    /// The frame itself, for joins and groupings.
    #[must_use]
    pub fn frame(&self) -> &DataFrame {
        &self.frame
    }

    /// Number of deals.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// Whether there is no deal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the input had this column.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.frame.column(column).is_ok()
    }

    /// Names of the columns the contract does not know: candidate features.
    #[must_use]
    pub fn extras(&self) -> &[String] {
        &self.extras
    }

    /// The dictionary behind a text column; `None` for the shared ones and for numbers.
    #[must_use]
    pub fn dictionary(&self, column: &str) -> Option<&Dictionary> {
        self.dictionaries.get(column)
    }

    /// A UInt32 column with [`NO_CODE`] for null; all [`NO_CODE`] where the column is absent.
    #[must_use]
    pub fn codes(&self, column: &str) -> Vec<u32> {
        self.cells(column, NO_CODE, |c| c.u32().ok().map(|ca| ca.iter().map(|v| v.unwrap_or(NO_CODE)).collect()))
    }

    /// The codes of some rows, as [`Deals::codes`] has them: for few rows of many.
    #[must_use]
    pub fn codes_of(&self, column: &str, rows: impl Iterator<Item = u32>) -> Vec<u32> {
        let cells = self.frame.column(column).ok().and_then(|c| c.u32().ok());
        let cell = |row: u32| cells.filter(|cells| (row as usize) < cells.len())?.get(row as usize);
        rows.map(|row| cell(row).unwrap_or(NO_CODE)).collect()
    }

    /// The numbers of some rows, as [`Deals::numbers`] has them.
    #[must_use]
    pub fn numbers_of(&self, column: &str, rows: impl Iterator<Item = u32>) -> Vec<f64> {
        let cells = self.frame.column(column).ok().and_then(|c| c.f64().ok());
        let cell = |row: u32| cells.filter(|cells| (row as usize) < cells.len())?.get(row as usize);
        rows.map(|row| cell(row).unwrap_or(f64::NAN)).collect()
    }

    /// An Int64 column with [`NO_AMOUNT`] for null (amounts, moments).
    #[must_use]
    pub fn integers(&self, column: &str) -> Vec<i64> {
        self.cells(column, NO_AMOUNT, |c| c.i64().ok().map(|ca| ca.iter().map(|v| v.unwrap_or(NO_AMOUNT)).collect()))
    }

    /// An Int32 column of days with [`NO_DAY`] for null.
    #[must_use]
    pub fn days(&self, column: &str) -> Vec<i32> {
        self.cells(column, NO_DAY, |c| c.i32().ok().map(|ca| ca.iter().map(|v| v.unwrap_or(NO_DAY)).collect()))
    }

    /// A Float64 column with NaN for null.
    #[must_use]
    pub fn numbers(&self, column: &str) -> Vec<f64> {
        self.cells(column, f64::NAN, |c| c.f64().ok().map(|ca| ca.iter().map(|v| v.unwrap_or(f64::NAN)).collect()))
    }

    /// Whether a column holds numbers rather than codes.
    #[must_use]
    pub fn is_number(&self, column: &str) -> bool {
        self.frame.column(column).is_ok_and(|c| c.dtype() == &DataType::Float64)
    }

    /// The text of a String column (`deal_id`, `name`) in row `deal`; `None` for null or an absent column.
    #[must_use]
    pub fn text(&self, column: &str, deal: u32) -> Option<&str> {
        self.frame.column(column).ok()?.str().ok()?.get(deal as usize)
    }

    fn cells<T: Clone>(&self, column: &str, none: T, read: impl FnOnce(&Column) -> Option<Vec<T>>) -> Vec<T> {
        self.frame.column(column).ok().and_then(read).unwrap_or_else(|| vec![none; self.len()])
    }
}
