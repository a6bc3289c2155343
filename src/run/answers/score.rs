//! What does a saved model make of the open deals?

use crate::analyses::scores::ScoreTable;
use crate::analyses::scores::columns::table;
use crate::run::answers::answer::Answer;
use crate::run::answers::model::ModelWanted;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::questions::DealFilter;
use crate::run::watch::Watcher;
use crate::scoring::findings::without_signal;
use crate::store::scores::ScoreHistory;

/// One row per open deal that `filter` admits.
///
/// # Errors
/// [`RunError`].
pub fn score(
    inputs: &Inputs,
    model: &ModelWanted,
    filter: &DealFilter,
    watcher: &dyn Watcher,
) -> Result<Answer, RunError> {
    let as_of = inputs.load(watcher)?;
    let history = ScoreHistory::open(model.registry.scores_folder());
    let model = model.load(&as_of, watcher)?;
    let keep = as_of.keep(filter)?;
    let morning = as_of.morning(&inputs.config);
    let scores = morning.score(&model, watcher)?;
    without_signal(&model).iter().for_each(|finding| watcher.tell(finding));
    let values = as_of.values(&inputs.config, &as_of.keep_all());
    let table = table(&ScoreTable {
        context: morning.context(),
        model: Some(&model),
        scores: Some(&scores),
        stagnation: &morning.stagnation(&keep, None)?,
        previous: &history.previous(as_of.day()),
        period: inputs.config.calendar.score_period,
        values: &values,
    })?;
    Ok(Answer::of_day(table, &as_of).by_model(Some(&model.model_id)))
}
