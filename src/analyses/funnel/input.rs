//! What a funnel is made from.

use crate::books::deal_values::DealValues;
use crate::domain::day::Day;
use crate::snapshot::Snapshot;
use crate::timeline::{Stay, Timeline};

/// What a funnel is made from; every slice has one entry per deal of the timeline, but for the stays.
#[derive(Clone, Copy, Debug)]
pub struct FunnelInput<'a> {
    /// The deals.
    pub timeline: &'a Timeline,
    /// Their stays, as [`Timeline::stays`] gives them.
    pub stays: &'a [Stay],
    /// The deals as of the timeline's day.
    pub snapshot: &'a Snapshot,
    /// What they are worth.
    pub values: &'a DealValues,
    /// Which of them count.
    pub keep: &'a [bool],
    /// First day of the process as it runs now.
    pub current_from: Day,
}
