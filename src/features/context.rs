//! What fitting, encoding and describing need beside the rows themselves, gathered once per run.

use std::sync::OnceLock;

use crate::domain::period::FiscalCalendar;
use crate::domain::stage::StageList;
use crate::features::leak::verdict::LeakVerdicts;
use crate::features::load::OpenLoad;
use crate::ingest::tables::Tables;
use crate::snapshot::DealState;
use crate::timeline::Timeline;

/// What fitting and encoding need beside the rows themselves. Made once per run.
#[derive(Clone, Debug)]
pub struct FeatureContext<'a> {
    /// Static columns and dictionaries.
    pub tables: &'a Tables,
    /// Everything known before the as-of day: owners' open deals, and which fields have a past.
    pub timeline: &'a Timeline,
    /// Every deal as of the timeline's day, open and closed: outcomes for shrunk rates, evidence for leaks.
    pub snapshot: &'a [DealState],
    /// The process.
    pub stages: &'a StageList,
    /// The fiscal calendar.
    pub calendar: FiscalCalendar,
    /// Open deals per owner over time.
    pub(super) load: OpenLoad,
    /// What the leak hunter found; it looks when first asked.
    pub(super) verdicts: OnceLock<LeakVerdicts>,
}

impl<'a> FeatureContext<'a> {
    /// The context of one run. `snapshot` are all deals as of the timeline's own day.
    #[must_use]
    pub fn new(
        tables: &'a Tables,
        timeline: &'a Timeline,
        snapshot: &'a [DealState],
        calendar: FiscalCalendar,
    ) -> Self {
        let load = OpenLoad::of(timeline, tables.owners.len());
        Self { tables, timeline, snapshot, stages: &timeline.stages, calendar, load, verdicts: OnceLock::new() }
    }
}
