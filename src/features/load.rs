//! How many open deals an owner had on a morning: the timeline's creations, closings and changes of owner, counted.
//!
//! The same count serves past landmarks and today's scores, and every deal takes part, sampled for training or not.

use crate::domain::day::Day;
use crate::domain::ids::OwnerId;
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::timeline::Timeline;

/// Open deals per owner over time.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenLoad {
    /// `changes[offsets[o]..offsets[o + 1]]` belong to the owner at position `o`.
    offsets: Vec<usize>,
    /// First morning a count holds, and the count, by owner and morning.
    changes: Vec<(i32, i32)>,
}

/// A deal comes to an owner or leaves one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct LoadChange {
    owner: OwnerId,
    /// First morning it shows.
    morning: i32,
    /// 1 or -1.
    change: i32,
}

impl OpenLoad {
    /// Counts the deals of a timeline. A deal is open from the morning after its creation to the morning of its
    /// final closing; deals closed on an unknown day do not count.
    pub(super) fn of(timeline: &Timeline, owners: usize) -> Self {
        let mut events: Vec<LoadChange> = Vec::with_capacity(2 * timeline.deals.len());
        for (deal, head) in timeline.deal_ids().zip(&timeline.deals) {
            let end = match (head.kind, head.closed.get()) {
                (StageKind::Open, _) => i32::MAX,
                (StageKind::Won | StageKind::Lost, Some(closed)) => closed.plus(1).0,
                (StageKind::Won | StageKind::Lost, None) => continue,
            };
            let mut held: Maybe<OwnerId> = Maybe::NONE;
            for step in timeline.steps_of(deal) {
                let from = step.at.day().max(head.created).plus(1).0;
                if held != step.owner && from < end {
                    events.extend(held.get().map(|owner| LoadChange { owner, morning: from, change: -1 }));
                    events.extend(step.owner.get().map(|owner| LoadChange { owner, morning: from, change: 1 }));
                    held = step.owner;
                }
            }
            let closed = held.get().filter(|_| end < i32::MAX);
            events.extend(closed.map(|owner| LoadChange { owner, morning: end, change: -1 }));
        }
        events.retain(|event| event.owner.index() < owners);
        events.sort_unstable();
        Self::accumulate(&events, owners)
    }

    fn accumulate(events: &[LoadChange], owners: usize) -> Self {
        let mut load = Self { offsets: vec![0; owners + 1], changes: Vec::new() };
        for owned in events.chunk_by(|a, b| a.owner == b.owner) {
            let mut open = 0;
            for at_once in owned.chunk_by(|a, b| a.morning == b.morning) {
                open += at_once.iter().map(|event| event.change).sum::<i32>();
                load.changes.push((at_once[0].morning, open));
            }
            load.offsets[owned[0].owner.index() + 1] = load.changes.len();
        }
        for o in 1..load.offsets.len() {
            load.offsets[o] = load.offsets[o].max(load.offsets[o - 1]);
        }
        load
    }

    /// The open deals of an owner on a morning; `None` for an owner nobody knows.
    pub(super) fn at(&self, owner: OwnerId, morning: Day) -> Option<i32> {
        let bounds = self.offsets.get(owner.index()..)?.get(..2)?;
        let changes = &self.changes[bounds[0]..bounds[1]];
        let passed = changes.partition_point(|&(from, _)| from <= morning.0);
        Some(if passed == 0 { 0 } else { changes[passed - 1].1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DealIx;
    use crate::snapshot::replay;
    use crate::timeline::fixtures::{World, worlds};
    use proptest::prelude::*;

    fn loads(world: &World, as_of: i32, owner: &str, mornings: &[i32]) -> Vec<Option<i32>> {
        let (tables, timeline) = (world.tables(), world.timeline(as_of));
        let load = OpenLoad::of(&timeline, tables.owners.len());
        let owner = tables.owners.code(owner).unwrap_or(OwnerId::at(tables.owners.len()));
        mornings.iter().map(|&morning| load.at(owner, Day(morning))).collect()
    }

    #[test]
    fn a_deal_counts_while_it_is_open_and_for_whom_it_belongs_to() {
        let owned = |world: World, owner: &'static str, day| world.logged(day, |row| row.owner = Some(owner));
        let world = owned(World::default().deal("a", 10, "New"), "ann", 10);
        let world = owned(owned(world.deal("b", 20, "Lost").closed(40), "ann", 20), "bob", 30);
        let mornings = [10, 11, 20, 21, 30, 31, 40, 41];
        assert_eq!(loads(&world, 60, "ann", &mornings), [0, 1, 1, 2, 2, 1, 1, 1].map(Some));
        assert_eq!(loads(&world, 60, "bob", &mornings), [0, 0, 0, 0, 0, 1, 1, 0].map(Some));
        assert_eq!(loads(&world, 60, "nobody", &[30]), [None]);
    }

    proptest! {
        /// Where no deal was ever reopened, the count is the number of deals the replay finds open with that owner.
        #[test]
        fn the_load_is_what_a_replay_of_every_deal_counts(world in worlds(), morning in 1..60_i32) {
            let (tables, timeline) = (world.tables(), world.timeline(60));
            let load = OpenLoad::of(&timeline, tables.owners.len());
            let closed_for_good = |deal: DealIx, day: Day| {
                let head = timeline.head(deal);
                head.kind != StageKind::Open && head.closed.get().is_none_or(|closed| closed < day)
            };
            let mut expected = vec![0; tables.owners.len()];
            for deal in timeline.deal_ids().filter(|&deal| !closed_for_good(deal, Day(morning))) {
                replay(&timeline, deal, &[Day(morning)], &mut |state| {
                    if let Some(owner) = state.owner.get() { expected[owner.index()] += 1; }
                });
            }
            for (owner, count) in expected.into_iter().enumerate() {
                prop_assert_eq!(load.at(OwnerId::at(owner), Day(morning)), Some(count));
            }
        }
    }
}
