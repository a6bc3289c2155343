//! The `deal_changes` table: what happened to every open deal, one row per change.
//!
//! Deals with their [`HistoryEvent`]s in, rows out; the events are those of a deal's history.

use arrow::error::ArrowError;

use super::events::HistoryEvent;
use crate::report::column::{Column, TableSpec};
use crate::report::table::Table;

/// An event with the deal it is of.
pub struct ChangeLine<'a> {
    deal_id: &'a str,
    event: HistoryEvent,
}

/// Text that may be empty.
fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The columns of `deal_changes`.
#[must_use]
pub fn changes_spec<'a>() -> TableSpec<ChangeLine<'a>> {
    type Line<'a> = ChangeLine<'a>;
    let columns = vec![
        Column::text("deal_id", "id of the deal", |line: &Line<'_>| known(line.deal_id).map(Into::into)),
        Column::date("changed_on", "the day it happened; of a score the morning it is of", |line: &Line<'_>| {
            Some(line.event.at.day())
        }),
        Column::text("event", "what happened", |line: &Line<'_>| Some(line.event.kind.name().into())).one_of(&[
            "created",
            "stage",
            "won",
            "lost",
            "reopened",
            "amount",
            "close date",
            "owner",
            "category",
            "score",
        ]),
        Column::text("from", "the value before", |line: &Line<'_>| known(&line.event.from).map(Into::into))
            .empty("there was none, or it is not known"),
        Column::text("to", "the value from then on; of a score the published chance", |line: &Line<'_>| {
            known(&line.event.to).map(Into::into)
        })
        .empty("it is not known"),
        Column::number(
            "change",
            "open stages forward (back: negative), amount in its currency, days the close date moved, points of chance \
             (of 100)",
            |line: &Line<'_>| line.event.change,
        )
        .empty("the change has no size"),
        Column::integer("after_days", "how long the value before had stood", |line: &Line<'_>| {
            line.event.after_days.map(i64::from)
        })
        .unit("days")
        .empty("there was none"),
    ];
    TableSpec::new(
        "deal_changes",
        "change of an open deal, by deal, in time order; published scores among them",
        columns,
    )
}

/// `deal_changes` of these deals, by id.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn changes_table<'a>(deals: impl Iterator<Item = (&'a str, Vec<HistoryEvent>)>) -> Result<Table, ArrowError> {
    let lines = deals.flat_map(|(deal_id, events)| events.into_iter().map(move |event| ChangeLine { deal_id, event }));
    changes_spec().table(&lines.collect::<Vec<_>>(), 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::history::events::EventKind;
    use crate::domain::day::Day;
    use crate::report::fixtures::assert_row;

    #[test]
    fn every_column_shows_its_own_field() {
        let event = HistoryEvent {
            at: Day(31).start(),
            kind: EventKind::CloseDate,
            from: "1970-02-10".to_owned(),
            to: "1970-03-12".to_owned(),
            change: Some(30.0),
            age_days: 41,
            after_days: Some(17),
            note: "pushed".to_owned(),
            win_probability: None,
        };
        let expected = [
            ("deal_id", "d1"),
            ("changed_on", "1970-02-01"),
            ("event", "close date"),
            ("from", "1970-02-10"),
            ("to", "1970-03-12"),
            ("change", "30.0"),
            ("after_days", "17"),
        ];
        assert_row(&changes_table([("d1", vec![event])].into_iter()).expect("a table"), 0, &expected);
    }
}
