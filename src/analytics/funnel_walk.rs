//! One deal's way through the funnel: which stages it was in, which it skipped, how it left each for the last time.
//!
//! [`Timeline`], [`Spell`]s and [`Snapshot`] in, [`DealFacts`] out, one deal at a time on a reused buffer.

use super::deal_values::DealValues;
use super::funnel_counts::{DealFacts, LastExit, Visit};
use super::survival::Cause;
use crate::domain::code::NO_DAY;
use crate::domain::stage::{StageId, StageKind, StageList, UNKNOWN_STAGE};
use crate::snapshot::Snapshot;
use crate::timeline::{DealHead, Exit, Spell, Timeline};

/// Slots of a funnel: the stages, then open in an unknown stage, won and lost outside any stage of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slots {
    stages: usize,
}

impl Slots {
    pub fn of(stages: &StageList) -> Self {
        Self { stages: stages.stages().len() }
    }

    pub fn count(self) -> usize {
        self.stages + 3
    }

    /// Names by slot.
    pub fn names(stages: &StageList) -> Vec<String> {
        let named = stages.names().iter().cloned();
        named.chain(["(unknown)", "(won)", "(lost)"].map(str::to_owned)).collect()
    }

    /// Whether `slot` is in the stage list.
    pub fn is_stage(self, slot: usize) -> bool {
        slot < self.stages
    }

    /// Where a deal of `kind` in `stage` rests.
    fn resting(self, stages: &StageList, kind: StageKind, stage: StageId) -> usize {
        match kind {
            _ if stages.get(stage).is_some_and(|stage| stage.kind == kind) => usize::from(stage),
            StageKind::Open => self.stages,
            StageKind::Won => self.stages + 1,
            StageKind::Lost => self.stages + 2,
        }
    }
}

/// Reads deals; one per thread, for its buffers.
pub(super) struct Walker<'a> {
    timeline: &'a Timeline,
    spells: &'a [Spell],
    snapshot: &'a Snapshot,
    values: &'a DealValues,
    offsets: &'a [usize],
    open_stages: Vec<StageId>,
    visits: Vec<Visit>,
    skipped: Vec<StageId>,
}

impl<'a> Walker<'a> {
    /// `offsets` are those of [`spell_offsets`].
    pub fn new(
        timeline: &'a Timeline,
        spells: &'a [Spell],
        snapshot: &'a Snapshot,
        values: &'a DealValues,
        offsets: &'a [usize],
    ) -> Self {
        let stages = 0..timeline.stages.stages().len() as StageId;
        let open_stages = stages.filter(|&stage| timeline.stages.kind(stage) == StageKind::Open).collect();
        Self { timeline, spells, snapshot, values, offsets, open_stages, visits: Vec::new(), skipped: Vec::new() }
    }

    /// The facts of deal `deal`.
    pub fn deal(&mut self, deal: usize) -> DealFacts<'_> {
        let head = &self.timeline.deals[deal];
        let stages = &self.timeline.stages;
        self.visits.clear();
        self.skipped.clear();
        if head.stage_tracked {
            let spells = &self.spells[self.offsets[deal]..self.offsets[deal + 1]];
            self.visit(spells, self.end(head));
            // What a deal did before its history begins is not known, so nothing can be said to be skipped.
            if spells.iter().all(|spell| spell.stage != UNKNOWN_STAGE) {
                self.skip(head);
            }
        }
        DealFacts {
            kind: head.kind,
            resting_slot: Slots::of(stages).resting(stages, head.kind, self.snapshot.states[deal].stage),
            cycle_days: self.end(head).map(|end| end.saturating_sub(head.created.0)),
            value_minor: self.values.get(deal),
            visits: &self.visits,
            skipped: &self.skipped,
        }
    }

    /// Merges the stays of a deal by stage.
    fn visit(&mut self, spells: &[Spell], end: Option<i32>) {
        for spell in spells {
            let exit = match spell.exit {
                Exit::Advanced(_) | Exit::Won => LastExit::Left(Cause::Advance),
                Exit::Lost => LastExit::Left(Cause::Lost),
                Exit::Back(_) => LastExit::Left(Cause::Back),
                Exit::StillThere => LastExit::StillThere,
            };
            if let Some(visit) = self.visits.iter_mut().find(|visit| visit.stage == spell.stage) {
                visit.exit = exit;
                visit.days = visit.days.saturating_add(spell.days());
            } else if self.timeline.stages.get(spell.stage).is_some() {
                let days_to_close = end.map(|end| end.saturating_sub(spell.entered.0));
                self.visits.push(Visit { stage: spell.stage, exit, days: spell.days(), days_to_close });
            }
        }
    }

    /// Stages of the deal's pipeline before the furthest one reached (all, for a won deal) in which the deal never was.
    fn skip(&mut self, head: &DealHead) {
        let furthest = self.visits.iter().map(|visit| visit.stage).max();
        let before = |stage: StageId| furthest.is_some_and(|furthest| stage < furthest);
        let own = |stage: StageId| self.timeline.stages.is_of(stage, head.pipeline);
        let passed = |stage: StageId| own(stage) && (head.kind == StageKind::Won || before(stage));
        let never = |stage: StageId| self.visits.iter().all(|visit| visit.stage != stage);
        self.skipped.extend(self.open_stages.iter().copied().filter(|&stage| passed(stage) && never(stage)));
    }

    /// Day the deal closed, the as-of day while open, `None` where the closing day is unknown.
    fn end(&self, head: &DealHead) -> Option<i32> {
        match head.kind {
            StageKind::Open => Some(self.timeline.as_of.0),
            _ => (head.closed != NO_DAY).then_some(head.closed),
        }
    }
}

/// `spells[offsets[i]..offsets[i + 1]]` belong to deal `i`; spells come in the order of the deals.
pub(super) fn spell_offsets(deals: usize, spells: &[Spell]) -> Vec<usize> {
    let mut offsets = Vec::with_capacity(deals + 1);
    let mut next = 0;
    for deal in 0..deals {
        offsets.push(next);
        next += spells[next..].iter().take_while(|spell| spell.deal as usize == deal).count();
    }
    offsets.push(next);
    offsets
}
