//! Every deal as of the timeline's day.

use rayon::prelude::*;

use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::stage::StageKind;
use crate::snapshot::deal_state::DealState;
use crate::snapshot::replay::last_state;
use crate::timeline::Timeline;

/// Every deal as of the timeline's day, in the order of [`Timeline::deals`](crate::timeline::Timeline::deals).
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The day.
    pub as_of: Day,
    /// One per deal, open and closed alike.
    pub states: Vec<DealState>,
}

impl Snapshot {
    /// All deals as of the timeline's day.
    #[must_use]
    pub fn of(timeline: &Timeline) -> Self {
        let states = (0..timeline.deals.len()).into_par_iter().map(|i| present_state(timeline, DealIx::at(i)));
        Self { as_of: timeline.as_of, states: states.collect() }
    }

    /// The state of a deal on that day.
    #[must_use]
    pub fn state(&self, deal: DealIx) -> &DealState {
        &self.states[deal.index()]
    }

    /// The open deals.
    pub fn open(&self) -> impl Iterator<Item = &DealState> {
        self.states.iter().filter(|state| state.kind == StageKind::Open)
    }
}

/// The state of a deal on the timeline's day, with what is known on that day only: when an open deal is planned to close.
fn present_state(timeline: &Timeline, deal: DealIx) -> DealState {
    let state = last_state(timeline, deal);
    let plan = timeline.head(deal).plan.get().filter(|_| state.kind == StageKind::Open);
    DealState { expected_close: state.expected_close.get().or(plan).into(), ..state }
}
