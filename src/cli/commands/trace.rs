//! `dealcast trace`: one deal's whole story.

use dealcast::analyses::history::findings::{now, without_model};
use dealcast::store::scores::ScoreHistory;

use crate::cli::Session;
use crate::cli::args::{TableFormat, TraceArgs};
use crate::cli::error::CliError;
use crate::cli::inputs::{emit, emit_document, find, load, registry, stamp};
use crate::cli::settings::Inputs;

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
            session.printer.finding(&without_model(error.message()));
            None
        }
    };
    let published = history.of_deal(&deal, as_of.day());
    let story = as_of.trace(&inputs.config, index, &published, model.as_ref())?;
    if table.format == TableFormat::Json {
        let document =
            dealcast::analyses::history::columns::document(&story, &as_of.tables, &as_of.timeline, &as_of.snapshot)?;
        return emit_document(&document, ("trace", story.events.len()), &table, session);
    }
    let name = as_of.tables.deals.text("name", as_of.snapshot.states[index].row);
    let stands = now(&deal, name, as_of.day(), &story, model.as_ref());
    let result = dealcast::analyses::history::columns::table(&story)?;
    if table.format == TableFormat::Table && table.out.is_none() {
        session.progress.finish();
        session.printer.text(&format!("{}\n", stands.sentence))?;
        return session.printer.whole_table(&result);
    }
    session.printer.finding(&stands);
    let model_id = model.as_ref().map(|model| model.model_id.as_str());
    emit(&result, &table, &stamp(&as_of, model_id), session)
}
