//! `report.xlsx`: a finished run as a workbook. [`Material`](super::Material) and a language in, the bytes of the file out.
//!
//! A sheet for every table, as Excel tables whose cells are those of the outputs; before them what matters first and the
//! charts, behind them what was said and what every column means. Computes no number: a formula stands only where it gives
//! the number of the outputs, which is stored beside it.

mod bridge;
mod calibration;
mod cell_text;
mod charts;
mod checks;
mod declared_table;
mod definitions;
mod document;
mod findings;
mod formula_text;
mod headings;
mod layout;
mod looks;
mod marks;
mod overview;
mod own_table;
mod plan;
#[cfg(test)]
mod tests;
mod totals;

pub use document::xlsx;
