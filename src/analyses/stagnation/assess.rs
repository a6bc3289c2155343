//! Has an open deal stayed longer where it is than those that go on do?
//!
//! [`StagnationInput`] in, [`Stagnation`] out: the status of every open deal now and, by today's benchmarks, on the
//! reference day.

use rayon::prelude::*;

use super::benchmarks::{StageBenchmark, StageBenchmarks};
use super::rows::{Closed, Stagnation, StagnationRow};
use super::status::{StagnationStatus, StatusChange};
use crate::books::segment::Segment;
use crate::config::StagnationConfig;
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::stage::StageKind;
use crate::snapshot::{DealState, Snapshot, replay};
use crate::stats::survival::ExitCause;
use crate::timeline::{Stay, Timeline};

/// Days the chances to advance and to be lost look ahead.
pub const HORIZON_DAYS: i32 = 30;

/// What stagnation is judged from.
#[derive(Clone, Copy, Debug)]
pub struct StagnationInput<'a> {
    /// The deals.
    pub timeline: &'a Timeline,
    /// Their stays, as [`Timeline::stays`] gives them.
    pub stays: &'a [Stay],
    /// The deals as of the timeline's day.
    pub snapshot: &'a Snapshot,
    /// Fixed thresholds.
    pub config: &'a StagnationConfig,
    /// Columns that may tell stays apart.
    pub candidates: &'a [Segment],
    /// One flag per deal of the timeline: whether it is asked for.
    pub keep: &'a [bool],
    /// The day of the reference day, before the timeline's.
    pub previous: Option<Day>,
}

/// The open deals asked for, each beside its benchmark.
#[must_use]
pub fn stagnation(input: &StagnationInput<'_>) -> Stagnation {
    let StagnationInput { timeline, snapshot, previous, .. } = *input;
    let benchmarks = StageBenchmarks::learn(timeline, input.stays, input.config, input.candidates);
    let kept = snapshot.states.par_iter().zip(input.keep).filter(|(_, keep)| **keep);
    let assessed: Vec<Assessed> = kept.map(|(state, _)| assess(state, timeline, previous, &benchmarks)).collect();
    let (mut rows, mut closed) = (Vec::new(), Vec::new());
    for deal in assessed {
        match deal {
            Assessed::Open(row) => rows.push(row),
            Assessed::Closed(deal) => closed.push(deal),
            Assessed::Silent => {}
        }
    }
    Stagnation { as_of: snapshot.as_of, rows, previous, closed, benchmarks }
}

/// What is to be said of a deal.
enum Assessed {
    /// It is open.
    Open(StagnationRow),
    /// It was stalled on the reference day and has closed since.
    Closed(Closed),
    /// Nothing: it is closed.
    Silent,
}

/// A deal as it stands now and as it stood on the morning of `previous`, if there is such a day.
fn assess(state: &DealState, timeline: &Timeline, previous: Option<Day>, benchmarks: &StageBenchmarks) -> Assessed {
    let then = previous.and_then(|day| state_on(timeline, state.deal, day));
    let row_then = then.as_ref().map(|then| compared(then, benchmarks));
    let status_then = row_then.as_ref().map(|row| row.status);
    if state.kind == StageKind::Open {
        let now = compared(state, benchmarks);
        let same_stay = then.is_some_and(|then| then.stage_since == state.stage_since);
        let change = previous.map(|_| StatusChange::between(status_then, now.status, same_stay));
        let previous_stage = row_then.map(|row| row.stage);
        return Assessed::Open(StagnationRow { previous: status_then, previous_stage, change, ..now });
    }
    match row_then.filter(|row| row.status == StagnationStatus::Stalled) {
        Some(row) => Assessed::Closed(Closed { deal: state.deal, stage: row.stage, kind: state.kind }),
        None => Assessed::Silent,
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

/// An open deal beside its benchmark, on the day of `state` alone.
fn compared(state: &DealState, benchmarks: &StageBenchmarks) -> StagnationRow {
    let benchmark = benchmarks.of(state);
    let since = if state.stage_tracked { state.stage_since } else { state.created };
    let days = Some(state.day.0.saturating_sub(since.0).max(0));
    let within = |cause| benchmark.curves.within(cause, days?, HORIZON_DAYS);
    let beyond =
        |limit: Option<u32>| limit.is_some_and(|limit| days.is_some_and(|days| i64::from(days) > i64::from(limit)));
    let stalled_on = |limit: u32| since.plus(i32::try_from(limit).unwrap_or(i32::MAX).saturating_add(1));
    let stalled = beyond(benchmark.stalled_after);
    StagnationRow {
        deal: state.deal,
        owner: state.owner,
        stage: state.stage,
        stage_tracked: state.stage_tracked,
        days_in_stage: days,
        percentile: days.and_then(|days| benchmark.curves.rank(ExitCause::Advance, days)).map(|rank| rank * 100.0),
        advance_30d: within(ExitCause::Advance),
        lost_30d: within(ExitCause::Lost),
        benchmark_days: benchmark.median,
        stalled_since: benchmark.stalled_after.filter(|_| stalled).map(stalled_on),
        status: match (stalled, beyond(benchmark.slow_after)) {
            (true, _) => StagnationStatus::Stalled,
            (false, true) => StagnationStatus::Slow,
            (false, false) => StagnationStatus::OnPace,
        },
        next_review: if stalled {
            Some(state.day)
        } else {
            days.and_then(|days| next_review(benchmark, days)).map(|days| state.day.plus(days))
        },
        previous: None,
        previous_stage: None,
        change: None,
        amount_minor: state.amount_minor,
        currency: state.currency,
    }
}

/// In how many days there is something to see of a deal that has been in the stage for `days`.
fn next_review(benchmark: &StageBenchmark, days: i32) -> Option<i32> {
    let crossing = |limit: Option<u32>| Some(i64::from(limit?) + 1 - i64::from(days)).filter(|&wait| wait > 0);
    let half_gone = benchmark.curves.remaining(days, 0.5).map(i64::from);
    let waits = [crossing(benchmark.slow_after), crossing(benchmark.stalled_after), half_gone];
    waits.into_iter().flatten().min().and_then(|wait| i32::try_from(wait).ok())
}
