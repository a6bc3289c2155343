//! Results to bytes: tables with typed columns, as CSV, JSON or Parquet. Knows no question, computes nothing, does not print.

pub mod column;
pub mod finding;
pub mod sinks;
pub mod table;
pub mod words;
