//! What does each marketing source bring in, period by period, and at what cost?
//!
//! The timeline, the deals' and leads' tables and the campaign costs in, [`Sources`] out: a row per source (and campaign) and
//! period. All measures of a row are of the deals and leads *created* in its period, whenever they closed. A deal counts
//! for its own source or, by a model of [`Attribution`], for the touches before it closed. What is still open counts in the
//! expected columns for what deals of its age and source became in the past, so that young periods can be compared with
//! old ones.
//!
//! The grouping is polars' work. Counts are whole parts of [`WHOLE`] and money is summed in two halves, because
//! float sums depend on their order and an integer sum in polars wraps silently.

mod chance;
pub mod columns;
mod costs;
mod credit;
mod expectations;
mod facts;
pub mod findings;
mod group;
mod input;
mod rows;
mod sum_up;
#[cfg(test)]
mod tests;

pub use chance::WHOLE;
pub use credit::{Attribution, NO_TOUCH};
pub use input::{SourcesBy, SourcesInput};
pub use rows::{SourceRow, SourceSums, Sources};
pub use sum_up::sources;
