//! The pace of closings by how far away a day is: how many closed there, beside how many the regressions expect.
//!
//! Rows and their rates in, [`PaceStep`]s out. A regression of the logarithm of the days is smooth; how closings are really
//! spread over the days ahead is not. Each stretch of days is counted as in a life table and shrunk towards the
//! regression (the posterior mean of a gamma prior around it), so that few closings change little. Deals count, not rows: a deal closes once,
//! and every landmark before saw it.

use serde::{Deserialize, Serialize};

use crate::model::period::ahead::DaySpan;
use crate::model::period::course::ClosingRates;
use crate::model::period::rows::{ClosedDeals, Closing, PeriodRow};

/// A stretch of days holds at least so many closings, seen or expected.
const FEWEST_CLOSINGS: f64 = 50.0;
/// Stretches begin where the root of the days has grown by this much: closer together where more happens.
const ROOT_STEP: f64 = 1.0;
/// The regression counts as so many closings seen as it expects them.
const PRIOR_CLOSINGS: f64 = 25.0;

/// From a day ahead on, up to the next step: what rates are multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaceStep {
    /// First day, counted from the morning looked from.
    pub from_day: i32,
    /// Wins per day, as a multiple of the regression's.
    pub win: f64,
    /// Losses per day.
    pub lose: f64,
}

/// Closings of a stretch of days: wins, losses.
#[derive(Clone, Copy, Debug, Default)]
struct Stretch {
    from_day: i32,
    seen: [f64; 2],
    expected: [f64; 2],
}

impl Stretch {
    fn is_full(&self) -> bool {
        let [seen, expected] = [self.seen, self.expected].map(|closings| closings.iter().sum::<f64>());
        seen.max(expected) >= FEWEST_CLOSINGS
    }

    fn add(&mut self, other: &Self) {
        for k in 0..2 {
            self.seen[k] += other.seen[k];
            self.expected[k] += other.expected[k];
        }
    }

    fn step(&self) -> PaceStep {
        let [win, lose] = [0, 1].map(|k| (self.seen[k] + PRIOR_CLOSINGS) / (self.expected[k] + PRIOR_CLOSINGS));
        PaceStep { from_day: self.from_day, win, lose }
    }
}

/// The steps that `rows`, open for `days`, show beside the rates they were given, by how far away a day is.
pub(crate) fn pace(rows: &[PeriodRow], rates: &[ClosingRates], days: &[f64]) -> Vec<PaceStep> {
    steps(rows, rates, days, |row| row.span.middle())
}

/// The same by how old the deal is by then: what became of old deals says what becomes of young ones later on.
pub(crate) fn pace_by_age(rows: &[PeriodRow], rates: &[ClosingRates], days: &[f64]) -> Vec<PaceStep> {
    steps(rows, rates, days, |row| age_then(row.input.age, &row.span))
}

/// Age in the middle of a span.
fn age_then(age: i32, span: &DaySpan) -> f64 {
    f64::from(age.max(0)) + span.middle()
}

fn steps(
    rows: &[PeriodRow],
    rates: &[ClosingRates],
    days: &[f64],
    day_of: impl Fn(&PeriodRow) -> f64,
) -> Vec<PaceStep> {
    let repeats = ClosedDeals::of(rows, |_| true).repeats();
    let of_rows = rows.iter().zip(rates).zip(days);
    let mut by_day: Vec<Stretch> =
        of_rows.map(|((row, rates), days)| seen_beside(row, rates, *days, day_of(row), repeats)).collect();
    by_day.sort_by_key(|stretch| stretch.from_day);
    let mut stretches: Vec<Stretch> = Vec::new();
    for of_row in &by_day {
        match stretches.last_mut() {
            Some(last) if !last.is_full() || last.from_day == of_row.from_day => last.add(of_row),
            _ => stretches.push(*of_row),
        }
    }
    // What is too little for a stretch of its own belongs to the one before.
    if stretches.len() > 1
        && let Some(rest) = stretches.pop_if(|last| !last.is_full())
        && let Some(last) = stretches.last_mut()
    {
        last.add(&rest);
    }
    stretches.iter().map(Stretch::step).collect()
}

fn seen_beside(row: &PeriodRow, rates: &ClosingRates, days: f64, day: f64, repeats: f64) -> Stretch {
    let number = (day.sqrt() / ROOT_STEP).floor();
    Stretch {
        from_day: (number * ROOT_STEP).powi(2).floor() as i32,
        seen: [Closing::Won, Closing::Lost].map(|closing| f64::from(row.closing == Some(closing)) / repeats),
        expected: [rates.win * days / repeats, rates.lose * days / repeats],
    }
}

/// The day a span stands for.
fn day_of(span: &DaySpan) -> i32 {
    span.middle() as i32
}

/// `rates` at the pace of their day.
pub(crate) fn paced(rates: ClosingRates, pace: &[PaceStep]) -> ClosingRates {
    at_pace(rates, pace, day_of(&rates.span))
}

/// `rates` at the pace of a deal's age by then, which is `age` on the morning looked from.
pub(crate) fn paced_by_age(rates: ClosingRates, pace: &[PaceStep], age: i32) -> ClosingRates {
    at_pace(rates, pace, age_then(age, &rates.span) as i32)
}

fn at_pace(rates: ClosingRates, pace: &[PaceStep], day: i32) -> ClosingRates {
    let after = pace.partition_point(|step| step.from_day <= day);
    match pace.get(after.saturating_sub(1)) {
        Some(step) => ClosingRates { win: rates.win * step.win, lose: rates.lose * step.lose, ..rates },
        None => rates,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;
    use crate::domain::ids::DealIx;
    use crate::model::period::terms::PeriodInput;

    fn row(day: i32, closing: Option<Closing>) -> PeriodRow {
        let span = DaySpan { from: day, to: day + 1, quarter_end: 0.0, quarter_start: 0.0, month_end: 0.0 };
        let input = PeriodInput { win_log_odds: 0.0, soon_log_odds: 0.0, expected_in: None, age: 0 };
        PeriodRow { deal: DealIx::at(0), day: Day(0), input, span, days: 1.0, closing }
    }

    fn told(rows: &[PeriodRow], rate: f64) -> Vec<PaceStep> {
        let own = |(i, row): (usize, &PeriodRow)| PeriodRow { deal: DealIx::at(i), ..*row };
        let rows: Vec<PeriodRow> = rows.iter().enumerate().map(own).collect();
        let rates: Vec<ClosingRates> =
            rows.iter().map(|row| ClosingRates { span: row.span, win: rate, lose: rate }).collect();
        let days: Vec<f64> = rows.iter().map(|row| row.days).collect();
        pace(&rows, &rates, &days)
    }

    /// 500 deals of 20 days and 500 of 120 are followed for 20 days; of the young ones a fifth is won, of the old ones none.
    #[test]
    fn what_became_of_old_deals_is_told_of_young_ones_grown_old() {
        let span = DaySpan { from: 0, to: 20, quarter_end: 0.0, quarter_start: 0.0, month_end: 0.0 };
        let of = |i: usize| {
            let age = if i < 500 { 20 } else { 120 };
            let row = row(0, (i < 500 && i.is_multiple_of(5)).then_some(Closing::Won));
            PeriodRow { deal: DealIx::at(i), span, days: 20.0, input: PeriodInput { age, ..row.input }, ..row }
        };
        let rows: Vec<PeriodRow> = (0..1_000).map(of).collect();
        let rates = vec![ClosingRates { span, win: 0.005, lose: 1e-9 }; 1_000];
        let steps = pace_by_age(&rows, &rates, &[20.0; 1_000]);
        let then = |age: i32| paced_by_age(rates[0], &steps, age).win / 0.005;
        assert!((then(20) - 125.0 / 75.0).abs() < 1e-9 && (then(150) - 25.0 / 75.0).abs() < 1e-9, "{steps:?}");
        // A deal of 20 days is 130 days old in 110 days.
        let later = ClosingRates { span: DaySpan { from: 100, to: 120, ..span }, ..rates[0] };
        assert!((paced_by_age(later, &steps, 20).win / 0.005 - 25.0 / 75.0).abs() < 1e-9, "{steps:?}");
        // Three landmarks saw each deal: it closed once.
        let thrice = [rows.clone(), rows.clone(), rows].concat();
        let again = pace_by_age(&thrice, &[rates.clone(), rates.clone(), rates].concat(), &[20.0; 3_000]);
        assert!(again.iter().zip(&steps).all(|(a, b)| (a.win - b.win).abs() < 1e-9), "{again:?}");
    }

    /// 1,000 deals a day; in the first ten days a tenth of them is won, later nothing happens.
    #[test]
    fn a_stretch_in_which_nothing_happens_is_told_from_the_days_before() {
        let won = |day: i32, i: usize| (day < 10 && i.is_multiple_of(10)).then_some(Closing::Won);
        let rows: Vec<PeriodRow> = (0..20).flat_map(|day| (0..1_000).map(move |i| row(day, won(day, i)))).collect();
        let steps = told(&rows, 0.05);
        assert!(steps.is_sorted_by(|a, b| a.from_day < b.from_day) && steps[0].from_day == 0, "{steps:?}");
        let at = |day: i32| paced(ClosingRates { span: row(day, None).span, win: 0.05, lose: 0.05 }, &steps);
        // Days 4 to 8 are a stretch: 500 wins where 250 were expected, and 250 losses that never came.
        assert!((at(6).win / 0.05 - 525.0 / 275.0).abs() < 1e-9, "{steps:?}");
        assert!((at(6).lose / 0.05 - 25.0 / 275.0).abs() < 1e-9, "{steps:?}");
        assert!(at(15).win < 0.02 && at(500).win < 0.02, "{steps:?}");
    }

    #[test]
    fn few_closings_change_little_and_none_nothing() {
        let rows: Vec<PeriodRow> = (0..40).map(|day| row(day, (day == 3).then_some(Closing::Lost))).collect();
        let steps = told(&rows, 0.01);
        assert_eq!(steps.len(), 1);
        assert!((steps[0].lose - 26.0 / 25.4).abs() < 1e-12 && steps[0].win < 1.0 && steps[0].win > 0.98, "{steps:?}");
        let rates = ClosingRates { span: row(3, None).span, win: 0.2, lose: 0.1 };
        assert_eq!(paced(rates, &told(&[], 0.1)).win, 0.2);
    }
}
