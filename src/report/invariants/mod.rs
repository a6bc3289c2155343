//! What always holds in an output table: declared with its columns, in words for the reference, and checked row by row.
//!
//! A declaration and a table in, [`Violation`]s out. Knows no question and no file. Of a column it checks the type, the
//! [`Range`](super::range::Range), that a cell is filled where nothing is said of empty ones, and the formula; of a table
//! its [`Invariant`]s.

mod additive;
mod check;
mod checked;
mod columns;
mod declared;
mod formula;
mod formulas;
mod grows;
mod keys;
mod repeated;
mod signs;
#[cfg(test)]
mod tests;
mod violation;

pub use check::{Others, check};
pub use declared::{AddsUp, GrowWithDays, Invariant, PartRows, Repeats, SignOf};
pub(crate) use formula::{Computed, Formula, Operation};
pub use formulas::is_computed;
pub use violation::{Violation, violations_spec};
