//! Stays of deals in stages, with how each ended: the raw material of stagnation and funnel.

use rayon::prelude::*;

use crate::domain::day::Day;
use crate::domain::ids::{DealIx, PipelineId, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{StageKind, StageList};
use crate::timeline::bucket::DEALS_PER_CHUNK;
use crate::timeline::deal_history::{DealHead, Step, Timeline};

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
    pub deal: DealIx,
    /// The stage, none where history does not say. A deal without stage history has one stay in no known stage, its
    /// whole open life.
    pub stage: Maybe<StageId>,
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
pub fn stages_between(
    stages: &StageList,
    pipeline: Maybe<PipelineId>,
    from: StageId,
    to: StageId,
) -> impl Iterator<Item = StageId> {
    stages.ids_between(from, to).filter(move |&id| stages.kind(id) == StageKind::Open && stages.is_of(id, pipeline))
}

impl Timeline {
    /// Every stay of every deal in an open stage, by deal and time.
    #[must_use]
    pub fn stays(&self) -> Vec<Stay> {
        let chunks = self.deals.par_chunks(DEALS_PER_CHUNK).enumerate();
        let parts: Vec<Vec<Stay>> = chunks.map(|(chunk, heads)| self.stays_of_chunk(chunk, heads)).collect();
        let mut stays = Vec::with_capacity(parts.iter().map(Vec::len).sum());
        parts.into_iter().for_each(|part| stays.extend(part));
        stays
    }

    fn stays_of_chunk(&self, chunk: usize, heads: &[DealHead]) -> Vec<Stay> {
        let mut stays = Vec::with_capacity(2 * heads.len());
        for (i, head) in heads.iter().enumerate() {
            self.add_stays_of(DealIx::at(chunk * DEALS_PER_CHUNK + i), head, &mut stays);
        }
        stays
    }

    /// The stays of a deal.
    #[must_use]
    pub fn stays_of(&self, deal: DealIx) -> Vec<Stay> {
        let mut stays = Vec::new();
        self.add_stays_of(deal, self.head(deal), &mut stays);
        stays
    }

    fn add_stays_of(&self, deal: DealIx, head: &DealHead, stays: &mut Vec<Stay>) {
        let steps = self.steps_of(deal);
        let mut rest = steps;
        while let Some(first) = rest.first() {
            let stay = rest.iter().take_while(|step| step.stage == first.stage).count();
            rest = &rest[stay..];
            if self.stages.kind(first.stage) != StageKind::Open {
                continue;
            }
            stays.push(Stay {
                deal,
                stage: if head.stage_tracked { first.stage } else { Maybe::NONE },
                entered: first.at.day(),
                left: rest.first().map_or(self.as_of, |next| next.at.day()),
                exit: self.exit(first, rest),
            });
        }
    }

    /// How a stay that began with `from` ended in the steps `after` it: a stage without a name says nothing, the next one does.
    fn exit(&self, from: &Step, after: &[Step]) -> Exit {
        let named = |step: &&Step| step.stage.is_some();
        let Some(to) = after.iter().find(named).or(after.first()) else { return Exit::StillThere };
        match (self.stages.kind(to.stage), from.stage.get(), to.stage.get()) {
            (StageKind::Won, ..) => Exit::Won,
            (StageKind::Lost, ..) => Exit::Lost,
            (StageKind::Open, Some(from), Some(to)) if to < from => Exit::Back(to),
            (StageKind::Open, _, Some(to)) => Exit::Advanced(to),
            // into a stage without a name, and nothing after it
            (StageKind::Open, _, None) => Exit::StillThere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            stay("New", 10, 20, Exit::Advanced(StageId::at(2))),
            stay("Offer", 20, 26, Exit::Back(StageId::at(1))),
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
            stay("(unknown)", 60, 70, Exit::Advanced(StageId::at(0))),
            stay("Demo", 70, 100, Exit::StillThere),
        ];
        assert_eq!(stays(&world.moved(70, "Demo")), expected);
    }

    #[test]
    fn a_forward_move_jumps_over_open_stages_only() {
        let timeline = pattern(World::default().deal("a", 0, "Won").closed(9)).timeline(100);
        let between = |from, to| {
            let stages = stages_between(&timeline.stages, Maybe::NONE, StageId::at(from), StageId::at(to));
            stages.map(StageId::index).collect::<Vec<_>>()
        };
        assert_eq!(between(0, 2), [1]);
        assert_eq!(between(0, 3), [1, 2]);
        assert!(between(2, 0).is_empty());
    }
}
