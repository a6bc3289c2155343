//! Which factors make up what is won, and does one differ significantly from its benchmark?
//!
//! [`StepCounts`] of deals, and those of past deals as [`Benchmarks`], to factors and tests.
//! deals x (1 - slip rate) x close rate x win rate x deal size: each is counted within the one before, so their product is
//! the value won. The tests are two-sided at 10 %: a normal approximation with continuity correction to the Poisson for the
//! number of deals, to two binomials for the shares, and Welch's for the deal size. Sums of probabilities count like whole
//! deals.

use crate::analyses::gaps::causes::CAUSES;

/// Two-sided 10 % quantile of the standard normal distribution.
const Z_90: f64 = 1.644_853_626_951_472_2;

/// Deals a benchmark rests on, at least: fewer are shrunk towards the company's.
const FEWEST_DEALS: f64 = 10.0;

/// Deals counted step by step, each within the one before, and the money at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct StepCounts {
    pub deals: f64,
    pub kept: f64,
    pub closed: f64,
    pub won: f64,
    /// Minor units of the won.
    pub value: f64,
    /// Variance of the amounts of the won; none where they are too few to tell.
    pub variance: Option<f64>,
}

impl StepCounts {
    /// The factors; none where there is nothing to take a share of.
    pub fn factors(&self) -> [Option<f64>; CAUSES] {
        [
            Some(self.deals),
            ratio(self.kept, self.deals),
            ratio(self.closed, self.kept),
            ratio(self.won, self.closed),
            ratio(self.value, self.won),
        ]
    }

    /// The benchmarks these counts of past deals make; `None` where nothing of value was won.
    pub fn benchmarks(&self) -> Option<Benchmarks> {
        let [_, kept, closed, win_rate, size] = self.factors();
        let shares = [kept?, closed?, win_rate?];
        let size = size?;
        let cases = [self.deals, self.kept, self.closed, self.won];
        (shares.iter().product::<f64>() * size > 0.0).then(|| Benchmarks {
            shares,
            size,
            cases,
            variance: self.variance.unwrap_or(0.0),
        })
    }
}

/// `part / whole`; none unless the whole is positive.
fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// The comparison values learnt from past deals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Benchmarks {
    /// Kept, closed, won: each a share of the one before.
    shares: [f64; 3],
    size: f64,
    /// What shares and size were measured on.
    cases: [f64; 4],
    /// Of the amounts of the won.
    variance: f64,
}

impl Benchmarks {
    /// The benchmarks of the deals counted in `past`, shrunk towards these up to [`FEWEST_DEALS`] at each step; these where
    /// nothing of value was won.
    pub fn of(&self, past: &StepCounts) -> Self {
        if past.won <= 0.0 || past.value <= 0.0 {
            return *self;
        }
        let parts = [past.kept, past.closed, past.won];
        let wholes = [past.deals, past.kept, past.closed, past.won];
        let missing = wholes.map(|cases| (FEWEST_DEALS - cases).max(0.0));
        let cases = [0, 1, 2, 3].map(|i| wholes[i] + missing[i]);
        Self {
            shares: [0, 1, 2].map(|i| (parts[i] + missing[i] * self.shares[i]) / cases[i]),
            size: (past.value + missing[3] * self.size) / cases[3],
            cases,
            variance: past.variance.filter(|_| missing[3] == 0.0).unwrap_or(self.variance),
        }
    }

    /// The benchmark of every factor; that of the deals is what `target` needs at the others.
    pub fn factors(&self, target: i64) -> [f64; CAUSES] {
        let [kept, closed, win_rate] = self.shares;
        [target as f64 / (kept * closed * win_rate * self.size), kept, closed, win_rate, self.size]
    }

    /// Per cause, whether the factor of `counts` differs significantly from its benchmark.
    pub fn differ(&self, counts: &StepCounts, target: i64) -> [bool; CAUSES] {
        let [needed, ..] = self.factors(target);
        let share = |i: usize, part: f64, whole: f64| {
            let benchmark = self.shares[i];
            let variance = benchmark * (1.0 - benchmark) * whole * (1.0 + whole / self.cases[i]);
            whole > 0.0 && (part - whole * benchmark).abs() - 0.5 > Z_90 * variance.max(0.0).sqrt()
        };
        let StepCounts { deals, kept, closed, won, value, variance } = *counts;
        let spread = variance.unwrap_or(self.variance) / won + self.variance / self.cases[3];
        [
            (deals - needed).abs() - 0.5 > Z_90 * needed.max(0.0).sqrt(),
            share(0, kept, deals),
            share(1, closed, kept),
            share(2, won, closed),
            won > 0.0 && (value / won - self.size).abs() > Z_90 * spread.sqrt(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAST: StepCounts = StepCounts {
        deals: 1_000.0,
        kept: 800.0,
        closed: 400.0,
        won: 100.0,
        value: 50_000.0,
        variance: Some(40_000.0),
    };

    #[test]
    fn the_benchmarks_make_up_the_target() {
        // 0.8 x 0.5 x 0.25 x 500 = 50 a deal
        let benchmarks = PAST.benchmarks().expect("benchmarks");
        assert_eq!(benchmarks.factors(2_000), [40.0, 0.8, 0.5, 0.25, 500.0]);
        assert_eq!(StepCounts { won: 0.0, value: 0.0, ..PAST }.benchmarks(), None);
        assert_eq!(StepCounts::default().benchmarks(), None);
        assert_eq!(StepCounts::default().factors(), [Some(0.0), None, None, None, None]);
    }

    #[test]
    fn the_benchmarks_of_few_deals_are_shrunk_towards_the_company() {
        let company = PAST.benchmarks().expect("benchmarks");
        assert_eq!(company.of(&StepCounts::default()), company);
        let past = StepCounts { deals: 30.0, kept: 12.0, closed: 6.0, won: 4.0, value: 5_000.0, variance: Some(1.0) };
        // 12 / 30, 6 / 12, (4 + 4 / 4) / 10, (5000 + 6 x 500) / 10: 12.8 a deal
        let benchmarks = company.of(&past);
        assert_eq!(benchmarks.factors(640)[1..], [0.4, 0.5, 0.5, 800.0]);
        assert_eq!((benchmarks.cases, benchmarks.variance), ([30.0, 12.0, 10.0, 10.0], 40_000.0));
    }

    #[test]
    fn few_deals_differ_within_noise_and_many_significantly() {
        let benchmarks = PAST.benchmarks().expect("benchmarks");
        // 9 - 0.5 < 1.645 x 6.3; 1 of 12 against 3: 2 - 0.5 < 1.645 x 1.5; 250 < 1.645 x 201
        let few = StepCounts { deals: 31.0, kept: 24.0, closed: 12.0, won: 1.0, value: 250.0, variance: None };
        assert_eq!(benchmarks.differ(&few, 2_000), [false; CAUSES]);
        let many = StepCounts { deals: 29.0, kept: 10.0, closed: 9.0, won: 9.0, value: 2_250.0, variance: Some(100.0) };
        assert_eq!(benchmarks.differ(&many, 2_000), [true; CAUSES]);
        let none = benchmarks.differ(&StepCounts::default(), 2_000);
        assert_eq!(none, [true, false, false, false, false], "nothing to take a share of");
    }
}
