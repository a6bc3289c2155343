//! Columns of a side file by key, as text. Holds; does not read.

use std::collections::HashMap;

/// Columns of a file by key.
#[derive(Debug, Default)]
pub struct LookupTable {
    pub(super) columns: Vec<String>,
    pub(super) rows: HashMap<String, Vec<String>>,
}

impl LookupTable {
    /// Names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str)
    }

    /// The cell of column `column` in the row with this key.
    #[must_use]
    pub fn get(&self, key: &str, column: usize) -> Option<&str> {
        self.rows.get(key)?.get(column).map(String::as_str)
    }
}
