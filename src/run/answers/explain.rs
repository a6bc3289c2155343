//! Why does one deal have its score?

use std::collections::BTreeSet;

use crate::domain::probability::logit;
use crate::model::WinModel;
use crate::report::finding::{Finding, Subject};
use crate::report::words::percent;
use crate::run::answers::answer::Answer;
use crate::run::answers::explanation_tables::{ScoredDeal, contributions, reasons};
use crate::run::answers::model::ModelWanted;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::watch::Watcher;
use crate::scoring::{Score, Scores};

/// One deal's score, and how it comes about.
#[derive(Debug)]
pub struct Explanation {
    /// The chance, by when, and from where it starts.
    pub words: String,
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
    let index = as_of.find_open(id)?;
    let model = model.load(&as_of, watcher)?;
    let morning = as_of.morning(&inputs.config);
    let scores = morning.score(&model, watcher)?;
    watcher.end();
    let position = scores.rows.iter().position(|row| row.deal as usize == index);
    let position = position.ok_or_else(|| RunError::Unscored { id: id.to_owned() })?;
    if !model.signal {
        let sentence = format!("this is the base rate: {}", model.verdict);
        watcher.tell(&Finding::warning("model.no_signal", Subject::named("model", &model.model_id), sentence));
    }
    let state = &as_of.snapshot.states[index];
    let deal = ScoredDeal { model: &model, scores: &scores, position, state, context: morning.context() };
    let table = if by_field { contributions(&deal)? } else { reasons(&deal)? };
    let words = in_words(id, &model, &scores, position);
    Ok(Explanation { words, answer: Answer::of_day(table, &as_of).by_model(Some(&model.model_id)) })
}

/// The chance, by when, and how it comes about.
fn in_words(deal: &str, model: &WinModel, scores: &Scores, position: usize) -> String {
    let score = &scores.rows[position];
    let grade = score.grade.map(|grade| format!(", grade {grade}")).unwrap_or_default();
    let chance = percent(score.win_probability);
    let mut lines = vec![format!("{deal}: {chance} to be won within {} days{grade}", model.horizon_days)];
    lines.extend(by_period(scores, score));
    lines.extend(score.predicted_close.map(|[low, median, high]| {
        format!("if it is won, as likely before {median} as after; with a chance of 80 % from {low} to {high}")
    }));
    let sum = scores.intercept + scores.contributions_of(position).iter().sum::<f64>();
    lines.push(format!(
        "from the base rate {} to {chance}, strongest reasons first (log-odds {:+.4} to {sum:+.4}):",
        percent(model.base_rate),
        logit(model.base_rate)
    ));
    lines.join("\n")
}

/// Won, lost or open by the end of each period; one line per day.
fn by_period(scores: &Scores, score: &Score) -> Vec<String> {
    let mut said = BTreeSet::new();
    let ends = scores.periods.iter().zip(&score.by_period).filter(|(period, _)| said.insert(period.last));
    let line = ends.map(|(period, outcome)| {
        let [win, lose, slip] = [outcome.win, outcome.lose, outcome.slip].map(percent);
        format!("by the end of {period}: won {win}, lost {lose}, open {slip}")
    });
    line.collect()
}
