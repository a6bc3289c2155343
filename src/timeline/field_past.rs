//! What stood in a column only the input knows, on any day before the as-of day.
//!
//! Field changes in, a value per deal and day out. A deal whose history never names the column has the deals table's value;
//! where it first does on or after the as-of day, that row says what stood there before, or nobody knows.

use std::collections::BTreeMap;

use crate::domain::day::{Day, Moment};
use crate::domain::ids::{DealIx, WordId};
use crate::domain::maybe::Maybe;
use crate::ingest::tables::{FieldChange, Tables};

/// The past of every column that has one, by its name in the deals table.
pub type FieldPasts = BTreeMap<String, FieldPast>;

/// The past of one column.
#[derive(Clone, Debug, Default)]
pub struct FieldPast {
    /// `entries[offsets[i]..offsets[i + 1]]` are of the deal at position `i`, in time order.
    offsets: Vec<usize>,
    entries: Vec<Entry>,
    /// The share of closed deals it covers.
    covered: f64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    at: Moment,
    prior: bool,
    value: Maybe<WordId>,
}

/// What is known of a column of a deal on a morning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PastValue {
    /// Its history never names the column: the deals table tells.
    AsInTable,
    /// The history begins later and does not say what stood there before.
    Unknown,
    /// A value as written, by the field changes' dictionary; none where it was empty.
    Known(Maybe<WordId>),
}

/// Share of closed deals a history must cover for the past of the column to be known.
const COVERED: f64 = 0.8;

impl FieldPast {
    /// Whether it covers enough of the closed deals that its past is known. If not, most deals are read as they stand.
    #[must_use]
    pub fn covers(&self) -> bool {
        self.covered >= COVERED
    }

    /// The share of closed deals it covers, 0 to 1.
    #[must_use]
    pub fn covered(&self) -> f64 {
        self.covered
    }

    pub(super) fn cover(&mut self, share: f64) {
        self.covered = share;
    }

    /// Whether it tells of a deal before a day.
    pub(super) fn names(&self, deal: DealIx, before: Day) -> bool {
        self.entries_of(deal).first().is_some_and(|entry| entry.at < before.start())
    }

    /// The day of its first change.
    pub(super) fn first_day(&self) -> Option<Day> {
        self.entries.iter().map(|entry| entry.at.day()).min()
    }

    fn entries_of(&self, deal: DealIx) -> &[Entry] {
        let bounds = self.offsets.get(deal.index()..).and_then(|offsets| offsets.get(..2));
        bounds.map_or(&[][..], |bounds| &self.entries[bounds[0]..bounds[1]])
    }

    /// What stood there on the morning of `day`.
    #[must_use]
    pub fn on(&self, deal: DealIx, day: Day) -> PastValue {
        let entries = self.entries_of(deal);
        let Some(first) = entries.first() else { return PastValue::AsInTable };
        let passed = entries.iter().take_while(|entry| entry.at < day.start());
        match passed.filter(|entry| !entry.prior).last() {
            Some(entry) => PastValue::Known(entry.value),
            None if first.prior => PastValue::Known(first.value),
            None => PastValue::Unknown,
        }
    }
}

/// The past of every column before `as_of`; `position` is that of a deal by its row.
pub(super) fn field_pasts(tables: &Tables, position: &[Maybe<DealIx>], deals: usize, as_of: Day) -> FieldPasts {
    let changes = &tables.field_changes;
    let of_known_deals = |row: &FieldChange| {
        let deal = position.get(row.deal.index()).copied().unwrap_or_default().get()?;
        Some((changes.columns.name(row.column)?, deal, *row))
    };
    let is_before = |row: &&FieldChange| row.at < as_of.start();
    let mut by_column: BTreeMap<&str, Vec<(DealIx, FieldChange)>> = BTreeMap::new();
    for (column, deal, row) in changes.rows.iter().filter(is_before).filter_map(of_known_deals) {
        by_column.entry(column).or_default().push((deal, row));
    }
    // They lie after every day that is asked for, and only keep the table's value, which is theirs, from the days before.
    for (column, deal, row) in changes.rows.iter().filter(|row| !is_before(row)).filter_map(of_known_deals) {
        if let Some(rows) = by_column.get_mut(column) {
            rows.push((deal, row));
        }
    }
    // By what the rows say, so that their order in the files is no matter.
    let content = |(deal, row): &(DealIx, FieldChange)| (*deal, row.at, !row.prior, changes.values.name(row.value));
    let pasts = by_column.into_iter().map(|(column, mut rows)| {
        rows.sort_unstable_by(|a, b| content(a).cmp(&content(b)));
        (column.to_owned(), FieldPast::of(&rows, deals))
    });
    pasts.collect()
}

impl FieldPast {
    fn of(rows: &[(DealIx, FieldChange)], deals: usize) -> Self {
        let mut past = Self { offsets: vec![0; deals + 1], entries: Vec::with_capacity(rows.len()), covered: 0.0 };
        for (deal, FieldChange { at, prior, value, .. }) in rows {
            past.offsets[deal.index() + 1] += 1;
            past.entries.push(Entry { at: *at, prior: *prior, value: *value });
        }
        for deal in 0..deals {
            past.offsets[deal + 1] += past.offsets[deal];
        }
        past
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::fixtures::World;

    fn on(world: &World, as_of: i32, day: i32) -> Option<String> {
        let (tables, timeline) = (world.tables(), world.timeline(as_of));
        match timeline.fields.get("Plan")?.on(DealIx::at(0), Day(day)) {
            PastValue::Known(value) => Some(tables.field_changes.values.name(value).unwrap_or("(empty)").to_owned()),
            other => Some(format!("{other:?}")),
        }
    }

    #[test]
    fn a_column_has_the_value_of_its_last_change_before_the_day() {
        let world = World::default().deal("a", 10, "New").set(20, "Plan", Some("basic"), Some("pro"));
        let world = world.set(30, "Plan", Some("pro"), None).set(40, "Plan", None, Some("late"));
        let seen = [11, 20, 21, 31, 41].map(|day| on(&world, 60, day).unwrap());
        assert_eq!(seen, ["basic", "basic", "pro", "(empty)", "late"]);
        let unsaid = World::default().deal("a", 10, "New").set(20, "Plan", None, Some("pro"));
        assert_eq!([15, 25].map(|day| on(&unsaid, 60, day).unwrap()), ["Unknown", "pro"]);
        let other = unsaid.deal("b", 10, "New");
        assert_eq!(other.timeline(60).fields["Plan"].on(DealIx::at(1), Day(25)), PastValue::AsInTable);
    }

    #[test]
    fn a_value_that_was_first_changed_later_is_not_the_tables() {
        let world = World::default().deal("b", 10, "New").set(20, "Plan", None, Some("pro")).deal("a", 10, "New");
        assert_eq!(on(&world, 45, 44).unwrap(), "AsInTable");
        assert_eq!(on(&world.clone().set(45, "Plan", Some("basic"), Some("pro")), 45, 44).unwrap(), "basic");
        assert_eq!(on(&world.set(45, "Plan", None, Some("pro")), 45, 44).unwrap(), "Unknown");
    }

    #[test]
    fn what_is_dated_on_or_after_the_as_of_day_changes_nothing() {
        let world = World::default().deal("a", 10, "New").set(20, "Plan", None, Some("pro"));
        let later = world.clone().set(45, "Plan", Some("pro"), Some("late")).set(50, "Other", Some("x"), Some("y"));
        for day in 11..45 {
            assert_eq!(on(&world, 45, day), on(&later, 45, day));
        }
        assert_eq!(later.timeline(45).fields.keys().collect::<Vec<_>>(), ["Plan"]);
    }

    #[test]
    fn the_order_of_the_rows_is_no_matter_and_the_column_counts_as_tracked() {
        let world = World::default().deal("a", 10, "New").set(20, "Plan", Some("x"), Some("b")).set(
            20,
            "Plan",
            None,
            Some("a"),
        );
        let mut turned = world.clone();
        turned.fields.reverse();
        assert_eq!(on(&world, 60, 25), on(&turned, 60, 25));
        assert!(world.timeline(60).quality.tracked_fields.contains(&"Plan".to_owned()));
    }
}
