//! One deal's history: what happened to it, when, and what each step meant.
//!
//! [`Timeline`](crate::timeline::Timeline), [`Snapshot`](crate::snapshot::Snapshot) and the stages' benchmarks in,
//! [`DealHistory`] out: an event for every change of stage, amount, close date, owner, category and chance, for the leads and
//! touches before and beside it, for the activities and for the scores published on the way, in time order. The events
//! from the first on give the deal's state of any morning. Judges nothing the other analyses do not.

mod chances;
mod changes;
pub mod columns;
mod document;
mod events;
pub mod findings;
mod story;
#[cfg(test)]
mod tests;
mod words;

pub use changes::{changes_spec, changes_table};
pub use document::{DealLine, deal_spec, document};
pub use events::{DealHistory, EventKind, HistoryEvent, PastScore};
pub use story::{HistoryInput, deal_changes, deal_history};
