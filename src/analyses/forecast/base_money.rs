//! Whether amounts can be covered in the base currency, and how they are converted.

use std::collections::BTreeSet;

use crate::analyses::forecast::input::ForecastInput;
use crate::books::currency::CurrencyConverter;
use crate::domain::ids::CurrencyId;
use crate::ingest::tables::Tables;

/// Whether there are rows in the base currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseRows {
    /// Yes, at dated rates.
    Converted,
    /// Yes: every amount is in the base currency already.
    SameCurrency,
    /// No: there are other currencies, and no rate for any of them.
    NoRates,
}

/// How amounts are converted, and whether there are rows in the base currency.
pub(super) fn base_money(input: &ForecastInput<'_>) -> (CurrencyConverter, BaseRows) {
    let converter = CurrencyConverter::new(input.tables, &input.config.money.base_currency, input.snapshot.as_of);
    let amounts = input.snapshot.states.iter().filter(|state| state.amount_minor.is_some()).map(|s| s.currency);
    let base_rows = base_rows(input.tables, &converter, amounts);
    (converter, base_rows)
}

/// Whether there are rows in the base currency; `amounts` are the currencies of the deals' amounts.
pub(crate) fn base_rows(
    tables: &Tables,
    converter: &CurrencyConverter,
    amounts: impl Iterator<Item = CurrencyId>,
) -> BaseRows {
    let amounts: BTreeSet<CurrencyId> = amounts.collect();
    let can_convert = amounts.is_empty() || amounts.iter().any(|&currency| converter.knows(currency));
    if converter.has_rates() && can_convert {
        return BaseRows::Converted;
    }
    let mut quotas = tables.quotas.iter().map(|quota| quota.currency);
    let same = amounts.iter().all(|&currency| converter.is_base(currency))
        && quotas.all(|currency| converter.is_base(currency));
    if same { BaseRows::SameCurrency } else { BaseRows::NoRates }
}
