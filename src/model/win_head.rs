//! The win head as it is stored: weights, and what is done to its log-odds afterwards.

use serde::{Deserialize, Serialize};

use crate::domain::probability::{logistic, logit};
use crate::model::evaluation::Sees;

/// What the weights of a head are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadKind {
    /// None: every deal has the base rate.
    #[default]
    BaseRate,
    /// The log-odds of past rows in each stage, counted.
    StageTable,
    /// A fitted regression.
    Regression,
}

impl HeadKind {
    /// The kind of a model that sees so much.
    pub(super) fn of(sees: Sees) -> Self {
        match sees {
            Sees::Everything | Sees::Stage => Self::Regression,
            Sees::StageTable => Self::StageTable,
        }
    }
}

/// A line through the columns: `logit = intercept + weights · x`, then calibrated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WinHead {
    /// What its weights are.
    pub kind: HeadKind,
    /// Ridge penalty per training row; of a stage table the rows at the base rate added to every stage.
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
        Self { kind: HeadKind::BaseRate, alpha, intercept: logit(base_rate), weights, std_errors, calibration }
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
