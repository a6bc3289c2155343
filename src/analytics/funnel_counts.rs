//! What is counted of a group of deals on their way through the stages.
//!
//! [`FunnelCounts`] is a mergeable state: integer counts, histograms of days and exact sums of money, so that cohorts
//! add up to the whole and any split of the deals gives the same bytes. Judges nothing.

use super::survival::{Cause, ExitCounts};
use crate::domain::stage::{StageId, StageKind};

/// How a deal last left a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastExit {
    /// By an exit of that kind; a win is an advance.
    Left(Cause),
    /// It has not.
    StillThere,
}

/// One deal's dealings with one open stage, all its stays there taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Visit {
    /// The stage.
    pub stage: StageId,
    /// How the last stay ended.
    pub exit: LastExit,
    /// Days spent in the stage, all stays added up.
    pub days: i32,
    /// Days from first entering the stage until the deal closed or, if open, until the as-of day; `None` if not known.
    pub days_to_close: Option<i32>,
}

/// One deal as the funnel counts it.
#[derive(Clone, Copy, Debug)]
pub(super) struct DealFacts<'a> {
    /// Open, won or lost.
    pub kind: StageKind,
    /// Slot of the stage the deal rests in, where no visit says so: closed, or open without history.
    pub resting_slot: usize,
    /// Days from creation to closing or, if open, to the as-of day; `None` if not known.
    pub cycle_days: Option<i32>,
    /// Value in minor units, if known.
    pub value_minor: Option<i64>,
    /// The open stages it was in.
    pub visits: &'a [Visit],
    /// The open stages it passed without ever being in them.
    pub skipped: &'a [StageId],
}

/// Counts of one stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StageCounts {
    pub entered: u64,
    pub advanced: u64,
    pub lost: u64,
    pub back: u64,
    pub skipped: u64,
    pub open: u64,
    /// Deals that entered and are won now.
    pub won: u64,
    /// Sum of the known values of the deals that entered.
    pub value_minor: i128,
    /// Days in the stage by last exit.
    pub dwell: ExitCounts,
    /// Days from first entry to the deal's end; won = advanced.
    pub to_close: ExitCounts,
}

/// Counts of a group of deals; starts empty and merges in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FunnelCounts {
    pub deals: u64,
    pub won: u64,
    pub lost: u64,
    /// Won deals with a value, and the sum of it.
    pub won_valued: u64,
    pub won_value_minor: i128,
    /// Days from creation to the end; won = advanced.
    pub cycle: ExitCounts,
    /// By slot: the stages in process order, then the places of deals whose stage has no name.
    pub stages: Vec<StageCounts>,
}

impl FunnelCounts {
    /// No deal yet, in a funnel of `slots` slots.
    pub fn empty(slots: usize) -> Self {
        Self { stages: vec![StageCounts::default(); slots], ..Self::default() }
    }

    /// Counts one deal.
    pub fn push(&mut self, deal: &DealFacts<'_>) {
        self.deals += 1;
        add_end(&mut self.cycle, deal.kind, deal.cycle_days);
        match deal.kind {
            StageKind::Open => {}
            StageKind::Lost => self.lost += 1,
            StageKind::Won => {
                self.won += 1;
                self.won_valued += u64::from(deal.value_minor.is_some());
                self.won_value_minor += i128::from(deal.value_minor.unwrap_or(0));
            }
        }
        for visit in deal.visits {
            self.push_visit(deal, visit);
        }
        for &stage in deal.skipped {
            self.stages[usize::from(stage)].skipped += 1;
        }
        if deal.visits.iter().all(|visit| visit.exit != LastExit::StillThere) {
            let resting = &mut self.stages[deal.resting_slot];
            resting.entered += 1;
            resting.open += u64::from(deal.kind == StageKind::Open);
            resting.won += u64::from(deal.kind == StageKind::Won);
            resting.value_minor += i128::from(deal.value_minor.unwrap_or(0));
        }
    }

    fn push_visit(&mut self, deal: &DealFacts<'_>, visit: &Visit) {
        let stage = &mut self.stages[usize::from(visit.stage)];
        stage.entered += 1;
        stage.won += u64::from(deal.kind == StageKind::Won);
        stage.value_minor += i128::from(deal.value_minor.unwrap_or(0));
        add_end(&mut stage.to_close, deal.kind, visit.days_to_close);
        match visit.exit {
            LastExit::Left(Cause::Advance) => stage.advanced += 1,
            LastExit::Left(Cause::Lost) => stage.lost += 1,
            LastExit::Left(Cause::Back) => stage.back += 1,
            LastExit::StillThere => stage.open += 1,
        }
        match visit.exit {
            LastExit::Left(cause) => stage.dwell.push(visit.days, cause),
            LastExit::StillThere => stage.dwell.push_running(visit.days),
        }
    }

    /// Adds all deals of `other`, of a funnel with as many slots.
    pub fn merge(&mut self, other: &Self) {
        self.deals += other.deals;
        self.won += other.won;
        self.lost += other.lost;
        self.won_valued += other.won_valued;
        self.won_value_minor += other.won_value_minor;
        self.cycle.merge(&other.cycle);
        self.stages.iter_mut().zip(&other.stages).for_each(|(mine, theirs)| mine.merge(theirs));
    }
}

impl StageCounts {
    fn merge(&mut self, other: &Self) {
        self.entered += other.entered;
        self.advanced += other.advanced;
        self.lost += other.lost;
        self.back += other.back;
        self.skipped += other.skipped;
        self.open += other.open;
        self.won += other.won;
        self.value_minor += other.value_minor;
        self.dwell.merge(&other.dwell);
        self.to_close.merge(&other.to_close);
    }
}

fn add_end(counts: &mut ExitCounts, kind: StageKind, days: Option<i32>) {
    match (kind, days) {
        (_, None) => {}
        (StageKind::Open, Some(days)) => counts.push_running(days),
        (StageKind::Won, Some(days)) => counts.push(days, Cause::Advance),
        (StageKind::Lost, Some(days)) => counts.push(days, Cause::Lost),
    }
}
