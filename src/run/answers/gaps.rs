//! Who will miss the quota of the running periods, and why?

use crate::analyses::gaps::columns::table;
use crate::analyses::gaps::findings::absence;
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::Level;
use crate::run::answers::answer::Answer;
use crate::run::answers::foreseen::Ahead;
use crate::run::answers::model::ModelWanted;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::questions::GapsBasis;
use crate::run::watch::Watcher;

/// Which gaps are asked for.
#[derive(Clone, Debug)]
pub struct GapsQuestion {
    /// The model.
    pub model: ModelWanted,
    /// Which owners and periods.
    pub filter: ForecastFilter,
    /// Only periods of these lengths, by name; all if empty.
    pub kinds: Vec<String>,
    /// Only by these levels and columns; all levels, product and source if empty.
    pub by: Vec<String>,
}

/// One row per node and running period: the gap, taken apart.
///
/// # Errors
/// [`RunError`].
pub fn gaps(inputs: &Inputs, asked: &GapsQuestion, watcher: &dyn Watcher) -> Result<Answer, RunError> {
    let GapsQuestion { model, filter, kinds, by } = asked;
    let config = &inputs.config;
    let as_of = inputs.load(watcher)?;
    as_of.check_names(filter)?;
    let segments = if by.is_empty() {
        as_of.usual_segments()
    } else {
        as_of.segments(by.iter().filter(|column| !is_level(column)))?
    };
    let morning = as_of.morning(config);
    let ahead = Ahead::of(&as_of, &morning, model, filter, watcher)?;
    drop(morning);
    let (day, values) = (as_of.day(), as_of.values(config, &as_of.keep_all()));
    let history = as_of.gap_history(config, segments);
    let present = as_of.present();
    let forecast = present.forecast(config, ahead.foreseen(), filter)?;
    let (scores, outlook) = (ahead.scores(), &ahead.outlook);
    let basis = GapsBasis { scores, outlook, forecast: &forecast, history: &history, values: &values };
    let mut gaps = present.gaps(basis, filter);
    gaps.rows.retain(|row| by.is_empty() || by.contains(&row.level));
    gaps.rows.retain(|row| kinds.is_empty() || kinds.iter().any(|kind| kind == row.period.kind.name()));
    absence(&gaps).iter().for_each(|finding| watcher.tell(finding));
    Ok(Answer::of(table(&gaps)?, day).by_model(ahead.model_id()))
}

fn is_level(column: &str) -> bool {
    Level::ALL.into_iter().any(|level| level.name() == column)
}
