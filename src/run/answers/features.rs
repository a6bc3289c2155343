//! What does the model see?

use crate::model::columns::{features_table, training_rows_table};
use crate::model::training_rows;
use crate::run::answers::answer::Answer;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::watch::Watcher;

/// Every field, and what is left out and why; with `rows`, one row per deal and past day instead.
///
/// # Errors
/// [`RunError`].
pub fn features(inputs: &Inputs, rows: bool, watcher: &dyn Watcher) -> Result<Answer, RunError> {
    let as_of = inputs.load(watcher)?;
    let context = as_of.context();
    let (training, spec) = training_rows(&context, &inputs.config, watcher)?;
    let table = if rows { training_rows_table(&training, &spec, &context)? } else { features_table(&spec)? };
    Ok(Answer::of_day(table, &as_of))
}
