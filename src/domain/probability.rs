//! Chances, log-odds, and shares with their uncertainty.

/// 97.5 % quantile of the standard normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// Win, lose, or slip (still open) by the end of a period. The three sum to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeriodOutcome {
    /// Won by the period's end.
    pub win: f64,
    /// Lost by the period's end.
    pub lose: f64,
    /// Still open at the period's end.
    pub slip: f64,
}

/// The chance that belongs to log-odds: 1 / (1 + e^-x), without overflow.
#[must_use]
pub fn logistic(log_odds: f64) -> f64 {
    if log_odds >= 0.0 {
        1.0 / (1.0 + (-log_odds).exp())
    } else {
        let odds = log_odds.exp();
        odds / (1.0 + odds)
    }
}

/// The log-odds of a chance, which is kept within 1e-12 of 0 and 1.
#[must_use]
pub fn logit(chance: f64) -> f64 {
    let chance = chance.clamp(1e-12, 1.0 - 1e-12);
    (chance / (1.0 - chance)).ln()
}

/// Minus the log of the chance given to what happened, in nats; chances are kept within 1e-12 of 0 and 1.
#[must_use]
pub fn log_loss(chance: f64, happened: bool) -> f64 {
    let chance = chance.clamp(1e-12, 1.0 - 1e-12);
    -(if happened { chance } else { 1.0 - chance }).ln()
}

/// A share with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// Estimate, 0 to 1.
    pub value: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// Wilson's 95 % interval for a proportion `value` of `n` cases; `n` need not be whole. Wilson (1927), J. Am. Stat.
/// Assoc. 22.
#[must_use]
pub fn wilson(value: f64, n: f64) -> Share {
    let z2 = Z_95 * Z_95;
    let center = (value + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z_95 / (1.0 + z2 / n) * (value * (1.0 - value) / n + z2 / (4.0 * n * n)).sqrt();
    Share { value, low: (center - half).clamp(0.0, value), high: (center + half).clamp(value, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_odds_and_chances_are_inverse_and_never_overflow() {
        for log_odds in [-700.0, -20.0, -1.5, 0.0, 0.3, 20.0] {
            assert!((logit(logistic(log_odds)) - f64::clamp(log_odds, -27.7, 27.7)).abs() < 0.1, "{log_odds}");
        }
        assert_eq!((logistic(-1e9), logistic(1e9), logistic(0.0)), (0.0, 1.0, 0.5));
        // python3: -math.log(0.8), -math.log(0.2)
        assert!((log_loss(0.8, true) - 0.223_143_551_314).abs() < 1e-12);
        assert!((log_loss(0.8, false) - 1.609_437_912_434).abs() < 1e-12);
        assert!(log_loss(0.0, true).is_finite());
    }
}
