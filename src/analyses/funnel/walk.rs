//! One deal's way through the funnel: which stages it was in, which it skipped, how it left each for the last time.
//!
//! [`Timeline`], [`Stay`]s and [`Snapshot`] in, [`DealFacts`] out, one deal at a time on a reused buffer.

use super::counts::{DealFacts, LastExit, Visit, Wait};
use crate::books::deal_values::DealValues;
use crate::domain::day::Day;
use crate::domain::ids::{DealIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{StageKind, StageList};
use crate::snapshot::Snapshot;
use crate::stats::survival::ExitCause;
use crate::timeline::{DealHead, Exit, Stay, Step, Timeline};

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

    /// Whether deals that are in `slot` are open, won or lost.
    pub fn kind(self, stages: &StageList, slot: usize) -> StageKind {
        match slot.checked_sub(self.stages) {
            None => stages.kind(StageId::at(slot)),
            Some(0) => StageKind::Open,
            Some(1) => StageKind::Won,
            Some(_) => StageKind::Lost,
        }
    }

    /// Where a deal of `kind` in `stage` rests.
    fn resting(self, stages: &StageList, kind: StageKind, stage: Maybe<StageId>) -> usize {
        match (stage.get().filter(|stage| stages.kind(*stage) == kind), kind) {
            (Some(stage), _) => stage.index(),
            (None, StageKind::Open) => self.stages,
            (None, StageKind::Won) => self.stages + 1,
            (None, StageKind::Lost) => self.stages + 2,
        }
    }
}

/// Reads deals; one per thread, for its buffers.
pub(super) struct Walker<'a> {
    timeline: &'a Timeline,
    stays: &'a [Stay],
    snapshot: &'a Snapshot,
    values: &'a DealValues,
    offsets: &'a [usize],
    open_stages: Vec<StageId>,
    visits: Vec<Visit>,
    skipped: Vec<StageId>,
}

impl<'a> Walker<'a> {
    /// `offsets` are those of [`stay_offsets`].
    pub fn new(
        timeline: &'a Timeline,
        stays: &'a [Stay],
        snapshot: &'a Snapshot,
        values: &'a DealValues,
        offsets: &'a [usize],
    ) -> Self {
        let open_stages =
            timeline.stages.ids().filter(|&stage| timeline.stages.kind(stage) == StageKind::Open).collect();
        Self { timeline, stays, snapshot, values, offsets, open_stages, visits: Vec::new(), skipped: Vec::new() }
    }

    /// The facts of `deal` of the days from `from` on; of all days for [`EVER`].
    pub fn deal(&mut self, deal: DealIx, from: Option<Day>) -> DealFacts<'_> {
        let head = self.timeline.head(deal);
        let stages = &self.timeline.stages;
        let end = self.end(head);
        let counted = from.is_none() || end.is_some_and(|end| is_since(end, from));
        self.visits.clear();
        self.skipped.clear();
        if head.stage_tracked {
            if counted {
                let stays = &self.stays[self.offsets[deal.index()]..self.offsets[deal.index() + 1]];
                stays.iter().for_each(|stay| self.stay(stay, end, from));
                // What a deal did before its history begins is not known, so nothing can be said to be skipped.
                if stays.iter().all(|stay| stay.stage.is_some()) {
                    self.skip(head, stays, from);
                }
            }
            if head.kind == StageKind::Won {
                self.after_the_sale(deal, head, from);
            }
        }
        DealFacts {
            kind: head.kind,
            counted,
            resting_slot: Slots::of(stages).resting(stages, head.kind, self.snapshot.state(deal).stage),
            cycle: end.map(|end| wait(head.created, end, from)),
            value_minor: self.values.get(deal),
            visits: &self.visits,
            skipped: &self.skipped,
        }
    }

    /// Takes a stay together with those before it in the stage. `end` is that of the sale, where it is known.
    fn stay(&mut self, stay: &Stay, end: Option<Day>, from: Option<Day>) {
        let Some(stage) = stay.stage.get() else { return };
        let exit = match stay.exit {
            Exit::Advanced(_) | Exit::Won => LastExit::Left(ExitCause::Advance),
            Exit::Lost => LastExit::Left(ExitCause::Lost),
            Exit::Back(_) => LastExit::Left(ExitCause::Back),
            Exit::StillThere => LastExit::StillThere,
        };
        let at = self.visits.iter().position(|visit| visit.stage == stage).unwrap_or_else(|| {
            let to_close = end.map(|end| wait(stay.entered, end, from));
            let (days, days_before, moves_back, seen) = (0, 0, 0, false);
            self.visits.push(Visit { stage, exit, days, days_before, moves_back, seen, to_close });
            self.visits.len() - 1
        });
        let visit = &mut self.visits[at];
        let Wait { days, days_before } = wait(stay.entered, stay.left, from);
        let seen = exit == LastExit::StillThere || is_since(stay.left, from);
        visit.exit = exit;
        visit.days = visit.days.saturating_add(days);
        visit.days_before = visit.days_before.saturating_add(days_before);
        visit.moves_back += u32::from(seen && exit == LastExit::Left(ExitCause::Back));
        visit.seen |= seen;
    }

    /// The stays in won stages since the deal was won for good. Having been in the last of them for long says nothing of
    /// the days from `from` on: there is nowhere to go.
    fn after_the_sale(&mut self, deal: DealIx, head: &DealHead, from: Option<Day>) {
        let timeline = self.timeline;
        let kind = |stage: StageId| timeline.stages.kind(stage);
        let steps = timeline.steps_of(deal);
        let is_won = |step: &&Step| timeline.stages.kind(step.stage) == StageKind::Won;
        let won = steps.iter().rev().take_while(is_won).count();
        let mut rest = &steps[steps.len() - won..];
        let first = self.visits.len();
        while let Some(begin) = rest.first() {
            let stay = rest.iter().take_while(|step| step.stage == begin.stage).count();
            rest = &rest[stay..];
            let next = rest.first().and_then(|next| Some((next.at.day(), next.stage.get()?)));
            let (left, exit) = match next {
                None => (timeline.as_of, Exit::StillThere),
                Some((day, next)) if begin.stage.get().is_some_and(|stage| next > stage) => (day, Exit::Advanced(next)),
                Some((day, next)) => (day, Exit::Back(next)),
            };
            let entered = begin.at.day();
            if exit == Exit::StillThere && !is_since(entered, from) && self.ends_with(begin.stage, head) {
                continue;
            }
            self.stay(&Stay { deal, stage: begin.stage, entered, left, exit }, None, from);
        }
        self.visits.retain(|visit| visit.seen || kind(visit.stage) == StageKind::Open);
        let stages = || self.visits.iter().skip(first).map(|visit| visit.stage);
        let ends = stages().min().zip(stages().max());
        let between = ends.into_iter().flat_map(|(first, last)| timeline.stages.ids_between(first, last));
        let passed =
            between.filter(|&stage| kind(stage) == StageKind::Won && timeline.stages.is_of(stage, head.pipeline));
        let never = |stage: &StageId| stages().all(|visited| visited != *stage);
        self.skipped.extend(passed.filter(never));
    }

    /// Whether the process has no won stage after `stage`.
    fn ends_with(&self, stage: Maybe<StageId>, head: &DealHead) -> bool {
        let stages = &self.timeline.stages;
        let mut later = stages.ids().filter(|later| stage.get().is_none_or(|stage| *later > stage));
        later.all(|later| stages.kind(later) != StageKind::Won || !stages.is_of(later, head.pipeline))
    }

    /// Stages of the deal's pipeline that it passed from `from` on, by a stay in a later one or the win, and never was in.
    fn skip(&mut self, head: &DealHead, stays: &[Stay], from: Option<Day>) {
        let won = head.closed.get().filter(|_| head.kind == StageKind::Won);
        let passed_on = |stage: StageId| {
            let later =
                stays.iter().find(|stay| stay.stage.get().is_some_and(|of| of > stage)).map(|stay| stay.entered);
            later.or(won)
        };
        let own = |stage: StageId| self.timeline.stages.is_of(stage, head.pipeline);
        let never = |stage: StageId| stays.iter().all(|stay| stay.stage.get() != Some(stage));
        let skipped =
            |&stage: &StageId| own(stage) && never(stage) && passed_on(stage).is_some_and(|day| is_since(day, from));
        self.skipped.extend(self.open_stages.iter().copied().filter(skipped));
    }

    /// Day the deal closed, the as-of day while open, `None` where the closing day is unknown.
    fn end(&self, head: &DealHead) -> Option<Day> {
        if head.kind == StageKind::Open { Some(self.timeline.as_of) } else { head.closed.get() }
    }
}

/// From the first day on.
pub(super) const EVER: Option<Day> = None;

/// Whether `day` is `from` or later.
pub(super) fn is_since(day: Day, from: Option<Day>) -> bool {
    from.is_none_or(|from| day >= from)
}

/// The days between two days, and how many of them lie before `from`.
pub(super) fn wait(begin: Day, end: Day, from: Option<Day>) -> Wait {
    let days = |to: Day| to.0.saturating_sub(begin.0);
    Wait { days: days(end), days_before: from.map_or(0, |from| days(end.min(from)).max(0)) }
}

/// `stays[offsets[i]..offsets[i + 1]]` belong to deal `i`; stays come in the order of the deals.
pub(super) fn stay_offsets(deals: usize, stays: &[Stay]) -> Vec<usize> {
    let mut offsets = Vec::with_capacity(deals + 1);
    let mut next = 0;
    for deal in 0..deals {
        offsets.push(next);
        next += stays[next..].iter().take_while(|stay| stay.deal.index() == deal).count();
    }
    offsets.push(next);
    offsets
}
