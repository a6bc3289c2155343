//! One deal as it was known on a day.

use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, DealIx, OwnerId, RowIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{ForecastCategory, StageKind, StageList};

/// One deal as it was known on the morning of `day`: only what is dated before it.
///
/// Counts saturate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DealState {
    /// Index in [`Timeline::deals`](crate::timeline::Timeline::deals).
    pub deal: DealIx,
    /// Row in [`Deals`](crate::ingest::tables::Deals).
    pub row: RowIx,
    /// The morning this state is of.
    pub day: Day,
    /// Open, won or lost that morning.
    pub kind: StageKind,
    /// Stage; where `stage_tracked` is false it is today's, and no feature may use it.
    pub stage: Maybe<StageId>,
    /// Whether `stage` and the moves below come from history.
    pub stage_tracked: bool,
    /// Day created.
    pub created: Day,
    /// Day closed; none while open, or where nobody knows.
    pub closed: Maybe<Day>,
    /// Currency of the amount.
    pub currency: CurrencyId,
    /// Amount in minor units.
    pub amount_minor: Maybe<i64>,
    /// First known amount.
    pub first_amount_minor: Maybe<i64>,
    /// Times a known amount changed.
    pub amount_changes: u16,
    /// Expected close date.
    pub expected_close: Maybe<Day>,
    /// First known expected close date.
    pub first_expected_close: Maybe<Day>,
    /// Times the expected close date was moved later.
    pub pushes: u16,
    /// Owner.
    pub owner: Maybe<OwnerId>,
    /// Forecast category, from a column (not from the stage).
    pub category: Option<ForecastCategory>,
    /// The CRM's own chance to win, 0 to 1, from a column (not from the stage).
    pub probability: Maybe<f32>,
    /// Day it entered its present stage; the day of creation where `stage_tracked` is false and it is open.
    pub stage_since: Day,
    /// Moves from one known open stage to a later one.
    pub forward_moves: u16,
    /// Moves from one known open stage to an earlier one.
    pub back_moves: u16,
    /// Open stages jumped over by the forward moves.
    pub skipped_stages: u16,
    /// Day of the last change of any field after creation, if any did.
    pub last_change: Maybe<Day>,
    /// Activities (summed counts) so far.
    pub activities: u32,
    /// Activities in the 30 days before `day`.
    pub activities_30d: u32,
    /// Day of the last activity, if there was one.
    pub last_activity: Maybe<Day>,
}

impl DealState {
    /// Days since creation.
    #[must_use]
    pub fn age_days(&self) -> i32 {
        self.day.0 - self.created.0
    }

    /// The deal's own forecast category, else its stage's, else pipeline.
    #[must_use]
    pub fn forecast_category(&self, stages: &StageList) -> ForecastCategory {
        let category = self.category.or_else(|| stages.get(self.stage)?.category);
        category.unwrap_or(ForecastCategory::Pipeline)
    }

    /// Days in the present stage.
    #[must_use]
    pub fn days_in_stage(&self) -> i32 {
        self.day.0 - self.stage_since.0
    }
}
