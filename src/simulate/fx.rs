//! Weekly exchange rates of the world: a seeded random walk per currency, rounded as printed.

use crate::simulate::catalogue::CURRENCIES;
use crate::simulate::config::WorldConfig;
use crate::simulate::stream::{Purpose, normal, stream};

/// Rates hold for a week.
pub const RATE_DAYS: i32 = 7;

/// Weekly volatility of a rate.
const VOLATILITY: f64 = 0.008;

/// Pull back to the first rate, per week.
const REVERSION: f64 = 0.02;

/// Rates in hundred-millionths of a base unit: exact, and eight decimals when printed.
pub const RATE_SCALE: f64 = 1e8;

/// Base units per unit of every currency, by week of the world.
#[derive(Clone, Debug)]
pub struct Rates {
    weekly: Vec<Vec<i64>>,
}

impl Rates {
    /// The rates of a checked configuration, from its first day until its export.
    #[must_use]
    pub fn new(config: &WorldConfig) -> Self {
        let weeks = (config.span_days() + RATE_DAYS - 1) / RATE_DAYS;
        let weekly = CURRENCIES.iter().enumerate().map(|(i, currency)| {
            let mut rng = stream(config.seed, Purpose::Rates, i as u64);
            let mut walk = 0.0;
            let volatility = if i == 0 { 0.0 } else { VOLATILITY };
            let mut next = |_| {
                let rate = (currency.rate * f64::exp(walk) * RATE_SCALE).round() as i64;
                walk += volatility * normal(&mut rng) - REVERSION * walk;
                rate
            };
            (0..weeks.max(1)).map(&mut next).collect()
        });
        Self { weekly: weekly.collect() }
    }

    /// Base units per unit of `currency` on the day `offset` days after the world's first.
    #[must_use]
    pub fn rate(&self, currency: usize, offset: i32) -> f64 {
        let weeks = &self.weekly[currency];
        let week = ((offset / RATE_DAYS).max(0) as usize).min(weeks.len() - 1);
        weeks[week] as f64 / RATE_SCALE
    }

    /// `(day offset, rate in hundred-millionths)` of `currency`, in time order.
    pub fn of(&self, currency: usize) -> impl Iterator<Item = (i32, i64)> + '_ {
        (0..).step_by(RATE_DAYS as usize).zip(self.weekly[currency].iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_currency_stays_at_one_and_the_others_move() {
        let rates = Rates::new(&WorldConfig::default());
        assert!(rates.of(0).all(|(_, rate)| rate == 100_000_000));
        assert!((1..4).all(|currency| rates.of(currency).map(|r| r.1).max() > rates.of(currency).map(|r| r.1).min()));
        assert_eq!(rates.rate(1, 13), rates.rate(1, 7));
        let last = rates.of(1).last().unwrap().0;
        assert!(last < WorldConfig::default().span_days());
    }
}
