//! Fit and evaluate the win model, save it, and put it to use unless it is worse.

use crate::model::columns::{evaluation_table, predictions_table};
use crate::model::{Contest, ModelError, Trained, WinModel};
use crate::run::answers::answer::Answer;
use crate::run::champion::admit;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::watch::Watcher;
use crate::store::models::Registry;

/// A model that was trained and saved.
#[derive(Debug)]
pub struct TrainedModel {
    /// The model.
    pub model: WinModel,
    /// Whether it is in use now, and why.
    pub contest: Contest,
    /// Its evaluation, or the predictions behind it.
    pub evidence: Answer,
}

/// Trains on everything before the as-of day. `predictions`: answer with every row the model was evaluated on instead of
/// the evaluation; `promote`: put the model to use even if it is worse.
///
/// # Errors
/// [`RunError`].
pub fn train(
    inputs: &Inputs,
    registry: &Registry,
    predictions: bool,
    promote: bool,
    watcher: &dyn Watcher,
) -> Result<TrainedModel, RunError> {
    let as_of = inputs.load(watcher)?;
    let morning = as_of.morning(&inputs.config);
    let champion = match registry.usable(as_of.day()) {
        Ok(champion) => {
            // A folder of another company's models is no place for this one, unless somebody says so.
            if !promote {
                champion.check_knows(&as_of.tables, &as_of.timeline)?;
            }
            Some(champion)
        }
        // A disk that fails is no reason to take the new one unopposed.
        Err(error @ ModelError::Io { .. }) => return Err(error.into()),
        Err(_) => None,
    };
    let trained = morning.train(watcher)?;
    watcher.end();
    let contest = admit(&trained, champion.as_ref(), registry, &morning, promote)?;
    let Trained { model, predictions: out_of_time } = trained;
    let table = if predictions {
        predictions_table(&out_of_time, morning.context())?
    } else {
        evaluation_table(&model.evaluation, &[])?
    };
    let evidence = Answer::of_day(table, &as_of).by_model(Some(&model.model_id));
    Ok(TrainedModel { model, contest, evidence })
}
