//! What is to be done, by whom, and what is it worth?

use crate::analyses::actions::ActionFacts;
use crate::books::filter::ForecastFilter;
use crate::run::answers::answer::Answer;
use crate::run::answers::foreseen::Ahead;
use crate::run::answers::model::ModelWanted;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::questions::ActionsBasis;
use crate::run::watch::Watcher;

/// One row per action, the most worth first; of `people` and those under them only, if any are named.
///
/// # Errors
/// [`RunError`]; [`RunError::NoSuchNode`] for people nobody knows.
pub fn actions(
    inputs: &Inputs,
    model: &ModelWanted,
    people: &[String],
    watcher: &dyn Watcher,
) -> Result<Answer, RunError> {
    let (config, filter) = (&inputs.config, ForecastFilter::default());
    let as_of = inputs.load(watcher)?;
    as_of.check_people(people)?;
    let morning = as_of.morning(config);
    let ahead = Ahead::of(&as_of, &morning, model, &filter, watcher)?;
    let stagnation = morning.stagnation(&as_of.keep_all(), None)?;
    drop(morning);
    let facts = ActionFacts::gather(&as_of.tables, &as_of.timeline, &as_of.snapshot, &stagnation);
    let (day, named) = (as_of.day(), as_of.people());
    let present = as_of.present();
    let forecast = present.forecast(config, ahead.foreseen(), &filter)?;
    let basis = ActionsBasis { scores: ahead.scores(), outlook: &ahead.outlook, forecast: &forecast, facts: &facts };
    let (table, said) = present.actions_table(config, basis, people)?;
    said.iter().for_each(|finding| watcher.tell(finding));
    Ok(Answer::of(table, day).among(named).by_model(ahead.model_id()))
}
