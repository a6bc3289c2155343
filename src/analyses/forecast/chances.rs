//! When an open deal may be won, period by period, and what that is expected to bring.
//!
//! Scores and outlook in. Knows no node and no currency.

use crate::analyses::forecast::input::ForecastInput;
use crate::analyses::forecast::open_deals::{OpenDeal, ScoredPeriod};
use crate::analyses::outlook::Outlook;
use crate::domain::period::FiscalCalendar;
use crate::scoring::Scores;

/// When one scored deal may be won.
#[derive(Clone, Copy)]
pub(crate) struct Chances<'a> {
    scores: &'a Scores,
    row: usize,
    outlook: Option<&'a Outlook>,
}

impl<'a> Chances<'a> {
    /// `None` where the deal has no score.
    pub(super) fn of(input: &ForecastInput<'a>, deal: &OpenDeal) -> Option<Self> {
        Some(Self::new(input.scores?, deal.score?, input.outlook))
    }

    pub fn new(scores: &'a Scores, score: u32, outlook: Option<&'a Outlook>) -> Self {
        Self { scores, row: score as usize, outlook }
    }

    /// The chance to be won in the period, 0 to 1.
    pub(super) fn win_in(&self, scored: &ScoredPeriod) -> f64 {
        let before = scored.before.map_or(0.0, |before| self.win_by(before));
        (self.win_by(scored.period_index) - before).clamp(0.0, 1.0)
    }

    /// What an amount is expected to bring in the period: by its end, less by the end of the period before. Both are
    /// rounded, so that the differences add up to the whole.
    pub(super) fn expected(&self, amount: i64, scored: &ScoredPeriod) -> i64 {
        let change = self.outlook.map_or(1.0, Outlook::mean_change);
        let by = |period_index| expected_value(amount, self.win_by(period_index), change);
        by(scored.period_index) - scored.before.map_or(0, by)
    }

    /// The chance to be won by the end of the period at `period_index`; never less than by an earlier end.
    pub(crate) fn win_by(&self, period_index: usize) -> f64 {
        let model = |index: usize| self.scores.rows[self.row].by_period.get(index).map_or(0.0, |outcome| outcome.win);
        match (self.outlook, self.scores.periods.get(period_index)) {
            (Some(outlook), Some(period)) => outlook.pace.win_by(period_index, period.last, model),
            _ => model(period_index),
        }
    }
}

/// The periods of the scores that something can be said of: the running one of each kind, and each that follows one of the
/// scores.
pub(super) fn scored_periods(input: &ForecastInput<'_>, calendar: &FiscalCalendar) -> Vec<ScoredPeriod> {
    let periods = input.scores.map_or(&[][..], |scores| &scores.periods);
    let kinds = &input.config.calendar.periods;
    let scored = |period_index: usize| {
        let period = periods[period_index];
        let before = periods.iter().position(|p| *p == calendar.shift(&period, -1));
        let running = period.contains(input.snapshot.as_of);
        let known = kinds.contains(&period.kind) && (running || before.is_some());
        known.then_some(ScoredPeriod { period, period_index, before: before.filter(|_| !running) })
    };
    (0..periods.len()).filter_map(scored).collect()
}

/// `amount` x `probability` x what amounts become on their way, rounded half to even.
pub(crate) fn expected_value(amount: i64, probability: f64, change: f64) -> i64 {
    (amount as f64 * probability.clamp(0.0, 1.0) * change).round_ties_even() as i64
}

/// `amount` x `probability`, rounded half to even; never more than the amount.
pub(super) fn share(amount: i64, probability: f64) -> i64 {
    expected_value(amount, probability, 1.0)
}
