//! One deal's history as a JSON document: the deal itself, its stays and its events.

use arrow::error::ArrowError;
use serde_json::{Value, json};

use super::columns::{stays_table, table};
use crate::analyses::history::Trace;
use crate::domain::code::{NO_AMOUNT, NO_DAY};
use crate::domain::stage::StageKind;
use crate::ingest::tables::Tables;
use crate::report::format::{self, Format, Stamp};
use crate::report::table::{Table, TableBuilder};
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;

/// `{"as_of", "deal": {…}, "stays": […], "events": […]}`: everything the export says of the deal, its stays in open
/// stages, and the rows of [`table`].
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn document(trace: &Trace, tables: &Tables, timeline: &Timeline, snapshot: &Snapshot) -> Result<Value, ArrowError> {
    let deal = objects(&head(trace, tables, timeline, snapshot)?)?;
    Ok(json!({
        "as_of": timeline.as_of,
        "deal": deal.get(0),
        "stays": objects(&stays_table(&trace.stays, timeline)?)?,
        "events": objects(&table(trace)?)?,
    }))
}

/// Everything that is known of the deal itself: what every deal has, then the columns of this export.
fn head(trace: &Trace, tables: &Tables, timeline: &Timeline, snapshot: &Snapshot) -> Result<Table, ArrowError> {
    let index = trace.deal as usize;
    let (deal, state, deals) = (&timeline.deals[index], &snapshot.states[index], &tables.deals);
    let code = |column: &str| deals.codes_of(column, [deal.row].into_iter())[0];
    let word = |column: &str| deals.dictionary(column)?.name(code(column));
    let decimals = tables.decimals_of(deal.currency);
    let status = match state.kind {
        StageKind::Open => "open",
        StageKind::Won => "won",
        StageKind::Lost => "lost",
    };
    let mut table = TableBuilder::default()
        .text("deal_id", [deals.text("deal_id", deal.row)])
        .text("name", [deals.text("name", deal.row)])
        .text("pipeline", [word("pipeline")])
        .text("stage", [Some(timeline.stages.name(state.stage))])
        .text("status", [Some(status)])
        .date("created", [Some(deal.created.0)])
        .date("closed", [(deal.closed != NO_DAY).then_some(deal.closed)])
        .date("expected_close_date", [(state.expected_close != NO_DAY).then_some(state.expected_close)])
        .money("amount", decimals, [(state.amount_minor != NO_AMOUNT).then(|| (state.amount_minor.into(), decimals))])
        .text("currency", [tables.currencies.name(deal.currency)])
        .text("owner", [tables.owners.name(state.owner)]);
    for column in ["account", "source", "campaign", "product", "region"] {
        table = table.text(column, [word(column)]);
    }
    for column in deals.extras() {
        table = if deals.is_number(column) {
            table.number(column, [Some(deals.numbers_of(column, [deal.row].into_iter())[0])])
        } else {
            table.text(column, [word(column)])
        };
    }
    table.finish("deal")
}

/// The rows as JSON objects, written as the JSON format writes them.
fn objects(table: &Table) -> Result<Value, ArrowError> {
    let mut bytes = Vec::new();
    format::write(table, Format::Json, &Stamp::default(), &mut bytes)?;
    serde_json::from_slice(&bytes).map_err(|error| ArrowError::JsonError(error.to_string()))
}
