//! The timeline as a value: what is fixed about every deal, and every change of it before the as-of day.

use crate::domain::day::{Day, Moment};
use crate::domain::ids::{ActivityKindId, CurrencyId, DealIx, OwnerId, PipelineId, RowIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{ForecastCategory, StageKind, StageList};
use crate::timeline::field_past::FieldPasts;
use crate::timeline::quality::TimelineQuality;

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
    /// `steps[step_offsets[i]..step_offsets[i + 1]]` belong to `deals[i]`, in time order.
    pub steps: Vec<Step>,
    /// See `steps`; one longer than `deals`.
    pub step_offsets: Vec<usize>,
    /// `activities[activity_offsets[i]..activity_offsets[i + 1]]` belong to `deals[i]`, in time order.
    pub activities: Vec<ActivityStep>,
    /// See `activities`; one longer than `deals`.
    pub activity_offsets: Vec<usize>,
    /// The past of columns only the input knows, by name.
    pub fields: FieldPasts,
    /// What had to be assumed, and how often.
    pub quality: TimelineQuality,
    /// Whether the deals are a list rather than a history, so that the past cannot be replayed.
    pub undated: bool,
}

/// What is fixed about a deal as of the timeline's day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DealHead {
    /// Row in [`Deals`](crate::ingest::tables::Deals), for names and static columns.
    pub row: RowIx,
    /// Currency of the deal's amount in the deals table, and of every amount whose currency the history does not name.
    pub currency: CurrencyId,
    /// Pipeline, if it is in one.
    pub pipeline: Maybe<PipelineId>,
    /// Day it was created.
    pub created: Day,
    /// Open, won or lost as of the timeline's day.
    pub kind: StageKind,
    /// Day it closed for good; none while open or where no date is known.
    pub closed: Maybe<Day>,
    /// Whether its stages come from the change log. If so, the stage of the days before the log begins is not known; if
    /// not, an open deal has its present stage all along.
    pub stage_tracked: bool,
    /// The closing day the deals table gives an open deal: the day it is expected to close, where nothing else says. Known on
    /// the day of the table only.
    pub plan: Maybe<Day>,
}

/// What the deal looked like from `at` on: the whole known state, already carried forward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// When this state began.
    pub at: Moment,
    /// Stage, none where history does not say.
    pub stage: Maybe<StageId>,
    /// Amount in minor units of `currency`.
    pub amount_minor: Maybe<i64>,
    /// Currency of the amount, where the history names one; else the deal's.
    pub currency: Maybe<CurrencyId>,
    /// Expected close date.
    pub expected_close: Maybe<Day>,
    /// Owner.
    pub owner: Maybe<OwnerId>,
    /// Forecast category.
    pub category: Option<ForecastCategory>,
    /// The CRM's own chance to win, 0 to 1.
    pub probability: Maybe<f32>,
}

/// An activity on a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityStep {
    /// Day it happened.
    pub day: Day,
    /// Its kind.
    pub kind: ActivityKindId,
    /// How many at once.
    pub count: u32,
}

impl Timeline {
    /// The deals by their position.
    pub fn deal_ids(&self) -> impl DoubleEndedIterator<Item = DealIx> + ExactSizeIterator + Clone + use<> {
        (0..self.deals.len()).map(DealIx::at)
    }

    /// What is fixed about a deal.
    #[must_use]
    pub fn head(&self, deal: DealIx) -> &DealHead {
        &self.deals[deal.index()]
    }

    /// The changes of a deal.
    #[must_use]
    pub fn steps_of(&self, deal: DealIx) -> &[Step] {
        &self.steps[self.step_offsets[deal.index()]..self.step_offsets[deal.index() + 1]]
    }

    /// The activities of a deal.
    #[must_use]
    pub fn activities_of(&self, deal: DealIx) -> &[ActivityStep] {
        &self.activities[self.activity_offsets[deal.index()]..self.activity_offsets[deal.index() + 1]]
    }
}
