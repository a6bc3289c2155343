//! Results to bytes: tables with typed columns, as CSV, JSON or Parquet. Knows no question, computes nothing, does not print.

pub mod column;
pub mod finding;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod format;
pub mod named_column;
pub mod table;
pub mod words;
