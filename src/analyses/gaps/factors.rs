//! Which factors make up what is won, and does one differ from its norm beyond chance?
//!
//! deals x kept share x decided share x win rate x deal size: each is counted within the one before, so their product is
//! the value won. The tests are two-sided at 10 %: a normal approximation with continuity correction to the Poisson for the
//! number of deals, to two binomials for the shares, and Welch's for the deal size. Sums of chances count like whole deals.

/// Two-sided 10 % quantile of the standard normal distribution.
const Z_90: f64 = 1.644_853_626_951_472_2;

/// Deals a norm rests on, at least: fewer are filled up with the company's.
const FEWEST_DEALS: f64 = 10.0;

/// Why less is won: one per factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Fewer deals than the target needs at the norms.
    Pipeline,
    /// More of them pushed out of the period.
    Slippage,
    /// Fewer of the rest decided in time.
    Cycle,
    /// Fewer of those won.
    Conversion,
    /// Less money in each.
    DealSize,
}

/// How many causes there are.
pub const CAUSES: usize = Cause::DealSize as usize + 1;

impl Cause {
    /// All causes, in the order of the table's columns.
    pub const ALL: [Self; CAUSES] = [Self::Pipeline, Self::Slippage, Self::Cycle, Self::Conversion, Self::DealSize];

    /// As printed in the `main_cause` column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::Slippage => "slippage",
            Self::Cycle => "cycle",
            Self::Conversion => "conversion",
            Self::DealSize => "deal_size",
        }
    }

    /// As people say it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Pipeline => "insufficient pipeline",
            Self::Slippage => "slipped deals",
            Self::Cycle => "longer cycle",
            Self::Conversion => "lower win rate",
            Self::DealSize => "smaller deals",
        }
    }
}

/// Deals counted step by step, each within the one before, and the money at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Counts {
    pub deals: f64,
    pub kept: f64,
    pub decided: f64,
    pub won: f64,
    /// Minor units of the won.
    pub value: f64,
    /// Variance of the amounts of the won; none where they are too few to tell.
    pub variance: Option<f64>,
}

impl Counts {
    /// The factors; none where there is nothing to take a share of.
    pub fn factors(&self) -> [Option<f64>; CAUSES] {
        let per = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        [
            Some(self.deals),
            per(self.kept, self.deals),
            per(self.decided, self.kept),
            per(self.won, self.decided),
            per(self.value, self.won),
        ]
    }

    /// What these counts of past deals make usual; `None` where nothing of value was won.
    pub fn norms(&self) -> Option<Norms> {
        let [_, kept, decided, win_rate, size] = self.factors();
        let shares = [kept?, decided?, win_rate?];
        let size = size?;
        let cases = [self.deals, self.kept, self.decided, self.won];
        (shares.iter().product::<f64>() * size > 0.0).then(|| Norms {
            shares,
            size,
            cases,
            variance: self.variance.unwrap_or(0.0),
        })
    }
}

/// What is usual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Norms {
    /// Kept, decided, won.
    shares: [f64; 3],
    size: f64,
    /// What shares and size were measured on.
    cases: [f64; 4],
    /// Of the amounts of the won.
    variance: f64,
}

impl Norms {
    /// What is usual of the deals counted in `past`, filled up with these norms to [`FEWEST_DEALS`] at each step; these
    /// norms where nothing of value was won.
    pub fn of(&self, past: &Counts) -> Self {
        if past.won <= 0.0 || past.value <= 0.0 {
            return *self;
        }
        let parts = [past.kept, past.decided, past.won];
        let wholes = [past.deals, past.kept, past.decided, past.won];
        let missing = wholes.map(|cases| (FEWEST_DEALS - cases).max(0.0));
        let cases = [0, 1, 2, 3].map(|i| wholes[i] + missing[i]);
        Self {
            shares: [0, 1, 2].map(|i| (parts[i] + missing[i] * self.shares[i]) / cases[i]),
            size: (past.value + missing[3] * self.size) / cases[3],
            cases,
            variance: past.variance.filter(|_| missing[3] == 0.0).unwrap_or(self.variance),
        }
    }

    /// The norm of every factor; that of the deals is what `target` needs at the others.
    pub fn factors(&self, target: i64) -> [f64; CAUSES] {
        let [kept, decided, win_rate] = self.shares;
        [target as f64 / (kept * decided * win_rate * self.size), kept, decided, win_rate, self.size]
    }

    /// Per cause, whether the factor of `counts` differs from the norm beyond chance.
    pub fn differ(&self, counts: &Counts, target: i64) -> [bool; CAUSES] {
        let [needed, ..] = self.factors(target);
        let share = |i: usize, part: f64, whole: f64| {
            let norm = self.shares[i];
            let variance = norm * (1.0 - norm) * whole * (1.0 + whole / self.cases[i]);
            whole > 0.0 && (part - whole * norm).abs() - 0.5 > Z_90 * variance.max(0.0).sqrt()
        };
        let Counts { deals, kept, decided, won, value, variance } = *counts;
        let spread = variance.unwrap_or(self.variance) / won + self.variance / self.cases[3];
        [
            (deals - needed).abs() - 0.5 > Z_90 * needed.max(0.0).sqrt(),
            share(0, kept, deals),
            share(1, decided, kept),
            share(2, won, decided),
            won > 0.0 && (value / won - self.size).abs() > Z_90 * spread.sqrt(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAST: Counts =
        Counts { deals: 1_000.0, kept: 800.0, decided: 400.0, won: 100.0, value: 50_000.0, variance: Some(40_000.0) };

    #[test]
    fn the_norms_make_up_the_target() {
        // 0.8 x 0.5 x 0.25 x 500 = 50 a deal
        let norms = PAST.norms().expect("norms");
        assert_eq!(norms.factors(2_000), [40.0, 0.8, 0.5, 0.25, 500.0]);
        assert_eq!(Counts { won: 0.0, value: 0.0, ..PAST }.norms(), None);
        assert_eq!(Counts::default().norms(), None);
        assert_eq!(Counts::default().factors(), [Some(0.0), None, None, None, None]);
    }

    #[test]
    fn the_norms_of_few_deals_are_filled_up_with_the_company() {
        let company = PAST.norms().expect("norms");
        assert_eq!(company.of(&Counts::default()), company);
        let past = Counts { deals: 30.0, kept: 12.0, decided: 6.0, won: 4.0, value: 5_000.0, variance: Some(1.0) };
        // 12 / 30, 6 / 12, (4 + 4 / 4) / 10, (5000 + 6 x 500) / 10: 12.8 a deal
        let norms = company.of(&past);
        assert_eq!(norms.factors(640)[1..], [0.4, 0.5, 0.5, 800.0]);
        assert_eq!((norms.cases, norms.variance), ([30.0, 12.0, 10.0, 10.0], 40_000.0));
    }

    #[test]
    fn few_deals_differ_by_chance_and_many_do_not() {
        let norms = PAST.norms().expect("norms");
        // 9 - 0.5 < 1.645 x 6.3; 1 of 12 against 3: 2 - 0.5 < 1.645 x 1.5; 250 < 1.645 x 201
        let few = Counts { deals: 31.0, kept: 24.0, decided: 12.0, won: 1.0, value: 250.0, variance: None };
        assert_eq!(norms.differ(&few, 2_000), [false; CAUSES]);
        let many = Counts { deals: 29.0, kept: 10.0, decided: 9.0, won: 9.0, value: 2_250.0, variance: Some(100.0) };
        assert_eq!(norms.differ(&many, 2_000), [true; CAUSES]);
        let none = norms.differ(&Counts::default(), 2_000);
        assert_eq!(none, [true, false, false, false, false], "nothing to take a share of");
    }
}
