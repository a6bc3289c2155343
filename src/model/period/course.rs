//! The course of one deal's chances over the days ahead: won, lost and open by the evening of any day.
//!
//! Rates in, chances out: cumulative incidences of two competing risks with rates constant over spans. Chances to be won
//! and to be lost only grow, and the three add up to 1, whatever the rates.

use crate::domain::probability::{PeriodOutcome, logit};
use crate::model::period::ahead::DaySpan;

/// Chances are kept within this of 0 and 1 where rates are moved to meet them.
const SUREST: f64 = 1e-9;
/// Where a tilt is looked for: from one under which no rate is left to one under which all deals are won.
const TILTS: [f64; 2] = [-1_500.0, 600.0];
/// The first days feel this part of the tilt at least.
const LEAST_TILTED: f64 = 0.1;
/// Log-odds met within this are met.
const MET: f64 = 1e-11;
const TRIES: usize = 100;
/// A slope so small that the secant leaves the room that is left, and it is halved.
const SLOWEST: f64 = 1e-6;

/// Rates per day of being won and lost over a span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClosingRates {
    pub span: DaySpan,
    pub win: f64,
    pub lose: f64,
}

impl ClosingRates {
    /// The same with the log rate of being won moved by `tilt` on the last day of the horizon, in proportion before.
    fn tilted(self, tilt: f64, horizon: i32) -> Self {
        let part = (self.span.middle() / f64::from(horizon)).clamp(LEAST_TILTED, 1.0);
        Self { win: self.win * (tilt * part).exp(), ..self }
    }

    /// What becomes in `days` days of a share that is still open: won, lost.
    fn closed_in(&self, days: f64, open: f64) -> [f64; 2] {
        let rate = self.win + self.lose;
        if rate <= 0.0 {
            return [0.0; 2];
        }
        let closed = open * -(-rate * days).exp_m1();
        [closed * (self.win / rate), closed * (self.lose / rate)]
    }
}

/// The chances of a deal over the days ahead.
#[derive(Clone, Debug)]
pub struct Course {
    steps: Vec<Step>,
    /// Chance to be won within the model's horizon.
    within_horizon: f64,
}

/// A span, and the chances on the evening before it.
#[derive(Clone, Copy, Debug)]
struct Step {
    rates: ClosingRates,
    won: f64,
    lost: f64,
}

impl Course {
    /// The course under `rates`, which follow each other without a gap. With `win_probability` the rates of being won within
    /// `horizon` days are multiplied by what makes the chance to be won within them that probability: little at first,
    /// where the rates know more, most at the horizon.
    pub(crate) fn of(mut rates: Vec<ClosingRates>, horizon: i32, win_probability: Option<f64>) -> Self {
        if let Some(chance) = win_probability {
            let within = rates.partition_point(|rates| rates.span.to <= horizon);
            let within = &mut rates[..within];
            let tilt = tilt(within, horizon, chance);
            within.iter_mut().for_each(|rates| *rates = rates.tilted(tilt, horizon));
        }
        let (mut won, mut lost) = (0.0, 0.0);
        let steps = rates.into_iter().map(|rates| {
            let step = Step { rates, won, lost };
            [won, lost] = step.at(rates.span.days());
            step
        });
        let mut course = Self { steps: steps.collect(), within_horizon: 0.0 };
        course.within_horizon = course.by(horizon).win;
        course
    }

    /// The three chances by the evening before day `days`, counted from the morning looked from.
    #[must_use]
    pub fn by(&self, days: i32) -> PeriodOutcome {
        let after = self.steps.partition_point(|step| step.rates.span.from < days);
        let Some(step) = after.checked_sub(1).map(|last| &self.steps[last]) else {
            return PeriodOutcome { win: 0.0, lose: 0.0, slip: 1.0 };
        };
        let span = step.rates.span;
        let [win, lose] = step.at(f64::from(days.min(span.to) - span.from));
        PeriodOutcome { win, lose, slip: (1.0 - win - lose).max(0.0) }
    }

    /// The days after which these shares of the chance to be won within the horizon have come.
    #[must_use]
    pub fn days_to_win<const N: usize>(&self, shares: [f64; N]) -> [i32; N] {
        shares.map(|share| self.day_of(share * self.within_horizon))
    }

    /// By which day the chance to be won reaches `wanted`.
    fn day_of(&self, wanted: f64) -> i32 {
        let after = self.steps.partition_point(|step| step.won < wanted);
        let Some(step) = after.checked_sub(1).map(|last| &self.steps[last]) else { return 0 };
        let span = step.rates.span;
        let [all, _] = step.at(span.days());
        let part = if all > step.won { ((wanted - step.won) / (all - step.won)).min(1.0) } else { 1.0 };
        span.from + (part * span.days()).round() as i32
    }
}

impl Step {
    /// Won and lost so many days into the span.
    fn at(&self, days: f64) -> [f64; 2] {
        let open = (1.0 - self.won - self.lost).max(0.0);
        let [won, lost] = self.rates.closed_in(days, open);
        [(self.won + won).min(1.0), (self.lost + lost).min(1.0)]
    }
}

/// The tilt of the rates within the horizon under which the chance to be won is `wanted`: the chance grows with it, from 0
/// to 1, and its log-odds about evenly, so that a secant is a good guess and halving the room always helps.
fn tilt(within: &[ClosingRates], horizon: i32, wanted: f64) -> f64 {
    let wanted = logit(wanted.clamp(SUREST, 1.0 - SUREST));
    let [mut low, mut high] = TILTS;
    let (mut tilt, mut slope) = (0.0_f64, 0.5_f64);
    let mut missed = won_log_odds(within, tilt, horizon) - wanted;
    for _ in 0..TRIES {
        if missed.abs() < MET {
            break;
        }
        if missed > 0.0 {
            high = tilt;
        } else {
            low = tilt;
        }
        let secant = tilt - missed / slope;
        let next = if low < secant && secant < high { secant } else { f64::midpoint(low, high) };
        let next_missed = won_log_odds(within, next, horizon) - wanted;
        // Where a secant gains little the room is halved next.
        let measured = (next_missed - missed) / (next - tilt);
        slope = if next_missed.abs() < missed.abs() / 2.0 { measured.max(SLOWEST) } else { SLOWEST };
        (tilt, missed) = (next, next_missed);
    }
    tilt
}

/// The log-odds to be won within `horizon` days, which `within` fills, under a tilt.
fn won_log_odds(within: &[ClosingRates], tilt: f64, horizon: i32) -> f64 {
    let (mut won, mut open) = (0.0, 1.0);
    for rates in within {
        let [won_then, lost_then] = rates.tilted(tilt, horizon).closed_in(rates.span.days(), open);
        won += won_then;
        open = (open - won_then - lost_then).max(0.0);
    }
    logit(won)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn courses() -> impl Strategy<Value = Vec<ClosingRates>> {
        let rates = || (1..40_i32, -16.0..4.0_f64, -16.0..4.0_f64);
        prop::collection::vec(rates(), 1..12).prop_map(|of_spans| {
            let mut from = 0;
            let spans = of_spans.into_iter().map(|(days, win, lose)| {
                let span = DaySpan { from, to: from + days, quarter_end: 0.0, quarter_start: 0.0, month_end: 0.0 };
                from += days;
                ClosingRates { span, win: win.exp(), lose: lose.exp() }
            });
            spans.collect()
        })
    }

    /// numpy: 1 - exp(-0.05 * 10) = 0.393469; wins are 0.02 / 0.05 of it.
    #[test]
    fn constant_rates_give_the_textbooks_incidence() {
        let span = DaySpan { from: 0, to: 30, quarter_end: 0.0, quarter_start: 0.0, month_end: 0.0 };
        let course = Course::of(vec![ClosingRates { span, win: 0.02, lose: 0.03 }], 30, None);
        let PeriodOutcome { win, lose, slip } = course.by(10);
        assert!((win - 0.157_388).abs() < 1e-6 && (lose - 0.236_082).abs() < 1e-6, "{win} {lose}");
        assert!((slip - 0.606_531).abs() < 1e-6, "{slip}");
        assert_eq!(course.by(0), PeriodOutcome { win: 0.0, lose: 0.0, slip: 1.0 });
        assert_eq!(course.by(31), course.by(30), "nothing is said beyond the last span");
    }

    proptest! {
        #[test]
        fn chances_sum_to_one_only_grow_and_meet_the_win_probability(
            rates in courses(),
            log_odds in -15.0..15.0_f64,
            mut days in prop::collection::vec(-3..500_i32, 1..9),
            part in 0.01..1.0_f64,
        ) {
            days.sort_unstable();
            let chance = crate::domain::probability::logistic(log_odds);
            let horizon = rates[((rates.len() - 1) as f64 * part) as usize].span.to;
            let course = Course::of(rates, horizon, Some(chance));
            let outcomes: Vec<PeriodOutcome> = days.iter().map(|&days| course.by(days)).collect();
            for PeriodOutcome { win, lose, slip } in &outcomes {
                prop_assert!((win + lose + slip - 1.0).abs() < 1e-12);
                prop_assert!([win, lose, slip].iter().all(|chance| (0.0..=1.0).contains(*chance)));
            }
            prop_assert!(outcomes.windows(2).all(|pair| pair[0].win <= pair[1].win && pair[0].lose <= pair[1].lose));
            prop_assert!((course.by(horizon).win - chance).abs() < 1e-9, "{} {chance}", course.by(horizon).win);
            let [low, median, high] = course.days_to_win([0.1, 0.5, 0.9]);
            prop_assert!(0 <= low && low <= median && median <= high && high <= horizon);
        }
    }
}
