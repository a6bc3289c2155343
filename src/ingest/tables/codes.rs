//! How ids, statuses and forecast categories stand in the columns of the deals frame.

use crate::domain::ids::Id;
use crate::domain::stage::{ForecastCategory, StageKind};

/// How [`StageKind`] is written in the `status` column.
#[must_use]
pub fn status_code(kind: StageKind) -> u32 {
    kind as u32
}

/// Reads a `status` cell back.
#[must_use]
pub fn status_of(code: u32) -> Option<StageKind> {
    [StageKind::Open, StageKind::Won, StageKind::Lost].get(code as usize).copied()
}

/// How [`ForecastCategory`] is written in a category column.
#[must_use]
pub fn category_code(category: ForecastCategory) -> u32 {
    category as u32
}

/// Reads a category cell back.
#[must_use]
pub fn category_of(code: u32) -> Option<ForecastCategory> {
    use ForecastCategory::{BestCase, Closed, Commit, Omitted, Pipeline};
    [Pipeline, BestCase, Commit, Closed, Omitted].get(code as usize).copied()
}

/// How an id is written in a column of the deals frame.
pub(crate) fn code(id: impl Id) -> u32 {
    id.index() as u32
}
