//! How did past periods go, seen from as far into them as the running one is today? What the norms are made from.
//!
//! [`Timeline`] and [`Snapshot`] to a [`LagHistory`]: per length of period the counts of all deals over the last up to four
//! finished periods, and which open deals were pushed out of the running one; and
//! the deals by column. The only part of this analysis that needs to
//! know what happened to a deal or what the deals table says; made before the history is released.

use std::ops::Range;

use rayon::prelude::*;

use super::factors::Counts;
use crate::analytics::deal_values::DealValues;
use crate::analytics::segment::Segment;
use crate::config::Config;
use crate::domain::code::NO_DAY;
use crate::domain::day::Day;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::stage::StageKind;
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::{Step, Timeline};

/// Finished periods a norm rests on, at most.
pub(super) const PAST_PERIODS: i32 = 4;
/// Deals counted at a time. Fixed, so that no sum depends on the number of threads.
const CHUNK: usize = 16_384;

/// What of the past a decomposition needs.
#[derive(Clone, Debug)]
pub struct LagHistory {
    /// Per length of period that is reported.
    pub(super) kinds: Vec<KindHistory>,
    /// Per deal a bit for each of `kinds`: it is open and was pushed out of the running period.
    pub(super) pushed: Vec<u8>,
    /// The deals by column, beside the levels of the forecast.
    pub(super) segments: Vec<Segment>,
}

/// What of the past concerns one length of period.
#[derive(Clone, Debug)]
pub(super) struct KindHistory {
    pub running: Period,
    /// The finished periods, newest first; those that began before the first deal are left out.
    pub past: Vec<Period>,
    /// Over `past`.
    pub sums: Sums,
}

/// Whole deals of past periods.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    deals: u64,
    kept: u64,
    decided: u64,
    won: u64,
    value: i128,
    squares: f64,
    /// Created after the day that corresponds to the as-of day and decided in the period; of those won.
    late_decided: u64,
    late_won: u64,
}

impl Sums {
    fn add(&mut self, more: &Self) {
        self.deals += more.deals;
        self.kept += more.kept;
        self.decided += more.decided;
        self.won += more.won;
        self.value += more.value;
        self.squares += more.squares;
        self.late_decided += more.late_decided;
        self.late_won += more.late_won;
    }

    /// Of what the norms are made; `slips`: whether pushes are told apart.
    pub fn counts(&self, slips: bool) -> Counts {
        let (won, value) = (self.won as f64, self.value as f64);
        let mean = value / won;
        Counts {
            deals: self.deals as f64,
            kept: if slips { self.kept } else { self.deals } as f64,
            decided: self.decided as f64,
            won,
            value,
            variance: (self.won > 1).then(|| (self.squares / won - mean * mean).max(0.0)),
        }
    }

    /// Deals decided for each one won among those created in what remains of a period; as in the whole period where there
    /// were none.
    pub fn decided_per_late_win(&self) -> f64 {
        let (decided, won) =
            if self.late_won > 0 { (self.late_decided, self.late_won) } else { (self.decided, self.won) };
        if won > 0 { decided as f64 / won as f64 } else { 1.0 }
    }
}

/// A past period, and the morning in it that corresponds to the as-of day.
struct Look {
    period: Period,
    morning: Day,
    /// Position of its length.
    kind: usize,
}

impl LagHistory {
    /// Counts the deals that `admits` marks, worth `values`.
    #[must_use]
    pub fn gather(
        timeline: &Timeline,
        snapshot: &Snapshot,
        values: &DealValues,
        config: &Config,
        admits: &[bool],
        segments: Vec<Segment>,
    ) -> Self {
        let (calendar, as_of) = (config.fiscal_calendar(), snapshot.as_of);
        let admitted = snapshot.states.iter().zip(admits).filter(|(_, admitted)| **admitted);
        let first = admitted.map(|(state, _)| state.created).min().unwrap_or(as_of);
        let wanted = PeriodKind::ALL.into_iter().filter(|kind| config.calendar.periods.contains(kind));
        let history = |kind| {
            let running = calendar.period_of(kind, as_of);
            let past = (1..=PAST_PERIODS).map(|back| calendar.shift(&running, -back));
            let past = past.filter(|past| first <= past.first && past.last < as_of).collect();
            KindHistory { running, past, sums: Sums::default() }
        };
        let mut kinds: Vec<KindHistory> = wanted.map(history).collect();
        let look = |(kind, history): (usize, &KindHistory)| -> Vec<Look> {
            let days = as_of.0 - history.running.first.0;
            let morning = |past: &Period| past.first.plus(days).min(past.last.plus(1));
            history.past.iter().map(|past| Look { period: *past, morning: morning(past), kind }).collect()
        };
        let looks: Vec<Look> = kinds.iter().enumerate().flat_map(look).collect();
        let running: Vec<Period> = kinds.iter().map(|history| history.running).collect();
        let walk = Walk { timeline, snapshot, values, admits, looks, running };
        let starts: Vec<usize> = (0..snapshot.states.len()).step_by(CHUNK).collect();
        let of_chunk = |start: usize| walk.count(start..snapshot.states.len().min(start + CHUNK));
        let parts: Vec<(Vec<Sums>, Vec<u8>)> = starts.into_par_iter().map(of_chunk).collect();
        let mut pushed = Vec::with_capacity(snapshot.states.len());
        for (sums, bits) in parts {
            kinds.iter_mut().zip(sums).for_each(|(history, more)| history.sums.add(&more));
            pushed.extend(bits);
        }
        Self { kinds, pushed, segments }
    }

    /// Whether any deal was ever seen to be pushed out of a period of this length; if not, close dates have no history.
    pub(super) fn tells_pushes(&self, kind: usize) -> bool {
        let sums = &self.kinds[kind].sums;
        sums.kept < sums.deals || self.pushed.iter().any(|bits| bits >> kind & 1 == 1)
    }
}

/// The walk over the deals.
struct Walk<'a> {
    timeline: &'a Timeline,
    snapshot: &'a Snapshot,
    values: &'a DealValues,
    admits: &'a [bool],
    looks: Vec<Look>,
    running: Vec<Period>,
}

impl Walk<'_> {
    fn count(&self, deals: Range<usize>) -> (Vec<Sums>, Vec<u8>) {
        let mut sums = vec![Sums::default(); self.running.len()];
        let mut pushed = vec![0; deals.len()];
        for (bits, i) in pushed.iter_mut().zip(deals).filter(|(_, i)| self.admits[*i]) {
            let state = &self.snapshot.states[i];
            if state.kind != StageKind::Open && state.closed == NO_DAY {
                continue;
            }
            for look in self.looks.iter().filter(|look| in_play(state, &look.period)) {
                self.look(i, state, look, &mut sums[look.kind]);
            }
            let running = self.running.iter().enumerate().filter(|_| state.kind == StageKind::Open);
            for (kind, period) in running.filter(|(_, period)| state.expected_close > period.last.0) {
                let out = is_pushed(self.timeline.steps_of(i), period, self.snapshot.as_of);
                *bits |= u8::from(out) << kind;
            }
        }
        (sums, pushed)
    }

    fn look(&self, i: usize, state: &DealState, look: &Look, sums: &mut Sums) {
        let decided = state.kind != StageKind::Open && state.closed <= look.period.last.0;
        sums.deals += 1;
        sums.kept += u64::from(decided || !is_pushed(self.timeline.steps_of(i), &look.period, look.morning));
        if !decided {
            return;
        }
        let (won, late) = (state.kind == StageKind::Won, state.created >= look.morning);
        sums.decided += 1;
        sums.late_decided += u64::from(late);
        sums.late_won += u64::from(late && won);
        if won {
            let value = self.values.get(i).unwrap_or(0);
            sums.won += 1;
            sums.value += i128::from(value);
            sums.squares += (value as f64).powi(2);
        }
    }
}

/// Whether a deal was there at some time of `period`: open on its first morning, or created in it.
pub(super) fn in_play(state: &DealState, period: &Period) -> bool {
    state.created <= period.last && (state.kind == StageKind::Open || period.first.0 <= state.closed)
}

/// Whether a deal was expected by the end of `period` at some time between its first morning and `morning`, and later than
/// that when the latter came.
fn is_pushed(steps: &[Step], period: &Period, morning: Day) -> bool {
    let before = |day: Day| steps.partition_point(|step| step.at.day() < day);
    let known = &steps[..before(morning)];
    let last = period.last.0;
    if known.last().is_none_or(|step| step.expected_close <= last) {
        return false;
    }
    let first = before(period.first).saturating_sub(1);
    known[first..].iter().any(|step| step.expected_close != NO_DAY && step.expected_close <= last)
}
