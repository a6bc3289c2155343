//! Which open deals have stayed too long where they are?
//!
//! [`Timeline`], its [`Spell`]s and the [`Snapshot`] in, [`Stagnation`] out: every open deal's dwell against the stays
//! that went on to advance from the same stage. All deals teach the norms, whichever ones are asked for. A deal whose
//! stage has no history is judged by its age against the time it takes to win a deal. What it predicts is the stage's
//! average, not this deal's own chance: that is the model's business.

pub mod backtest;
pub mod benchmarks;
pub mod columns;
pub mod findings;
pub mod levels;
pub mod summary;

use rayon::prelude::*;

use crate::analyses::stagnation::benchmarks::{Norm, Norms};
use crate::books::segment::Segment;
use crate::config::StagnationConfig;
use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, DealIx, OwnerId, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::snapshot::{DealState, Snapshot, replay};
use crate::stats::survival::Cause;
use crate::timeline::{Spell, Timeline};

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

/// What became of a deal's status since the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It was not open then.
    New,
    /// It is stalled and was not, or not in this stay.
    NewlyStalled,
    /// It is slow and was on pace.
    NewlySlow,
    /// It was stalled and is not: it moved.
    NoLongerStalled,
    /// None of these.
    Unchanged,
}

impl Change {
    /// As printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::NewlyStalled => "newly stalled",
            Self::NewlySlow => "newly slow",
            Self::NoLongerStalled => "no longer stalled",
            Self::Unchanged => "unchanged",
        }
    }

    /// From the status at the last look to that of now. A deal that moved on and is stalled again is newly stalled.
    fn between(then: Option<StagnationStatus>, now: StagnationStatus, same_stay: bool) -> Self {
        use StagnationStatus::{OnPace, Slow, Stalled};
        match (then, now) {
            (None, _) => Self::New,
            (Some(Stalled), Stalled) if !same_stay => Self::NewlyStalled,
            (Some(OnPace | Slow), Stalled) => Self::NewlyStalled,
            (Some(Stalled), OnPace | Slow) => Self::NoLongerStalled,
            (Some(OnPace), Slow) => Self::NewlySlow,
            (Some(_), _) => Self::Unchanged,
        }
    }
}

/// A deal that was stalled at the last look and has closed since.
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
    /// The next day on which there is something to see: it would become slow or stalled, or half of the deals like it
    /// would have left the stage. The as-of day for a stalled deal.
    pub next_look: Option<Day>,
    /// Status at the last look by today's norms; `None` where it was not open then, or there was no look.
    pub previous: Option<StagnationStatus>,
    /// The stage it was in then.
    pub previous_stage: Option<Maybe<StageId>>,
    /// What became of it since; `None` where there was no look.
    pub change: Option<Change>,
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
    /// The day of the last look.
    pub previous: Option<Day>,
    /// Deals that were stalled then and have closed since, in the order of the timeline's deals.
    pub closed: Vec<Closed>,
    /// What was learned.
    pub norms: Norms,
}

/// What stagnation is judged from.
#[derive(Clone, Copy, Debug)]
pub struct StagnationInput<'a> {
    /// The deals.
    pub timeline: &'a Timeline,
    /// Their stays, as [`Timeline::spells`] gives them.
    pub spells: &'a [Spell],
    /// The deals as of the timeline's day.
    pub snapshot: &'a Snapshot,
    /// Fixed thresholds.
    pub config: &'a StagnationConfig,
    /// Columns that may tell stays apart.
    pub candidates: &'a [Segment],
    /// One flag per deal of the timeline: whether it is asked for.
    pub keep: &'a [bool],
    /// The day of the last look, before the timeline's.
    pub previous: Option<Day>,
}

/// Judges the open deals asked for.
#[must_use]
pub fn stagnation(input: &StagnationInput<'_>) -> Stagnation {
    let StagnationInput { timeline, snapshot, previous, .. } = *input;
    let norms = Norms::learn(timeline, input.spells, input.config, input.candidates);
    let judged = |state: &DealState| -> (Option<StagnationRow>, Option<Closed>) {
        let then =
            previous.and_then(|day| state_on(timeline, state.deal, day)).map(|then| (judge(&then, &norms), then));
        let was = then.as_ref().map(|(row, _)| row.status);
        if state.kind == StageKind::Open {
            let now = judge(state, &norms);
            let same_stay = then.as_ref().is_some_and(|(_, then)| then.stage_since == state.stage_since);
            let change = previous.map(|_| Change::between(was, now.status, same_stay));
            let previous_stage = then.as_ref().map(|(row, _)| row.stage);
            return (Some(StagnationRow { previous: was, previous_stage, change, ..now }), None);
        }
        let stalled = then.filter(|(row, _)| row.status == StagnationStatus::Stalled);
        (None, stalled.map(|(row, _)| Closed { deal: state.deal, stage: row.stage, kind: state.kind }))
    };
    let kept = snapshot.states.par_iter().zip(input.keep).filter(|(_, keep)| **keep);
    let judged: Vec<_> = kept.map(|(state, _)| judged(state)).collect();
    let (rows, closed): (Vec<_>, Vec<_>) = judged.into_iter().unzip();
    Stagnation {
        as_of: snapshot.as_of,
        rows: rows.into_iter().flatten().collect(),
        previous,
        closed: closed.into_iter().flatten().collect(),
        norms,
    }
}

/// The deal as it was open on the morning of `day`.
fn state_on(timeline: &Timeline, deal: DealIx, day: Day) -> Option<DealState> {
    let mut open = None;
    replay(timeline, deal, &[day], &mut |state| {
        open = Some(state).filter(|state| state.kind == StageKind::Open);
    });
    open
}

fn judge(state: &DealState, norms: &Norms) -> StagnationRow {
    let norm = norms.of(state);
    let since = if state.stage_tracked { state.stage_since } else { state.created };
    let days = Some(state.day.0.saturating_sub(since.0).max(0));
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
        next_look: if stalled {
            Some(state.day)
        } else {
            days.and_then(|days| next_look(norm, days)).map(|days| state.day.plus(days))
        },
        previous: None,
        previous_stage: None,
        change: None,
        amount_minor: state.amount_minor,
        currency: state.currency,
    }
}

/// In how many days there is something to see of a deal that has been in the stage for `days`.
fn next_look(norm: &Norm, days: i32) -> Option<i32> {
    let crossing = |limit: Option<u32>| Some(i64::from(limit?) + 1 - i64::from(days)).filter(|&wait| wait > 0);
    let half_gone = norm.curves.remaining(days, 0.5).map(i64::from);
    let waits = [crossing(norm.slow_after), crossing(norm.stalled_after), half_gone];
    waits.into_iter().flatten().min().and_then(|wait| i32::try_from(wait).ok())
}

#[cfg(test)]
mod tests;
