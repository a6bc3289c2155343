//! Stays of deals in stages, with how each ended: the raw material of stagnation and funnel.

use rayon::prelude::*;

use crate::domain::day::Day;
use crate::domain::stage::{StageId, StageKind, StageList, UNKNOWN_STAGE};
use crate::timeline::bucket::DEALS_PER_CHUNK;
use crate::timeline::{DealHead, Step, Timeline};

/// How a stay in a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Into a later open stage, or from an unknown stage into a known one.
    Advanced(StageId),
    /// Into an earlier open stage.
    Back(StageId),
    /// The deal was won from here.
    Won,
    /// The deal was lost from here.
    Lost,
    /// Not ended as of the timeline's day (censored).
    StillThere,
}

/// One stay of one deal in one open stage. Days are whole days between dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Index in [`Timeline::deals`].
    pub deal: u32,
    /// The stage, [`UNKNOWN_STAGE`](crate::domain::stage::UNKNOWN_STAGE) where history does not say. A deal without
    /// stage history has one stay in it, its whole open life.
    pub stage: StageId,
    /// Day it began.
    pub entered: Day,
    /// Day it ended, or the as-of day for [`Exit::StillThere`].
    pub left: Day,
    /// How it ended.
    pub exit: Exit,
}

impl Stay {
    /// Length of the stay in days, 0 for one that ended the day it began.
    #[must_use]
    pub fn days(&self) -> i32 {
        self.left.0 - self.entered.0
    }
}

/// The open stages of `pipeline` strictly between `from` and a later `to`: those a move from one to the other jumps over.
pub fn stages_between(stages: &StageList, pipeline: u32, from: StageId, to: StageId) -> impl Iterator<Item = StageId> {
    let is_open = |id| stages.get(id).is_some_and(|stage| stage.kind == StageKind::Open);
    (from.saturating_add(1)..to).filter(move |&id| is_open(id) && stages.is_of(id, pipeline))
}

impl Timeline {
    /// Every stay of every deal in an open stage, by deal and time.
    #[must_use]
    pub fn stays(&self) -> Vec<Stay> {
        let chunk = |(chunk, heads): (usize, &[DealHead])| {
            let mut stays = Vec::with_capacity(2 * heads.len());
            for (i, head) in heads.iter().enumerate() {
                self.add_stays_of(chunk * DEALS_PER_CHUNK + i, head, &mut stays);
            }
            stays
        };
        let parts: Vec<Vec<Stay>> = self.deals.par_chunks(DEALS_PER_CHUNK).enumerate().map(chunk).collect();
        let mut stays = Vec::with_capacity(parts.iter().map(Vec::len).sum());
        parts.into_iter().for_each(|part| stays.extend(part));
        stays
    }

    /// The stays of deal `i`.
    #[must_use]
    pub fn stays_of(&self, i: usize) -> Vec<Stay> {
        let mut stays = Vec::new();
        self.add_stays_of(i, &self.deals[i], &mut stays);
        stays
    }

    fn add_stays_of(&self, i: usize, head: &DealHead, stays: &mut Vec<Stay>) {
        let steps = self.steps_of(i);
        let mut rest = steps;
        while let Some(first) = rest.first() {
            let stay = rest.iter().take_while(|step| step.stage == first.stage).count();
            rest = &rest[stay..];
            if self.stages.kind(first.stage) != StageKind::Open {
                continue;
            }
            stays.push(Stay {
                deal: i as u32,
                stage: if head.stage_tracked { first.stage } else { UNKNOWN_STAGE },
                entered: first.at.day(),
                left: rest.first().map_or(self.as_of, |next| next.at.day()),
                exit: rest.first().map_or(Exit::StillThere, |next| self.exit(first, next)),
            });
        }
    }

    fn exit(&self, from: &Step, to: &Step) -> Exit {
        match self.stages.kind(to.stage) {
            StageKind::Won => Exit::Won,
            StageKind::Lost => Exit::Lost,
            StageKind::Open if from.stage == UNKNOWN_STAGE || to.stage > from.stage => Exit::Advanced(to.stage),
            StageKind::Open => Exit::Back(to.stage),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::NO_CODE;
    use crate::timeline::fixtures::World;

    /// `(stage, entered, left, exit)` of all stays as of day 100.
    fn stays(world: &World) -> Vec<(String, i32, i32, Exit)> {
        let timeline = world.timeline(100);
        let stay = |s: &Stay| (timeline.stages.name(s.stage).to_owned(), s.entered.0, s.left.0, s.exit);
        timeline.stays().iter().map(stay).collect()
    }

    fn stay(stage: &str, entered: i32, left: i32, exit: Exit) -> (String, i32, i32, Exit) {
        (stage.to_owned(), entered, left, exit)
    }

    /// A deal that settles the order of the stages 0 New, 1 Demo, 2 Offer, 3 Won; its stays come last.
    fn pattern(world: World) -> World {
        world.deal("z", 0, "Offer").moved(0, "New").moved(1, "Demo").moved(2, "Offer")
    }

    #[test]
    fn every_exit_has_its_name() {
        let world = World::default().deal("a", 10, "Won").moved(10, "New").moved(20, "Offer").moved(26, "Demo");
        let world = pattern(world.moved(30, "Won").deal("b", 90, "Demo").moved(90, "Demo"));
        let expected = [
            stay("New", 10, 20, Exit::Advanced(2)),
            stay("Offer", 20, 26, Exit::Back(1)),
            stay("Demo", 26, 30, Exit::Won),
            stay("Demo", 90, 100, Exit::StillThere),
        ];
        assert_eq!(stays(&world)[..4], expected);
    }

    #[test]
    fn repeated_stages_go_on_and_closed_time_is_no_stay() {
        let world = World::default().deal("a", 10, "Demo").moved(10, "New").moved(12, "New").moved(20, "Lost");
        let world = pattern(world.moved(40, "Demo"));
        let expected = [stay("New", 10, 20, Exit::Lost), stay("Demo", 40, 100, Exit::StillThere)];
        assert_eq!(stays(&world)[..2], expected);
    }

    #[test]
    fn a_life_without_history_is_one_stay_in_an_unknown_stage() {
        let world = World::default().deal("a", 10, "Won").closed(30).deal("b", 80, "Demo").deal("c", 60, "Demo");
        let expected = [
            stay("(unknown)", 10, 30, Exit::Won),
            stay("(unknown)", 80, 100, Exit::StillThere),
            stay("(unknown)", 60, 70, Exit::Advanced(0)),
            stay("Demo", 70, 100, Exit::StillThere),
        ];
        assert_eq!(stays(&world.moved(70, "Demo")), expected);
    }

    #[test]
    fn a_forward_move_jumps_over_open_stages_only() {
        let timeline = pattern(World::default().deal("a", 0, "Won").closed(9)).timeline(100);
        assert_eq!(stages_between(&timeline.stages, NO_CODE, 0, 2).collect::<Vec<_>>(), [1]);
        assert_eq!(stages_between(&timeline.stages, NO_CODE, 0, 3).count(), 2);
        assert_eq!(stages_between(&timeline.stages, NO_CODE, 2, 0).count(), 0);
        assert_eq!(stages_between(&timeline.stages, NO_CODE, UNKNOWN_STAGE, 2).count(), 0);
    }
}
