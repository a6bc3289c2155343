//! When was a deal closed?

use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::snapshot::DealState;

/// The day a deal that is closed now was closed on, if that is known.
pub(super) fn closing_day(deal: &DealState) -> Option<Day> {
    deal.closed.get().filter(|_| deal.kind != StageKind::Open)
}
