//! What the gaps are taken apart from.

use crate::analyses::forecast::Forecast;
use crate::analyses::gaps::history::GapHistory;
use crate::analyses::outlook::Outlook;
use crate::books::deal_values::DealValues;
use crate::books::filter::ForecastFilter;
use crate::domain::period::FiscalCalendar;
use crate::ingest::tables::Tables;
use crate::scoring::Scores;
use crate::snapshot::Snapshot;

/// What the gaps are taken apart from.
#[derive(Clone, Copy, Debug)]
pub struct GapsInput<'a> {
    /// Users and dictionaries.
    pub tables: &'a Tables,
    /// Every deal as of the day.
    pub snapshot: &'a Snapshot,
    /// The model's view of the open deals.
    pub scores: Option<&'a Scores>,
    /// What the past says of what is to come.
    pub outlook: &'a Outlook,
    /// The forecast made of these, under the same filter.
    pub forecast: &'a Forecast,
    /// How past periods went, and the deals by column.
    pub history: &'a GapHistory,
    /// What every deal is worth.
    pub values: &'a DealValues,
    /// Calendar.
    pub calendar: &'a FiscalCalendar,
    /// Which owners and currencies count; all categories do.
    pub filter: &'a ForecastFilter,
}
