//! What the deals table says of a deal, and of its end as of the timeline's day.

use crate::domain::day::{Day, Moment};
use crate::domain::ids::{CurrencyId, OwnerId, PipelineId, StageNameId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::tables::Tables;

/// The columns of the deals table the timeline reads, each as long as the table.
pub(super) struct DealTableColumns {
    pub created_at: Vec<Moment>,
    pub closed_at: Vec<Maybe<Moment>>,
    pub stage: Vec<Maybe<StageNameId>>,
    pub pipeline: Vec<Maybe<PipelineId>>,
    pub status: Vec<Option<StageKind>>,
    pub currency: Vec<CurrencyId>,
    pub owner: Vec<Maybe<OwnerId>>,
    pub category: Vec<Option<ForecastCategory>>,
    pub amount_minor: Vec<Maybe<i64>>,
    pub expected_close: Vec<Maybe<Day>>,
    pub probability: Vec<Maybe<f64>>,
    /// Whether nothing happened on or after the as-of day: then the table is of that day.
    pub is_of_the_day: bool,
}

impl DealTableColumns {
    pub fn read(tables: &Tables, as_of: Day) -> Self {
        let deals = &tables.deals;
        Self {
            is_of_the_day: tables.newest.as_ref().is_some_and(|newest| newest.day < as_of),
            created_at: deals.created_at(),
            closed_at: deals.closed_at(),
            stage: deals.stages(),
            pipeline: deals.pipelines(),
            status: deals.statuses(),
            currency: deals.currencies(),
            owner: deals.owners(),
            category: deals.categories(),
            amount_minor: deals.amounts_minor(),
            expected_close: deals.expected_closes(),
            probability: deals.probabilities(),
        }
    }

    /// The day the stage in `row` is of: that of the closing, else that of the export, which nothing tells.
    pub fn day_of_stage(&self, row: usize) -> Day {
        self.closed_at[row].get().map_or(Day(i32::MAX), Moment::day)
    }
}

/// What the deals table knows about a deal's end, as of the timeline's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TableEnd {
    /// Not closed, as far as the table says.
    Open,
    /// Closed before the as-of day: the table's stage and status are of that moment.
    Closed(StageKind, Moment),
    /// Closed on or after the as-of day: the table's stage and status are not known yet.
    Later,
    /// Closed, nobody knows when.
    Undated(StageKind),
}

impl TableEnd {
    /// Won or lost, where the deal is closed.
    pub fn outcome(self) -> Option<StageKind> {
        match self {
            Self::Closed(kind, _) | Self::Undated(kind) => Some(kind),
            Self::Open | Self::Later => None,
        }
    }

    /// Reads the end of the deal in `row`, whose stage in the table is of kind `stage_kind`.
    pub fn of(table: &DealTableColumns, row: usize, stage_kind: StageKind, as_of: Day) -> Self {
        let kind = table.status[row].unwrap_or(stage_kind);
        match (table.closed_at[row].get(), kind) {
            // the closing day of an open deal is a plan; on a day in the past nobody knew that it would be open now
            (_, StageKind::Open) if table.is_of_the_day => Self::Open,
            (Some(closed_at), _) if closed_at >= as_of.start() => Self::Later,
            (_, StageKind::Open) => Self::Open,
            (None, kind) => Self::Undated(kind),
            (Some(closed_at), kind) => Self::Closed(kind, closed_at),
        }
    }
}
