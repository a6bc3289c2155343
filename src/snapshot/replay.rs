//! The kernel: one pass over a deal's steps and activities, a state at each wanted day.

use super::{DealState, Snapshot};
use crate::domain::day::Day;
use crate::timeline::Timeline;

/// The states of deal `i` of `timeline` on each of `days` (ascending) after its creation, closed days included.
pub fn replay(_timeline: &Timeline, _i: usize, _days: &[Day], _emit: &mut impl FnMut(DealState)) {
    todo!()
}

impl Snapshot {
    /// All deals as of the timeline's day.
    #[must_use]
    pub fn of(_timeline: &Timeline) -> Self {
        todo!()
    }
}
