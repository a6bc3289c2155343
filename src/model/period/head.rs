//! Win, lose or slip by any day: the head as it is stored, applied to any deal.
//!
//! Two regressions give the rates per day at which a deal is won and lost, over each span of the days ahead; their course
//! gives the chances. How closings are spread over the days ahead (`period/pace`) is counted beside them. They see a deal through two numbers, its log-odds to be won and to be closed soon, and through its
//! expected close date. `period/fit` fits them.

use serde::{Deserialize, Serialize};

use crate::model::period::ahead::{DaySpan, DaysAhead};
use crate::model::period::course::{ClosingRates, Course};
use crate::model::period::of_late::PaceOfLate;
use crate::model::period::pace::{PaceStep, paced, paced_by_age};
use crate::model::period::terms::{PeriodInput, PeriodTerm, SeenSpan};
use crate::model::rates::rate;

/// Rates of being won and lost, of two competing risks. See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PeriodHead {
    /// Ridge penalty on the weights.
    pub penalty: f64,
    /// Training rows (landmark x span of the days after it).
    pub rows: u64,
    /// "Soon": closed, either way, within this many days.
    pub soon_days: u32,
    /// Log-odds of closing soon of the average training row.
    pub soon_intercept: f64,
    /// One per feature of the spec.
    pub soon_weights: Vec<f64>,
    /// How long after a landmark the training has seen deals, in days. Beyond, the pace falls in proportion to the time
    /// passed: of deals that differ the quick ones are gone.
    pub longest_days: u32,
    /// What the regressions see.
    pub columns: Vec<PeriodColumn>,
    /// Terms the training could not tell from the others, or has seen too little of.
    pub left_out: Vec<PeriodTerm>,
    /// Log of the wins per day of the average training row.
    pub win_intercept: f64,
    /// One per column.
    pub win_weights: Vec<f64>,
    /// Log of the losses per day.
    pub lose_intercept: f64,
    /// One per column.
    pub lose_weights: Vec<f64>,
    /// What rates are multiplied by, by how far away the day is; ascending.
    pub pace: Vec<PaceStep>,
    /// The same by how old the deal is by then.
    pub by_age: Vec<PaceStep>,
    /// And what all of them are multiplied by: the pace of the last months beside that of the whole history.
    pub of_late: PaceOfLate,
}

/// A standardised column of the period head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeriodColumn {
    /// What it is.
    pub name: PeriodTerm,
    /// Training mean.
    pub mean: f64,
    /// Training standard deviation, positive.
    pub sd: f64,
    /// Smallest and largest value of the training; what lies outside counts as these.
    pub range: [f64; 2],
}

impl PeriodHead {
    /// The course of a deal's chances over the days `ahead`. With `win_probability` its chance to be won within the
    /// model's horizon is that.
    #[must_use]
    pub fn course(&self, input: &PeriodInput, ahead: &DaysAhead, win_probability: Option<f64>) -> Course {
        let spans = ahead.spans_of(input.expected_in).into_iter();
        Course::of(spans.map(|span| self.rates(input, span)).collect(), ahead.horizon, win_probability)
    }

    fn rates(&self, input: &PeriodInput, span: DaySpan) -> ClosingRates {
        let seen = SeenSpan::of(input, span);
        let (mut win, mut lose) = (self.win_intercept, self.lose_intercept);
        for ((column, w), l) in self.columns.iter().zip(&self.win_weights).zip(&self.lose_weights) {
            let value = column.standard(column.name.value(&seen));
            win += w * value;
            lose += l * value;
        }
        let beyond = (f64::from(self.longest_days) / span.middle()).min(1.0);
        let PaceOfLate { win: win_of_late, lose: lose_of_late } = self.of_late;
        let rates =
            ClosingRates { span, win: beyond * win_of_late * rate(win), lose: beyond * lose_of_late * rate(lose) };
        paced_by_age(paced(rates, &self.pace), &self.by_age, input.age)
    }
}

impl PeriodColumn {
    /// A value in training standard deviations from the training mean, within what the training has seen.
    pub(crate) fn standard(&self, value: f64) -> f64 {
        let [low, high] = self.range;
        (value.max(low).min(high) - self.mean) / self.sd
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::day::Day;
    use crate::domain::period::FiscalCalendar;

    fn head() -> impl Strategy<Value = PeriodHead> {
        let weights = || prop::collection::vec(-9.0..9.0_f64, PeriodTerm::ALL.len());
        let pace = prop::collection::vec((1..200_i32, 0.0..9.0_f64, 0.0..9.0_f64), 0..5);
        (weights(), weights(), -30.0..3.0_f64, -30.0..3.0_f64, pace).prop_map(
            |(win_weights, lose_weights, win, lose, pace)| {
                let mut from_day = 0;
                let steps = pace.into_iter().map(|(days, win, lose)| {
                    from_day += days;
                    PaceStep { from_day, win, lose }
                });
                let pace = steps.collect();
                let column = |name| PeriodColumn { name, mean: 1.0, sd: 2.0, range: [-3.0, 7.0] };
                PeriodHead {
                    columns: PeriodTerm::ALL.map(column).to_vec(),
                    longest_days: 300,
                    win_intercept: win,
                    lose_intercept: lose,
                    win_weights,
                    lose_weights,
                    pace,
                    ..PeriodHead::default()
                }
            },
        )
    }

    proptest! {
        /// Whatever the weights, the deal and the day.
        #[test]
        fn later_is_never_less_likely_and_the_horizon_is_the_win_probability(
            head in head(),
            win in -20.0..20.0_f64,
            soon in -20.0..20.0_f64,
            expected_in in prop::option::of(-500..500_i32),
            day in 0..20_000_i32,
            horizon in 1..800_i32,
            mut days in prop::collection::vec(1..800_i32, 1..9),
        ) {
            days.sort_unstable();
            let input = PeriodInput { win_log_odds: win, soon_log_odds: soon, expected_in, age: 0 };
            let chance = crate::domain::probability::logistic(win);
            let ahead = DaysAhead::of(Day(day), horizon, 740, &FiscalCalendar::default());
            let course = head.course(&input, &ahead, Some(chance));
            let outcomes: Vec<_> = days.iter().map(|&days| course.by(days)).collect();
            prop_assert!(outcomes.iter().all(|of| (of.win + of.lose + of.slip - 1.0).abs() < 1e-12));
            prop_assert!(outcomes.windows(2).all(|pair| pair[0].win <= pair[1].win && pair[0].lose <= pair[1].lose));
            prop_assert!((course.by(horizon).win - chance).abs() < 1e-8);
        }
    }
}
