//! A [`Table`](crate::report::table::Table) to bytes: CSV, JSON or Parquet, the same columns in each. One file per format.

pub mod csv;
mod encoded;
mod format;
mod json;
mod parquet;
#[cfg(test)]
mod tests;
mod write;

pub use format::{Format, SCHEMA_VERSION, Stamp};
pub use parquet::{read_parquet, read_parquet_rows};
pub use write::{write, write_parts};
