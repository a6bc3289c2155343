//! The win regression as it is stored: weights, and what is done to its log-odds afterwards.

use serde::{Deserialize, Serialize};

use crate::domain::probability::{logistic, logit};

/// The logistic regression: `logit = intercept + weights · x`, then calibrated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WinHead {
    /// Ridge penalty per training row.
    pub alpha: f64,
    /// Log-odds of the average training row.
    pub intercept: f64,
    /// One per feature of the spec, in log-odds per training standard deviation.
    pub weights: Vec<f64>,
    /// Standard errors of the weights at the penalised optimum.
    pub std_errors: Vec<f64>,
    /// What is done to the log-odds afterwards.
    pub calibration: Calibration,
}

/// A straight line through the log-odds: `slope * logit + intercept` (Platt 1999).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Below 1 where the model is too sure of itself.
    pub slope: f64,
    /// Above 0 where it is too pessimistic.
    pub intercept: f64,
    /// Why this line, in words with the numbers.
    pub reason: String,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { slope: 1.0, intercept: 0.0, reason: "none".to_owned() }
    }
}

impl Calibration {
    /// The calibrated log-odds.
    #[must_use]
    pub fn apply(&self, log_odds: f64) -> f64 {
        self.slope * log_odds + self.intercept
    }
}

impl WinHead {
    /// The head of a model without signal: every deal has the base rate.
    pub(super) fn base_rate(base_rate: f64, alpha: f64, features: usize) -> Self {
        let calibration =
            Calibration { reason: "none: there is no signal to calibrate".to_owned(), ..Calibration::default() };
        let (weights, std_errors) = (vec![0.0; features], vec![0.0; features]);
        Self { alpha, intercept: logit(base_rate), weights, std_errors, calibration }
    }

    /// The log-odds every explanation starts from: those of the average training row.
    #[must_use]
    pub fn calibrated_intercept(&self) -> f64 {
        self.calibration.apply(self.intercept)
    }

    /// The chance at these raw (uncalibrated) log-odds.
    #[must_use]
    pub fn chance(&self, raw_log_odds: f64) -> f64 {
        logistic(self.calibration.apply(raw_log_odds))
    }
}
