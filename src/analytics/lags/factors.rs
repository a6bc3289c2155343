//! Which factors make up what is won, and does one differ from its norm beyond chance?
//!
//! deals x kept share x decided share x win rate x deal size: each is counted within the one before, so their product is
//! the value won. The tests are two-sided at 10 %: a normal approximation with continuity correction to the Poisson for the
//! number of deals, to two binomials for the shares, and Welch's for the deal size. Sums of chances count like whole deals.

/// Two-sided 10 % quantile of the standard normal distribution.
const Z_90: f64 = 1.644_853_626_951_472_2;

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
            Self::Pipeline => "pipeline too thin",
            Self::Slippage => "more deals pushed out",
            Self::Cycle => "longer cycles",
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

    /// The norms these counts give, `needed` deals being the first of them; `None` where nothing of value was won.
    pub fn norms(&self, target: i64) -> Option<[f64; CAUSES]> {
        let [_, kept, decided, win_rate, size] = self.factors();
        let (kept, decided, win_rate, size) = (kept?, decided?, win_rate?, size?);
        let value_of_a_deal = kept * decided * win_rate * size;
        (value_of_a_deal > 0.0).then(|| [target as f64 / value_of_a_deal, kept, decided, win_rate, size])
    }

    /// Per cause, whether the factor differs from its norm, `norms`, which `past` gives, beyond chance.
    pub fn beyond_chance(&self, norms: &[f64; CAUSES], past: &Self) -> [bool; CAUSES] {
        let [needed, kept, decided, win_rate, size] = *norms;
        let spread = past.variance.unwrap_or(0.0);
        let own = self.variance.unwrap_or(spread) / self.won + spread / past.won;
        [
            (self.deals - needed).abs() - 0.5 > Z_90 * needed.max(0.0).sqrt(),
            share_differs((self.kept, self.deals), (kept, past.deals)),
            share_differs((self.decided, self.kept), (decided, past.kept)),
            share_differs((self.won, self.decided), (win_rate, past.decided)),
            self.won > 0.0 && (self.value / self.won - size).abs() > Z_90 * own.sqrt(),
        ]
    }
}

/// Whether `part` of `whole` is another share than `norm`, which was measured on `cases`.
fn share_differs((part, whole): (f64, f64), (norm, cases): (f64, f64)) -> bool {
    let variance = norm * (1.0 - norm) * whole * (1.0 + whole / cases);
    whole > 0.0 && (part - whole * norm).abs() - 0.5 > Z_90 * variance.max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAST: Counts =
        Counts { deals: 1_000.0, kept: 800.0, decided: 400.0, won: 100.0, value: 50_000.0, variance: Some(40_000.0) };

    #[test]
    fn the_norms_make_up_the_target() {
        // 0.8 x 0.5 x 0.25 x 500 = 50 a deal
        assert_eq!(PAST.norms(2_000), Some([40.0, 0.8, 0.5, 0.25, 500.0]));
        assert_eq!(Counts { won: 0.0, value: 0.0, ..PAST }.norms(2_000), None);
        assert_eq!(Counts::default().norms(2_000), None);
        assert_eq!(Counts::default().factors(), [Some(0.0), None, None, None, None]);
    }

    #[test]
    fn few_deals_differ_by_chance_and_many_do_not() {
        let norms = PAST.norms(2_000).expect("norms");
        let few = Counts { deals: 31.0, kept: 24.0, decided: 12.0, won: 1.0, value: 250.0, variance: None };
        // 9 - 0.5 > 1.645 x 6.32 fails; 1 of 12 against 3: 1.5 > 1.645 x sqrt(2.25 x 1.03) fails; 250 > 1.645 x 201 fails
        assert_eq!(few.beyond_chance(&norms, &PAST), [false; CAUSES]);
        let many = Counts { deals: 29.0, kept: 10.0, decided: 9.0, won: 9.0, value: 2_250.0, variance: Some(100.0) };
        assert_eq!(many.beyond_chance(&norms, &PAST), [true; CAUSES]);
        let none = Counts::default().beyond_chance(&norms, &PAST);
        assert_eq!(none, [true, false, false, false, false], "nothing to take a share of");
    }
}
