//! Activities of one kind as numbers of a deal: how many so far, how many lately, how long ago the last.

use serde::{Deserialize, Serialize};

use crate::domain::ids::ActivityKindId;
use crate::features::context::FeatureContext;
use crate::features::state::MISSING;
use crate::snapshot::DealState;

/// Days of the window of [`KindMeasure::Recent`].
const RECENT_DAYS: i32 = 30;

/// What is counted of the activities of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KindMeasure {
    /// Log of how many so far.
    Count,
    /// Log of how many in the last 30 days.
    Recent,
    /// Log of the days since the last one.
    DaysSince,
}

impl KindMeasure {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Count, Self::Recent, Self::DaysSince];

    /// The name of the field that counts this of `kind`.
    pub(super) fn field_name(self, kind: &str) -> String {
        match self {
            Self::Count => format!("activities of kind {kind}"),
            Self::Recent => format!("recent activities of kind {kind}"),
            Self::DaysSince => format!("days since last {kind}"),
        }
    }

    /// What it measures and in which unit.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::Count => "activities of this kind so far, log",
            Self::Recent => "activities of this kind in the last 30 days, log",
            Self::DaysSince => "days since the last activity of this kind, log",
        }
    }

    /// What its natural values are counted in.
    pub(super) fn unit(self) -> &'static str {
        match self {
            Self::Count | Self::Recent => "activities",
            Self::DaysSince => "days",
        }
    }

    /// The value for a deal, on the model's scale.
    pub(super) fn of(self, kind: Option<ActivityKindId>, row: &DealState, context: &FeatureContext<'_>) -> f64 {
        let from = (self == Self::Recent).then(|| row.day.plus(-RECENT_DAYS));
        let activities = context.timeline.activities_of(row.deal).iter();
        let of_kind = activities.take_while(|activity| activity.day < row.day);
        let of_kind =
            of_kind.filter(|activity| Some(activity.kind) == kind && from.is_none_or(|from| activity.day >= from));
        match self {
            Self::DaysSince => {
                let last = of_kind.last().map(|activity| f64::from(row.day.0) - f64::from(activity.day.0));
                last.map_or(MISSING, f64::ln_1p)
            }
            Self::Count | Self::Recent => of_kind.map(|activity| f64::from(activity.count)).sum::<f64>().ln_1p(),
        }
    }
}
