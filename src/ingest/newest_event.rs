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
use crate::ingest::tables::{NewestEvent, StrayEvent, Tables};
use crate::stats::history_end::history_end;

/// The moments of one column, each with the position of what it is about.
type Dated<'a> = (InputTable, &'static str, Box<dyn Iterator<Item = (usize, Moment)> + 'a>);

/// When the input ends; `None` without a deal. `kind` says what the name of a stage means, where that is known.
pub(crate) fn newest_event(tables: &Tables, kind: impl Fn(&str) -> Option<StageKind>) -> Option<NewestEvent> {
    let events = Events { tables, ended: ended(tables, kind) };
    let moments = events.columns().into_iter().flat_map(|(_, _, dated)| dated.map(|(_, at)| at));
    let days = events_by_day(moments);
    let end = history_end(&days)?;
    let beyond = days[end + 1..].iter().map(|(_, count)| count).sum();
    let stray = days.last().filter(|_| beyond > 0).and_then(|newest| events.stray(Day(newest.0), beyond));
    Some(NewestEvent { day: Day(days[end].0), stray })
}

/// The newest day of `moments` that does not lie far beyond all others.
pub(crate) fn newest_day(moments: impl Iterator<Item = Moment>) -> Option<Day> {
    let days = events_by_day(moments);
    Some(Day(days[history_end(&days)?].0))
}

/// What is looked through.
struct Events<'a> {
    tables: &'a Tables,
    /// Whether each deal is won or lost.
    ended: Vec<bool>,
}

impl Events<'_> {
    /// The first event by table, column and id that is dated on `day`.
    fn stray(&self, day: Day, events: u64) -> Option<StrayEvent> {
        self.columns().into_iter().find_map(|(table, column, dated)| {
            let ids = dated.filter(|(_, at)| at.day() == day).filter_map(|(row, _)| self.id_behind(table, row));
            let id = ids.min()?.to_owned();
            Some(StrayEvent { day, table, column, id, events })
        })
    }

    /// The id of the deal or lead that row `row` of a table is about.
    fn id_behind(&self, table: InputTable, row: usize) -> Option<&str> {
        let Tables { deals, leads, .. } = self.tables;
        match table {
            InputTable::Leads => leads.ids.get(row).map(String::as_str),
            _ => deals.id(RowIx::at(row)),
        }
    }

    fn columns(&self) -> [Dated<'_>; 5] {
        let Tables { deals, leads, changes, field_changes, .. } = self.tables;
        let changed = changes.deal.iter().zip(&changes.at).map(|(deal, at)| (deal.index(), *at));
        let own = field_changes.rows.iter().filter(|row| !row.prior).map(|row| (row.deal.index(), row.at));
        let closed = deals.closed_at().into_iter().enumerate().filter(|(row, _)| self.ended[*row]);
        [
            (InputTable::Deals, "created_at", Box::new(deals.created_at().into_iter().enumerate())),
            (InputTable::Deals, "closed_at", Box::new(known(closed))),
            (InputTable::StageHistory, "changed_at", Box::new(changed.chain(own))),
            (InputTable::Leads, "created_at", Box::new(leads.created.iter().copied().enumerate())),
            (InputTable::Leads, "converted_at or closed_at", Box::new(known(leads.ended.iter().copied().enumerate()))),
        ]
    }
}

/// Whether each deal is won or lost by its status or, without one, its stage. Where no deal is by either, a closing day is all
/// there is: then those that have one are.
pub(crate) fn ended(tables: &Tables, kind: impl Fn(&str) -> Option<StageKind>) -> Vec<bool> {
    let of_stage: Vec<Option<StageKind>> = tables.stage_names.names().map(kind).collect();
    let stages = tables.deals.stages().into_iter();
    let by_stage = stages.map(|name| name.get().and_then(|name| of_stage.get(name.index()).copied().flatten()));
    let kinds: Vec<Option<StageKind>> =
        tables.deals.statuses().into_iter().zip(by_stage).map(|(status, stage)| status.or(stage)).collect();
    let is_over = |kind: &Option<StageKind>| kind.is_some_and(|kind| kind != StageKind::Open);
    let any_is_over = kinds.iter().any(is_over);
    kinds.iter().map(|kind| is_over(kind) || kind.is_none() && !any_is_over).collect()
}

fn known(moments: impl Iterator<Item = (usize, Maybe<Moment>)>) -> impl Iterator<Item = (usize, Moment)> {
    moments.filter_map(|(row, at)| Some((row, at.get()?)))
}

/// The days of `moments` in order, each with how many there are.
fn events_by_day(moments: impl Iterator<Item = Moment>) -> Vec<(i32, u64)> {
    let mut counts: HashMap<Day, u64> = HashMap::new();
    moments.for_each(|at| *counts.entry(at.day()).or_default() += 1);
    let counts: BTreeMap<Day, u64> = counts.into_iter().collect();
    counts.into_iter().map(|(day, count)| (day.0, count)).collect()
}
