//! The `trace` table, one row per event of one deal, and the same with the deal and its stays as one JSON document.

use arrow::error::ArrowError;
use serde_json::{Value, json};

use crate::analyses::history::{Trace, TraceEvent};
use crate::domain::stage::StageKind;
use crate::ingest::tables::{Attribute, Tables};
use crate::report::sinks::{self, Format, Stamp};
use crate::report::table::{Table, TableBuilder};
use crate::snapshot::Snapshot;
use crate::timeline::{Exit, Spell, Timeline};

/// `trace` as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(trace: &Trace) -> Result<Table, ArrowError> {
    let rows = || trace.events.iter();
    let text =
        |of: fn(&TraceEvent) -> &String| rows().map(move |event| Some(of(event)).filter(|text| !text.is_empty()));
    TableBuilder::default()
        .text("at", rows().map(|event| Some(event.at.to_string())))
        .text("event", rows().map(|event| Some(event.kind.name())))
        .text("from", text(|event| &event.from))
        .text("to", text(|event| &event.to))
        .number("change", rows().map(|event| event.change))
        .integer("after_days", rows().map(|event| event.after_days.map(i64::from)))
        .integer("age_days", rows().map(|event| Some(i64::from(event.age_days))))
        .number("win_probability", rows().map(|event| event.win_probability))
        .text("note", text(|event| &event.note))
        .finish("trace")
}

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
        "stays": objects(&stays(trace, timeline)?)?,
        "events": objects(&table(trace)?)?,
    }))
}

/// Everything that is known of the deal itself.
fn head(trace: &Trace, tables: &Tables, timeline: &Timeline, snapshot: &Snapshot) -> Result<Table, ArrowError> {
    let (deal, state, deals) = (timeline.head(trace.deal), snapshot.state(trace.deal), &tables.deals);
    let word = |column: &str| match deals.attribute(column)? {
        Attribute::Words(words) => words.name(deal.row),
        Attribute::Numbers(_) => None,
    };
    let decimals = tables.decimals_of(deal.currency);
    let status = match state.kind {
        StageKind::Open => "open",
        StageKind::Won => "won",
        StageKind::Lost => "lost",
    };
    let mut table = TableBuilder::default()
        .text("deal_id", [deals.id(deal.row)])
        .text("name", [deals.name(deal.row)])
        .text("pipeline", [word("pipeline")])
        .text("stage", [Some(timeline.stages.name(state.stage))])
        .text("status", [Some(status)])
        .date("created", [Some(deal.created.0)])
        .date("closed", [deal.closed.get().map(|day| day.0)])
        .date("expected_close_date", [state.expected_close.get().map(|day| day.0)])
        .money("amount", decimals, [state.amount_minor.get().map(|minor| (minor.into(), decimals))])
        .text("currency", [tables.currencies.name(deal.currency)])
        .text("owner", [tables.owners.name(state.owner)]);
    for column in ["account", "source", "campaign", "product", "region"] {
        table = table.text(column, [word(column)]);
    }
    for column in deals.extras() {
        table = match deals.extra(column) {
            Some(Attribute::Numbers(numbers)) => table.number(column, [numbers.get(deal.row)]),
            Some(Attribute::Words(_)) | None => table.text(column, [word(column)]),
        };
    }
    table.finish("deal")
}

fn stays(trace: &Trace, timeline: &Timeline) -> Result<Table, ArrowError> {
    let rows = || trace.stays.iter();
    let ended = |stay: &Spell| match stay.exit {
        Exit::Advanced(_) => "advanced",
        Exit::Back(_) => "back",
        Exit::Won => "won",
        Exit::Lost => "lost",
        Exit::StillThere => "still there",
    };
    TableBuilder::default()
        .text("stage", rows().map(|stay| Some(timeline.stages.name(stay.stage))))
        .date("entered", rows().map(|stay| Some(stay.entered.0)))
        .date("left", rows().map(|stay| (stay.exit != Exit::StillThere).then_some(stay.left.0)))
        .integer("days", rows().map(|stay| Some(stay.days().into())))
        .text("ended", rows().map(|stay| Some(ended(stay))))
        .finish("stays")
}

/// The rows as JSON objects, written as the JSON format writes them.
fn objects(table: &Table) -> Result<Value, ArrowError> {
    let mut bytes = Vec::new();
    sinks::write(table, Format::Json, &Stamp::default(), &mut bytes)?;
    serde_json::from_slice(&bytes).map_err(|error| ArrowError::JsonError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DealIx;
    use crate::run::dictionary::assert_documents;

    #[test]
    fn the_columns_are_documented() {
        assert_documents(
            &table(&Trace { deal: DealIx::at(0), events: Vec::new(), stays: Vec::new() }).expect("a table"),
        );
    }
}
