//! What became of the pipeline between two days, deal by deal and summed?
//!
//! The open deals of an earlier morning (`Standings`) and a snapshot to a [`Waterfall`]: one [`WaterfallRow`] per
//! node, period, currency and basis, money exact in minor units; or to the deals behind each bar ([`waterfall_deals`]).
//!
//! Two mornings are compared, each with what was known then: what entered and left in between is seen only if a deal
//! closed. The pipeline of a period is the forecast's: open deals, but omitted ones, whose expected close date lies in
//! the period, placed where their owner stood on the day before.
//!
//! | column | definition |
//! |---|---|
//! | `start`, `end` | the forecast's `pipeline` on the morning of `from`, of `to` |
//! | `created` | deals created on `from` or later that are in `end`, `won` or `lost` |
//! | `pulled_in` | older deals that came into the period: date moved or set, no longer omitted, opened again, or won in the period though expected in another |
//! | `increased`, `decreased` | change of amount of the deals in `start`, where they stood at the start; a missing amount is 0 |
//! | `pushed_out` | deals in `start` that left the period, neither won in it nor lost: date moved or removed, omitted, won in another period |
//! | `lost` | deals in `start` lost since, whenever; deals created since and lost, in the period they were last expected in, else lost in |
//! | `won` | deals won in the period, on `from` or later |
//! | `moved_in`, `moved_out` | deals of the period that came from, went to another node: other owner, or owner in another team |
//! | `revalued` | base rows: what the change of rates did to the deals in `start` |
//!
//! Hence start + created + pulled_in + moved_in + increased - decreased + revalued - pushed_out - moved_out - lost - won
//! = end, in every row, and the same with the counts of deals (changes apart). A deal leaves and arrives with its last
//! amount; the difference to the first is a change. So what one period pushes out another pulls in, and where `from` is
//! not after the period's first day, `won` is the forecast's. Closed deals count where their owner stood on the closing
//! day. A deal that changes both period and node is pushed and pulled, not moved. Owners add up to teams, regions and
//! the company in every column but the moves, which add up net.
//!
//! Base amounts are converted deal by deal and rounded once: at the rate of the day before `from`, the day before `to`,
//! or the closing day. Where either morning lacks the rates there are native rows only. Filters hold on both mornings:
//! a deal that leaves what they admit is moved out (owner, team, region) or pushed out (category).

mod axes;
mod bars;
mod build;
pub mod columns;
pub mod findings;
mod grow;
mod input;
mod listing;
mod mornings;
mod rows;
#[cfg(test)]
mod tests;
mod transition;
mod transitions;

pub use bars::{BARS, Bar};
pub use build::waterfall;
pub use input::{Span, WaterfallInput, running_spans};
pub use listing::waterfall_deals;
pub use rows::{DealBar, Waterfall, WaterfallDeals, WaterfallRow};
