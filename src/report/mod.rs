//! Results to bytes: tables with typed columns, as CSV, JSON or Parquet. Knows no question, computes nothing, does not print.

pub mod cell;
pub mod column;
pub mod document;
pub mod finding;
pub mod first_columns;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod invariants;
pub mod money_unit;
pub mod named_column;
pub mod people;
pub mod range;
pub mod reference;
pub mod sinks;
pub mod table;
pub mod words;
