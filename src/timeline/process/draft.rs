//! Where found stages belong among the configured ones.
//!
//! Order comes from which stage deals enter first, settled pair by pair, so that going back and skipping do not disturb it.

use std::cmp::Reverse;

use crate::domain::stage::{Stage, StageKind};
use crate::timeline::process::counts::StageMoveCounts;
use crate::timeline::process::found::{FoundStage, FoundStages};
use crate::timeline::quality::UnlistedStage;

/// The process while stages are put into it: positions are those of the evidence, listed stages first.
pub(super) struct ProcessDraft {
    stages: Vec<Stage>,
    order: Vec<usize>,
}

impl ProcessDraft {
    pub fn of(configured: &[Stage]) -> Self {
        Self { stages: configured.to_vec(), order: (0..configured.len()).collect() }
    }

    /// The stages in process order.
    pub fn in_order(&self) -> Vec<Stage> {
        self.order.iter().map(|&i| self.stages[i].clone()).collect()
    }

    /// Puts the stages of `found` in their places, pipeline by pipeline.
    pub fn place(&mut self, found: &FoundStages, counts: &StageMoveCounts) {
        let listed = self.stages.len();
        self.stages.extend(found.stages.iter().map(|found| found.stage.clone()));
        let new: Vec<usize> = (listed..self.stages.len()).collect();
        for of_pipeline in
            new.chunk_by(|&a, &b| found.stages[a - listed].stage.pipeline == found.stages[b - listed].stage.pipeline)
        {
            self.place_pipeline(of_pipeline, found, counts);
        }
    }

    /// Puts the `new` stages of one pipeline in their places.
    fn place_pipeline(&mut self, new: &[usize], found: &FoundStages, counts: &StageMoveCounts) {
        let listed = self.stages.len() - found.stages.len();
        let mut open = self.of_kind(new, StageKind::Open);
        let listed_lane: Vec<usize> = self.lane(new[0]).filter(|&i| i < listed).collect();
        if listed_lane.iter().any(|&i| self.stages[i].outcome() == StageKind::Open) {
            open.sort_by_key(|&i| Reverse(found.stages[i - listed].deals));
            open.into_iter().for_each(|i| self.insert_open(i, counts));
        } else {
            let first = listed_lane.first().and_then(|first| self.order.iter().position(|i| i == first));
            let at = first.unwrap_or(self.order.len());
            self.order.splice(at..at, process_order(counts, open));
        }
        for i in process_order(counts, self.of_kind(new, StageKind::Won)) {
            self.insert_behind(i, |stage| stage.outcome() != StageKind::Lost);
        }
        for i in process_order(counts, self.of_kind(new, StageKind::Lost)) {
            self.insert_behind(i, |_| true);
        }
    }

    fn of_kind(&self, stages: &[usize], kind: StageKind) -> Vec<usize> {
        stages.iter().copied().filter(|&i| self.stages[i].kind == kind).collect()
    }

    /// The stages so far that deals in the stage at `like` may also be in, in order.
    fn lane(&self, like: usize) -> impl Iterator<Item = usize> {
        let pipeline = &self.stages[like].pipeline;
        let placed = self.order.iter().copied();
        placed.filter(move |&i| self.stages[i].pipeline.is_none() || self.stages[i].pipeline == *pipeline)
    }

    /// Where the fewest deals contradict the order; of several such places the one next to the stages deals came from
    /// or, where they came from none, the last.
    fn insert_open(&mut self, new: usize, counts: &StageMoveCounts) {
        let open: Vec<usize> = self.lane(new).filter(|&i| self.stages[i].outcome() == StageKind::Open).collect();
        let follows = open.iter().any(|&i| counts.lead(i, new) > 0);
        let places = 0..=open.len();
        let place = if follows {
            places.min_by_key(|&place| contradictions(new, &open, place, counts))
        } else {
            places.rev().min_by_key(|&place| contradictions(new, &open, place, counts))
        };
        let before = place.and_then(|place| open.get(place));
        match before.and_then(|before| self.order.iter().position(|i| i == before)) {
            Some(at) => self.order.insert(at, new),
            None => self.insert_behind(new, |stage| stage.outcome() == StageKind::Open),
        }
    }

    /// Behind the last stage of the same process that `is_before` takes; at the end where there is none.
    fn insert_behind(&mut self, new: usize, is_before: impl Fn(&Stage) -> bool) {
        let last = self.lane(new).filter(|&i| is_before(&self.stages[i])).last();
        let at = last.and_then(|last| self.order.iter().position(|&i| i == last)).map_or(self.order.len(), |at| at + 1);
        self.order.insert(at, new);
    }

    /// The found stages with the places they were given.
    pub fn unlisted(&self, found: &FoundStages) -> Vec<UnlistedStage> {
        let listed = self.stages.len() - found.stages.len();
        let places = (0..self.order.len()).filter(|&at| self.order[at] >= listed);
        let unlisted = places.map(|at| {
            let FoundStage { stage, deals } = &found.stages[self.order[at] - listed];
            let lane: Vec<usize> = self.lane(self.order[at]).collect();
            let before = lane.iter().take_while(|&&i| i != self.order[at]).last();
            UnlistedStage {
                stage: stage.name.clone(),
                pipeline: stage.pipeline.clone(),
                deals: *deals,
                kind: stage.kind,
                phase: stage.phase,
                after: before.map(|&i| self.stages[i].name.clone()),
            }
        });
        unlisted.collect()
    }
}

/// How many deals contradict the order with `new` at `place` among the `open` stages.
fn contradictions(new: usize, open: &[usize], place: usize, counts: &StageMoveCounts) -> i64 {
    let before = open[..place].iter().map(|&i| counts.lead(new, i).max(0));
    before.chain(open[place..].iter().map(|&i| counts.lead(i, new).max(0))).sum()
}

/// Takes, again and again, the stage that the fewest deals entered after one of those still waiting; among equals the
/// one most deals went on from, then the first by name (stages come in name order).
fn process_order(counts: &StageMoveCounts, mut waiting: Vec<usize>) -> Vec<usize> {
    let mut order = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let next = (0..waiting.len()).min_by_key(|&i| {
            let behind: i64 = waiting.iter().map(|&other| counts.lead(other, waiting[i]).max(0)).sum();
            let ahead: i64 = waiting.iter().map(|&other| counts.lead(waiting[i], other).max(0)).sum();
            (behind, -ahead)
        });
        let next = next.unwrap_or(0);
        order.push(waiting.remove(next));
    }
    order
}
