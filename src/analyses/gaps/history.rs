//! Which deals were pushed out of the running period and of past ones? The one thing that takes a deal's whole story.
//!
//! [`Timeline`] and [`Snapshot`] to a [`GapHistory`], made before the history is released, as the deals by column are.

use rayon::prelude::*;

use crate::books::segment::Segment;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::stage::StageKind;
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::{Step, Timeline};

/// Finished periods a benchmark rests on, at most.
const PAST_PERIODS: i32 = 4;
/// Bits per length of period in [`GapHistory::pushed`].
const BITS: usize = 1 + PAST_PERIODS as usize;

/// What a gap attribution needs to know beside how deals stand.
#[derive(Clone, Debug)]
pub struct GapHistory {
    /// Per length of period that is reported.
    pub(super) kinds: Vec<ReferencePeriods>,
    /// Per deal a bit for each reference period of each length: pushed out.
    pushed: Vec<u32>,
    /// The deals by column, beside the levels of the forecast.
    pub(super) segments: Vec<Segment>,
}

/// The running period of one length, and those it is compared with.
#[derive(Clone, Debug)]
pub(super) struct ReferencePeriods {
    pub running: Period,
    /// The finished ones, newest first; those that began before the first deal are left out.
    pub past: Vec<ReferencePeriod>,
}

/// A finished period, and the morning in it that corresponds to the as-of day.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReferencePeriod {
    pub period: Period,
    pub morning: Day,
}

impl GapHistory {
    /// Which deals of `snapshot` were pushed out when.
    #[must_use]
    pub fn gather(timeline: &Timeline, snapshot: &Snapshot, config: &Config, segments: Vec<Segment>) -> Self {
        let (calendar, as_of) = (config.fiscal_calendar(), snapshot.as_of);
        let first = snapshot.states.iter().map(|state| state.created).min().unwrap_or(as_of);
        let wanted = PeriodKind::ALL.into_iter().filter(|kind| config.calendar.periods.contains(kind));
        let periods = |kind| {
            let running = calendar.period_of(kind, as_of);
            let days = as_of.0 - running.first.0;
            let reference =
                |period: Period| ReferencePeriod { period, morning: period.first.plus(days).min(period.last.plus(1)) };
            let past = (1..=PAST_PERIODS).map(|back| calendar.shift(&running, -back));
            let past = past.filter(|past| first <= past.first && past.last < as_of);
            ReferencePeriods { running, past: past.map(reference).collect() }
        };
        let kinds: Vec<ReferencePeriods> = wanted.map(periods).collect();
        let states = snapshot.states.par_iter();
        let pushed = states.map(|state| pushed_bits(&kinds, state, timeline.steps_of(state.deal), as_of)).collect();
        Self { kinds, pushed, segments }
    }

    /// Whether a deal was pushed out of the running period (`back` 0) or of one before it.
    pub(super) fn is_pushed(&self, deal: DealIx, kind: usize, back: usize) -> bool {
        self.pushed[deal.index()] >> (kind * BITS + back) & 1 == 1
    }

    /// Whether any deal was ever seen to be pushed out of a period of this length; if not, close dates have no history.
    pub(super) fn knows_pushes(&self, kind: usize) -> bool {
        let mask = ((1 << BITS) - 1) << (kind * BITS);
        self.pushed.par_iter().any(|bits| bits & mask != 0)
    }
}

/// One deal's bits, those of the first length lowest.
fn pushed_bits(kinds: &[ReferencePeriods], state: &DealState, steps: &[Step], as_of: Day) -> u32 {
    kinds.iter().rev().fold(0, |bits, periods| bits << BITS | periods.bits(state, steps, as_of))
}

impl ReferencePeriods {
    fn bits(&self, state: &DealState, steps: &[Step], as_of: Day) -> u32 {
        let out = |period: &Period, morning: Day| {
            u32::from(in_play(state, period) && !is_closed_by(state, period) && is_pushed(steps, period, morning))
        };
        let past =
            self.past.iter().rev().fold(0, |bits, reference| (bits | out(&reference.period, reference.morning)) << 1);
        past | out(&self.running, as_of)
    }
}

/// Whether a deal was there at some time of `period`: open on its first morning, or created in it.
pub(super) fn in_play(state: &DealState, period: &Period) -> bool {
    let closed_later = state.closed.get().is_some_and(|closed| period.first <= closed);
    state.created <= period.last && (state.kind == StageKind::Open || closed_later)
}

/// Whether a deal was won or lost by the end of `period`; one closed on an unknown day was.
pub(super) fn is_closed_by(state: &DealState, period: &Period) -> bool {
    state.kind != StageKind::Open && state.closed.get().is_none_or(|closed| closed <= period.last)
}

/// Whether a deal was expected by the end of `period` at some time between its first morning and `morning`, and later than
/// that on the latter.
fn is_pushed(steps: &[Step], period: &Period, morning: Day) -> bool {
    let before = |day: Day| steps.partition_point(|step| step.at.day() < day);
    let known = &steps[..before(morning)];
    let in_time = |step: &Step| step.expected_close.get().map(|due| due <= period.last);
    if known.last().and_then(in_time) != Some(false) {
        return false;
    }
    let first = before(period.first).saturating_sub(1);
    known[first..].iter().any(|step| in_time(step) == Some(true))
}
