//! Which rows count, and of which deal they are: those before the as-of day, grouped by deals in the order of their ids.

use rayon::prelude::*;

use crate::domain::day::{Day, Moment};
use crate::domain::ids::{DealIx, RowIx};
use crate::domain::maybe::Maybe;
use crate::ingest::tables::{Activities, Tables};
use crate::timeline::bucket::{Buckets, by_deal};
use crate::timeline::deal_history::ActivityStep;
use crate::timeline::ties::{NameRanks, in_order};

/// The rows of deals created before `as_of` and not gone by then, ordered by `deal_id`.
pub(super) fn rows_by_id(tables: &Tables, created_at: &[Moment], as_of: Day) -> Vec<RowIx> {
    let deals = &tables.deals;
    let ids = deals.ids();
    let is_gone = |row: &RowIx| tables.gone.get(row).is_some_and(|day| *day < as_of);
    let before = deals.rows().filter(|row| created_at[row.index()] < as_of.start() && !is_gone(row));
    if ids.is_sorted() {
        return before.collect();
    }
    let shared = shared_start(&ids);
    let mut keyed: Vec<(u128, RowIx)> =
        before.map(|row| (sort_key(&ids[row.index()].as_bytes()[shared..]), row)).collect();
    keyed.par_sort_unstable_by(|(key, row), (other_key, other)| {
        key.cmp(other_key).then_with(|| (ids[row.index()], row).cmp(&(ids[other.index()], other)))
    });
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// How many changes before `as_of` are of deals that are gone by then.
pub(super) fn changes_of_gone(tables: &Tables, as_of: Day) -> u64 {
    if tables.gone.is_empty() {
        return 0;
    }
    let changes = tables.changes.deal.iter().zip(&tables.changes.at).filter(|(_, at)| **at < as_of.start());
    changes.filter(|(deal, _)| tables.gone.get(deal).is_some_and(|day| *day < as_of)).count() as u64
}

/// How many bytes all ids begin with in common.
fn shared_start(ids: &[&str]) -> usize {
    let Some((first, rest)) = ids.split_first() else { return 0 };
    rest.iter().fold(first.len(), |shared, id| {
        first.bytes().take(shared).zip(id.bytes()).take_while(|(of_first, of_id)| of_first == of_id).count()
    })
}

/// The first 16 bytes of `text` as a number that sorts the same way: ids are compared in memory order, not by pointer.
fn sort_key(text: &[u8]) -> u128 {
    u128::from_be_bytes(std::array::from_fn(|i| text.get(i).copied().unwrap_or(0)))
}

/// Where each row of the deals table stands among `rows`; the future ones do not.
pub(super) fn positions(rows: &[RowIx], deals: usize) -> Vec<Maybe<DealIx>> {
    let mut position = vec![Maybe::NONE; deals];
    for (i, row) in rows.iter().enumerate() {
        position[row.index()] = DealIx::at(i).into();
    }
    position
}

fn known(position: &[Maybe<DealIx>], row: RowIx) -> Maybe<DealIx> {
    position.get(row.index()).copied().unwrap_or_default()
}

/// Row numbers of the change log, by deal and in the order of [`in_order`].
pub(super) fn bucket_changes(tables: &Tables, position: &[Maybe<DealIx>], deals: usize, as_of: Day) -> Buckets<u32> {
    bucket_changes_of(tables, position, deals, |at| at < as_of.start())
}

/// The same of the rows on or after `as_of`.
pub(super) fn bucket_later_changes(
    tables: &Tables,
    position: &[Maybe<DealIx>],
    deals: usize,
    as_of: Day,
) -> Buckets<u32> {
    bucket_changes_of(tables, position, deals, |at| at >= as_of.start())
}

fn bucket_changes_of(
    tables: &Tables,
    position: &[Maybe<DealIx>],
    deals: usize,
    counts: impl Fn(Moment) -> bool + Sync,
) -> Buckets<u32> {
    let (changes, ranks) = (&tables.changes, NameRanks::of(tables));
    by_deal(
        deals,
        changes.len(),
        |row| if counts(changes.at[row]) { known(position, changes.deal[row]) } else { Maybe::NONE },
        |row| row as u32,
        |rows| in_order(changes, &ranks, rows),
    )
}

pub(super) fn bucket_activities(
    activities: &Activities,
    position: &[Maybe<DealIx>],
    deals: usize,
    as_of: Day,
) -> Buckets<ActivityStep> {
    let kinds = activities.kinds.in_name_order().1;
    by_deal(
        deals,
        activities.deal.len(),
        |row| if activities.at[row] < as_of.start() { known(position, activities.deal[row]) } else { Maybe::NONE },
        |row| ActivityStep { day: activities.at[row].day(), kind: activities.kind[row], count: activities.count[row] },
        |items| items.sort_unstable_by_key(|activity| (activity.day, kinds[activity.kind.index()], activity.count)),
    )
}
