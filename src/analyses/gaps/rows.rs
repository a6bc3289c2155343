//! What a gap attribution is made of: one [`GapRow`] per node, or value of a column, and running period.
//!
//! Reads itself only: how the rows come about is `attribute`'s.

use crate::analyses::forecast::RowBasis;
use crate::analyses::gaps::causes::{CAUSES, GapCause};
use crate::books::currency_axis::RowCurrency;
use crate::domain::day::Day;
use crate::domain::period::Period;

/// Where a target comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetSource {
    /// The node's quota.
    Quota,
    /// A share of the company's quota.
    Share,
    /// What past periods brought.
    Past,
}

impl TargetSource {
    /// As printed in the `target_source` column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Quota => "quota",
            Self::Share => "share",
            Self::Past => "past",
        }
    }

    /// What the target is where it is no quota, in words.
    #[must_use]
    pub fn words(self) -> Option<&'static str> {
        match self {
            Self::Quota => None,
            Self::Share => Some("a share of the company's quota"),
            Self::Past => Some("the mean of past periods"),
        }
    }
}

/// Why there are no gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoGaps {
    /// Nothing is expected of open deals.
    NoScores,
}

/// A gap taken apart. Arrays are by [`GapCause`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GapAttribution {
    /// What each cause adds to the gap, minor units; their sum is the gap.
    pub parts: [i64; CAUSES],
    /// The factors: deals, share kept, share closed, win rate, deal size; none where there is nothing to measure them on.
    pub factors: [Option<f64>; CAUSES],
    /// Their benchmarks; none where the factor is not measured at all.
    pub benchmarks: [Option<f64>; CAUSES],
    /// Whether they differ significantly.
    pub significant: [bool; CAUSES],
}

impl GapAttribution {
    /// What `cause` adds to the gap, minor units.
    #[must_use]
    pub fn part(&self, cause: GapCause) -> i64 {
        self.parts[cause as usize]
    }

    /// The factor behind `cause`.
    #[must_use]
    pub fn factor(&self, cause: GapCause) -> Option<f64> {
        self.factors[cause as usize]
    }

    /// The benchmark of the factor behind `cause`.
    #[must_use]
    pub fn benchmark(&self, cause: GapCause) -> Option<f64> {
        self.benchmarks[cause as usize]
    }

    /// Share of the deals that slip, 0 to 1.
    #[must_use]
    pub fn slip_rate(&self) -> Option<f64> {
        self.factor(GapCause::SlippedDeals).map(|kept| 1.0 - kept)
    }

    /// Its benchmark.
    #[must_use]
    pub fn benchmark_slip_rate(&self) -> Option<f64> {
        self.benchmark(GapCause::SlippedDeals).map(|kept| 1.0 - kept)
    }

    /// The cause that widens the gap most among the significant ones that make up a fifth of it or more.
    #[must_use]
    pub fn main_cause(&self) -> Option<GapCause> {
        let counts = |cause: &GapCause| self.significant[*cause as usize] && self.is_large(*cause);
        // Of equal ones the first.
        GapCause::ALL.into_iter().rev().filter(counts).max_by_key(|cause| self.part(*cause))
    }

    fn is_large(&self, cause: GapCause) -> bool {
        let gap: i128 = self.parts.iter().map(|&part| i128::from(part)).sum();
        let part = i128::from(self.part(cause));
        part > 0 && part * CAUSES as i128 >= gap
    }
}

/// One node, or one value of a column, in one running period and one money, in minor units of its currency.
#[derive(Clone, Debug, PartialEq)]
pub struct GapRow {
    /// Name of the level or of the column.
    pub level: String,
    /// The node's key, or the value.
    pub node: String,
    /// Its printed name.
    pub name: String,
    /// The period.
    pub period: Period,
    /// All deals converted, or those of the currency.
    pub basis: RowBasis,
    /// Position in [`Gaps::currencies`].
    pub currency: usize,
    /// What was to be won.
    pub target: i64,
    /// Where that comes from.
    pub target_source: TargetSource,
    /// Won so far.
    pub won: i64,
    /// Expected from open deals.
    pub expected_from_open: i64,
    /// Expected from deals not yet created.
    pub expected_from_new: i64,
    /// Probability to reach the quota.
    pub hits_quota: Option<f64>,
    /// Whether the target will rather be missed.
    pub behind: bool,
    /// Why; none without past periods to compare with.
    pub attribution: Option<GapAttribution>,
}

impl GapRow {
    /// Won + expected from open + expected from new.
    #[must_use]
    pub fn expected(&self) -> i64 {
        self.won + self.expected_from_open + self.expected_from_new
    }

    /// Target - expected; negative beyond the target.
    #[must_use]
    pub fn gap(&self) -> i64 {
        self.target - self.expected()
    }

    /// As printed in the `status` column.
    #[must_use]
    pub fn status(&self) -> &'static str {
        if self.behind { "behind" } else { "on track" }
    }

    /// As printed in the `main_cause` column: nothing unless behind.
    #[must_use]
    pub fn main_cause(&self) -> Option<&'static str> {
        let attribution = self.attribution.as_ref().filter(|_| self.behind)?;
        Some(attribution.main_cause().map_or("within noise", GapCause::name))
    }
}

/// Every row, by level, length of period, money and gap, the widest first; columns after the levels of the forecast.
#[derive(Clone, Debug)]
pub struct Gaps {
    /// The first day that is not known.
    pub as_of: Day,
    /// The currencies rows refer to.
    pub currencies: Vec<RowCurrency>,
    /// The rows.
    pub rows: Vec<GapRow>,
    /// Why there are none.
    pub absence: Option<NoGaps>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribution(parts: [i64; CAUSES], significant: [bool; CAUSES]) -> GapAttribution {
        let factors = [Some(5.0), Some(0.75), Some(0.5), None, None];
        let benchmarks = [Some(10.0), Some(0.875), None, None, None];
        GapAttribution { parts, factors, benchmarks, significant }
    }

    #[test]
    fn the_slip_rate_is_what_is_not_kept() {
        let attribution = attribution([0; CAUSES], [false; CAUSES]);
        assert_eq!((attribution.slip_rate(), attribution.benchmark_slip_rate()), (Some(0.25), Some(0.125)));
        assert_eq!(attribution.factor(GapCause::LongerCycle), Some(0.5));
        assert_eq!(attribution.benchmark(GapCause::InsufficientPipeline), Some(10.0));
        let unknown = GapAttribution { factors: [None; CAUSES], benchmarks: [None; CAUSES], ..attribution };
        assert_eq!((unknown.slip_rate(), unknown.benchmark_slip_rate()), (None, None));
    }

    #[test]
    fn the_main_cause_is_large_and_significant() {
        // A fifth of 100 is 20: the largest is within noise, 19 is too little.
        let found = attribution([19, 60, 21, 0, 0], [true, false, true, true, true]);
        assert_eq!(found.main_cause(), Some(GapCause::LongerCycle));
        assert_eq!(attribution([50, 50, 0, 0, 0], [true; CAUSES]).main_cause(), Some(GapCause::InsufficientPipeline));
        assert_eq!(attribution([100, 0, 0, 0, 0], [false; CAUSES]).main_cause(), None);
    }
}
