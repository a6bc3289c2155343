//! What moved between two runs, and why?
//!
//! The tables of two [`ComparedRun`]s in, a [`Comparison`] out: per node a bridge from the old forecast and pipeline to the
//! new ones ([`BridgeRow`]), deal by deal what changed ([`DealChange`]), and which model and configuration each was made
//! with. Reads outputs, computes no chance and no forecast.
//!
//! A bridge is about the running period of the old run. Every deal adds to it what it is worth in the new run less what it
//! was worth in the old one; that difference has one cause, or is taken apart in this order, so that it closes to the cent:
//!
//! | part | the deals |
//! |---|---|
//! | `new` | in the new run only |
//! | `won`, `lost` | open then, won or lost now |
//! | `gone` | in the old run only |
//! | `reopened` | closed then, open or closed otherwise now |
//! | `moved_in`, `moved_out` | of the node now, or then, only |
//! | `revalued` | open in both: the change of rates, at the old amount and chance |
//! | `amount` | the change of amount, at the old chance; all of it where the deal had no amount before |
//! | `pulled_in`, `slipped` | what is left, where the expected close date came into the period, or left it |
//! | `rescored` | what is left else: chances changed |
//! | `new_business` | the change of what is expected of deals not yet created |
//! | `other` | what the deals do not explain: nothing, unless a run lists not all deals of the period |

mod bridge;
mod changes;
pub mod columns;
pub mod findings;
mod moved;
mod rows;
mod seen;
#[cfg(test)]
mod tests;

pub use bridge::compare;
pub use rows::{BridgeRow, Comparison, DealChange, MovedMeasure, MovedPart, PARTS};
pub use seen::ComparedRun;
