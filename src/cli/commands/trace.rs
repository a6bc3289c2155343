//! `dealcast trace`: one deal's whole story.

use dealcast::analyses::history::{DealHistory, HistoryEvent};
use dealcast::model::WinModel;
use dealcast::run::questions::AsOf;
use dealcast::store::scores::ScoreHistory;

use crate::cli::Session;
use crate::cli::args::{TableFormat, TraceArgs};
use crate::cli::error::CliError;
use crate::cli::inputs::{emit, emit_document, find, load, registry, stamp};
use crate::cli::settings::Inputs;
use dealcast::report::words::percent;

pub(crate) fn trace(args: TraceArgs, session: &Session) -> Result<(), CliError> {
    let TraceArgs { deal, inputs, table, model } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let as_of = load(&inputs, session)?;
    let index = find(&deal, &as_of)?;
    let history = ScoreHistory::open(registry(&model.models)?.scores_folder());
    let named = model.model.is_some();
    let model = match model.load(&as_of, session.printer) {
        Ok(model) => Some(model),
        Err(error) if named => return Err(error),
        Err(error) => {
            session.printer.say(format!("no chances to be won: {}", error.message()));
            None
        }
    };
    let published = history.of_deal(&deal, as_of.day());
    let story = as_of.trace(&inputs.config, index, &published, model.as_ref())?;
    if table.format == TableFormat::Json {
        let document = dealcast::analyses::history::document(&story, &as_of.tables, &as_of.timeline, &as_of.snapshot)?;
        return emit_document(&document, ("history", story.events.len()), &table, session);
    }
    let words = in_words(&deal, &story, &as_of, model.as_ref());
    let result = dealcast::analyses::history::columns::table(&story)?;
    if table.format == TableFormat::Table && table.out.is_none() {
        session.progress.finish();
        session.printer.text(&format!("{words}\n"))?;
        return session.printer.whole_table(&result);
    }
    session.printer.say(words);
    let model_id = model.as_ref().map(|model| model.model_id.as_str());
    emit(&result, &table, &stamp(&as_of, model_id), session)
}

/// The deal in a line or two: where it is, how long, with what chance.
fn in_words(deal: &str, story: &DealHistory, as_of: &AsOf, model: Option<&WinModel>) -> String {
    let name = as_of.tables.deals.text("name", as_of.snapshot.states[story.deal as usize].row);
    let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
    let Some(HistoryEvent { to, note, win_probability, .. }) = story.events.last() else { return deal.to_owned() };
    let mut words = format!("{deal}{name} as of {}: {to}, {note}", as_of.day());
    if let Some((chance, model)) = win_probability.zip(model) {
        let chance = percent(chance);
        words += &format!("; {chance} to be won within {} days by {}", model.horizon_days, model.model_id);
    }
    words
}
