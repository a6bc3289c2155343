//! The order of a deal's changes: by time, and where moments tie by what the rows say, never by where they stand.
//!
//! Rows of one moment that tell old values are a chain: the old value no other row leads to comes first, the new value no
//! other row leads on from comes last. Without old values stages stand in the order of the process, which `story` knows; all
//! else in the order of its values: the largest, latest or last by name is what holds from the moment on.

use crate::domain::ids::{Id, OwnerId, StageNameId};
use crate::domain::maybe::{Compact, Maybe};
use crate::ingest::tables::{Changes, Tables};

/// The places of names in their own order, by id: ids mean nothing.
pub(super) struct NameRanks {
    stages: Vec<StageNameId>,
    owners: Vec<OwnerId>,
}

impl NameRanks {
    /// Those of all names.
    pub fn of(tables: &Tables) -> Self {
        Self { stages: tables.stage_names.in_name_order().1, owners: tables.owners.in_name_order().1 }
    }
}

fn rank<T: Id + Compact>(ranks: &[T], id: Maybe<T>) -> Maybe<T> {
    id.get().and_then(|id| ranks.get(id.index()).copied()).into()
}

/// Puts the rows of one deal into order: a row that tells an old value before the others of its moment.
pub(super) fn in_order(changes: &Changes, ranks: &NameRanks, rows: &mut [u32]) {
    rows.sort_unstable_by_key(|&row| content(changes, ranks, row as usize));
    let mut known = 0;
    while known < rows.len() {
        let at = changes.at[rows[known] as usize];
        let tied = rows[known..].iter().take_while(|&&row| changes.at[row as usize] == at).count();
        let (before, rest) = rows.split_at_mut(known);
        if tied > 1 {
            chain(changes, before, &mut rest[..tied]);
        }
        known += tied;
    }
}

/// All a row says, moment first.
fn content(changes: &Changes, ranks: &NameRanks, row: usize) -> impl Ord + use<> {
    let moment = (changes.at[row], !changes.prior[row]);
    let names = (rank(&ranks.stages, changes.stage[row]), rank(&ranks.owners, changes.owner[row]));
    let category = changes.category[row].map(|category| category as u8);
    // Chances are 0 to 1: their bits stand in their order, and none is out of it but the same for all.
    let chance = changes.probability[row].bits();
    (moment, names.0, changes.amount_minor[row], changes.expected_close[row], names.1, category, chance)
}

/// Puts the ends of chains, field by field, where they belong among the rows of one moment.
fn chain(changes: &Changes, before: &[u32], tied: &mut [u32]) {
    if !changes.prior[tied[0] as usize] {
        return;
    }
    chain_of(changes, before, tied, &|row| of(changes.stage[row as usize]));
    chain_of(changes, before, tied, &|row| of(changes.amount_minor[row as usize]));
    chain_of(changes, before, tied, &|row| of(changes.expected_close[row as usize]));
    chain_of(changes, before, tied, &|row| of(changes.owner[row as usize]));
    chain_of(changes, before, tied, &|row| of(changes.probability[row as usize]));
    chain_of(changes, before, tied, &|row| changes.category[row as usize].map(|category| category as u64));
}

fn of<T: Compact>(value: Maybe<T>) -> Option<u64> {
    value.is_some().then(|| value.bits())
}

/// The chain of one field, whose value in a row is `value`.
fn chain_of(changes: &Changes, before: &[u32], tied: &mut [u32], value: &dyn Fn(u32) -> Option<u64>) {
    let is_prior = |row: u32| changes.prior[row as usize];
    let values = |prior: bool| -> Vec<u64> {
        tied.iter().filter(|&&row| is_prior(row) == prior).filter_map(|&row| value(row)).collect()
    };
    let (old, new) = (values(true), values(false));
    if old.is_empty() || new.len() < 2 {
        return;
    }
    // A chain that goes round ends where it began: with what held before.
    let held = || {
        let of_field = before.iter().rev().filter(|&&row| !is_prior(row)).find_map(|&row| value(row));
        of_field.filter(|held| new.contains(held))
    };
    let (first, last) = (only_more_often(&old, &new).or_else(held), only_more_often(&new, &old).or_else(held));
    let priors = tied.iter().take_while(|&&row| is_prior(row)).count();
    if let Some(at) = first.and_then(|first| tied[..priors].iter().position(|&row| value(row) == Some(first))) {
        tied[..=at].rotate_right(1);
    }
    let end = last.and_then(|last| tied[priors..].iter().rposition(|&row| value(row) == Some(last)));
    if let Some(at) = end {
        tied[priors + at..].rotate_left(1);
    }
}

/// The one value that stands in `here` more often than in `there`; nothing where there are none or several.
fn only_more_often(here: &[u64], there: &[u64]) -> Option<u64> {
    let times = |values: &[u64], wanted: u64| values.iter().filter(|&&value| value == wanted).count();
    let mut more = here.iter().copied().filter(|&value| times(here, value) > times(there, value));
    let first = more.next()?;
    more.all(|value| value == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::timeline::fixtures::World;

    /// A deal that went through `stages` at noon of day 5, row by row with old value, the rows in this order.
    fn moved_in_one_moment(stages: &[&'static str], rows: &[usize]) -> World {
        let world = World::default().deal("a", 0, "A").moved(1, stages[0]);
        rows.iter().fold(world, |world, &i| {
            let old = world.logged(5, |row| (row.stage, row.prior) = (Some(stages[i]), true));
            old.moved(5, stages[i + 1])
        })
    }

    fn last_stage(world: &World) -> String {
        let timeline = world.timeline(50);
        let last = timeline.steps.last().expect("a step");
        timeline.stages.name(last.stage).to_owned()
    }

    #[test]
    fn old_values_say_which_of_several_moves_was_the_last() {
        for rows in [[0, 1], [1, 0]] {
            assert_eq!(last_stage(&moved_in_one_moment(&["C", "A", "B"], &rows)), "B");
            assert_eq!(last_stage(&moved_in_one_moment(&["C", "B", "C"], &rows)), "C", "there and back");
            assert_eq!(last_stage(&moved_in_one_moment(&["A", "C", "B"], &rows)), "B");
        }
    }

    proptest! {
        #[test]
        fn the_order_of_rows_is_no_matter(rows in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle()) {
            let stages = ["C", "A", "B", "A", "D", "A", "B"];
            prop_assert_eq!(last_stage(&moved_in_one_moment(&stages, &rows)), "B");
        }
    }
}
