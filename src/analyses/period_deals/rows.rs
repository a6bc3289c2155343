//! The answer: one row per deal.

use crate::books::currency_axis::RowCurrency;
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::Period;

/// One deal behind the running period. Money in minor units.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodDeal {
    /// The deal.
    pub deal: DealIx,
    /// Owner id, or [`NO_OWNER`](crate::books::hierarchy::NO_OWNER).
    pub owner: String,
    /// Every manager above, nearest first, or [`NO_MANAGER`](crate::books::hierarchy::NO_MANAGER).
    pub managers: Vec<String>,
    /// Team, or [`NO_TEAM`](crate::books::hierarchy::NO_TEAM).
    pub team: String,
    /// Region, or [`NO_REGION`](crate::books::hierarchy::NO_REGION).
    pub region: String,
    /// Amount; none where it has none.
    pub amount: Option<i64>,
    /// The same in the base currency: at the closing day's rate, or the last known one. None without a rate.
    pub base_amount: Option<i64>,
    /// Whether it is part of the period's pipeline.
    pub in_pipeline: bool,
    /// Chance to be won in the period, at the pace of past periods; none of a closed deal, or without scores.
    pub win_in_period: Option<f64>,
    /// Its part of what is expected from open deals.
    pub expected: Option<i64>,
    /// The same in the base currency.
    pub base_expected: Option<i64>,
}

/// All of them.
#[derive(Clone, Debug)]
pub struct PeriodDeals {
    /// The first day that is not known.
    pub as_of: Day,
    /// The running period of the scores.
    pub period: Period,
    /// The base currency; none where there are no rows in it.
    pub base: Option<RowCurrency>,
    /// In the order of the timeline's deals, one per name.
    pub rows: Vec<PeriodDeal>,
}
