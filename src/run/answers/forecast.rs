//! How far is everyone from quota, and what is expected from the open deals?

use crate::analyses::forecast::columns::forecast_table;
use crate::analyses::forecast::deal_columns::forecast_deals_table;
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::Level;
use crate::run::answers::answer::Answer;
use crate::run::answers::foreseen::Ahead;
use crate::run::answers::model::ModelWanted;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::watch::Watcher;

/// What a forecast is asked for.
#[derive(Clone, Debug)]
pub struct ForecastQuestion {
    /// The model.
    pub model: ModelWanted,
    /// Which deals, owners and periods.
    pub filter: ForecastFilter,
    /// Only nodes of these levels; all if empty.
    pub levels: Vec<Level>,
    /// The open deals behind each row instead; of the company, unless `levels` names others.
    pub by_deal: bool,
}

/// One row per node, period and currency, or per deal behind it.
///
/// # Errors
/// [`RunError`].
pub fn forecast(inputs: &Inputs, asked: &ForecastQuestion, watcher: &dyn Watcher) -> Result<Answer, RunError> {
    let ForecastQuestion { model, filter, levels, by_deal } = asked;
    let config = &inputs.config;
    let as_of = inputs.load(watcher)?;
    as_of.check_names(filter)?;
    let morning = as_of.morning(config);
    let ahead = Ahead::of(&as_of, &morning, model, filter, watcher)?;
    if *by_deal {
        let levels = if levels.is_empty() { &[Level::Company][..] } else { levels };
        let listed = as_of.forecast_deals(&morning, ahead.foreseen(), levels, filter)?;
        let table = forecast_deals_table(&listed, &as_of.tables)?;
        return Ok(Answer::of_day(table, &as_of).by_model(ahead.model_id()));
    }
    drop(morning);
    let day = as_of.day();
    let present = as_of.present();
    let mut forecast = present.forecast(config, ahead.foreseen(), filter)?;
    present.contradictions(&forecast).iter().for_each(|finding| watcher.tell(finding));
    let nodes = &forecast.nodes;
    forecast.rows.retain(|row| levels.is_empty() || nodes.get(row.node).is_some_and(|n| levels.contains(&n.level)));
    Ok(Answer::of(forecast_table(&forecast)?, day).by_model(ahead.model_id()))
}
