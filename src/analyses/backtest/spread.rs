//! How much wider or narrower than the factor says do the sums of a level come out?
//!
//! Past forecasts beside what was won, to a [`Spread`]. The error of a forecast has two parts: chance, deal by deal (`sd`),
//! and what all deals of a period share (`moved`, for one standard deviation of the factor). A level's strength m is
//! fitted by moments, e^2 = sd^2 + m^2 moved^2, each case weighed by how much it tells of m, and shrunk towards 1 as by
//! [`PRIOR_CASES`] cases without any chance. A distribution is then stretched in the log-odds of its distribution
//! function, F' = logistic(logit F / s) with s the ratio of the standard deviations: no value outside the old ones becomes
//! possible, and the median stays.
//!
//! Managers and teams are one level here, their deals being the same more often than not. A strength has no unit: forecasts
//! in all currencies tell of the same one.

use std::collections::BTreeMap;

use crate::analyses::backtest::past::{PastForecast, ReplayedDay};
use crate::books::hierarchy::Level;
use crate::domain::day::Day;
use crate::domain::period::Period;
use crate::domain::probability::{logistic, logit};

/// As many periods say that the factor is right.
const PRIOR_PERIODS: f64 = 4.0;
/// A squared error counts as at most so many times what was to be expected.
const MOST_SURPRISE: f64 = 16.0;
/// A strength is at least and at most.
const BOUNDS: (f64, f64) = (0.5, 3.0);

/// Strengths by level; 1 where nothing is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread([f64; 4]);

impl Default for Spread {
    fn default() -> Self {
        Self([1.0; 4])
    }
}

/// One error, and what was to be expected of it.
#[derive(Clone, Copy, Debug)]
struct Error {
    squared: f64,
    by_chance: f64,
    by_factor: f64,
}

impl Error {
    /// How much it tells of the factor, 0 to 1: all where nothing is left to chance.
    fn tells(&self) -> f64 {
        (self.by_factor / (self.by_chance + self.by_factor)).powi(2)
    }
}

/// Those of one period, by node and currency: its days tell nearly the same, together they count as one.
type PeriodErrors<'a> = BTreeMap<(Level, &'a str, Option<&'a str>), Vec<Error>>;

/// By first day of the period.
type Errors<'a> = BTreeMap<Day, PeriodErrors<'a>>;

fn class(level: Level) -> usize {
    match level {
        Level::Owner => 0,
        Level::Manager | Level::Team => 1,
        Level::Region => 2,
        Level::Company => 3,
    }
}

impl Spread {
    /// Learns from the forecasts of `days` for periods that were over by `as_of`; `won` gives the actuals.
    #[must_use]
    pub fn learn(days: &[ReplayedDay], as_of: Day, won: impl Fn(&PastForecast, &Period) -> i64) -> Self {
        let mut errors: [Errors<'_>; 4] = Default::default();
        for day in days.iter().filter(|day| day.period.last < as_of) {
            for past in &day.forecasts {
                let Some((expected, end)) = past.expected.zip(past.end.as_ref()) else { continue };
                let error = (won(past, &day.period) - expected) as f64;
                let (by_chance, by_factor) = (end.sd.powi(2), end.moved.powi(2));
                if by_factor > 0.0 {
                    let of_period = errors[class(past.level)].entry(day.period.first).or_default();
                    let of_node = of_period.entry((past.level, &past.node, past.currency.as_deref())).or_default();
                    of_node.push(Error { squared: error.powi(2), by_chance, by_factor });
                }
            }
        }
        Self(errors.map(|errors| strength(&errors)))
    }

    /// How many times wider than forecast the log-odds of a distribution are.
    #[must_use]
    pub fn stretch(&self, level: Level, end_sd: f64, moved: f64) -> f64 {
        let (by_chance, by_factor) = (end_sd.powi(2), moved.powi(2));
        let strength = self.0[class(level)];
        let ratio = (by_chance + strength * strength * by_factor) / (by_chance + by_factor);
        if ratio.is_finite() { ratio.sqrt() } else { 1.0 }
    }
}

fn strength(errors: &Errors<'_>) -> f64 {
    let mut squared = 1.0;
    for _ in 0..8 {
        let (mut weights, mut weighted_squares) = (PRIOR_PERIODS, PRIOR_PERIODS);
        for of_period in errors.values() {
            let (weight, weighted_square) = of_one_period(of_period, squared);
            let counts = if weight > 1.0 { 1.0 / weight } else { 1.0 };
            weights += counts * weight;
            weighted_squares += counts * weighted_square;
        }
        squared = (weighted_squares / weights).clamp(BOUNDS.0.powi(2), BOUNDS.1.powi(2));
    }
    squared.sqrt()
}

/// What the nodes of a period tell of the squared strength, and that times what they say it is; `squared` is the one so far.
fn of_one_period(errors: &PeriodErrors<'_>, squared: f64) -> (f64, f64) {
    let (mut weights, mut weighted_squares) = (0.0, 0.0);
    for of_node in errors.values() {
        for error in of_node {
            let seen = error.squared.min(MOST_SURPRISE * (error.by_chance + squared * error.by_factor));
            let weight = error.tells() / of_node.len() as f64;
            weights += weight;
            weighted_squares += weight * (seen - error.by_chance) / error.by_factor;
        }
    }
    (weights, weighted_squares)
}

/// The chance `p` of being above (or below) a value, after a stretch.
#[must_use]
pub fn stretched(p: f64, stretch: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 { p } else { logistic(logit(p) / stretch) }
}

/// The chance under the old distribution of what lies at `p` of the stretched one.
#[must_use]
pub fn before_stretch(p: f64, stretch: f64) -> f64 {
    logistic(logit(p) * stretch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::backtest::past::PastEnd;
    use crate::domain::period::{FiscalCalendar, PeriodKind};

    /// Forty owners over eight quarters, whose sums miss by `miss` times what the factor moves them by.
    fn days(miss: f64) -> (Vec<ReplayedDay>, impl Fn(&PastForecast, &Period) -> i64) {
        let calendar = FiscalCalendar::default();
        let period = |back: i32| calendar.shift(&calendar.period_of(PeriodKind::Quarter, Day(20_000)), -back);
        let end = PastEnd { sd: 10.0, moved: 1_000.0, quantiles: [0; 15], hits_quota: None };
        let forecast = |i: i32| PastForecast {
            level: Level::Owner,
            node: format!("owner{i}"),
            currency: (i % 2 == 1).then(|| "EUR".to_owned()),
            expected: Some(100_000),
            stage_weighted: 0,
            crm_weighted: None,
            run_rate: None,
            quota: None,
            end: Some(end.clone()),
        };
        let day = |back| ReplayedDay {
            cutoff: period(back).first,
            period: period(back),
            forecasts: (0..40).map(forecast).collect(),
        };
        let sign = |period: &Period| if period.number.is_multiple_of(2) { 1.0 } else { -1.0 };
        ((0..8).map(day).collect(), move |_: &PastForecast, period: &Period| {
            100_000 + (sign(period) * miss * 1_000.0) as i64
        })
    }

    #[test]
    fn the_strength_is_how_far_sums_miss() {
        let as_of = Day(20_400);
        // Eight periods beside the four of the prior: the square is (4 + 8 miss^2) / 12, however many owners there are.
        for (miss, wanted) in [(1.0, 1.0), (2.0, 1.7321), (0.6, 0.7572)] {
            let (days, won) = days(miss);
            let spread = Spread::learn(&days, as_of, won);
            assert!((spread.0[0] - wanted).abs() < 0.001, "{miss}: {spread:?}");
            assert_eq!(spread.0[1..], [1.0; 3], "nothing was said of the others");
            let stretch = spread.stretch(Level::Owner, 10.0, 1_000.0);
            assert!((stretch - wanted).abs() < 0.001);
            assert!(spread.stretch(Level::Owner, 1e6, 1_000.0) - 1.0 < 1e-5, "all of it chance");
        }
    }

    #[test]
    fn periods_that_are_not_over_say_nothing() {
        let (days, won) = days(2.0);
        let first = days.iter().map(|day| day.period.last).min().unwrap();
        assert_eq!(Spread::learn(&days, first, won), Spread::default());
    }

    #[test]
    fn a_stretch_keeps_the_median_and_goes_back() {
        assert!((stretched(0.5, 3.0) - 0.5).abs() < 1e-12);
        assert_eq!((stretched(0.0, 2.0), stretched(1.0, 2.0)), (0.0, 1.0));
        assert!((stretched(before_stretch(0.1, 1.7), 1.7) - 0.1).abs() < 1e-12);
        let quantiles = PastEnd::LOG_ODDS.map(|x| (1_000.0 * x) as i64);
        let end = PastEnd { sd: 1.0, moved: 1.0, quantiles, hits_quota: None };
        assert_eq!(end.quantile(0.5, 1.0), 0);
        // logit(.9) = 2.1972
        assert_eq!((end.quantile(0.9, 1.0), end.quantile(0.1, 1.5)), (2_197, -3_296));
    }
}
