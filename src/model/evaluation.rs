//! How good a model is on rows it has not seen, as it is stored: folds, penalties tried, lines of metrics, reliability.
//!
//! Plain data; `evaluate` and `evidence` make it.

use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::features::{FeatureSpec, Field};

/// How rows the model had not seen were told from those it learnt from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validation {
    /// Trained before a day, evaluated after it on other deals.
    #[default]
    RollingOrigin,
    /// Trained on some deals, evaluated on others of the same time: says nothing of days to come.
    GroupedCrossValidation,
}

impl Validation {
    /// Its name, as in tables and cards.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RollingOrigin => "rolling origin",
            Self::GroupedCrossValidation => "grouped cross-validation",
        }
    }
}

/// How good the model is on rows it has not seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// How these were told from those it learnt from.
    pub validation: Validation,
    /// Why so, in words with the numbers.
    pub validation_reason: String,
    /// The folds, oldest first.
    pub folds: Vec<Fold>,
    /// Penalties tried, ascending.
    pub alphas: Vec<AlphaTrial>,
    /// Log loss and more, per fold and over all folds, for the model and each baseline.
    pub rows: Vec<EvaluationRow>,
    /// Predicted against observed, over all folds, lowest predictions first.
    pub reliability: Vec<ReliabilityBin>,
}

/// One fold of the evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    /// Trained on what was known before this day; none in a cross-validation.
    pub cutoff: Option<Day>,
    /// Evaluated on landmark days from the cutoff up to this day, included; none in a cross-validation.
    pub last_test_day: Option<Day>,
    /// Training rows.
    pub train_rows: u64,
    /// Test rows: of deals (and copies of deals) that have no training row.
    pub test_rows: u64,
    /// Rows excluded from the test because their deal, or a copy of it, is in the training.
    pub overlapping_rows: u64,
}

/// What a model looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sees {
    /// Every field that is fit to be seen.
    Everything,
    /// The stage alone: what a short history can teach.
    Stage,
    /// The share won of past rows in each stage: nothing is fitted.
    StageTable,
}

/// A penalty and what it scored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlphaTrial {
    /// What the model looked at.
    pub sees: Sees,
    /// Ridge penalty per training row; of a stage table the rows at the base rate added to every stage.
    pub alpha: f64,
    /// Mean log loss over all test rows, in nats.
    pub log_loss: f64,
    /// How much more that is than the best penalty's.
    pub excess: f64,
    /// Standard error of the excess, clustered by deal.
    pub excess_se: f64,
    /// The largest penalty within one standard error of the best.
    pub chosen: bool,
}

/// One line of evidence. Metrics are of the rows' chance to be won within the horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvaluationRow {
    /// The fold; `None`: all folds together.
    pub cutoff: Option<Day>,
    /// `model`, `base rate`, `stage table` or `crm probability`; for the period head `period model` or
    /// `period base rate`.
    pub model: String,
    /// `all`, or `stage=…`.
    pub scope: String,
    /// Test rows.
    pub rows: u64,
    /// Deals they are of.
    pub deals: u64,
    /// Rows won.
    pub won: u64,
    /// Mean log loss, in nats.
    pub log_loss: f64,
    /// Its standard error, clustered by deal; none for a single deal.
    pub log_loss_se: Option<f64>,
    /// Mean squared error of the chances; for the period heads of all three outcomes together.
    pub brier: f64,
    /// Its standard error; all of them are clustered by deal, and none where that cannot be said.
    pub brier_se: Option<f64>,
    /// Area under the ROC curve; none where all rows ended alike.
    pub auc: Option<f64>,
    /// Its standard error.
    pub auc_se: Option<f64>,
    /// Calibration slope: 1 is right, below 1 too sure. None where it cannot be fitted.
    pub slope: Option<f64>,
    /// Its standard error.
    pub slope_se: Option<f64>,
    /// Calibration intercept, with the slope: 0 is right.
    pub intercept: Option<f64>,
    /// Its standard error.
    pub intercept_se: Option<f64>,
    /// Expected calibration error over ten bins of equal size.
    pub ece: Option<f64>,
}

/// A tenth of the test rows, by prediction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Rows.
    pub rows: u64,
    /// Rows won.
    pub won: u64,
    /// Mean prediction.
    pub predicted: f64,
    /// Share won.
    pub observed: f64,
    /// Lower end of its 95 % interval (Wilson).
    pub observed_low: f64,
    /// Upper end.
    pub observed_high: f64,
}

impl Evaluation {
    /// Whether its shares are shares.
    pub(super) fn is_possible(&self) -> bool {
        let of_rows = self.rows.iter().flat_map(|row| [Some(row.brier), row.auc, row.ece]).flatten();
        let of_bins = self.reliability.iter();
        let of_bins = of_bins.flat_map(|bin| [bin.predicted, bin.observed, bin.observed_low, bin.observed_high]);
        of_rows.chain(of_bins).all(|share| (0.0..=1.0).contains(&share))
    }
}

impl Sees {
    /// What is left of a spec.
    pub(super) fn restrict(self, spec: FeatureSpec) -> FeatureSpec {
        match self {
            Self::Everything => spec,
            Self::Stage | Self::StageTable => {
                spec.only(Field::is_stage, "the history is too short to learn more than the stage")
            }
        }
    }

    /// The ridge penalty on all of `rows` together. A row at the base rate bends the loss about as much as a penalty of 1.
    pub(super) fn penalty(self, alpha: f64, rows: usize) -> f64 {
        match self {
            Self::Everything | Self::Stage => alpha * rows as f64,
            Self::StageTable => alpha,
        }
    }
}

impl EvaluationRow {
    /// Every number that is rounded before it is stored.
    pub(super) fn numbers(&mut self) -> impl Iterator<Item = &mut f64> {
        let optional = [
            &mut self.log_loss_se,
            &mut self.brier_se,
            &mut self.auc,
            &mut self.auc_se,
            &mut self.slope,
            &mut self.slope_se,
            &mut self.intercept,
            &mut self.intercept_se,
            &mut self.ece,
        ];
        [&mut self.log_loss, &mut self.brier].into_iter().chain(optional.into_iter().flatten())
    }
}

impl ReliabilityBin {
    /// Every number that is rounded before it is stored.
    pub(super) fn numbers(&mut self) -> [&mut f64; 4] {
        [&mut self.predicted, &mut self.observed, &mut self.observed_low, &mut self.observed_high]
    }
}
