//! The `history` table, one row per event of one deal, and the stays that its JSON document lists beside them.

use arrow::error::ArrowError;

use super::events::{DealHistory, HistoryEvent};
use crate::domain::day::Day;
use crate::report::column::{Column, TableSpec};
use crate::report::table::Table;
use crate::timeline::{Exit, Stay, Timeline};

/// Text that may be empty.
fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The columns of `history`.
#[must_use]
pub fn spec() -> TableSpec<HistoryEvent> {
    type Event = HistoryEvent;
    TableSpec::new(
        "history",
        "event of one deal, in time order; how it stands on the as-of morning comes last",
        vec![
            Column::text(
                "at",
                "when it happened, in the configured time zone; activities and scores are of a day",
                |event: &Event| Some(event.at.to_string().into()),
            )
            .unit("date, time of day where known"),
            Column::text("event", "what happened", |event: &Event| Some(event.kind.name().into())).unit(
                "lead, touch, created, stage, won, lost, reopened, amount, close date, owner, category, \
                 probability, activity, score, now",
            ),
            Column::text("from", "the value before", |event: &Event| known(&event.from).map(Into::into))
                .empty("there was none, or it is not known"),
            Column::text(
                "to",
                "the value from then on; of an activity its kind; of a score the published chance; of leads \
                 and touches their source",
                |event: &Event| known(&event.to).map(Into::into),
            )
            .empty("it is not known"),
            Column::number(
                "change",
                "open stages forward (back: negative), amount in its currency, days the close date moved, \
                 points of chance (of 100), activities of the kind on the day",
                |event: &Event| event.change,
            )
            .empty("the event has no size"),
            Column::integer("after_days", "how long the value before had stood", |event: &Event| {
                event.after_days.map(i64::from)
            })
            .unit("days")
            .empty("there was none"),
            Column::integer("age_days", "days since the deal was created", |event: &Event| Some(event.age_days.into()))
                .unit("days"),
            Column::number(
                "win_probability",
                "chance to be won within the horizon that the model gives it the morning after the event (of \
                 scores and `now`, that morning), by what was known of the deal then",
                |event: &Event| event.win_probability,
            )
            .between(0, 1)
            .empty("the deal was closed, or there is no model"),
            Column::text(
                "note",
                "what it means: forward, back, skipped stages, slow, stalled, pushes, who scored",
                |event: &Event| known(&event.note).map(Into::into),
            )
            .empty("there is nothing to say"),
        ],
    )
}

/// `history` as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(history: &DealHistory) -> Result<Table, ArrowError> {
    spec().table(&history.events, 2)
}

/// A stay with the names behind its codes.
pub struct StayLine<'a> {
    stay: &'a Stay,
    timeline: &'a Timeline,
}

impl StayLine<'_> {
    /// The day it ended.
    fn left(&self) -> Option<Day> {
        (self.stay.exit != Exit::StillThere).then_some(self.stay.left)
    }

    fn ended(&self) -> &'static str {
        match self.stay.exit {
            Exit::Advanced(_) => "advanced",
            Exit::Back(_) => "back",
            Exit::Won => "won",
            Exit::Lost => "lost",
            Exit::StillThere => "still there",
        }
    }
}

/// The columns of the stays in the JSON document.
#[must_use]
pub fn stays_spec<'a>() -> TableSpec<StayLine<'a>> {
    type Line<'a> = StayLine<'a>;
    TableSpec::new(
        "stays",
        "stay of one deal in an open stage, in time order",
        vec![
            Column::text("stage", "the stage", |line: &Line<'_>| {
                Some(line.timeline.stages.name(line.stay.stage).into())
            }),
            Column::date("entered", "day the deal entered it", |line: &Line<'_>| Some(line.stay.entered)),
            Column::date("left", "day the deal left it", StayLine::left).empty("it is still there"),
            Column::integer("days", "full days in it so far", |line: &Line<'_>| Some(line.stay.days().into()))
                .unit("days")
                .formula("left - entered"),
            Column::text("ended", "how the stay ended", |line: &Line<'_>| Some(line.ended().into())).one_of(&[
                "advanced",
                "back",
                "won",
                "lost",
                "still there",
            ]),
        ],
    )
}

/// The stays of a deal as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub(super) fn stays_table(stays: &[Stay], timeline: &Timeline) -> Result<Table, ArrowError> {
    let lines: Vec<StayLine<'_>> = stays.iter().map(|stay| StayLine { stay, timeline }).collect();
    stays_spec().table(&lines, 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyses::history::events::EventKind;
    use crate::domain::ids::DealIx;
    use crate::report::fixtures::assert_row;
    use crate::timeline::fixtures::World;

    #[test]
    fn every_column_shows_its_own_field() {
        let event = HistoryEvent {
            at: Day(31).start(),
            kind: EventKind::Stage,
            from: "New".to_owned(),
            to: "Demo".to_owned(),
            change: Some(2.0),
            age_days: 41,
            after_days: Some(17),
            note: "forward".to_owned(),
            win_probability: Some(0.375),
        };
        let expected = [
            ("at", "1970-02-01"),
            ("event", "stage"),
            ("from", "New"),
            ("to", "Demo"),
            ("change", "2.0"),
            ("after_days", "17"),
            ("age_days", "41"),
            ("win_probability", "0.375"),
            ("note", "forward"),
        ];
        let bare = HistoryEvent { from: String::new(), note: String::new(), change: None, ..event.clone() };
        let table =
            table(&DealHistory { deal: DealIx::at(0), events: vec![event, bare], stays: Vec::new() }).expect("a table");
        assert_row(&table, 0, &expected);
        let cells = crate::report::fixtures::cells(&table, 1);
        assert_eq!([2, 4, 8].map(|column: usize| cells[column].1.as_str()), ["", "", ""]);
    }

    #[test]
    fn every_column_of_the_stays_shows_its_own_field() {
        let timeline = World::default().deal("a", 0, "Demo").moved(0, "New").moved(5, "Demo").timeline(12);
        let table = stays_table(&timeline.stays_of(DealIx::at(0)), &timeline).expect("a table");
        let first =
            [("stage", "New"), ("entered", "1970-01-01"), ("left", "1970-01-06"), ("days", "5"), ("ended", "advanced")];
        assert_row(&table, 0, &first);
        let second =
            [("stage", "Demo"), ("entered", "1970-01-06"), ("left", ""), ("days", "7"), ("ended", "still there")];
        assert_row(&table, 1, &second);
    }
}
