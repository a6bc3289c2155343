//! Which money a row is about, and which moneys together tell of every deal.

use crate::analyses::forecast::base_money::BaseRows;
use crate::analyses::forecast::rows::{Forecast, ForecastRow, RowBasis};
use crate::domain::ids::CurrencyId;
use crate::ingest::tables::Tables;

/// The money of a row: what it counts, and what its range is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowMoney {
    /// All deals, in the base currency.
    Base,
    /// The deals in a currency, as they are.
    Native(CurrencyId),
}

impl RowMoney {
    /// The currency of native money.
    #[must_use]
    pub fn native(self) -> Option<CurrencyId> {
        match self {
            Self::Base => None,
            Self::Native(currency) => Some(currency),
        }
    }
}

/// The rows of a forecast that are in one money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowsOfMoney {
    /// The money.
    pub money: RowMoney,
    /// As the rows say it.
    pub basis: RowBasis,
    /// Position in [`Forecast::currencies`].
    pub currency: usize,
}

impl RowsOfMoney {
    /// Those that together tell of every deal: the base rows where there are any, and the native rows of every currency of
    /// which they leave something out for want of a rate.
    #[must_use]
    pub fn complete(forecast: &Forecast, tables: &Tables) -> Vec<Self> {
        let Forecast { currencies, quality, without_rate, .. } = forecast;
        let last = currencies.len().saturating_sub(1);
        let has_base = quality.base_rows != BaseRows::NoRates;
        let base = Self { money: RowMoney::Base, basis: RowBasis::Base, currency: last };
        let native = (0..last).filter_map(|currency| {
            let id = tables.currencies.code(&currencies[currency].code)?;
            let is_left_out = without_rate.deals.contains_key(&id) || without_rate.quotas.contains_key(&id);
            let native = Self { money: RowMoney::Native(id), basis: RowBasis::Native, currency };
            (!has_base || is_left_out).then_some(native)
        });
        has_base.then_some(base).into_iter().chain(native).collect()
    }

    /// Whether a row is one of them.
    #[must_use]
    pub fn hold(&self, row: &ForecastRow) -> bool {
        (row.basis, row.currency) == (self.basis, self.currency)
    }
}
