//! Columns of the deals table that have a history: what stood there on the row's day instead of what stands there now.
//!
//! What the table says of every row in, what was known of that day out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::features::context::FeatureContext;
use crate::features::state::{MISSING, NEUTRAL};
use crate::snapshot::DealState;
use crate::timeline::{FieldPast, PastValue};

/// What a history says of a row, where it says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told<'a> {
    /// This value, as written.
    Value(&'a str),
    /// That it was empty.
    Empty,
    /// Nothing that is known of that day.
    Unknown,
}

/// What the history of `column` says of a row; none where the deals table is to be asked.
pub(super) fn told<'a>(column: &str, row: &DealState, context: &FeatureContext<'a>) -> Option<Told<'a>> {
    told_by(context.timeline.fields.get(column)?, row, context)
}

fn told_by<'a>(past: &FieldPast, row: &DealState, context: &FeatureContext<'a>) -> Option<Told<'a>> {
    match past.on(row.deal, row.day) {
        PastValue::AsInTable => None,
        PastValue::Unknown => Some(Told::Unknown),
        PastValue::Known(value) => {
            Some(context.tables.field_changes.values.name(value).map_or(Told::Empty, Told::Value))
        }
    }
}

/// `table`'s cell of every row, or what the history says in its place. `read` reads a value as written.
pub(super) fn overlaid<T: Copy>(
    column: &str,
    table: Vec<T>,
    rows: &[DealState],
    context: &FeatureContext<'_>,
    mut read: impl FnMut(Told<'_>) -> T,
) -> Vec<T> {
    let Some(past) = context.timeline.fields.get(column) else { return table };
    let cells = table.into_iter().zip(rows);
    cells.map(|(cell, row)| told_by(past, row, context).map_or(cell, &mut read)).collect()
}

/// A number as written; what is none says nothing.
pub(super) fn number_told(told: Told<'_>, parse: impl Fn(&str) -> Option<f64>) -> f64 {
    match told {
        Told::Value(text) => parse(text).unwrap_or(NEUTRAL),
        Told::Empty => MISSING,
        Told::Unknown => NEUTRAL,
    }
}

/// Names of a column with those only its history knows behind them.
pub(super) struct NamesWithPast<'a> {
    pub names: Vec<Cow<'a, str>>,
    position: BTreeMap<String, u32>,
}

impl<'a> NamesWithPast<'a> {
    pub fn of(names: Vec<Cow<'a, str>>) -> Self {
        let position = names.iter().zip(0..).map(|(name, at)| (name.to_string(), at)).collect();
        Self { names, position }
    }

    /// The position of a name, which is new where only the history knows it.
    pub fn position(&mut self, name: &str) -> u32 {
        if let Some(at) = self.position.get(name) {
            return *at;
        }
        let at = self.names.len() as u32;
        self.names.push(Cow::Owned(name.to_owned()));
        self.position.insert(name.to_owned(), at);
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::{Day, MICROS_PER_DAY};
    use crate::domain::stage::StageKind;
    use crate::features::describe::PlainColumn;
    use crate::features::fixtures::{AS_OF, Case, Fate, even, pipeline};
    use crate::features::spec::Known;
    use crate::ingest::tables::DealRow;
    use crate::timeline::fixtures::{World, noon};

    /// `Reason` is filled in on the day of the closing, `Score` raised to 90 when a deal is won: both leaks as exported.
    fn columns(fate: Fate) -> Vec<(&'static str, Option<String>)> {
        let closed = fate.kind != StageKind::Open;
        let score = if fate.kind == StageKind::Won { 90 } else { 10 + (5.0 * even(fate.i, 30)) as i32 };
        vec![("Reason", closed.then(|| format!("{:?}", fate.kind))), ("Score", Some(score.to_string()))]
    }

    /// The history of both, as a CRM logs it.
    fn with_history(mut world: World) -> World {
        let deals = world.deals.clone();
        for deal in deals {
            let Some(closed_at) = deal.closed_at else { continue };
            let day = (closed_at / MICROS_PER_DAY) as i32;
            let reason = if deal.status == Some(StageKind::Won) { "Won" } else { "Lost" };
            world.fields.push((deal.deal_id.clone(), noon(day), false, "Reason", Some(reason)));
            if deal.status == Some(StageKind::Won) {
                world.fields.push((deal.deal_id.clone(), noon(day), true, "Score", Some("12")));
                world.fields.push((deal.deal_id, noon(day), false, "Score", Some("90")));
            }
        }
        world
    }

    #[test]
    fn a_leak_whose_history_is_exported_is_read_as_of_each_day() {
        let world = pipeline(600, columns);
        let (exported, told) = (Case::of(&world), Case::of(&with_history(world)));
        assert!(!exported.fit().has_field("Score") && !exported.fit().has_field("Reason"), "leaks as exported");
        let spec = told.fit();
        let field = spec.fields.iter().position(|field| field.name == "Score").expect("no leak any more");
        assert_eq!((spec.fields[field].known, &*spec.fields[field].source), (Known::History, "history of `Score`"));
        let PlainColumn::Numbers(scores) = spec.plain(field, &told.rows, &told.context()) else { panic!("numbers") };
        assert!(scores.iter().flatten().all(|score| *score < 20.0), "90 comes with the closing, after every row");
        assert!(!spec.has_field("Reason") && spec.reason("Reason").contains("value"), "{}", spec.reason("Reason"));
        let closed = told.snapshot.states.iter().find(|state| state.kind == StageKind::Won).expect("a won deal");
        assert_eq!(spec.describe(field, closed, &told.context()), "90");
        let before = DealState { day: Day(closed.created.0 + 1), ..*closed };
        assert_eq!(spec.describe(field, &before, &told.context()), "12");
    }

    #[test]
    fn changes_on_or_after_the_as_of_day_change_no_spec_and_no_column() {
        let world = with_history(pipeline(400, columns));
        let mut later = world.clone();
        // Of the others the table's score would be of that later day.
        let is_past = |at: i64| at < Day(AS_OF).start().0;
        let scored = |deal: &&DealRow| deal.status == Some(StageKind::Won) && deal.closed_at.is_some_and(is_past);
        let deals = world.deals.iter().filter(scored).take(50);
        assert!(deals.clone().count() > 20, "some to change");
        later.fields.extend(deals.map(|deal| (deal.deal_id.clone(), noon(AS_OF), false, "Score", Some("777"))));
        let (one, two) = (Case::of(&world), Case::of(&later));
        assert_eq!(one.fit(), two.fit());
        assert_eq!(one.fit().encode(&one.rows, &one.context()), two.fit().encode(&two.rows, &two.context()));
    }
}
