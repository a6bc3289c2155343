//! Why will a node miss its target in the running period?
//!
//! The forecast, how past periods went ([`GapHistory`]) and the deals to [`Gaps`]: one [`GapRow`] per node, or per value of a
//! column, and running period, in the base currency, and in every currency of which the base rows leave something out for want
//! of a rate, as it is. Each counts the deals of its own money. What is expected is a product of five factors,
//!
//! | factor | definition | cause of a gap |
//! |---|---|---|
//! | deals | in play at some time of the period: open on its first morning or created in it; those still to be created, as many as their wins took in past periods | insufficient pipeline |
//! | 1 - slip rate | of these not pushed out. Pushed out: expected by the period's end at some time in it, later than that by now, and still open at its end | slipped deals |
//! | close rate | of the kept won or lost by the period's end | longer cycle |
//! | win rate | of the closed won | lower win rate |
//! | deal size | expected value per deal won | smaller deals |
//!
//! where an open deal counts with its probabilities, as in the forecast. The benchmarks are the same factors in the last up to
//! four finished periods of that length (reference periods), pushes counted up to the same day of the period: the whole
//! company's where the target is a quota, the node's own, shrunk towards the company's up to ten deals, where the target rests
//! on the node's own past. The benchmark of the deals is what the target needs at the other benchmarks, so that the product of
//! the benchmarks is the target, and the five parts of the gap (Shapley values) add up to it: gap = target - expected, in whole
//! minor units, nothing left over. A part below zero narrows the gap.
//!
//! - Target: the forecast's quota (`quota`); for values of a column the company's quota in proportion to what each won in the
//!   past periods (`share`); without a quota the mean won of the past periods (`past`); with neither there is no row.
//! - Expected: the forecast's; for values of a column won + open deals x probability to be won, deal by deal as in the forecast, and
//!   new business in proportion to what each won in the past periods (if nothing, to its deals). Rows of a column so add up to the company.
//! - A node is behind if its probability to reach the target is below one half, or, where that is not known, if less is expected.
//! - Main cause: of those that make up an even share of the gap (a fifth) or more and differ significantly from their benchmark,
//!   the largest.
//!
//! Nothing without scores. No parts where the company won nothing in past periods.
//! A factor without deals to measure it on has no value and no part. Where no close date was ever moved out of a period, the slip
//! rate is not measured and its part is 0: what it hides is in the close rate.

mod attribute;
mod benchmarks;
mod causes;
pub mod columns;
mod counts;
pub mod findings;
mod history;
mod input;
mod money;
mod rows;
#[cfg(test)]
mod tests;

pub use attribute::gaps;
pub use causes::{CAUSES, GapCause};
pub use history::GapHistory;
pub use input::GapsInput;
pub use rows::{GapAttribution, GapRow, Gaps, NoGaps, TargetSource};
