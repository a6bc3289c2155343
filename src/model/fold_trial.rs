//! One fold of the evaluation: every penalty fitted on what was known before its cutoff, applied to its test rows.

use tracing::debug;

use crate::config::Config;
use crate::domain::probability::{log_loss, logistic as chance, logit};
use crate::features::FeatureContext;
use crate::model::baselines::{StageTable, base_rate};
use crate::model::encoded::EncodedRows;
use crate::model::error::ModelError;
use crate::model::evaluation::Sees;
use crate::model::folds::Split;
use crate::model::logistic;
use crate::model::metrics::clustered_mean;
use crate::model::predictions::OutOfTimePrediction;
use crate::model::rows::{RowsView, TrainingRows};
use crate::model::stage_outcomes::{SMOOTHINGS, StageOutcomes};
use crate::snapshot::DealState;

/// A fold may lose to the base rate by at most this factor, beyond its own error.
const WORST_FOLD: f64 = 1.005;

/// One fold's test rows, with every penalty's log-odds.
pub(super) struct FoldTrial {
    pub split: Split,
    base_rate: f64,
    stage_table: StageTable,
    /// One per penalty, each with one value per test row: of the model that sees everything.
    everything: Vec<Vec<f64>>,
    /// The same of the one that sees the stage, empty where no stage is known.
    stage: Vec<Vec<f64>>,
    /// The same of the tables of stages, one per smoothing.
    table: Vec<Vec<f64>>,
}

impl FoldTrial {
    /// Fits every penalty on the training rows of `split`.
    ///
    /// # Errors
    /// [`ModelError::NotConverged`] where a fit was not found.
    pub fn fit(
        rows: &TrainingRows,
        split: Split,
        alphas: &[f64],
        context: &FeatureContext<'_>,
        config: &Config,
    ) -> Result<Self, ModelError> {
        let train = rows.select(&split.train);
        let train = train.all();
        let test: Vec<DealState> = split.test.iter().map(|&i| rows.states[i]).collect();
        let everything = EncodedRows::of(Sees::Everything, train, context, &config.features);
        debug!(
            cutoff = ?split.cutoff, train = train.won.len(), test = split.test.len(),
            features = everything.spec.features.len(), "fold fitted"
        );
        let spec = Sees::Stage.restrict(everything.spec.clone());
        let everything = test_log_odds(everything, train, &test, alphas, context)?;
        let stage = EncodedRows { matrix: spec.encode(train.states, context), spec, start: None };
        let (stage, table) = if stage.spec.features.is_empty() {
            (Vec::new(), Vec::new())
        } else {
            let table = table_log_odds(&stage, train, &test, context);
            (test_log_odds(stage, train, &test, alphas, context)?, table)
        };
        Ok(Self {
            base_rate: base_rate(train.won),
            stage_table: StageTable::of(train),
            everything,
            stage,
            table,
            split,
        })
    }

    /// The log-odds of the model that sees so much, one vector per penalty.
    pub fn log_odds(&self, sees: Sees) -> &[Vec<f64>] {
        match sees {
            Sees::Everything => &self.everything,
            Sees::Stage => &self.stage,
            Sees::StageTable => &self.table,
        }
    }
}

/// The log-odds of every test row, one vector per penalty.
fn test_log_odds(
    encoded: EncodedRows,
    train: RowsView<'_>,
    test: &[DealState],
    alphas: &[f64],
    context: &FeatureContext<'_>,
) -> Result<Vec<Vec<f64>>, ModelError> {
    let EncodedRows { spec, matrix, start } = encoded;
    let lines = logistic::fit_each(&matrix, train.won, alphas, start, "win")?;
    drop(matrix);
    let test = spec.encode(test, context);
    Ok(lines.iter().map(|line| line.log_odds(&test)).collect())
}

/// The log-odds of every test row by the table of stages, one vector per smoothing.
fn table_log_odds(
    encoded: &EncodedRows,
    train: RowsView<'_>,
    test: &[DealState],
    context: &FeatureContext<'_>,
) -> Vec<Vec<f64>> {
    let test = encoded.spec.encode(test, context);
    let counts = StageOutcomes::of(&encoded.spec, &encoded.matrix, train.won);
    SMOOTHINGS.map(|rows| counts.line(rows).log_odds(&test)).to_vec()
}

/// A fold with the log-odds of the chosen penalty.
pub(super) struct FoldScores<'a> {
    pub trial: &'a FoldTrial,
    pub log_odds: &'a [f64],
    pub won: Vec<bool>,
    /// Rows of one deal share a number.
    pub groups: Vec<u32>,
}

impl<'a> FoldScores<'a> {
    /// The fold under the penalty at `alpha` of the model that sees so much.
    pub fn of(trial: &'a FoldTrial, sees: Sees, alpha: usize, rows: &TrainingRows) -> Self {
        let won = trial.split.test.iter().map(|&i| rows.won[i]).collect();
        let groups = trial.split.test.iter().map(|&i| rows.groups[i]).collect();
        Self { trial, log_odds: &trial.log_odds(sees)[alpha], won, groups }
    }

    /// `log_odds` drawn towards the fold's base rate.
    pub fn shrunk(&self, log_odds: &[f64], share: f64) -> Vec<f64> {
        let base = logit(self.trial.base_rate);
        log_odds.iter().map(|x| share * x + (1.0 - share) * base).collect()
    }

    /// Whether the fold's loss stays within [`WORST_FOLD`] of the base rate's, or is above it by no more than its own
    /// standard error: a small fold proves little.
    pub fn is_near_base_rate(&self, log_odds: &[f64], share: f64) -> bool {
        let shrunk = self.shrunk(log_odds, share);
        let base: Vec<f64> = self.won.iter().map(|&won| log_loss(self.trial.base_rate, won)).collect();
        let losses = shrunk.iter().zip(&self.won).map(|(&x, &won)| log_loss(chance(x), won));
        let excess: Vec<f64> = losses.zip(&base).map(|(loss, base)| loss - WORST_FOLD * base).collect();
        let excess = clustered_mean(&excess, &self.groups);
        excess.mean <= excess.finite_se().unwrap_or(0.0)
    }

    /// The test rows of the fold, which is number `fold`, with `log_odds` for the model.
    pub fn predictions(&self, fold: u32, rows: &TrainingRows, log_odds: &[f64]) -> Vec<OutOfTimePrediction> {
        let test = self.trial.split.test.iter().zip(log_odds);
        let predictions = test.map(|(&i, &log_odds)| OutOfTimePrediction {
            fold,
            cutoff: self.trial.split.cutoff,
            state: rows.states[i],
            won: rows.won[i],
            group: rows.groups[i],
            model: chance(log_odds),
            base_rate: self.trial.base_rate,
            stage_table: self.trial.stage_table.chance(&rows.states[i]),
        });
        predictions.collect()
    }
}
