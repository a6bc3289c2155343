//! What was an amount worth in the base currency on that day?
//!
//! Dated rates to [`CurrencyConverter`]. A rate holds from its day until the next one; rates dated on or after the
//! as-of day do not exist. Converts one amount at a time and rounds it once; sums are the caller's.

use rust_decimal::Decimal;
use thiserror::Error;

use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::money;
use crate::ingest::tables::Tables;

/// Why an amount has no value in the base currency.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CurrencyError {
    /// The rates begin too late, or leave the currency out.
    #[error("no rate from {currency} to {base} on or before {day} (rates from the as-of day on do not count)")]
    MissingRate {
        /// Currency of the amount.
        currency: String,
        /// Base currency.
        base: String,
        /// Day of the event.
        day: Day,
    },
    /// The converted amount has more than 18 digits.
    #[error("{minor} minor units of {currency} at {rate} do not fit 18 digits in {base}")]
    TooLarge {
        /// Amount in minor units.
        minor: i64,
        /// Currency of the amount.
        currency: String,
        /// The rate.
        rate: Decimal,
        /// Base currency.
        base: String,
    },
}

/// Converts amounts of any currency into the base currency at dated rates.
#[derive(Clone, Debug)]
pub struct CurrencyConverter {
    base: String,
    base_code: Option<CurrencyId>,
    base_decimals: u32,
    currencies: Dictionary<CurrencyId>,
    decimals: Vec<u32>,
    /// By currency: (first day, rate), by day.
    rates: Vec<Vec<(Day, Decimal)>>,
}

impl CurrencyConverter {
    /// The rates of `tables` dated before `as_of`, into `base_currency` (an ISO code, any case), or into the only
    /// currency there is where nobody named one.
    ///
    /// Of several rates of one currency and day the last in the table holds.
    #[must_use]
    pub fn new(tables: &Tables, base_currency: &str, as_of: Day) -> Self {
        let base = tables.base_currency(base_currency);
        let mut rates = vec![Vec::new(); tables.currencies.len()];
        for rate in tables.fx_rates.iter().filter(|rate| rate.day < as_of) {
            if let Some(of_currency) = rates.get_mut(rate.currency.index()) {
                of_currency.push((rate.day, rate.rate));
            }
        }
        for of_currency in &mut rates {
            of_currency.sort_by_key(|(day, _)| *day);
        }
        Self {
            base_code: tables.currencies.code(&base),
            base_decimals: money::exponent(&base),
            currencies: tables.currencies.clone(),
            decimals: tables.currencies.ids().map(|id| tables.decimals_of(id)).collect(),
            base,
            rates,
        }
    }

    /// Code of the base currency, upper case.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Decimal places of the base currency.
    #[must_use]
    pub fn base_decimals(&self) -> u32 {
        self.base_decimals
    }

    /// Whether there is any rate before the as-of day.
    #[must_use]
    pub fn has_rates(&self) -> bool {
        self.rates.iter().any(|of_currency| !of_currency.is_empty())
    }

    /// Whether amounts of `currency` are in the base currency already.
    #[must_use]
    pub fn is_base(&self, currency: CurrencyId) -> bool {
        self.base_code == Some(currency)
    }

    /// Whether amounts of `currency` are worth something in the base currency on some day.
    #[must_use]
    pub fn knows(&self, currency: CurrencyId) -> bool {
        self.is_base(currency) || self.rates.get(currency.index()).is_some_and(|rates| !rates.is_empty())
    }

    /// As [`CurrencyConverter::convert`]; none without a rate.
    ///
    /// # Errors
    /// [`CurrencyError::TooLarge`] where the result has more than 18 digits.
    pub fn convert_if_known(&self, minor: i64, currency: CurrencyId, day: Day) -> Result<Option<i64>, CurrencyError> {
        match self.convert(minor, currency, day) {
            Ok(base) => Ok(Some(base)),
            Err(CurrencyError::MissingRate { .. }) => Ok(None),
            Err(error @ CurrencyError::TooLarge { .. }) => Err(error),
        }
    }

    /// What one unit of `currency` is worth on `day`: the newest rate from that day or before; 1 for the base.
    ///
    /// # Errors
    /// [`CurrencyError::MissingRate`] where there is none.
    pub fn rate(&self, currency: CurrencyId, day: Day) -> Result<Decimal, CurrencyError> {
        if self.is_base(currency) {
            return Ok(Decimal::ONE);
        }
        let rates = self.rates.get(currency.index()).map_or(&[][..], Vec::as_slice);
        let later = rates.partition_point(|(from, _)| *from <= day);
        let newest = later.checked_sub(1).and_then(|i| rates.get(i));
        newest.map(|(_, rate)| *rate).ok_or_else(|| CurrencyError::MissingRate {
            currency: self.name(currency),
            base: self.base.clone(),
            day,
        })
    }

    /// `minor` units of `currency` in minor units of the base currency, at the rate of `day`, rounded half to even.
    ///
    /// # Errors
    /// [`CurrencyError`] where there is no rate, or the result has more than 18 digits.
    pub fn convert(&self, minor: i64, currency: CurrencyId, day: Day) -> Result<i64, CurrencyError> {
        if self.is_base(currency) {
            return Ok(minor);
        }
        let rate = self.rate(currency, day)?;
        let from = self.decimals.get(currency.index()).copied().unwrap_or(2);
        money::convert(minor, from, rate, self.base_decimals).ok_or_else(|| CurrencyError::TooLarge {
            minor,
            currency: self.name(currency),
            rate,
            base: self.base.clone(),
        })
    }

    fn name(&self, currency: CurrencyId) -> String {
        self.currencies.name(currency).unwrap_or("(no currency)").to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::tables::FxRate;

    fn tables() -> Tables {
        let mut tables = Tables::default();
        let (eur, jpy) = (tables.currency("EUR"), tables.currency("JPY"));
        let rate =
            |currency, day, rate: &str| FxRate { currency, day: Day(day), rate: rate.parse().expect("a number") };
        tables.fx_rates =
            vec![rate(eur, 10, "1.10"), rate(eur, 20, "1.2345"), rate(eur, 30, "9"), rate(jpy, 10, "0.0067")];
        tables
    }

    #[test]
    fn the_newest_rate_before_the_as_of_day_holds() {
        let tables = tables();
        let converter = CurrencyConverter::new(&tables, "usd", Day(30));
        let eur = tables.currencies.code("EUR").expect("there");
        assert_eq!(converter.convert(1_000, eur, Day(10)), Ok(1_100));
        assert_eq!(converter.convert(1_000, eur, Day(19)), Ok(1_100));
        // 10.00 EUR x 1.2345 = 12.345 USD: half to even
        assert_eq!(converter.convert(1_000, eur, Day(20)), Ok(1_234));
        assert_eq!(converter.convert(1_000, eur, Day(99)), Ok(1_234));
        let jpy = tables.currencies.code("JPY").expect("there");
        assert_eq!(converter.convert(1_000_000, jpy, Day(12)), Ok(670_000));
    }

    #[test]
    fn a_missing_rate_names_currency_and_day() {
        let mut tables = tables();
        let (usd, eur) = (tables.currency("USD"), tables.currency("EUR"));
        let converter = CurrencyConverter::new(&tables, "USD", Day(30));
        assert_eq!(converter.convert(77, usd, Day(0)), Ok(77));
        let error = converter.convert(77, eur, Day(9)).expect_err("before the first rate");
        assert!(error.to_string().starts_with("no rate from EUR to USD on or before 1970-01-10"), "{error}");
    }

    #[test]
    fn an_amount_that_does_not_fit_is_an_error() {
        let tables = tables();
        let converter = CurrencyConverter::new(&tables, "USD", Day(30));
        let eur = tables.currencies.code("EUR").expect("there");
        assert!(matches!(converter.convert(10_i64.pow(18) - 1, eur, Day(20)), Err(CurrencyError::TooLarge { .. })));
    }
}
