//! Which open deals have stayed too long where they are?
//!
//! [`Timeline`], its [`Spell`]s and the [`Snapshot`] in, [`Stagnation`] out: every open deal's dwell against the stays
//! that went on to advance from the same stage. All deals teach the norms, whichever ones are asked for. A deal whose
//! stage has no history is judged by its age against the time it takes to win a deal. What it predicts is the stage's
//! average, not this deal's own chance: that is the model's business.

use rayon::prelude::*;

use super::stagnation_norms::{Norm, Norms};
use crate::config::StagnationConfig;
use crate::domain::code::NO_DAY;
use crate::domain::day::Day;
use crate::domain::stage::{StageId, StageKind};
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::{Spell, Timeline};

use super::survival::Cause;

/// Days the chances to advance and to be lost look ahead.
pub const HORIZON_DAYS: i32 = 30;

/// Whether a deal moves as deals that advance do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StagnationStatus {
    /// Within the time most advancing deals take, or nothing to compare with.
    OnPace,
    /// Longer than three quarters of them.
    Slow,
    /// Longer than nineteen of twenty.
    Stalled,
}

impl StagnationStatus {
    /// All statuses, best first.
    pub const ALL: [Self; 3] = [Self::OnPace, Self::Slow, Self::Stalled];

    /// As printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OnPace => "on pace",
            Self::Slow => "slow",
            Self::Stalled => "stalled",
        }
    }
}

/// One open deal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StagnationRow {
    /// Index in [`Timeline::deals`].
    pub deal: u32,
    /// Owner code.
    pub owner: u32,
    /// Present stage.
    pub stage: StageId,
    /// Whether the stage's history is known; if not, days are counted from creation.
    pub stage_tracked: bool,
    /// Full days in the stage; `None` where the beginning is not known.
    pub days_in_stage: Option<i32>,
    /// Share of the stays that went on to advance (untracked: of won deals) that were shorter, 0 to 100.
    pub percentile: Option<f64>,
    /// Chance to advance (untracked: to be won) within [`HORIZON_DAYS`], given the days so far.
    pub advance_30d: Option<f64>,
    /// Chance to be lost within [`HORIZON_DAYS`], given the days so far.
    pub lost_30d: Option<f64>,
    /// Median days of stays that went on to advance.
    pub norm_days: Option<u32>,
    /// First day on which the deal counted as stalled.
    pub stalled_since: Option<Day>,
    /// On pace, slow or stalled.
    pub status: StagnationStatus,
    /// Minor units of `currency`, `NO_AMOUNT` if missing.
    pub amount_minor: i64,
    /// Currency code.
    pub currency: u32,
}

/// All open deals asked for, in the order of the timeline's deals, and what they are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Stagnation {
    /// The day.
    pub as_of: Day,
    /// One per open deal.
    pub rows: Vec<StagnationRow>,
    /// What was learned.
    pub norms: Norms,
}

/// Judges the open deals that `keep` marks (one flag per deal of the timeline).
#[must_use]
pub fn stagnation(
    timeline: &Timeline,
    spells: &[Spell],
    snapshot: &Snapshot,
    config: &StagnationConfig,
    keep: &[bool],
) -> Stagnation {
    let norms = Norms::learn(timeline, spells, config);
    let kept = snapshot.states.par_iter().zip(keep).filter(|(state, keep)| **keep && state.kind == StageKind::Open);
    let rows = kept.map(|(state, _)| judge(state, norms.of(state))).collect();
    Stagnation { as_of: snapshot.as_of, rows, norms }
}

fn judge(state: &DealState, norm: &Norm) -> StagnationRow {
    let since = if state.stage_tracked { state.stage_since } else { state.created };
    let days = (since.0 != NO_DAY).then(|| state.day.0.saturating_sub(since.0).max(0));
    let within = |cause| norm.curves.within(cause, days?, HORIZON_DAYS);
    let beyond =
        |limit: Option<u32>| limit.is_some_and(|limit| days.is_some_and(|days| i64::from(days) > i64::from(limit)));
    let stalled_on = |limit: u32| since.plus(i32::try_from(limit).unwrap_or(i32::MAX).saturating_add(1));
    let stalled = beyond(norm.stalled_after);
    StagnationRow {
        deal: state.deal,
        owner: state.owner,
        stage: state.stage,
        stage_tracked: state.stage_tracked,
        days_in_stage: days,
        percentile: days.and_then(|days| norm.curves.rank(Cause::Advance, days)).map(|rank| rank * 100.0),
        advance_30d: within(Cause::Advance),
        lost_30d: within(Cause::Lost),
        norm_days: norm.median,
        stalled_since: norm.stalled_after.filter(|_| stalled).map(stalled_on),
        status: match (stalled, beyond(norm.slow_after)) {
            (true, _) => StagnationStatus::Stalled,
            (false, true) => StagnationStatus::Slow,
            (false, false) => StagnationStatus::OnPace,
        },
        amount_minor: state.amount_minor,
        currency: state.currency,
    }
}
