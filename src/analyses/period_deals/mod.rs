//! Which deals are behind the forecast of the running period, and what does each add to it?
//!
//! Deals as they stand, scores and outlook in, [`PeriodDeals`] out: every open deal, and every deal closed within a year,
//! with its amount in both currencies, where it counts, and what is expected of it in the running period of the scores.
//! Positions, amounts and chances are the forecast's, so that its sums come out again: two runs are compared by them.

mod build;
pub mod columns;
mod names;
mod rows;
#[cfg(test)]
mod tests;

pub use build::{PeriodDealsInput, period_deals};
pub use names::{CLOSED_DAYS, DealName, DealNames};
pub use rows::{PeriodDeal, PeriodDeals};
