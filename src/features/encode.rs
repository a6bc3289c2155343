//! Applying a fitted spec to states.

use crate::domain::period::FiscalCalendar;
use crate::domain::stage::StageList;
use crate::ingest::tables::Tables;

/// What encoding needs beside the states themselves.
#[derive(Clone, Copy, Debug)]
pub struct FeatureContext<'a> {
    /// Static columns and dictionaries.
    pub tables: &'a Tables,
    /// The process.
    pub stages: &'a StageList,
    /// The fiscal calendar.
    pub calendar: FiscalCalendar,
}
