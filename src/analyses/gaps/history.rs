//! Which deals were pushed out of the running period and of past ones? The one thing that takes a deal's whole story.
//!
//! [`Timeline`] and [`Snapshot`] to a [`LagHistory`], made before the history is released, as the deals by column are.

use rayon::prelude::*;

use crate::books::segment::Segment;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::stage::StageKind;
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::{Step, Timeline};

/// Finished periods a norm rests on, at most.
const PAST_PERIODS: i32 = 4;
/// Bits per length of period in [`LagHistory::pushed`].
const BITS: usize = 1 + PAST_PERIODS as usize;

/// What a decomposition needs to know beside how deals stand.
#[derive(Clone, Debug)]
pub struct LagHistory {
    /// Per length of period that is reported.
    pub(super) kinds: Vec<Looks>,
    /// Per deal a bit for each look of each length: pushed out.
    pushed: Vec<u32>,
    /// The deals by column, beside the levels of the forecast.
    pub(super) segments: Vec<Segment>,
}

/// The periods of one length that are looked at.
#[derive(Clone, Debug)]
pub(super) struct Looks {
    pub running: Period,
    /// The finished ones, newest first; those that began before the first deal are left out.
    pub past: Vec<Look>,
}

/// A finished period, and the morning in it that corresponds to the as-of day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub period: Period,
    pub morning: Day,
}

impl LagHistory {
    /// Looks at the deals of `snapshot`.
    #[must_use]
    pub fn gather(timeline: &Timeline, snapshot: &Snapshot, config: &Config, segments: Vec<Segment>) -> Self {
        let (calendar, as_of) = (config.fiscal_calendar(), snapshot.as_of);
        let first = snapshot.states.iter().map(|state| state.created).min().unwrap_or(as_of);
        let wanted = PeriodKind::ALL.into_iter().filter(|kind| config.calendar.periods.contains(kind));
        let looks = |kind| {
            let running = calendar.period_of(kind, as_of);
            let days = as_of.0 - running.first.0;
            let look = |period: Period| Look { period, morning: period.first.plus(days).min(period.last.plus(1)) };
            let past = (1..=PAST_PERIODS).map(|back| calendar.shift(&running, -back));
            let past = past.filter(|past| first <= past.first && past.last < as_of);
            Looks { running, past: past.map(look).collect() }
        };
        let kinds: Vec<Looks> = wanted.map(looks).collect();
        let bits = |state: &DealState| {
            let of_kind = |looks: &Looks| looks.bits(state, timeline.steps_of(state.deal), as_of);
            kinds.iter().rev().fold(0, |bits, looks| bits << BITS | of_kind(looks))
        };
        let pushed = snapshot.states.par_iter().map(bits).collect();
        Self { kinds, pushed, segments }
    }

    /// Whether a deal was pushed out of the running period (`back` 0) or of one before it.
    pub(super) fn is_pushed(&self, deal: DealIx, kind: usize, back: usize) -> bool {
        self.pushed[deal.index()] >> (kind * BITS + back) & 1 == 1
    }

    /// Whether any deal was ever seen to be pushed out of a period of this length; if not, close dates have no history.
    pub(super) fn tells_pushes(&self, kind: usize) -> bool {
        let mask = ((1 << BITS) - 1) << (kind * BITS);
        self.pushed.par_iter().any(|bits| bits & mask != 0)
    }
}

impl Looks {
    fn bits(&self, state: &DealState, steps: &[Step], as_of: Day) -> u32 {
        let out = |period: &Period, morning: Day| {
            u32::from(in_play(state, period) && !is_decided(state, period) && is_pushed(steps, period, morning))
        };
        let past = self.past.iter().rev().fold(0, |bits, look| (bits | out(&look.period, look.morning)) << 1);
        past | out(&self.running, as_of)
    }
}

/// Whether a deal was there at some time of `period`: open on its first morning, or created in it.
pub(super) fn in_play(state: &DealState, period: &Period) -> bool {
    let closed_later = state.closed.get().is_some_and(|closed| period.first <= closed);
    state.created <= period.last && (state.kind == StageKind::Open || closed_later)
}

/// Whether a deal was won or lost by the end of `period`; one closed on an unknown day was.
pub(super) fn is_decided(state: &DealState, period: &Period) -> bool {
    state.kind != StageKind::Open && state.closed.get().is_none_or(|closed| closed <= period.last)
}

/// Whether a deal was expected by the end of `period` at some time between its first morning and `morning`, and later than
/// that when the latter came.
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
