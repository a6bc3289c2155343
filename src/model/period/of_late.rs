//! The pace of closings of late: how many closed, beside how many the head expects, window after window of the calendar.
//!
//! Rows and their rates in, a [`PaceOfLate`] out. The weights are those of the whole history; a business that closes more
//! deals each year, or whose old deals pile up, is not what it was. The log of actual over expected follows a random walk
//! seen through noise (local level model: Harvey 1989, Forecasting, Structural Time Series Models and the Kalman Filter, 2.3);
//! how fast it walks and how much is noise is unknown and averaged over by likelihood, with even odds that it stands
//! still. So a pace that does not change is left alone, and few closings change little.

use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::model::period::course::ClosingRates;
use crate::model::period::rows::{ClosedDeals, Closing, PeriodRow};

/// The calendar is cut into so many windows at most,
const MOST_WINDOWS: usize = 12;
/// each of which would hold so many deals that closed if all were alike.
const DEALS_IN_A_WINDOW: usize = 40;
/// Variances of a step of the walk from window to window, and of the noise of a window beyond that of counting.
const WALKS: [f64; 7] = [0.0, 0.002, 0.006, 0.02, 0.06, 0.2, 0.6];
const NOISES: [f64; 5] = [0.0, 0.01, 0.03, 0.1, 0.3];
/// Variance of where the walk begins.
const START: f64 = 0.25;
/// A window counts as half a closing more than it had, so that none is no infinity.
const HALF: f64 = 0.5;

/// What rates of today are multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaceOfLate {
    /// Wins per day, as a multiple of those of the whole history.
    pub win: f64,
    /// Losses per day.
    pub lose: f64,
}

impl Default for PaceOfLate {
    fn default() -> Self {
        Self { win: 1.0, lose: 1.0 }
    }
}

/// Closings of a window of the calendar.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    actual: f64,
    expected: f64,
}

impl PaceOfLate {
    /// What `rows`, open for `days`, show beside the rates they were given.
    pub(crate) fn seen(rows: &[PeriodRow], rates: &[ClosingRates], days: &[f64]) -> Self {
        let of = |closing: Closing, rate: fn(&ClosingRates) -> f64| {
            let expected: Vec<f64> = rates.iter().zip(days).map(|(rates, days)| rate(rates) * days).collect();
            of_late(rows, closing, &expected).exp()
        };
        Self { win: of(Closing::Won, |rates| rates.win), lose: of(Closing::Lost, |rates| rates.lose) }
    }
}

/// The log of how often closings of a kind happen today, beside what is expected of `rows`.
fn of_late(rows: &[PeriodRow], closing: Closing, expected: &[f64]) -> f64 {
    let closings = ClosedDeals::of(rows, |of_row| of_row == closing);
    let Some(calendar) = Calendar::of(rows, closings.deals) else { return 0.0 };
    let mut windows = vec![Window::default(); calendar.windows];
    for (row, expected) in rows.iter().zip(expected) {
        let window = &mut windows[calendar.window_of(row)];
        window.expected += expected;
        window.actual += f64::from(row.closing == Some(closing));
    }
    let repeats = closings.repeats();
    averaged_level(&windows.iter().map(|window| Measured::of(window, repeats)).collect::<Vec<_>>())
}

/// The days of the rows, cut into windows of one length.
struct Calendar {
    first: Day,
    days: f64,
    windows: usize,
}

impl Calendar {
    /// None where deals were looked at over less than half of the days: there the calendar cannot be told from how far away
    /// a day is.
    fn of(rows: &[PeriodRow], closed_deals: usize) -> Option<Self> {
        let (first, last) = (rows.iter().map(begins).min()?, rows.iter().map(begins).max()?);
        let [first_look, last_look] = [rows.iter().map(|row| row.day).min()?, rows.iter().map(|row| row.day).max()?];
        if 2 * (last_look.0 - first_look.0) < last.0 - first.0 {
            return None;
        }
        let windows = (closed_deals / DEALS_IN_A_WINDOW).clamp(1, MOST_WINDOWS);
        Some(Self { first, days: f64::from(last.0 - first.0 + 1), windows })
    }

    fn window_of(&self, row: &PeriodRow) -> usize {
        let part = f64::from(begins(row).0 - self.first.0) / self.days;
        ((part * self.windows as f64) as usize).min(self.windows - 1)
    }
}

fn begins(row: &PeriodRow) -> Day {
    row.day.plus(row.span.from)
}

/// The log of actual over expected in a window, and the variance that counting gives it.
#[derive(Clone, Copy, Debug)]
struct Measured {
    log_ratio: f64,
    variance: f64,
}

impl Measured {
    fn of(window: &Window, repeats: f64) -> Self {
        let [actual, expected] = [window.actual, window.expected].map(|closings| closings / repeats + HALF);
        Self { log_ratio: (actual / expected).ln(), variance: 1.0 / actual }
    }
}

/// The level of the last window, averaged over walks and noises by how likely they make what was seen.
fn averaged_level(seen: &[Measured]) -> f64 {
    let settings = WALKS.iter().flat_map(|&walk| NOISES.iter().map(move |&noise| (walk, noise)));
    let levels: Vec<(f64, Level)> = settings
        .map(|(walk, noise)| {
            let odds = if walk == 0.0 { 1.0 } else { 1.0 / (WALKS.len() - 1) as f64 };
            (odds, Level::after(seen, walk, noise))
        })
        .collect();
    let best = levels.iter().map(|(_, level)| level.log_likelihood).fold(f64::NEG_INFINITY, f64::max);
    let weights = levels.iter().map(|(odds, level)| odds * (level.log_likelihood - best).exp());
    let total: f64 = weights.clone().sum();
    weights.zip(&levels).map(|(weight, (_, level))| weight * level.mean).sum::<f64>() / total
}

/// Where the walk is after the last window, by the Kalman filter.
#[derive(Clone, Copy, Debug)]
struct Level {
    mean: f64,
    variance: f64,
    log_likelihood: f64,
}

impl Level {
    fn after(seen: &[Measured], walk: f64, noise: f64) -> Self {
        let mut level = Self { mean: 0.0, variance: START, log_likelihood: 0.0 };
        for (position, measured) in seen.iter().enumerate() {
            if position > 0 {
                level.variance += walk;
            }
            let error = measured.log_ratio - level.mean;
            let spread = level.variance + measured.variance + noise;
            level.log_likelihood -= f64::midpoint(spread.ln(), error * error / spread);
            let gain = level.variance / spread;
            level.mean += gain * error;
            level.variance *= 1.0 - gain;
        }
        level
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DealIx;
    use crate::model::fixtures::even;
    use crate::model::period::ahead::DaySpan;
    use crate::model::period::terms::PeriodInput;

    /// 4,000 deals, looked at on a day of 1,000 and followed for 10; of those of the last third `last` in ten are won, of the
    /// others two in ten. Two in ten are expected.
    fn of_late_where(last: f64, deals: usize) -> PaceOfLate {
        let span = DaySpan { from: 0, to: 10, quarter_end: 0.0, quarter_start: 0.0, month_end: 0.0 };
        let input = PeriodInput { win_log_odds: 0.0, soon_log_odds: 0.0, expected_in: None, age: 0 };
        let row = |i: usize| {
            let day = Day((1_000.0 * even(i, 1)) as i32);
            let share = if day.0 > 666 { last / 10.0 } else { 0.2 };
            let closing = (even(i, 2) < share).then_some(Closing::Won);
            PeriodRow { deal: DealIx::at(i), day, input, span, days: 10.0, closing }
        };
        let rows: Vec<PeriodRow> = (0..deals).map(row).collect();
        let rates = vec![ClosingRates { span, win: 0.02, lose: 1e-9 }; deals];
        PaceOfLate::seen(&rows, &rates, &vec![10.0; deals])
    }

    #[test]
    fn a_pace_that_changed_is_followed_and_one_that_did_not_is_left_alone() {
        let halved = of_late_where(1.0, 4_000);
        assert!((0.45..0.6).contains(&halved.win), "{halved:?}");
        let doubled = of_late_where(4.0, 4_000);
        assert!((1.7..2.15).contains(&doubled.win), "{doubled:?}");
        let steady = of_late_where(2.0, 4_000);
        assert!((0.95..1.05).contains(&steady.win), "{steady:?}");
    }

    #[test]
    fn few_closings_change_little_and_none_nothing() {
        let few = of_late_where(1.0, 40);
        assert!((0.8..1.1).contains(&few.win), "{few:?}");
        assert_eq!(PaceOfLate::seen(&[], &[], &[]), PaceOfLate::default());
        let lost = of_late_where(2.0, 400).lose;
        assert!((0.9..1.1).contains(&lost), "none was expected and none came: {lost}");
    }
}
