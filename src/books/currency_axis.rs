//! The currencies of a report, numbered in report order: native ones by name, the base currency last.
//!
//! [`CurrencyId`]s in, ranks and [`RowCurrency`]s out. Converts nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::books::currency::CurrencyConverter;
use crate::domain::ids::CurrencyId;
use crate::ingest::tables::Tables;

/// A currency rows are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowCurrency {
    /// ISO code, upper case.
    pub code: String,
    /// Decimal places of its minor units.
    pub decimals: u32,
}

impl RowCurrency {
    /// `minor` units, a mean say, in whole units.
    #[must_use]
    pub fn whole_units(&self, minor: f64) -> f64 {
        minor / 10_f64.powi(self.decimals as i32)
    }
}

/// The native currencies that occur, by name.
#[derive(Debug)]
pub(crate) struct CurrencyAxis {
    ranks: BTreeMap<CurrencyId, u32>,
    native: Vec<RowCurrency>,
}

impl CurrencyAxis {
    /// The currencies of `tables` that are `used`.
    pub fn new(used: impl Iterator<Item = CurrencyId>, tables: &Tables) -> Self {
        let used: BTreeSet<CurrencyId> = used.collect();
        let name = |currency: CurrencyId| tables.currencies.name(currency).unwrap_or("(none)").to_owned();
        let by_name: BTreeMap<String, CurrencyId> =
            used.into_iter().map(|currency| (name(currency), currency)).collect();
        let ranks = by_name.values().copied().zip(0..).collect();
        let native = by_name.into_iter().map(|(code, id)| RowCurrency { code, decimals: tables.decimals_of(id) });
        Self { ranks, native: native.collect() }
    }

    /// Rank of a native currency.
    pub fn rank(&self, currency: CurrencyId) -> u32 {
        self.ranks.get(&currency).copied().unwrap_or_default()
    }

    /// The native currencies by rank.
    pub fn ids(&self) -> Vec<CurrencyId> {
        let mut by_rank: Vec<(u32, CurrencyId)> =
            self.ranks.iter().map(|(currency, rank)| (*rank, *currency)).collect();
        by_rank.sort_unstable();
        by_rank.into_iter().map(|(_, currency)| currency).collect()
    }

    /// Rank of the base currency: after all native ones.
    pub fn base(&self) -> u32 {
        self.native.len() as u32
    }

    /// The native currencies by rank, and the base currency last.
    pub fn with_base(&self, converter: &CurrencyConverter) -> Vec<RowCurrency> {
        let base = RowCurrency { code: converter.base().to_owned(), decimals: converter.base_decimals() };
        self.native.iter().cloned().chain([base]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;

    #[test]
    fn currencies_rank_by_name_and_the_base_comes_last() {
        let mut tables = Tables::default();
        let [usd, eur, jpy] = ["USD", "EUR", "JPY"].map(|code| tables.currency(code));
        let axis = CurrencyAxis::new([usd, jpy, eur, usd].into_iter(), &tables);
        assert_eq!([eur, jpy, usd].map(|code| axis.rank(code)), [0, 1, 2]);
        let listed = axis.with_base(&CurrencyConverter::new(&tables, "USD", Day(9)));
        let shown: Vec<(&str, u32)> =
            listed.iter().map(|currency| (currency.code.as_str(), currency.decimals)).collect();
        assert_eq!((axis.base(), shown), (3, vec![("EUR", 2), ("JPY", 0), ("USD", 2), ("USD", 2)]));
    }

    #[test]
    fn a_mean_is_shown_in_whole_units() {
        let currency = |decimals| RowCurrency { code: "X".to_owned(), decimals };
        assert_eq!([0, 2, 3].map(|decimals| currency(decimals).whole_units(12_345.0)), [12_345.0, 123.45, 12.345]);
    }
}
