//! How good the model of the day is, and how it has held up: [`Upkeep`].

use arrow::error::ArrowError;

use crate::config::Config;
use crate::features::{FeatureContext, FieldDrift};
use crate::model::{self, EvaluationRow, WinModel, drift_columns, evaluation_columns};
use crate::report::table::Table;
use crate::run::champion::drift;
use crate::store::scores::ScoreHistory;

/// How a model has held up since it was trained.
#[derive(Clone, Debug)]
pub struct Upkeep {
    /// How far each field of today's deals has moved from the training rows.
    pub drift: Vec<FieldDrift>,
    /// The index from which a field counts as drifted.
    pub limit: f64,
    /// How published scores came true; the last line is over all days.
    pub matured: Vec<EvaluationRow>,
}

impl Upkeep {
    pub(super) fn of(model: &WinModel, history: &ScoreHistory, context: &FeatureContext<'_>, config: &Config) -> Self {
        let matured = model::judge_published(&history.matured(context), context.timeline);
        Self { drift: drift(model, context), limit: config.training.retrain.drift_psi, matured }
    }

    /// How good the model was on days it had not seen and how its published scores came true; its calibration; and whether
    /// today's deals are those it learnt from.
    pub(super) fn tables(&self, model: &WinModel) -> Result<[Table; 3], ArrowError> {
        Ok([
            evaluation_columns::table(model.evaluation.rows.iter().chain(&self.matured))?,
            evaluation_columns::reliability_table(model)?,
            drift_columns::table(model, &self.drift, self.limit)?,
        ])
    }
}
