//! What has no exchange rate on its day, and is therefore in rows of its own currency only.
//!
//! Counts by currency; what they mean is said in `findings`.

use std::collections::BTreeMap;

use crate::domain::ids::CurrencyId;

/// How many of them there are, by currency.
type CountByCurrency = BTreeMap<CurrencyId, u64>;

/// What is left out of the rows in the base currency, by currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WithoutRate {
    /// Deals: their amounts count as 0 there.
    pub deals: CountByCurrency,
    /// Quotas: whoever they belong to has no quota there.
    pub quotas: CountByCurrency,
    /// Submitted forecasts and adjustments.
    pub revisions: CountByCurrency,
}
