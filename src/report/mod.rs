//! Results to bytes: tables with typed columns, as CSV, JSON or Parquet. Knows no question, computes nothing, does not print.

pub mod column;
pub mod document;
pub mod finding;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod money_unit;
pub mod named_column;
pub mod reference;
pub mod sinks;
pub mod table;
pub mod words;
