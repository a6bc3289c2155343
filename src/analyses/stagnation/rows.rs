//! The answer: every open deal with its stay beside the benchmark, and what it was compared with.

use super::benchmarks::StageBenchmarks;
use super::status::{StagnationStatus, StatusChange};
use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, DealIx, OwnerId, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
#[cfg(doc)]
use crate::timeline::Timeline;

/// A deal that was stalled on the reference day and has closed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Index in [`Timeline::deals`].
    pub deal: DealIx,
    /// The stage it was stalled in.
    pub stage: Maybe<StageId>,
    /// Won or lost.
    pub kind: StageKind,
}

/// One open deal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StagnationRow {
    /// Index in [`Timeline::deals`].
    pub deal: DealIx,
    /// Owner.
    pub owner: Maybe<OwnerId>,
    /// Present stage.
    pub stage: Maybe<StageId>,
    /// Whether the stage's history is known; if not, days are counted from creation.
    pub stage_tracked: bool,
    /// Full days in the stage; `None` where the beginning is not known.
    pub days_in_stage: Option<i32>,
    /// Share of the stays that went on to advance (untracked: of won deals) that were shorter, 0 to 100.
    pub percentile: Option<f64>,
    /// Chance to advance (untracked: to be won) within [`HORIZON_DAYS`](super::assess::HORIZON_DAYS), given the days so far.
    pub advance_30d: Option<f64>,
    /// Chance to be lost within [`HORIZON_DAYS`](super::assess::HORIZON_DAYS), given the days so far.
    pub lost_30d: Option<f64>,
    /// Median days of stays that went on to advance.
    pub benchmark_days: Option<u32>,
    /// First day on which the deal counted as stalled.
    pub stalled_since: Option<Day>,
    /// On pace, slow or stalled.
    pub status: StagnationStatus,
    /// The next day on which there is something to see: it would become slow or stalled, or half of the deals like it
    /// would have left the stage. The as-of day for a stalled deal.
    pub next_review: Option<Day>,
    /// Status on the reference day by today's benchmarks; `None` where it was not open then, or there is no reference day.
    pub previous: Option<StagnationStatus>,
    /// The stage it was in then.
    pub previous_stage: Option<Maybe<StageId>>,
    /// What became of it since; `None` where there is no reference day.
    pub change: Option<StatusChange>,
    /// Amount in minor units of `currency`.
    pub amount_minor: Maybe<i64>,
    /// Currency of the amount.
    pub currency: CurrencyId,
}

/// All open deals asked for, in the order of the timeline's deals, and what they are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Stagnation {
    /// The day.
    pub as_of: Day,
    /// One per open deal.
    pub rows: Vec<StagnationRow>,
    /// The day of the reference day.
    pub previous: Option<Day>,
    /// Deals that were stalled then and have closed since, in the order of the timeline's deals.
    pub closed: Vec<Closed>,
    /// What was learned.
    pub benchmarks: StageBenchmarks,
}
