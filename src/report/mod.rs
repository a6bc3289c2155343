//! Results to bytes: tables with typed columns, written as CSV, JSON or Parquet, or shown on a terminal.

pub mod forecast;
pub mod funnel;
pub mod sources;
pub mod stagnation;
pub mod table;
