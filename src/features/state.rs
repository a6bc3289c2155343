//! Numbers that follow from one [`DealState`] alone: ages, counts, recencies, dates against the landmark.
//!
//! Each is already on the scale the model sees (logarithms of days and counts), with [`MISSING`] where the deal has
//! no such value and [`NEUTRAL`] where it has one that nothing comparable is known of.

use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::domain::maybe::Maybe;
use crate::snapshot::DealState;

/// The deal has no value: encoded as the average, with the missing indicator set.
pub(super) const MISSING: f64 = f64::NAN;

/// The value cannot be compared with the training rows': encoded as the average.
pub(super) const NEUTRAL: f64 = f64::INFINITY;

/// A number computed from a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateMeasure {
    /// Log of the days in the present stage.
    DaysInStage,
    /// Log of the days since creation.
    Age,
    /// Log of the moves to a later stage.
    ForwardMoves,
    /// Log of the moves to an earlier stage.
    BackMoves,
    /// Log of the stages jumped over.
    SkippedStages,
    /// Log of the times the expected close date moved later.
    Pushes,
    /// Signed log of the days from the first expected close date to the present one.
    Slip,
    /// Signed log of the days to the expected close date.
    DaysToExpectedClose,
    /// Log of the days since an expected close date that has passed.
    Overdue,
    /// Log ratio of the amount to the first known amount.
    AmountChange,
    /// Log of the times the amount changed.
    AmountRevisions,
    /// Log of the days since the last activity.
    DaysSinceActivity,
    /// Log of the activities in the last 30 days.
    RecentActivities,
    /// Log of the activities per 30 days of age.
    ActivityPace,
    /// Log of the days since anything changed.
    DaysSinceChange,
    /// The CRM's own chance to win.
    Probability,
}

impl StateMeasure {
    /// The value for one deal, on the model's scale.
    #[must_use]
    pub fn of(self, state: &DealState) -> f64 {
        match self {
            Self::DaysInStage | Self::ForwardMoves | Self::BackMoves | Self::SkippedStages if !state.stage_tracked => {
                NEUTRAL
            }
            Self::DaysInStage => since(state.stage_since.into(), state),
            Self::Age => since(state.created.into(), state),
            Self::ForwardMoves => log_count(state.forward_moves.into()),
            Self::BackMoves => log_count(state.back_moves.into()),
            Self::SkippedStages => log_count(state.skipped_stages.into()),
            Self::Pushes => log_count(state.pushes.into()),
            Self::Slip => between(state.first_expected_close, state.expected_close, signed_log),
            Self::DaysToExpectedClose => between(state.day.into(), state.expected_close, signed_log),
            Self::Overdue => between(state.expected_close, state.day.into(), |days| days.max(0.0).ln_1p()),
            Self::AmountChange => amount_change(state),
            Self::AmountRevisions => log_count(state.amount_changes.into()),
            Self::DaysSinceActivity => since(state.last_activity, state),
            Self::RecentActivities => f64::from(state.activities_30d).ln_1p(),
            Self::ActivityPace => {
                let age = f64::from(state.day.0) - f64::from(state.created.0);
                (30.0 * f64::from(state.activities) / (age.max(0.0) + 1.0)).ln_1p()
            }
            Self::DaysSinceChange => since(state.last_change, state),
            Self::Probability => state.probability.get().filter(|x| x.is_finite()).map_or(MISSING, f64::from),
        }
    }

    /// `value`, which is on the model's scale, in its [`unit`](Self::unit).
    #[must_use]
    pub fn natural(self, value: f64) -> f64 {
        match self {
            Self::Slip | Self::DaysToExpectedClose => signed_exp(value),
            Self::Probability => value,
            _ => value.exp_m1(),
        }
    }

    /// What [`natural`](Self::natural) values are counted in.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::DaysInStage
            | Self::Age
            | Self::Slip
            | Self::DaysToExpectedClose
            | Self::Overdue
            | Self::DaysSinceActivity
            | Self::DaysSinceChange => "days",
            Self::ForwardMoves | Self::BackMoves => "moves",
            Self::SkippedStages => "stages",
            Self::Pushes => "pushes",
            Self::AmountRevisions => "changes",
            Self::RecentActivities => "activities",
            Self::ActivityPace => "activities per 30 days",
            Self::AmountChange => "share of the first amount",
            Self::Probability => "0 to 1",
        }
    }

    /// How a person would write `value`, which is on the model's scale.
    #[must_use]
    pub fn phrase(self, value: f64) -> String {
        let natural = self.natural(value);
        match self.unit() {
            "days" => days(natural),
            _ if self == Self::AmountChange => format!("{:+.0} %", 100.0 * natural),
            _ if self == Self::ActivityPace => format!("{natural:.1} per 30 days"),
            _ if self == Self::Probability => format!("{:.0} %", 100.0 * natural),
            _ => format!("{natural:.0}"),
        }
    }
}

/// A number of days in words.
pub(super) fn days(count: f64) -> String {
    let count = count.round();
    if count.abs() == 1.0 { format!("{count:.0} day") } else { format!("{count:.0} days") }
}

/// `ln(1 + count)`, 0 for negative counts.
pub(super) fn log_count(count: i32) -> f64 {
    f64::from(count.max(0)).ln_1p()
}

/// `sign(x) ln(1 + |x|)`: a logarithm that zero and negative numbers have too.
pub(super) fn signed_log(x: f64) -> f64 {
    x.abs().ln_1p().copysign(x)
}

/// The inverse of [`signed_log`].
pub(super) fn signed_exp(y: f64) -> f64 {
    y.abs().exp_m1().copysign(y)
}

fn between(from: Maybe<Day>, to: Maybe<Day>, scale: impl Fn(f64) -> f64) -> f64 {
    let days = from.get().zip(to.get()).map(|(from, to)| f64::from(to.0) - f64::from(from.0));
    days.map_or(MISSING, scale)
}

fn since(day: Maybe<Day>, state: &DealState) -> f64 {
    between(day, state.day.into(), |days| days.max(0.0).ln_1p())
}

fn amount_change(state: &DealState) -> f64 {
    let amounts = state.amount_minor.get().zip(state.first_amount_minor.get());
    amounts.map_or(MISSING, |(now, first)| signed_log(now as f64) - signed_log(first as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::state;

    #[test]
    fn untracked_stages_say_nothing() {
        let tracked = DealEdit::tracked();
        assert_eq!(StateMeasure::DaysInStage.of(&tracked), 11_f64.ln());
        let untracked = DealState { stage_tracked: false, ..tracked };
        assert_eq!(StateMeasure::DaysInStage.of(&untracked), NEUTRAL);
        assert_eq!(StateMeasure::ForwardMoves.of(&untracked), NEUTRAL);
    }

    #[test]
    fn dates_count_from_the_landmark() {
        let mut deal = DealEdit::tracked();
        assert!(StateMeasure::DaysToExpectedClose.of(&deal).is_nan());
        (deal.expected_close, deal.first_expected_close) = (Day(90).into(), Day(60).into());
        assert_eq!(StateMeasure::DaysToExpectedClose.of(&deal), -(11_f64.ln()));
        assert_eq!(StateMeasure::Overdue.of(&deal), 11_f64.ln());
        assert_eq!(StateMeasure::Slip.of(&deal), 31_f64.ln());
        assert_eq!(StateMeasure::Slip.phrase(31_f64.ln()), "30 days");
        assert_eq!(StateMeasure::DaysToExpectedClose.phrase(-(2_f64.ln())), "-1 day");
    }

    #[test]
    fn extremes_stay_finite() {
        let mut deal = DealEdit::tracked();
        (deal.expected_close, deal.first_expected_close) = (Day(i32::MAX).into(), Day(-i32::MAX).into());
        (deal.amount_minor, deal.first_amount_minor) = (i64::MAX.into(), (-i64::MAX).into());
        (deal.created, deal.activities) = (Day(i32::MAX), u32::MAX);
        for measure in [StateMeasure::Slip, StateMeasure::AmountChange, StateMeasure::ActivityPace] {
            assert!(measure.of(&deal).is_finite(), "{measure:?}");
        }
    }

    struct DealEdit;

    impl DealEdit {
        /// Day 100, in its stage since day 90.
        fn tracked() -> DealState {
            DealState { stage_tracked: true, stage_since: Day(90), ..state(0, 100, 50) }
        }
    }
}
