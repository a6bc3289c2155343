//! Who watches a flow: hears of its steps and of what to know early, and keeps the time.
//!
//! The library neither prints nor reads the clock; whoever runs it may do both.

use serde::Serialize;

use crate::domain::progress::{NoProgress, Progress};
use crate::report::finding::Finding;

/// How long a step took.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepTime {
    /// As it began.
    pub step: String,
    /// Seconds, to the millisecond.
    pub seconds: f64,
}

/// How long everything took so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timings {
    /// Every finished step, in order.
    pub steps: Vec<StepTime>,
    /// Seconds since the beginning.
    pub seconds: f64,
}

/// Watches a flow. All calls may come from any thread.
pub trait Watcher: Progress {
    /// Something to know before the result is there.
    fn tell(&self, _finding: &Finding) {}
    /// How long everything took so far; nothing without a clock.
    fn timings(&self) -> Timings {
        Timings::default()
    }
    /// The running step is over, and none follows.
    fn end(&self) {}
}

impl Watcher for NoProgress {}
