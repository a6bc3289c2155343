//! What happened to one deal?

use serde_json::Value;

use crate::analyses::history::columns::table;
use crate::analyses::history::document;
use crate::analyses::history::findings::{now, without_model};
use crate::report::finding::Finding;
use crate::run::answers::answer::Answer;
use crate::run::answers::model::ModelWanted;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::watch::Watcher;
use crate::store::scores::ScoreHistory;

/// One deal's whole story.
#[derive(Debug)]
pub struct HistoryAnswer {
    /// Where the deal is, how long, with what win probability.
    pub now: Finding,
    /// Its events.
    pub answer: Answer,
    /// Its events, and everything the export says of it.
    pub document: Value,
}

/// The story of the deal `id`, or of the deal that the lead `id` became. Without a model, the chances to be won are left
/// out; a model that is named must be there.
///
/// # Errors
/// [`RunError`].
pub fn history(
    inputs: &Inputs,
    id: &str,
    model: &ModelWanted,
    watcher: &dyn Watcher,
) -> Result<HistoryAnswer, RunError> {
    let as_of = inputs.load(watcher)?;
    let deal = as_of.find(id)?;
    let published = ScoreHistory::open(model.registry.scores_folder()).of_deal(id, as_of.day());
    let model = match model.load(&as_of, watcher) {
        Ok(model) => Some(model),
        Err(error) if model.named.is_some() => return Err(error),
        Err(error) => {
            watcher.tell(&without_model(&error.to_string()));
            None
        }
    };
    let story = as_of.history(&as_of.morning(&inputs.config), deal, &published, model.as_ref())?;
    let answer = Answer::of_day(table(&story)?, &as_of);
    let name = as_of.tables.deals.name(as_of.snapshot.state(deal).row);
    Ok(HistoryAnswer {
        now: now(id, name, as_of.day(), &story, model.as_ref()),
        answer: answer.by_model(model.as_ref().map(|model| model.model_id.as_str())),
        document: document(&story, &as_of.tables, &as_of.timeline, &as_of.snapshot)?,
    })
}
