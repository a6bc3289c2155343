//! What actions are found from.

use crate::analyses::actions::facts::ActionFacts;
use crate::analyses::forecast::Forecast;
use crate::analyses::outlook::Outlook;
use crate::config::Config;
use crate::domain::period::FiscalCalendar;
use crate::ingest::tables::Tables;
use crate::scoring::Scores;
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;

/// What actions are found from.
#[derive(Clone, Copy, Debug)]
pub struct ActionsInput<'a> {
    /// Users, rates and dictionaries.
    pub tables: &'a Tables,
    /// Stages.
    pub timeline: &'a Timeline,
    /// Every deal as of the day.
    pub snapshot: &'a Snapshot,
    /// Calendar.
    pub calendar: &'a FiscalCalendar,
    /// Base currency, and the kind of period the scores speak of.
    pub config: &'a Config,
    /// The model's view of the open deals; without it nothing is worth anything.
    pub scores: Option<&'a Scores>,
    /// What the past says of what is to come.
    pub outlook: &'a Outlook,
    /// The forecast made of these, of all deals.
    pub forecast: &'a Forecast,
    /// What the past tells of the open deals.
    pub facts: &'a ActionFacts,
}
