//! What actions need of the past and of the names of deals, kept before both are released.
//!
//! Stagnation, timeline and deals table in, [`ActionFacts`] out: one [`ActionDealFacts`] per open deal, and the habits of deals
//! that went on from its stage.

use crate::analyses::actions::habits::{Filled, StageHabit, learn};
use crate::analyses::stagnation::{Stagnation, StagnationRow};
use crate::ingest::tables::Tables;
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::Timeline;

/// What the past tells of the open deals.
#[derive(Clone, Debug, Default)]
pub struct ActionFacts {
    /// One per open deal, in the order of the timeline's deals.
    pub deals: Vec<ActionDealFacts>,
    /// What deals that went on from a stage had, and those lost there had not.
    pub(super) habits: Vec<StageHabit>,
}

/// One open deal.
#[derive(Clone, Debug)]
pub struct ActionDealFacts {
    /// Its id.
    pub id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its customer, if it names one.
    pub account: Option<String>,
    /// Its stay beside the benchmark.
    pub stay: StagnationRow,
    /// Positions in the habits, of what it has not.
    pub(super) missing: Vec<usize>,
}

impl ActionFacts {
    /// The facts of the open deals of `stagnation`, which are all there are.
    #[must_use]
    pub fn gather(tables: &Tables, timeline: &Timeline, snapshot: &Snapshot, stagnation: &Stagnation) -> Self {
        let filled = Filled { tables, timeline };
        let habits = learn(filled, &timeline.stays());
        let account = tables.deals.account();
        let of_deal = |stay: &StagnationRow| {
            let state = snapshot.state(stay.deal);
            ActionDealFacts {
                id: tables.deals.id(state.row).unwrap_or_default().to_owned(),
                name: tables.deals.name(state.row).map(str::to_owned),
                account: account.and_then(|account| account.name(state.row)).map(str::to_owned),
                stay: *stay,
                missing: missing(&habits, filled, stay, state),
            }
        };
        Self { deals: stagnation.rows.iter().map(of_deal).collect(), habits }
    }
}

/// What a deal has not that those had which went on from its stage; nothing before half of them were gone.
fn missing(habits: &[StageHabit], filled: Filled<'_>, stay: &StagnationRow, state: &DealState) -> Vec<usize> {
    let is_due =
        stay.days_in_stage.zip(stay.benchmark_days).is_some_and(|(days, median)| i64::from(days) >= median.into());
    if !stay.stage_tracked || !is_due {
        return Vec::new();
    }
    let of_stage = habits.iter().enumerate().filter(|(_, habit)| stay.stage.get() == Some(habit.stage));
    let lacking = of_stage.filter(|(_, habit)| filled.has(&habit.thing, state) == Some(false));
    lacking.map(|(i, _)| i).collect()
}
