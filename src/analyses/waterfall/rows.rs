//! The rows of a waterfall, and the deals behind them. Plain values: how they come about is `build`'s and `listing`'s.

use crate::analyses::forecast::RowBasis;
use crate::analyses::waterfall::bars::{BARS, Bar};
use crate::books::currency_axis::RowCurrency;
use crate::books::node_axis::NamedNode;
use crate::domain::day::Day;
use crate::domain::ids::RowIx;
use crate::domain::period::Period;

/// One node in one period, one currency and one basis. Money in minor units of the currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaterfallRow {
    /// Position in [`Waterfall::nodes`].
    pub node: usize,
    /// The period.
    pub period: Period,
    /// Position in [`Waterfall::currencies`].
    pub currency: usize,
    /// All deals converted, or those of the currency.
    pub basis: RowBasis,
    /// The first morning.
    pub from: Day,
    /// Amounts by [`Bar`].
    pub amounts: [i64; BARS],
    /// Deals by [`Bar`].
    pub deals: [u32; BARS],
}

impl WaterfallRow {
    /// The height of a bar; none is below zero unless amounts are, but for [`Bar::Revalued`].
    #[must_use]
    pub fn amount(&self, bar: Bar) -> i64 {
        self.amounts[bar as usize]
    }

    /// How many deals it is made of.
    #[must_use]
    pub fn deals(&self, bar: Bar) -> u32 {
        self.deals[bar as usize]
    }
}

/// Every row, by level, node, period kind, period, basis and currency.
#[derive(Clone, Debug)]
pub struct Waterfall {
    /// The second morning.
    pub to: Day,
    /// The nodes rows refer to, by level and key.
    pub nodes: Vec<NamedNode>,
    /// The currencies rows refer to.
    pub currencies: Vec<RowCurrency>,
    /// The rows.
    pub rows: Vec<WaterfallRow>,
    /// The first mornings without base rows, for want of rates then or since.
    pub without_base: Vec<Day>,
}

/// What one deal adds to one bar of its owner in one period. Money in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DealBar<'a> {
    /// Row in [`Deals`](crate::ingest::tables::Deals).
    pub row: RowIx,
    /// The owner whose bar it is.
    pub owner: &'a str,
    /// The period.
    pub period: Period,
    /// The first morning.
    pub from: Day,
    /// The bar.
    pub bar: Bar,
    /// Position of its currency in [`WaterfallDeals::currencies`].
    pub currency: usize,
    /// What it adds, in its own currency.
    pub native: i64,
    /// The same in the base currency; `None` without rates.
    pub base: Option<i64>,
    /// Why it came into, or left, the period.
    pub reason: Option<&'static str>,
    /// Stage on the first morning, `None` unless open.
    pub stage_from: Option<&'a str>,
    /// Stage on the second morning.
    pub stage_to: &'a str,
    /// Expected close date on the first morning, `None` unless open.
    pub expected_from: Option<Day>,
    /// Expected close date on the second morning.
    pub expected_to: Option<Day>,
}

/// Every deal behind every bar.
#[derive(Clone, Debug)]
pub struct WaterfallDeals<'a> {
    /// The second morning.
    pub to: Day,
    /// The currencies rows refer to, the base currency last.
    pub currencies: Vec<RowCurrency>,
    /// By deal, period kind, period, owner and bar.
    pub rows: Vec<DealBar<'a>>,
    /// The first mornings without base amounts.
    pub without_base: Vec<Day>,
}
