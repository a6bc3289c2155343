//! When the input ends: the newest day on which anything happened, and what is dated far beyond it.
//!
//! [`Tables`] in, [`NewestEvent`] out. The machine's clock has no say. What counts as happened: deals created and closed,
//! changes, what became of leads. Activities and touches may be planned (a meeting of next week), a closing day of an open
//! deal is a plan: they move nothing.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use crate::domain::day::{Day, Moment};
use crate::domain::ids::RowIx;
use crate::domain::inputs::InputTable;
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::ingest::tables::all::Tables;
use crate::stats::history_end::history_end;

/// When the input ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestEvent {
    /// The newest day of an event that does not lie far beyond all others.
    pub day: Day,
    /// The newest of those that do, if any.
    pub stray: Option<StrayEvent>,
}

/// An event dated far beyond the rest of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrayEvent {
    /// Its day.
    pub day: Day,
    /// The table it stands in.
    pub table: InputTable,
    /// The column of the day.
    pub column: &'static str,
    /// The id of the deal or lead its row is about.
    pub id: String,
    /// How many events there are beyond.
    pub events: u64,
}

/// The moments of one column, each with the position of what it is about.
type Dated<'a> = (InputTable, &'static str, Box<dyn Iterator<Item = (usize, Moment)> + 'a>);

impl Tables {
    /// When the input ends; `None` without a deal. `kind` says what the name of a stage means, where that is known.
    pub(crate) fn find_newest(&self, kind: impl Fn(&str) -> Option<StageKind>) -> Option<NewestEvent> {
        let ended = self.is_ended(kind);
        let moments = self.events(&ended).into_iter().flat_map(|(_, _, events)| events.map(|(_, at)| at));
        let days = events_by_day(moments);
        let end = history_end(&days)?;
        let day = Day(days[end].0);
        let beyond = days[end + 1..].iter().map(|(_, count)| count).sum();
        let stray = days.last().filter(|_| beyond > 0).and_then(|newest| self.stray(&ended, Day(newest.0), beyond));
        Some(NewestEvent { day, stray })
    }

    /// The first event by table, column and id that is dated on `day`.
    fn stray(&self, ended: &[bool], day: Day, events: u64) -> Option<StrayEvent> {
        self.events(ended).into_iter().find_map(|(table, column, dated)| {
            let ids = dated.filter(|(_, at)| at.day() == day).filter_map(|(row, _)| self.id_behind(table, row));
            let id = ids.min()?.to_owned();
            Some(StrayEvent { day, table, column, id, events })
        })
    }

    /// The id of the deal or lead that row `row` of a table is about.
    fn id_behind(&self, table: InputTable, row: usize) -> Option<&str> {
        match table {
            InputTable::Leads => self.leads.ids.get(row).map(String::as_str),
            InputTable::StageHistory => self.deals.id(*self.changes.deal.get(row)?),
            _ => self.deals.id(RowIx::at(row)),
        }
    }

    fn events<'a>(&'a self, ended: &'a [bool]) -> [Dated<'a>; 5] {
        let closed = self.deals.closed_at().into_iter().enumerate().filter(|(row, _)| ended[*row]);
        let changed = self.changes.at.iter().copied().enumerate();
        let leads = &self.leads;
        [
            (InputTable::Deals, "created_at", Box::new(self.deals.created_at().into_iter().enumerate())),
            (InputTable::Deals, "closed_at", Box::new(known(closed))),
            (InputTable::StageHistory, "changed_at", Box::new(changed)),
            (InputTable::Leads, "created_at", Box::new(leads.created.iter().copied().enumerate())),
            (InputTable::Leads, "converted_at or closed_at", Box::new(known(leads.ended.iter().copied().enumerate()))),
        ]
    }

    /// Whether each deal is won or lost by its status or, without one, its stage. Where no deal is by either, a closing day
    /// is all there is: then those that have one are.
    fn is_ended(&self, kind: impl Fn(&str) -> Option<StageKind>) -> Vec<bool> {
        let of_stage: Vec<Option<StageKind>> = self.stage_names.names().map(kind).collect();
        let by_stage = self.deals.stages().into_iter().map(|name| of_stage.get(name.get()?.index()).copied()?);
        let kinds: Vec<Option<StageKind>> =
            self.deals.statuses().into_iter().zip(by_stage).map(|(status, stage)| status.or(stage)).collect();
        let is_over = |kind: &Option<StageKind>| kind.is_some_and(|kind| kind != StageKind::Open);
        let any_is_over = kinds.iter().any(is_over);
        kinds.iter().map(|kind| is_over(kind) || kind.is_none() && !any_is_over).collect()
    }
}

fn known(
    moments: impl Iterator<Item = (usize, Maybe<Moment>)>,
) -> impl Iterator<Item = (usize, Moment)> {
    moments.filter_map(|(row, at)| Some((row, at.get()?)))
}

/// The days of `moments` in order, each with how many there are.
fn events_by_day(moments: impl Iterator<Item = Moment>) -> Vec<(i32, u64)> {
    let mut counts: HashMap<Day, u64> = HashMap::new();
    moments.for_each(|at| *counts.entry(at.day()).or_default() += 1);
    let counts: BTreeMap<Day, u64> = counts.into_iter().collect();
    counts.into_iter().map(|(day, count)| (day.0, count)).collect()
}

/// The newest day of `moments` that does not lie far beyond all others.
pub(crate) fn newest_day(moments: impl Iterator<Item = Moment>) -> Option<Day> {
    let days = events_by_day(moments);
    Some(Day(days[history_end(&days)?].0))
}
