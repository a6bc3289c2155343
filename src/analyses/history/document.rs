//! One deal's history as a JSON document: the deal itself, its stays and its events.

use std::borrow::Cow;

use arrow::error::ArrowError;
use serde_json::{Value, json};

use super::columns::{stays_table, table};
use super::events::DealHistory;
use crate::domain::stage::StageKind;
use crate::ingest::tables::{Attribute, Tables};
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::named_column::NamedColumn;
use crate::report::sinks::{self, Format, Stamp};
use crate::report::table::Table;
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::{DealHead, Timeline};

/// `{"as_of", "deal": {…}, "stays": […], "events": […]}`: everything the export says of the deal, its stays in open
/// stages, and the rows of [`table`].
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn document(
    history: &DealHistory,
    tables: &Tables,
    timeline: &Timeline,
    snapshot: &Snapshot,
) -> Result<Value, ArrowError> {
    let deal = objects(&deal_table(history, tables, timeline, snapshot)?)?;
    Ok(json!({
        "as_of": timeline.as_of,
        "deal": deal.get(0),
        "stays": objects(&stays_table(&history.stays, timeline)?)?,
        "events": objects(&table(history)?)?,
    }))
}

/// The deal itself, with the names behind its codes.
pub struct DealLine<'a> {
    deal: &'a DealHead,
    state: &'a DealState,
    tables: &'a Tables,
    timeline: &'a Timeline,
}

impl DealLine<'_> {
    /// What the deals table says in a column of words.
    fn word(&self, column: &str) -> Option<Cow<'_, str>> {
        match self.tables.deals.attribute(column)? {
            Attribute::Words(words) => words.name(self.deal.row).map(Cow::from),
            Attribute::Numbers(_) => None,
        }
    }

    fn status(&self) -> &'static str {
        match self.state.kind {
            StageKind::Open => "open",
            StageKind::Won => "won",
            StageKind::Lost => "lost",
        }
    }

    fn decimals(&self) -> u32 {
        self.tables.decimals_of(self.deal.currency)
    }

    fn amount(&self) -> Option<MoneyCell> {
        self.state.amount_minor.get().map(|minor| MoneyCell::new(minor, self.decimals()))
    }

    /// A further column of this export.
    fn further(&self, column: &str) -> NamedColumn {
        match self.tables.deals.extra(column) {
            Some(Attribute::Numbers(numbers)) => NamedColumn::number(column, [numbers.get(self.deal.row)]),
            Some(Attribute::Words(_)) | None => NamedColumn::text(column, [self.word(column)]),
        }
    }
}

/// What every deal has; the further columns of the export follow.
#[must_use]
pub fn deal_spec<'a>() -> TableSpec<DealLine<'a>> {
    type Line<'a> = DealLine<'a>;
    TableSpec::new(
        "deal",
        "the deal",
        vec![
            Column::text("deal_id", "id of the deal", |line: &Line<'_>| {
                line.tables.deals.id(line.deal.row).map(Cow::from)
            }),
            Column::text("name", "name of the deal", |line: &Line<'_>| {
                line.tables.deals.name(line.deal.row).map(Cow::from)
            })
            .empty("the deal has none"),
            Column::text("pipeline", "pipeline of the deal", |line: &Line<'_>| line.word("pipeline"))
                .empty("the deal has none"),
            Column::text("stage", "stage of the deal as of the day", |line: &Line<'_>| {
                Some(line.timeline.stages.name(line.state.stage).into())
            }),
            Column::text("status", "whether the deal is open", |line: &Line<'_>| Some(line.status().into()))
                .one_of(&["open", "won", "lost"]),
            Column::date("created", "day the deal was created", |line: &Line<'_>| Some(line.deal.created)),
            Column::date("closed", "day the deal closed", |line: &Line<'_>| line.deal.closed.get())
                .empty("the deal is open, or nobody knows"),
            Column::date("expected_close_date", "day the deal is expected to close", |line: &Line<'_>| {
                line.state.expected_close.get()
            })
            .empty("the deal has none"),
            Column::money("amount", "amount as of the day", DealLine::amount).empty("the deal has no amount"),
            Column::text("currency", "currency of the amount", |line: &Line<'_>| {
                line.tables.currencies.name(line.deal.currency).map(Cow::from)
            })
            .unit("ISO 4217"),
            Column::text("owner", "who works on the deal", |line: &Line<'_>| {
                line.tables.owners.name(line.state.owner).map(Cow::from)
            })
            .empty("the deal has no owner"),
            Column::text("account", "customer", |line: &Line<'_>| line.word("account")).empty("the deal names none"),
            Column::text("source", "marketing source", |line: &Line<'_>| line.word("source"))
                .empty("the deal names none"),
            Column::text("campaign", "marketing campaign", |line: &Line<'_>| line.word("campaign"))
                .empty("the deal names none"),
            Column::text("product", "product", |line: &Line<'_>| line.word("product")).empty("the deal names none"),
            Column::text("region", "region", |line: &Line<'_>| line.word("region")).empty("the deal names none"),
        ],
    )
}

/// Everything that is known of the deal itself.
fn deal_table(
    history: &DealHistory,
    tables: &Tables,
    timeline: &Timeline,
    snapshot: &Snapshot,
) -> Result<Table, ArrowError> {
    let line = DealLine { deal: timeline.head(history.deal), state: snapshot.state(history.deal), tables, timeline };
    let further = tables.deals.extras().iter().map(|column| line.further(column)).collect();
    let scale = line.decimals();
    deal_spec().table_with(&[line], scale, further)
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
    use crate::report::fixtures::assert_row;
    use crate::timeline::fixtures::World;

    #[test]
    fn every_column_shows_its_own_field() {
        let mut world =
            World::default().deal("d1", 0, "Won").pipeline("Direct").moved(0, "New").moved(8, "Won").closed(8);
        let deal = &mut world.deals[0];
        (deal.name, deal.owner, deal.amount_minor) = (Some("Big deal".into()), Some("ann".into()), Some(12_345));
        (deal.source, deal.product, deal.campaign) = (Some("web".into()), Some("pro".into()), Some("spring".into()));
        deal.expected_close_date = Some(12);
        let further = [("account", "Acme"), ("region", "North"), ("loss_reason", "price")];
        deal.extras = further.map(|(name, value)| (name.to_owned(), Some(value.to_owned()))).to_vec();
        let (tables, timeline) = (world.tables(), world.timeline(20));
        let snapshot = Snapshot::of(&timeline);
        let deal = DealIx::at(0);
        let history = DealHistory { deal, events: Vec::new(), stays: timeline.stays_of(deal) };
        let expected = [
            ("deal_id", "d1"),
            ("name", "Big deal"),
            ("pipeline", "Direct"),
            ("stage", "Won"),
            ("status", "won"),
            ("created", "1970-01-01"),
            ("closed", "1970-01-09"),
            ("expected_close_date", "1970-01-13"),
            ("amount", "123.45"),
            ("currency", "USD"),
            ("owner", "ann"),
            ("account", "Acme"),
            ("source", "web"),
            ("campaign", "spring"),
            ("product", "pro"),
            ("region", "North"),
        ];
        let table = deal_table(&history, &tables, &timeline, &snapshot).expect("a table");
        // The two extras that have a column of their own in an export stand there twice in this world.
        let expected = [&expected[..], &further[..]].concat();
        assert_row(&table, 0, &expected);
        let document = document(&history, &tables, &timeline, &snapshot).expect("a document");
        assert_eq!(document["deal"]["owner"], "ann");
        assert_eq!(document["stays"].as_array().map(Vec::len), Some(1));
    }
}
