//! Stays of deals in stages, with how each ended: the raw material of stagnation and funnel.

use rayon::prelude::*;

use super::bucket::DEALS_PER_CHUNK;
use super::{DealHead, Step, Timeline};
use crate::domain::day::Day;
use crate::domain::stage::{StageId, StageKind, StageList, UNKNOWN_STAGE};

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
pub struct Spell {
    /// Index in [`Timeline::deals`].
    pub deal: u32,
    /// The stage, [`UNKNOWN_STAGE`](crate::domain::stage::UNKNOWN_STAGE) where history does not say. A deal without
    /// stage history has one spell in it, its whole open life.
    pub stage: StageId,
    /// Day it began.
    pub entered: Day,
    /// Day it ended, or the as-of day for [`Exit::StillThere`].
    pub left: Day,
    /// How it ended.
    pub exit: Exit,
}

impl Spell {
    /// Length of the stay in days, 0 for one that ended the day it began.
    #[must_use]
    pub fn days(&self) -> i32 {
        self.left.0 - self.entered.0
    }
}

/// The open stages strictly between `from` and a later `to`: those a move from one to the other jumps over.
pub fn stages_between(stages: &StageList, from: StageId, to: StageId) -> impl Iterator<Item = StageId> {
    (from.saturating_add(1)..to).filter(|&id| stages.get(id).is_some_and(|stage| stage.kind == StageKind::Open))
}

impl Timeline {
    /// Every stay of every deal in an open stage, by deal and time.
    #[must_use]
    pub fn spells(&self) -> Vec<Spell> {
        let chunk = |(chunk, heads): (usize, &[DealHead])| {
            let mut spells = Vec::with_capacity(2 * heads.len());
            for (i, head) in heads.iter().enumerate() {
                self.spells_of(chunk * DEALS_PER_CHUNK + i, head, &mut spells);
            }
            spells
        };
        let parts: Vec<Vec<Spell>> = self.deals.par_chunks(DEALS_PER_CHUNK).enumerate().map(chunk).collect();
        let mut spells = Vec::with_capacity(parts.iter().map(Vec::len).sum());
        parts.into_iter().for_each(|part| spells.extend(part));
        spells
    }

    fn spells_of(&self, i: usize, head: &DealHead, spells: &mut Vec<Spell>) {
        let steps = self.steps_of(i);
        let mut rest = steps;
        while let Some(first) = rest.first() {
            let stay = rest.iter().take_while(|step| step.stage == first.stage).count();
            rest = &rest[stay..];
            if self.stages.kind(first.stage) != StageKind::Open {
                continue;
            }
            spells.push(Spell {
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
