//! `dealcast gaps`: who will miss the quota of the running periods, and why.

use dealcast::books::hierarchy::Level;

use crate::cli::Session;
use crate::cli::args::GapsArgs;
use crate::cli::commands::score::foreseen;
use crate::cli::error::CliError;
use crate::cli::inputs::{emit, load, stamp};
use crate::cli::settings::Inputs;
use crate::cli::summary;

pub(crate) fn gaps(args: GapsArgs, session: &Session) -> Result<(), CliError> {
    let GapsArgs { inputs, table, model, filter, period, kind, by } = args;
    let mut inputs = Inputs::resolve(inputs, session.printer)?;
    if !filter.category.is_empty() {
        let error = CliError::usage("--category is given, but a gap is what the deals of all categories leave");
        return Err(error.hint("`dealcast forecast --category` shows what is expected from some of them"));
    }
    let filter = filter.forecast(&inputs, &period)?;
    inputs.report(&filter.periods);
    let as_of = load(&inputs, session)?;
    as_of.check_names(&filter)?;
    let is_level = |column: &String| Level::ALL.into_iter().any(|level| level.name() == column);
    let segments = if by.is_empty() {
        as_of.usual_segments()
    } else {
        as_of.segments(by.iter().filter(|column| !is_level(column)))?
    };
    let (model, scores, outlook) = foreseen(&model, &as_of, &inputs, &filter, session)?;
    let values = as_of.values(&inputs.config, &vec![true; as_of.timeline.deals.len()]);
    let history = as_of.lag_history(&inputs.config, segments);
    let forecast = as_of.forecast(&inputs.config, scores.as_ref(), Some(&outlook), &filter)?;
    let mut lags = as_of.lags(scores.as_ref(), &outlook, &forecast, &history, &values, &filter);
    lags.rows.retain(|row| by.is_empty() || by.contains(&row.level));
    lags.rows.retain(|row| kind.is_empty() || kind.iter().any(|kind| kind == row.period.kind.name()));
    summary::no_lags(&lags, session.printer);
    let model_id = model.as_ref().map(|model| model.model_id.as_str());
    emit(&dealcast::analyses::gaps::columns::table(&lags)?, &table, &stamp(&as_of, model_id), session)
}
