//! Training rows: the states of open deals on past days, with how the deal ended since.

use super::DealState;
use crate::config::TrainingConfig;
use crate::domain::day::Day;
use crate::timeline::Timeline;

/// What became of a deal, as far as the timeline's day tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Won on that day.
    Won(Day),
    /// Lost on that day.
    Lost(Day),
    /// Still open as of the timeline's day.
    Open,
}

/// One open deal on one past day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landmark {
    /// What was known that morning.
    pub state: DealState,
    /// What came of it.
    pub outcome: Outcome,
}

/// The landmark rows of a timeline, ordered by day, then by deal.
///
/// At most about `config.max_rows`: above it whole deals are drawn by a seeded hash of `deal_id`. Deals closed on an
/// unknown day give no rows.
#[must_use]
pub fn landmarks(
    _timeline: &Timeline,
    _deal_ids: impl Fn(u32) -> u64 + Sync,
    _config: &TrainingConfig,
) -> Vec<Landmark> {
    todo!()
}
