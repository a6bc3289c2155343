//! Reports that people open, from a finished run: tables and findings in, pages out.
//!
//! Computes no number of its own: a report shows cells of the outputs, worded in a [`Language`](language::Language).

mod chart;
pub mod digest;
pub mod language;
mod material;
pub mod page;

pub use material::Material;
