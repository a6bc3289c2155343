//! Money of single deals as the forecast counts it: amounts in the base currency, and what is expected of them.

use crate::analyses::forecast::base_money::BaseRows;
use crate::analyses::forecast::chances::{Chances, expected_value};
use crate::analyses::outlook::Outlook;
use crate::books::currency::CurrencyConverter;
use crate::books::currency_axis::RowCurrency;
use crate::books::deal_values::rate_day;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::ingest::tables::Tables;
use crate::scoring::Scores;
use crate::snapshot::DealState;

/// Converts and weighs amounts of deals.
pub(crate) struct DealMoney {
    converter: CurrencyConverter,
    /// The base currency, where the forecast has rows in it.
    pub base: Option<RowCurrency>,
    mean_change: f64,
}

impl DealMoney {
    /// On the morning of `as_of`.
    pub fn new(tables: &Tables, config: &Config, as_of: Day, base_rows: BaseRows, outlook: &Outlook) -> Self {
        let converter = CurrencyConverter::new(tables, &config.money.base_currency, as_of);
        let base = RowCurrency { code: converter.base().to_owned(), decimals: converter.base_decimals() };
        let has_base = base_rows != BaseRows::NoRates;
        Self { converter, base: has_base.then_some(base), mean_change: outlook.mean_change() }
    }

    /// The day whose rate counts: that of closing, or the last known.
    pub fn day_of(&self, state: &DealState) -> Day {
        rate_day(state)
    }

    /// An amount in the base currency; none without a rate.
    pub fn in_base(&self, minor: i64, currency: CurrencyId, day: Day) -> Option<i64> {
        self.base.as_ref()?;
        self.converter.convert(minor, currency, day).ok()
    }

    /// The amount of an open deal, or what deals without one bring.
    pub fn counted(&self, state: &DealState, outlook: &Outlook) -> i64 {
        state.amount_minor.get().unwrap_or_else(|| outlook.unknown_amounts.of(state.currency))
    }

    /// What `minor` units are expected to bring with `chance`.
    pub fn weighed(&self, minor: i64, chance: f64) -> i64 {
        expected_value(minor, chance, self.mean_change)
    }

    /// The chance of the deal in row `at` of `scores` to be won by the end of the period at `period_index`.
    pub fn win_by(&self, scores: &Scores, at: usize, outlook: &Outlook, period_index: usize) -> f64 {
        Chances::new(scores, at as u32, Some(outlook)).win_by(period_index)
    }
}
