//! Money in integer minor units: parsed once, summed exactly, printed once.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// Decimal places of a currency: ISO 4217's, or 2 for a code ISO does not know.
#[must_use]
pub fn exponent(code: &str) -> u32 {
    iso_currency::Currency::from_code(&code.to_ascii_uppercase())
        .and_then(iso_currency::Currency::exponent)
        .map_or(2, u32::from)
}

/// Whether ISO 4217 knows the code.
#[must_use]
pub fn is_iso(code: &str) -> bool {
    iso_currency::Currency::from_code(&code.to_ascii_uppercase()).is_some()
}

/// Decimal places of a rate that was given the other way round.
const TURNED_PLACES: u32 = 12;

/// A rate given as units of a currency per base unit, as base units per unit.
#[must_use]
pub fn turned_round(rate: Decimal) -> Option<Decimal> {
    Decimal::ONE.checked_div(rate).map(|turned| turned.round_dp(TURNED_PLACES).normalize())
}

/// `amount` in minor units, rounded half to even; `None` where it does not fit 18 digits.
#[must_use]
pub fn to_minor(amount: Decimal, exponent: u32) -> Option<i64> {
    let scaled = amount.checked_mul(Decimal::from(10_i64.pow(exponent)))?;
    scaled
        .round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven)
        .to_i64()
        .filter(|m| m.unsigned_abs() < 10_u64.pow(18))
}

/// Minor units as a decimal number, for printing and for rates.
#[must_use]
pub fn to_decimal(minor: i128, exponent: u32) -> Decimal {
    Decimal::try_from_i128_with_scale(minor, exponent).unwrap_or(if minor < 0 { Decimal::MIN } else { Decimal::MAX })
}

/// `minor` of a currency with `from` decimals, converted at `rate` into one with `to` decimals, rounded half to even.
#[must_use]
pub fn convert(minor: i64, from: u32, rate: Decimal, to: u32) -> Option<i64> {
    to_minor(to_decimal(i128::from(minor), from).checked_mul(rate)?, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_follow_the_currency() {
        let twelve_and_a_half: Decimal = "12.505".parse().expect("a number");
        assert_eq!(to_minor(twelve_and_a_half, exponent("usd")), Some(1250));
        assert_eq!(to_minor(twelve_and_a_half, exponent("JPY")), Some(13));
        assert_eq!(to_minor(twelve_and_a_half, exponent("KWD")), Some(12_505));
        assert_eq!(to_minor(Decimal::MAX, 2), None);
        assert_eq!(to_decimal(-1250, 2).to_string(), "-12.50");
    }

    #[test]
    fn conversion_rounds_once() {
        let rate: Decimal = "0.0067".parse().expect("a number");
        assert_eq!(convert(1_000_000, 0, rate, 2), Some(670_000));
    }
}
