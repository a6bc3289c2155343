//! Reports that people open, from a finished run: tables and findings in, pages out.
//!
//! Computes no number of its own: a report shows cells of the outputs, worded in a [`Language`](language::Language).

mod action_words;
mod cell_words;
mod chart;
mod chart_files;
mod cost_words;
pub mod digest;
mod kind;
pub mod language;
mod material;
pub mod page;
mod picture;
mod readable_table;
mod sentences;
pub mod workbook;

pub use chart_files::{ChartFile, chart_files};
pub use kind::ReportKind;
pub use material::Material;
pub use readable_table::ReadableTable;
