//! Activities of one kind as numbers of a deal: how many so far, how many lately, how long ago the last.

use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::domain::ids::ActivityKindId;
use crate::features::context::FeatureContext;
use crate::features::state::MISSING;
use crate::snapshot::DealState;
use crate::timeline::ActivityStep;

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
        let mut tally = KindTally::default();
        let known = known_by(row, context);
        known.filter(|activity| Some(activity.kind) == kind).for_each(|activity| tally.add(activity, row.day));
        self.of_tally(&tally, row.day)
    }

    fn of_tally(self, tally: &KindTally, day: Day) -> f64 {
        match self {
            Self::DaysSince => tally.last.map_or(MISSING, |last| (f64::from(day.0) - f64::from(last.0)).ln_1p()),
            Self::Count => tally.count.ln_1p(),
            Self::Recent => tally.recent.ln_1p(),
        }
    }
}

/// What a deal's activities of one kind come to on a day.
#[derive(Clone, Copy, Default)]
struct KindTally {
    count: f64,
    recent: f64,
    last: Option<Day>,
}

impl KindTally {
    /// Adds the next activity before `day`.
    fn add(&mut self, activity: &ActivityStep, day: Day) {
        self.count += f64::from(activity.count);
        if activity.day >= day.plus(-RECENT_DAYS) {
            self.recent += f64::from(activity.count);
        }
        self.last = Some(activity.day);
    }
}

/// The activities of a row's deal before its day, in time order.
fn known_by<'a>(row: &DealState, context: &FeatureContext<'a>) -> impl Iterator<Item = &'a ActivityStep> + use<'a> {
    let day = row.day;
    context.timeline.activities_of(row.deal).iter().take_while(move |activity| activity.day < day)
}

/// The values of every kind for every row, by kind and then in the order of [`KindMeasure::ALL`]: one look at the activities
/// of a row gives all of them.
pub(super) fn values_by_kind(
    kinds: &[ActivityKindId],
    rows: &[DealState],
    context: &FeatureContext<'_>,
) -> Vec<[Vec<f64>; KindMeasure::ALL.len()]> {
    let mut position = vec![None; context.tables.activities.kinds.len()];
    kinds.iter().enumerate().for_each(|(at, kind)| position[kind.index()] = Some(at));
    let mut values: Vec<_> = kinds.iter().map(|_| KindMeasure::ALL.map(|_| Vec::with_capacity(rows.len()))).collect();
    let mut tallies = vec![KindTally::default(); kinds.len()];
    for row in rows {
        tallies.fill(KindTally::default());
        for activity in known_by(row, context) {
            if let Some(at) = position[activity.kind.index()] {
                tallies[at].add(activity, row.day);
            }
        }
        for (tally, of_kind) in tallies.iter().zip(&mut values) {
            for (measure, values) in KindMeasure::ALL.into_iter().zip(of_kind) {
                values.push(measure.of_tally(tally, row.day));
            }
        }
    }
    values
}
