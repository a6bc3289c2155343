//! What is to be done today, by whom, and what is it worth?
//!
//! Deals as they stand, their past in [`ActionDealFacts`], scores, outlook and forecast in; [`Actions`] out: one [`ActionRow`]
//! per deal and kind, or per owner, period and kind, the most worth first. Counts nothing that the other analyses have
//! counted already, and says no more than they show.
//!
//! | kind | a row where |
//! |---|---|
//! | `close the gap` | the lowest node above the deal with a quota is expected to miss it in the running period of the scores, the deal is due in it, and is among the fewest whose wins close the gap: those first whose win adds most, times its chance |
//! | `stalled deal`, `slow deal` | its stagnation status |
//! | `close date too early` | nine of ten days on which it may be won come after its expected close date |
//! | `close date overdue` | its expected close date has passed |
//! | `fields missing`, `activity missing` | deals that went on from its stage had it significantly more often than those lost there (`habits`), and the deal has been there for longer than half of them |
//! | `submitted forecast`, `adjusted forecast` | further from the 80 % range of what its owner will have won than half the width of the range |
//!
//! What a row is worth is what is expected of its deal: amount x chance x what amounts become. The chance is that of the
//! running period for `close the gap`, of the model's horizon for the others. A submitted forecast is worth what lies
//! between it and the range. So sums over rows count a deal as often as it stands there.

mod build;
mod close_dates;
mod close_gap;
pub mod columns;
mod draft;
mod facts;
pub mod findings;
mod habits;
mod input;
mod missing;
mod money;
mod rows;
mod stagnant;
mod submitted;
#[cfg(test)]
mod tests;

pub use build::actions;
pub use facts::{ActionDealFacts, ActionFacts};
pub use input::ActionsInput;
pub use rows::{ActionKind, ActionRow, Actions};
