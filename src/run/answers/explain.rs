//! Why does one deal have its score?

use crate::analyses::scores::explanation::{self, Explained};
use crate::report::finding::Finding;
use crate::run::answers::answer::Answer;
use crate::run::answers::model::ModelWanted;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::watch::Watcher;
use crate::scoring::findings::{of_deal, without_signal};

/// One deal's score, and how it comes about.
#[derive(Debug)]
pub struct Explanation {
    /// The win probability, by when, and from where it starts.
    pub findings: Vec<Finding>,
    /// The reasons, or every field with its contribution.
    pub answer: Answer,
}

/// How the open deal `id` gets from the base rate to its score: by reasons, or field by field.
///
/// # Errors
/// [`RunError`]; [`RunError::NotOpen`].
pub fn explain(
    inputs: &Inputs,
    id: &str,
    model: &ModelWanted,
    by_field: bool,
    watcher: &dyn Watcher,
) -> Result<Explanation, RunError> {
    let as_of = inputs.load(watcher)?;
    let deal = as_of.find_open(id)?;
    let model = model.load(&as_of, watcher)?;
    let morning = as_of.morning(&inputs.config);
    let scores = morning.score(&model, watcher)?;
    watcher.end();
    let position = scores.rows.iter().position(|row| row.deal == deal);
    let position = position.ok_or_else(|| RunError::Unscored { id: id.to_owned() })?;
    without_signal(&model).iter().for_each(|finding| watcher.tell(finding));
    let explained = Explained { model: &model, scores: &scores, position, context: morning.context() };
    let table = if by_field { explanation::fields_table(&explained)? } else { explanation::table(&explained)? };
    let findings = of_deal(id, &model, &scores, position);
    Ok(Explanation { findings, answer: Answer::of_day(table, &as_of).by_model(Some(&model.model_id)) })
}
