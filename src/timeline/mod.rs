//! [`Tables`](crate::ingest::tables::Tables) to [`Timeline`]: every deal's changes before the as-of day, sorted,
//! with the closing of the deals table woven in.
//!
//! Answers what happened to a deal and when; holds no statistics and no labels.

mod bucket;
mod build;
#[cfg(test)]
pub(crate) mod fixtures;
mod stage_evidence;
mod stage_list;
mod stage_names;
mod stays;
mod story;

use serde::Serialize;

use crate::domain::day::{Day, Moment};
use crate::domain::stage::{StageId, StageKind, StageList};

pub use stage_list::{MAX_PIPELINES, MAX_PROPOSED_STAGES, StageListError, StageOrder, UnlistedStage};
pub use stays::{Exit, Stay, stages_between};

/// All deals created before the as-of day, each with its changes before that day, in time order.
///
/// Nothing dated on or after [`Timeline::as_of`] is in here, so nothing downstream can see it.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// The first day that is *not* known.
    pub as_of: Day,
    /// The sales process.
    pub stages: StageList,
    /// One per deal, ordered by `deal_id`.
    pub deals: Vec<DealHead>,
    /// `steps[step_offsets[i]..step_offsets[i + 1]]` belong to `deals[i]`, in time order, ties in file order.
    pub steps: Vec<Step>,
    /// See `steps`; one longer than `deals`.
    pub step_offsets: Vec<usize>,
    /// `activities[activity_offsets[i]..activity_offsets[i + 1]]` belong to `deals[i]`, in time order.
    pub activities: Vec<ActivityStep>,
    /// See `activities`; one longer than `deals`.
    pub activity_offsets: Vec<usize>,
    /// What had to be assumed, and how often.
    pub quality: TimelineQuality,
}

/// What is fixed about a deal as of the timeline's day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DealHead {
    /// Row in [`Deals`](crate::ingest::tables::Deals), for names and static columns.
    pub row: u32,
    /// Currency code of every amount of the deal.
    pub currency: u32,
    /// Pipeline code, [`NO_CODE`](crate::domain::code::NO_CODE) where there is none.
    pub pipeline: u32,
    /// Day it was created.
    pub created: Day,
    /// Open, won or lost as of the timeline's day.
    pub kind: StageKind,
    /// Day it closed for good, [`NO_DAY`](crate::domain::code::NO_DAY) while open or where no date is known.
    pub closed: i32,
    /// Whether its stages come from the change log. If so, days before the log begins are
    /// [`UNKNOWN_STAGE`](crate::domain::stage::UNKNOWN_STAGE); if not, an open deal has its present stage all along.
    pub stage_tracked: bool,
}

/// What the deal looked like from `at` on: the whole known state, already carried forward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// When this state began.
    pub at: Moment,
    /// Stage, [`UNKNOWN_STAGE`](crate::domain::stage::UNKNOWN_STAGE) where history does not say.
    pub stage: StageId,
    /// Minor units or [`NO_AMOUNT`](crate::domain::code::NO_AMOUNT).
    pub amount_minor: i64,
    /// Days or [`NO_DAY`](crate::domain::code::NO_DAY).
    pub expected_close: i32,
    /// Owner code or [`NO_CODE`](crate::domain::code::NO_CODE).
    pub owner: u32,
    /// Category code or [`NO_CODE`](crate::domain::code::NO_CODE).
    pub category: u32,
    /// The CRM's own chance to win, or NaN.
    pub probability: f32,
}

/// An activity on a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityStep {
    /// Day it happened.
    pub day: Day,
    /// Kind code.
    pub kind: u32,
    /// How many at once.
    pub count: u32,
}

/// What had to be assumed while building the timeline; all counts are of deals unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TimelineQuality {
    /// Deals before the as-of day.
    pub deals: u64,
    /// Deals created on or after the as-of day, not used.
    pub deals_in_the_future: u64,
    /// Change rows before the as-of day.
    pub change_rows: u64,
    /// Change rows on or after the as-of day, or of deals created then, not used.
    pub change_rows_in_the_future: u64,
    /// Deals without any change row: rebuilt from created and closed dates and present stage.
    pub without_history: u64,
    /// Closed deals whose closing day is unknown: counted as won or lost, placed in no period, kept out of training.
    pub closed_without_date: u64,
    /// Deals the table closed before the as-of day whose log ends open or with the other outcome.
    pub history_disagrees_with_table: u64,
    /// Where the order of the stages comes from.
    pub stage_order: StageOrder,
    /// Stages of the data that the configuration does not list, in process order; empty where it lists none at all.
    pub unlisted_stages: Vec<UnlistedStage>,
    /// Pipelines of configured stages that no deal is in, each with the name that may be meant.
    pub unknown_pipelines: Vec<(String, Option<String>)>,
    /// Fields that change in the log (`stage`, `amount`…): their past is known.
    pub tracked_fields: Vec<String>,
    /// Fields taken from the deals table as they stand there, for all days: their past is not known.
    pub untracked_fields: Vec<String>,
}

impl Timeline {
    /// The changes of deal `i`.
    #[must_use]
    pub fn steps_of(&self, i: usize) -> &[Step] {
        &self.steps[self.step_offsets[i]..self.step_offsets[i + 1]]
    }

    /// The activities of deal `i`.
    #[must_use]
    pub fn activities_of(&self, i: usize) -> &[ActivityStep] {
        &self.activities[self.activity_offsets[i]..self.activity_offsets[i + 1]]
    }
}
