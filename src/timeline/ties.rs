//! The order of a deal's changes: by time, and where moments tie by what the rows say, never by where they stand.
//!
//! Moves of one moment that tell old stages follow each other: each begins where the one before led to, the first where the
//! deal was. Of other fields the old value no other row leads to comes first, the new value no other row leads on from comes
//! last. Without old values stages stand in the order of the process, which `story` knows; all
//! else in the order of its values: the largest, latest or last by name is what holds from the moment on.

use std::collections::{HashMap, VecDeque};

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
            chain(changes, ranks, before, &mut rest[..tied]);
        }
        known += tied;
    }
}

/// All a row says, moment first.
fn content(changes: &Changes, ranks: &NameRanks, row: usize) -> impl Ord + use<> {
    let moment = (changes.at[row], !changes.prior[row], !changes.stage_emptied[row]);
    let names = (rank(&ranks.stages, changes.stage[row]), rank(&ranks.owners, changes.owner[row]));
    let category = changes.category[row].map(|category| category as u8);
    // Chances are 0 to 1: their bits stand in their order, and none is out of it but the same for all.
    let chance = changes.probability[row].bits();
    let amount = (changes.amount_minor[row], changes.currency(row));
    (moment, names.0, amount, changes.expected_close[row], names.1, category, chance)
}

/// Puts moves one behind the other, and the ends of other chains, field by field, where they belong among the rows of one
/// moment.
fn chain(changes: &Changes, ranks: &NameRanks, before: &[u32], tied: &mut [u32]) {
    if !changes.prior[tied[0] as usize] {
        return;
    }
    put_moves_in_order(changes, ranks, before, tied);
    chain_of(changes, before, tied, &|row| of(changes.amount_minor[row as usize]));
    chain_of(changes, before, tied, &|row| of(changes.expected_close[row as usize]));
    chain_of(changes, before, tied, &|row| of(changes.owner[row as usize]));
    chain_of(changes, before, tied, &|row| of(changes.probability[row as usize]));
    chain_of(changes, before, tied, &|row| changes.category[row as usize].map(|category| category as u64));
}

/// A row that moves a deal to a stage, with the row that tells the old one.
#[derive(Clone, Copy)]
struct Move {
    old_row: Option<u32>,
    new_row: u32,
    from: Maybe<StageNameId>,
    to: Maybe<StageNameId>,
}

impl Move {
    /// The move of a row, if it is one. The row that tells the old stage stands before it in the log.
    fn of(changes: &Changes, new_row: u32) -> Option<Self> {
        let row = new_row as usize;
        if changes.prior[row] || changes.stage[row].is_none() && !changes.stage_emptied[row] {
            return None;
        }
        let is_told = |old: &usize| {
            let same = (changes.deal[*old], changes.at[*old]) == (changes.deal[row], changes.at[row]);
            same && changes.prior[*old] && changes.stage[*old].is_some()
        };
        let old = row.checked_sub(1).filter(is_told);
        let from = old.map_or(Maybe::NONE, |old| changes.stage[old]);
        Some(Self { old_row: old.map(|old| old as u32), new_row, from, to: changes.stage[row] })
    }
}

/// Puts the moves of one moment into an order in which each begins where the one before led to.
fn put_moves_in_order(changes: &Changes, ranks: &NameRanks, before: &[u32], tied: &mut [u32]) {
    let mut moves: Vec<Move> = tied.iter().filter_map(|&row| Move::of(changes, row)).collect();
    if moves.len() < 2 || moves.iter().all(|one| one.old_row.is_none()) {
        return;
    }
    // Moves that say the same are the same here: their order is no matter.
    moves.sort_by_key(|one| (rank(&ranks.stages, one.from), rank(&ranks.stages, one.to)));
    let held = before.iter().rev().find_map(|&row| Move::of(changes, row)).map(|last| last.to);
    let path = path_of(moves, held);
    let places: Vec<usize> = (0..tied.len()).filter(|&at| Move::of(changes, tied[at]).is_some()).collect();
    for (at, one) in places.into_iter().zip(&path) {
        tied[at] = one.new_row;
    }
    let first = path.first().and_then(|first| tied.iter().position(|row| Some(*row) == first.old_row));
    if let Some(at) = first {
        tied[..=at].rotate_right(1);
    }
}

/// All `moves`, each from where the one before led to as far as that goes: from the stage that was `held`, else from one that
/// more moves leave than lead to (Hierholzer's way to walk every road once).
fn path_of(moves: Vec<Move>, held: Option<Maybe<StageNameId>>) -> Vec<Move> {
    let mut path: Vec<Move> = Vec::with_capacity(moves.len());
    let mut roads = Roads::of(moves);
    while let Some(first) = roads.first() {
        let at = path.last().map(|last| last.to).or(held);
        let start = at.filter(|&stage| roads.leave(stage)).or_else(|| roads.with_surplus());
        path.extend(roads.walk(start.unwrap_or(first)));
    }
    path
}

/// Moves that are not walked yet, by the stage they leave.
struct Roads {
    /// In the order of the moves given.
    from: Vec<(Maybe<StageNameId>, VecDeque<Move>)>,
    place: HashMap<Option<u64>, usize>,
    /// How many more moves leave a stage than lead to it.
    surplus: HashMap<Option<u64>, i64>,
    /// Stages before this place have no move left.
    begin: usize,
}

impl Roads {
    fn of(moves: Vec<Move>) -> Self {
        let mut roads = Self { from: Vec::new(), place: HashMap::new(), surplus: HashMap::new(), begin: 0 };
        for one in moves {
            *roads.surplus.entry(of(one.from)).or_default() += 1;
            *roads.surplus.entry(of(one.to)).or_default() -= 1;
            let at = *roads.place.entry(of(one.from)).or_insert_with(|| {
                roads.from.push((one.from, VecDeque::new()));
                roads.from.len() - 1
            });
            roads.from[at].1.push_back(one);
        }
        roads
    }

    /// The first stage that a move leaves.
    fn first(&mut self) -> Option<Maybe<StageNameId>> {
        while self.from.get(self.begin).is_some_and(|(_, moves)| moves.is_empty()) {
            self.begin += 1;
        }
        self.from.get(self.begin).map(|(stage, _)| *stage)
    }

    fn leave(&self, stage: Maybe<StageNameId>) -> bool {
        self.place.get(&of(stage)).is_some_and(|at| !self.from[*at].1.is_empty())
    }

    /// The first stage that more moves leave than lead to.
    fn with_surplus(&self) -> Option<Maybe<StageNameId>> {
        let left = self.from[self.begin..].iter().filter(|(_, moves)| !moves.is_empty()).map(|(stage, _)| *stage);
        left.into_iter().find(|stage| self.surplus.get(&of(*stage)).is_some_and(|surplus| *surplus > 0))
    }

    /// The next move that leaves `stage`; it is walked then.
    fn take(&mut self, stage: Maybe<StageNameId>) -> Option<Move> {
        let at = *self.place.get(&of(stage))?;
        let one = self.from[at].1.pop_front()?;
        *self.surplus.entry(of(one.from)).or_default() -= 1;
        *self.surplus.entry(of(one.to)).or_default() += 1;
        Some(one)
    }

    /// The walk from `start` over the roads that lead on from there.
    fn walk(&mut self, start: Maybe<StageNameId>) -> Vec<Move> {
        let (mut stack, mut walked): (Vec<Move>, Vec<Move>) = (Vec::new(), Vec::new());
        loop {
            let here = stack.last().map_or(start, |last| last.to);
            match self.take(here) {
                Some(one) => stack.push(one),
                None => match stack.pop() {
                    Some(done) => walked.push(done),
                    None => break,
                },
            }
        }
        walked.reverse();
        walked
    }
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
    let mut surplus: HashMap<u64, i64> = HashMap::new();
    here.iter().for_each(|value| *surplus.entry(*value).or_default() += 1);
    there.iter().for_each(|value| *surplus.entry(*value).or_default() -= 1);
    let mut more = here.iter().copied().filter(|value| surplus[value] > 0);
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

    #[test]
    fn moves_of_one_moment_are_passed_one_after_the_other() {
        for rows in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let timeline = moved_in_one_moment(&["A", "C", "B", "D"], &rows).timeline(50);
            let names: Vec<&str> = timeline.steps.iter().map(|step| timeline.stages.name(step.stage)).collect();
            assert_eq!(names, ["(unknown)", "A", "C", "B", "D"]);
        }
    }

    /// Looking through all other rows for each would take minutes.
    #[test]
    fn many_rows_of_one_moment_take_no_time() {
        let stages: Vec<&'static str> = ["A", "B", "C", "D"].into_iter().cycle().take(60_001).collect();
        let rows: Vec<usize> = (0..60_000).rev().collect();
        assert_eq!(last_stage(&moved_in_one_moment(&stages, &rows)), "A");
    }

    proptest! {
        #[test]
        fn the_order_of_rows_is_no_matter(rows in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle()) {
            let stages = ["C", "A", "B", "A", "D", "A", "B"];
            prop_assert_eq!(last_stage(&moved_in_one_moment(&stages, &rows)), "B");
        }
    }
}
