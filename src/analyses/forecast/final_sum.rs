//! How a period may end: the range of what will have been won in one row.

use crate::analyses::backtest::PastEnd;

/// What the final sum of a row may be. Money in minor units.
#[derive(Clone, Debug, PartialEq)]
pub struct FinalSum {
    /// Expected from deals that do not exist yet.
    pub expected_from_new: i64,
    /// The final sum is below it with a chance of 10, 50 and 90 %.
    pub quantiles: [i64; 3],
    /// Chance that the quota is reached.
    pub hits_quota: Option<f64>,
    /// Chance that more is won than in the period before, where that is over.
    pub beats_last: Option<f64>,
    /// The fewest open deals whose expected wins cover what is missing to the quota; none where all do not.
    pub deals_to_close: Option<u32>,
    /// The distribution itself, before it was stretched by what past forecasts tell.
    pub unstretched: PastEnd,
}

impl FinalSum {
    /// The low end of the 80 % range.
    #[must_use]
    pub fn p10(&self) -> i64 {
        self.quantiles[0]
    }

    /// The median.
    #[must_use]
    pub fn p50(&self) -> i64 {
        self.quantiles[1]
    }

    /// The high end of the 80 % range.
    #[must_use]
    pub fn p90(&self) -> i64 {
        self.quantiles[2]
    }
}
