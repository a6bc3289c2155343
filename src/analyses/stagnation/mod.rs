//! Which open deals have stayed too long where they are?
//!
//! [`Timeline`](crate::timeline::Timeline), its stays and the [`Snapshot`](crate::snapshot::Snapshot) in, [`Stagnation`] out: every open deal's dwell against the stays
//! that went on to advance from the same stage. All deals teach the benchmarks, whichever ones are asked for. A deal whose
//! stage has no history is judged by its age against the time it takes to win a deal. What it predicts is the stage's
//! average, not this deal's own chance: that is the model's business.

mod assess;
pub mod backtest;
pub mod benchmarks;
pub mod columns;
pub mod findings;
pub mod levels;
mod rows;
mod status;
mod stay_counts;
pub mod summary;
#[cfg(test)]
mod tests;

pub use assess::{HORIZON_DAYS, StagnationInput, stagnation};
pub use rows::{Closed, Stagnation, StagnationRow};
pub use status::{StagnationStatus, StatusChange};
