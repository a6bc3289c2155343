//! What is counted of a group of deals on their way through the stages.
//!
//! [`FunnelCounts`] is a mergeable state: integer counts, histograms of days and exact sums of money, so that cohorts
//! add up to the whole and any split of the deals gives the same bytes. Judges nothing.

use crate::domain::ids::StageId;
use crate::domain::stage::StageKind;
use crate::stats::survival::{ExitCause, ExitCounts};

/// How a deal last left a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastExit {
    /// By an exit of that kind; a win is an advance.
    Left(ExitCause),
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
    /// Days spent in the stage, all stays added up; those before the counted days began are `days_before`.
    pub days: i32,
    /// See `days`.
    pub days_before: i32,
    /// Moves from the stage to an earlier one.
    pub moves_back: u32,
    /// Whether it was in the stage within the counted days; if not, only its way to the close counts.
    pub seen: bool,
    /// From first entering the stage until the end; `None` if not known or of no meaning.
    pub to_close: Option<Wait>,
}

/// Days until the deal closed or, if open, until the as-of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    pub days: i32,
    /// Of these, days before the counted days began.
    pub days_before: i32,
}

/// One deal as the funnel counts it.
#[derive(Clone, Copy, Debug)]
pub(super) struct DealFacts<'a> {
    /// Open, won or lost.
    pub kind: StageKind,
    /// Whether it was open, or closed, within the counted days; if not, only what it did after the sale counts.
    pub counted: bool,
    /// Slot of the stage the deal rests in, where no visit says so: closed, or open without history.
    pub resting_slot: usize,
    /// From creation to the end; `None` if not known.
    pub cycle: Option<Wait>,
    /// Value in minor units, if known.
    pub value_minor: Option<i64>,
    /// The open stages it was in and, if it is won, the won ones.
    pub visits: &'a [Visit],
    /// The stages it passed within the counted days without ever being in them.
    pub skipped: &'a [StageId],
}

/// One lead as the funnel counts it.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeadFacts {
    /// Won or lost as the deal it became, lost if it was disqualified, else open.
    pub kind: StageKind,
    /// How it ended; a conversion is an advance.
    pub exit: LastExit,
    /// Whether it was there within the counted days; if not, only its way to the close counts.
    pub seen: bool,
    /// From its creation until it ended.
    pub dwell: Wait,
    /// From its creation until the end of its deal; `None` if not known.
    pub to_close: Option<Wait>,
}

/// Counts of one stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FunnelStageCounts {
    pub entered: u64,
    pub advanced: u64,
    pub lost: u64,
    pub back: u64,
    pub skipped: u64,
    /// Deals that are in it now, open or closed.
    pub still_there: u64,
    pub moves_back: u64,
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
    /// Sum of the known values of the open deals.
    pub open_value_minor: i128,
    /// Days from creation to the end; won = advanced.
    pub cycle: ExitCounts,
    /// By slot: the stages in process order, then the places of deals whose stage has no name.
    pub stages: Vec<FunnelStageCounts>,
}

impl FunnelCounts {
    /// No deal yet, in a funnel of `slots` slots.
    pub fn empty(slots: usize) -> Self {
        Self { stages: vec![FunnelStageCounts::default(); slots], ..Self::default() }
    }

    /// Counts one deal.
    pub fn push(&mut self, deal: &DealFacts<'_>) {
        for visit in deal.visits {
            self.push_visit(deal, visit);
        }
        for &stage in deal.skipped {
            self.stages[stage.index()].skipped += 1;
        }
        if !deal.counted {
            return;
        }
        self.deals += 1;
        add_end(&mut self.cycle, deal.kind, deal.cycle);
        match deal.kind {
            StageKind::Open => self.open_value_minor += i128::from(deal.value_minor.unwrap_or(0)),
            StageKind::Lost => self.lost += 1,
            StageKind::Won => {
                self.won += 1;
                self.won_valued += u64::from(deal.value_minor.is_some());
                self.won_value_minor += i128::from(deal.value_minor.unwrap_or(0));
            }
        }
        if deal.visits.iter().all(|visit| visit.exit != LastExit::StillThere) {
            let resting = &mut self.stages[deal.resting_slot];
            resting.entered += 1;
            resting.still_there += 1;
            resting.won += u64::from(deal.kind == StageKind::Won);
            resting.value_minor += i128::from(deal.value_minor.unwrap_or(0));
        }
    }

    fn push_visit(&mut self, deal: &DealFacts<'_>, visit: &Visit) {
        let stage = &mut self.stages[visit.stage.index()];
        add_end(&mut stage.to_close, deal.kind, visit.to_close);
        if !visit.seen {
            return;
        }
        stage.moves_back += u64::from(visit.moves_back);
        let dwell = Wait { days: visit.days, days_before: visit.days_before };
        stage.enter(deal.kind, deal.value_minor, visit.exit, dwell);
    }

    /// Counts a lead, in a funnel of one slot.
    pub fn push_lead(&mut self, lead: &LeadFacts) {
        let stage = &mut self.stages[0];
        add_end(&mut stage.to_close, lead.kind, lead.to_close);
        if lead.seen {
            stage.enter(lead.kind, None, lead.exit, lead.dwell);
        }
    }

    /// Adds all deals of `other`, of a funnel with as many slots.
    pub fn merge(&mut self, other: &Self) {
        self.deals += other.deals;
        self.won += other.won;
        self.lost += other.lost;
        self.won_valued += other.won_valued;
        self.won_value_minor += other.won_value_minor;
        self.open_value_minor += other.open_value_minor;
        self.cycle.merge(&other.cycle);
        self.stages.iter_mut().zip(&other.stages).for_each(|(mine, theirs)| mine.merge(theirs));
    }
}

impl FunnelStageCounts {
    fn enter(&mut self, kind: StageKind, value_minor: Option<i64>, exit: LastExit, dwell: Wait) {
        self.entered += 1;
        self.won += u64::from(kind == StageKind::Won);
        self.value_minor += i128::from(value_minor.unwrap_or(0));
        match exit {
            LastExit::Left(ExitCause::Advance) => self.advanced += 1,
            LastExit::Left(ExitCause::Lost) => self.lost += 1,
            LastExit::Left(ExitCause::Back) => self.back += 1,
            LastExit::StillThere => self.still_there += 1,
        }
        let Wait { days, days_before } = dwell;
        match exit {
            LastExit::Left(cause) => self.dwell.push(days, cause),
            LastExit::StillThere => self.dwell.push_running(days),
        }
        if days_before < days || exit != LastExit::StillThere {
            self.dwell.delay(days_before);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.entered += other.entered;
        self.advanced += other.advanced;
        self.lost += other.lost;
        self.back += other.back;
        self.skipped += other.skipped;
        self.still_there += other.still_there;
        self.moves_back += other.moves_back;
        self.won += other.won;
        self.value_minor += other.value_minor;
        self.dwell.merge(&other.dwell);
        self.to_close.merge(&other.to_close);
    }
}

fn add_end(counts: &mut ExitCounts, kind: StageKind, wait: Option<Wait>) {
    let Some(Wait { days, days_before }) = wait else { return };
    match kind {
        StageKind::Open => counts.push_running(days),
        StageKind::Won => counts.push(days, ExitCause::Advance),
        StageKind::Lost => counts.push(days, ExitCause::Lost),
    }
    if days_before < days || kind != StageKind::Open {
        counts.delay(days_before);
    }
}
