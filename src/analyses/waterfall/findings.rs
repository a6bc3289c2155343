//! What a waterfall cannot show, in sentences.

use crate::domain::day::Day;
use crate::report::finding::{Finding, Quantity, Subject};

/// The first `mornings` without amounts in the base currency.
#[must_use]
pub fn without_base(mornings: &[Day]) -> Vec<Finding> {
    mornings.iter().map(|&from| morning_without_base(from)).collect()
}

fn morning_without_base(from: Day) -> Finding {
    let sentence = format!("waterfall from {from}: no amounts in the base currency, exchange rates are missing");
    Finding::warning("waterfall.no_base_currency", Subject::the("waterfall"), sentence)
        .with("from", Quantity::Date(from))
        .remedy("give dated rates with --fx-rates FILE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_morning_without_rates_is_named() {
        assert!(without_base(&[]).is_empty());
        let found = without_base(&[Day(20_454), Day(20_485)]);
        let said = "waterfall from 2026-01-01: no amounts in the base currency, exchange rates are missing; give dated \
                    rates with --fx-rates FILE";
        assert_eq!((found.len(), found[0].line().as_ref()), (2, said));
        assert_eq!(found[1].number("from"), Some(&Quantity::Date(Day(20_485))));
    }
}
