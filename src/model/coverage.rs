//! How many of the closed deals teach a model something, and why the others do not.

use std::collections::BTreeSet;

use crate::domain::ids::DealIx;
use crate::domain::stage::StageKind;
use crate::model::rows::TrainingRows;
use crate::timeline::Timeline;

/// The closed deals by what a model learns from them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrainingCoverage {
    /// Closed deals.
    pub closed: u64,
    /// Of these, in training rows.
    pub used: u64,
    /// Closed on an unknown day.
    pub undated: u64,
    /// Created less than the horizon ago: no row of them is old enough.
    pub young: u64,
    /// The horizon in days.
    pub horizon_days: i32,
}

impl TrainingCoverage {
    /// The closed deals of `timeline`, of which `rows` were made.
    pub(super) fn of(timeline: &Timeline, rows: &TrainingRows, horizon_days: i32) -> Self {
        let used: BTreeSet<DealIx> = rows.states.iter().map(|state| state.deal).collect();
        let mut coverage = Self { horizon_days, ..Self::default() };
        for deal in timeline.deal_ids() {
            let head = &timeline.deals[deal.index()];
            if head.kind == StageKind::Open {
                continue;
            }
            coverage.closed += 1;
            if used.contains(&deal) {
                coverage.used += 1;
            } else if head.closed.is_none() {
                coverage.undated += 1;
            } else if head.created.plus(horizon_days) > timeline.as_of {
                coverage.young += 1;
            }
        }
        coverage
    }
}
