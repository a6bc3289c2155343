//! Results to bytes: tables with typed columns, written as CSV, JSON or Parquet, or shown on a terminal.

pub mod forecast;
pub mod table;
