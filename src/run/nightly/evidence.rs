//! How good the model of the day is, and how it has held up: [`Monitoring`], and its tables.

use arrow::error::ArrowError;

use crate::config::Config;
use crate::features::FeatureContext;
use crate::model::columns::{drift_table, evaluation_table, reliability_table};
use crate::model::findings::Monitoring;
use crate::model::{self, WinModel};
use crate::report::table::Table;
use crate::run::champion::drift;
use crate::store::scores::ScoreHistory;

/// How `model` has held up since it was trained.
pub(super) fn monitoring(
    model: &WinModel,
    history: &ScoreHistory,
    context: &FeatureContext<'_>,
    config: &Config,
) -> Monitoring {
    let matured = model::evaluate_published(&history.matured(context), context.timeline);
    Monitoring { drift: drift(model, context), drift_limit: config.training.retrain.drift_psi, matured }
}

/// How good the model was on days it had not seen and how its published scores came true; its calibration; and whether
/// today's deals are those it learnt from.
pub(super) fn tables(model: &WinModel, monitoring: &Monitoring) -> Result<[Table; 3], ArrowError> {
    Ok([
        evaluation_table(&model.evaluation, &monitoring.matured)?,
        reliability_table(model)?,
        drift_table(model, &monitoring.drift, monitoring.drift_limit)?,
    ])
}
