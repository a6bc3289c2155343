//! A currency as findings need it: its code and decimal places; minor units in, words or a [`Quantity`] out.

use super::finding::Quantity;
use super::words;

/// What the money of a finding is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoneyUnit<'a> {
    /// ISO code.
    pub code: &'a str,
    /// Decimal places of its minor units.
    pub decimals: u32,
}

impl<'a> MoneyUnit<'a> {
    /// The currency `code` with `decimals` places.
    #[must_use]
    pub fn new(code: &'a str, decimals: u32) -> Self {
        Self { code, decimals }
    }

    /// `1,234,567 USD`: rounded, for reading.
    #[must_use]
    pub fn words(self, minor: impl Into<i128>) -> String {
        words::money(minor.into(), self.decimals, self.code)
    }

    /// `1,234 to 5,678 USD`.
    #[must_use]
    pub fn range_words(self, low: impl Into<i128>, high: impl Into<i128>) -> String {
        format!("{} to {}", words::whole_units(low.into(), self.decimals), self.words(high))
    }

    /// To the last minor unit.
    #[must_use]
    pub fn quantity(self, minor: impl Into<i128>) -> Quantity {
        Quantity::money(minor, self.decimals, self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_rounded_and_quantities_are_exact() {
        let euros = MoneyUnit::new("EUR", 2);
        assert_eq!(euros.words(123_456_789), "1,234,568 EUR");
        assert_eq!(euros.range_words(-150, 123_456_789), "-2 to 1,234,568 EUR");
        assert_eq!(euros.quantity(1_250), Quantity::money(1_250, 2, "EUR"));
    }
}
