//! The answer: a row per segment, cohort and stage, and a summary per segment and cohort.

use crate::stats::survival::Share;

/// Name of the cohort of all deals.
pub const ALL: &str = "all";
/// Name of the cohort that is the process as it runs now.
pub const CURRENT: &str = "current";
/// Name of the step before the stages, in which leads are.
pub const LEADS: &str = "(leads)";

/// Deals of one segment and cohort in one stage.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelRow {
    /// Position in [`Funnel::cohorts`].
    pub cohort: u32,
    /// Position in [`Funnel::segments`].
    pub segment: u32,
    /// Position in [`Funnel::stages`].
    pub stage: u32,
    /// Deals that were ever in the stage; of a lost stage, and of a won one without history, those that ended there.
    pub entered: u64,
    /// Of these, deals that last left it forward or were won from it.
    pub advanced: u64,
    /// Deals lost from it.
    pub lost: u64,
    /// Deals that last left it for an earlier stage.
    pub back: u64,
    /// Deals still in it and open: 0 for closed stages.
    pub open: u64,
    /// Deals still in it, open or closed.
    pub still_there: u64,
    /// Moves from it to an earlier stage, every one of them.
    pub moves_back: u64,
    /// Deals that passed it without being in it; not among `entered`.
    pub skipped: u64,
    /// Long-run share that advances; `None` where no stay has ended.
    pub conversion: Option<Share>,
    /// Days within which half of the deals leave the stage.
    pub median_days: Option<u32>,
    /// Days within which nine of ten leave it; `None` where the curve never gets there.
    pub p90_days: Option<u32>,
    /// Sum of the known values of the deals that entered; `None` without a common currency.
    pub value_minor: Option<i128>,
    /// Deals that entered and are won by now.
    pub won: u64,
    /// Long-run share of the deals that entered which is won in the end.
    pub conversion_to_won: Option<Share>,
}

/// Deals of one segment and cohort as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelSummary {
    /// Position in [`Funnel::cohorts`].
    pub cohort: u32,
    /// Position in [`Funnel::segments`].
    pub segment: u32,
    /// Deals created.
    pub deals: u64,
    /// Deals won.
    pub won: u64,
    /// Deals lost.
    pub lost: u64,
    /// Deals open.
    pub open: u64,
    /// won / (won + lost).
    pub win_rate: Option<f64>,
    /// Median days from creation to the win among deals that are won in the long run.
    pub median_cycle_days: Option<u32>,
    /// Days within which nine of ten of these are won.
    pub p90_cycle_days: Option<u32>,
    /// Sum of the known values of the won deals.
    pub won_value_minor: Option<i128>,
    /// Sum of the known values of the open deals.
    pub open_value_minor: Option<i128>,
    /// Mean value of a won deal, minor units, rounded half to even.
    pub mean_won_minor: Option<i128>,
    /// Sales velocity, minor units a day: open deals x win rate x mean won value / median cycle (of at least a day).
    pub velocity_minor: Option<f64>,
}

/// The whole answer. Rows are ordered by segment, cohort (`all` first) and stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Funnel {
    /// [`ALL`], [`CURRENT`], then the created periods, ascending.
    pub cohorts: Vec<String>,
    /// `all`, then `column=value` in the order of the columns asked for and of the values' names.
    pub segments: Vec<String>,
    /// Stages in process order, then `(unknown)`, `(won)` and `(lost)` for deals outside the stage list; [`LEADS`] last,
    /// whose rows come first.
    pub stages: Vec<String>,
    /// One per segment x cohort x stage, of those with deals; the three last stages only where they have deals.
    pub rows: Vec<FunnelRow>,
    /// One per segment x cohort with deals.
    pub summaries: Vec<FunnelSummary>,
}

impl Funnel {
    /// The name of a cohort.
    #[must_use]
    pub fn cohort(&self, position: u32) -> Option<&str> {
        self.cohorts.get(position as usize).map(String::as_str)
    }

    /// The name of a segment.
    #[must_use]
    pub fn segment(&self, position: u32) -> Option<&str> {
        self.segments.get(position as usize).map(String::as_str)
    }

    /// The name of a stage.
    #[must_use]
    pub fn stage(&self, position: u32) -> Option<&str> {
        self.stages.get(position as usize).map(String::as_str)
    }

    /// Where a stage stands in the process, from 1; 0 for the leads before it.
    #[must_use]
    pub fn order_of(&self, position: u32) -> u32 {
        if self.stage(position) == Some(LEADS) { 0 } else { position + 1 }
    }
}
