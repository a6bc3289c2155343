//! The question: which deals, leads and costs, and how they are told apart.

use super::credit::Attribution;
use crate::books::deal_values::DealValues;
use crate::books::leads::LeadLives;
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::ingest::tables::Tables;
use crate::timeline::Timeline;

/// What the sources are summed up from.
#[derive(Clone, Copy, Debug)]
pub struct SourcesInput<'a> {
    /// Names, touches and costs.
    pub tables: &'a Tables,
    /// The deals.
    pub timeline: &'a Timeline,
    /// What they are worth.
    pub values: &'a DealValues,
    /// One flag per deal: whether it counts.
    pub keep: &'a [bool],
    /// The leads.
    pub leads: &'a LeadLives,
    /// One flag per lead: whether it counts.
    pub keep_leads: &'a [bool],
    /// Whether the costs are those of the deals and leads that count.
    pub with_costs: bool,
    /// The periods.
    pub calendar: &'a FiscalCalendar,
    /// Their length.
    pub kind: PeriodKind,
}

/// How the deals are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourcesBy {
    /// By campaign too.
    pub campaign: bool,
    /// All periods together.
    pub total: bool,
    /// By the touches of a deal, which share in it by this model; by its own source if `None`.
    pub attribution: Option<Attribution>,
}
