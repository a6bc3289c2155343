//! How long do stays last and how do they end, with competing exits and censoring, in whole days?
//!
//! [`ExitCounts`](super::ExitCounts) in, [`ExitCurves`] out: Kaplan-Meier for the time to any exit,
//! Aalen-Johansen for the share that ends in each way. A stay that is still running counts for as long as it was seen,
//! so slow deals are not lost from the picture the way they are in means over finished stays. Knows nothing of deals.
//!
//! References: Aalen and Johansen (1978), Scand. J. Statist. 5; variance by the delta method over independent
//! multinomial days as in Dinse and Larson (1986), Biometrika 73; Wilson (1927), J. Am. Stat. Assoc. 22.

use super::exit_cause::ExitCause;
use crate::domain::probability::{Share, wilson};

/// Slack for comparing a share with a quantile: products of day-wise factors miss round numbers by a few ulps.
const ROUNDING: f64 = 1e-12;

/// The state of the curves at the end of one day with exits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurveStep {
    /// Day of the stay, 0 for the day it began.
    pub day: u32,
    /// Stays that had reached this day.
    pub at_risk: u64,
    /// Exits on this day, by [`ExitCause`].
    pub exits: [u64; 3],
    /// Kaplan-Meier: share of stays longer than this day.
    pub survival: f64,
    /// Aalen-Johansen: share of stays ended by each [`ExitCause`] up to this day.
    pub incidence: [f64; 3],
}

/// A share of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleShare {
    /// The share, 0 to 1.
    pub value: f64,
    /// How many fully seen items it is of; need not be whole.
    pub size: f64,
}

/// Survival and cumulative incidence by day, constant between steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExitCurves {
    pub(super) stays: u64,
    pub(super) steps: Vec<CurveStep>,
}

impl ExitCurves {
    /// One entry per day with exits, ascending.
    #[must_use]
    pub fn steps(&self) -> &[CurveStep] {
        &self.steps
    }

    /// Share of stays longer than `day`; 1 before the first exit.
    #[must_use]
    pub fn survival(&self, day: i32) -> f64 {
        self.step_at(day).map_or(1.0, |step| step.survival)
    }

    /// Share of stays ended by `cause` up to and including `day`.
    #[must_use]
    pub fn incidence(&self, cause: ExitCause, day: i32) -> f64 {
        self.step_at(day).map_or(0.0, |step| step.incidence[cause as usize])
    }

    /// Chance that a stay which has lasted `days` full days ends by `cause` within the next `horizon` days.
    /// Past the last exit ever seen it is 0. `None` where no stay lasted that long or none ever ended.
    #[must_use]
    pub fn within(&self, cause: ExitCause, days: i32, horizon: i32) -> Option<f64> {
        let reached = self.survival(days - 1);
        let gained = self.incidence(cause, days - 1 + horizon) - self.incidence(cause, days - 1);
        (!self.steps.is_empty() && reached > ROUNDING).then(|| (gained / reached).clamp(0.0, 1.0))
    }

    /// Among stays that end by `cause`, the share shorter than `days`, those of equal length counted half. 0 to 1.
    #[must_use]
    pub fn rank(&self, cause: ExitCause, days: i32) -> Option<f64> {
        let total = self.total(cause)?;
        Some((self.incidence(cause, days - 1) + self.incidence(cause, days)) / 2.0 / total)
    }

    /// Days within which a share `p` of the stays that end by `cause` have ended.
    #[must_use]
    pub fn quantile_given(&self, cause: ExitCause, p: f64) -> Option<u32> {
        let wanted = p * self.total(cause)? - ROUNDING;
        self.steps.iter().find(|step| step.incidence[cause as usize] >= wanted).map(|step| step.day)
    }

    /// Days within which a share `p` of all stays have ended in whatever way; `None` where the curve never gets there.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<u32> {
        self.steps.iter().find(|step| step.survival <= 1.0 - p + ROUNDING).map(|step| step.day)
    }

    /// Days within which a share `p` of the stays that have lasted `days` full days end, today counted as the first: half of
    /// them are gone after so many more days. `None` where the curve never gets there.
    #[must_use]
    pub fn remaining(&self, days: i32, p: f64) -> Option<u32> {
        let wanted = self.survival(days - 1) * (1.0 - p);
        let later = self.steps.iter().filter(|step| i64::from(step.day) >= i64::from(days));
        let end = later.into_iter().find(|step| step.survival <= wanted + ROUNDING).map(|step| step.day)?;
        Some(end.saturating_sub(u32::try_from(days).unwrap_or(0)) + 1)
    }

    /// Share of exits that are by `cause` in the long run: cumulative incidence over all incidence, at the last exit seen.
    ///
    /// Without running stays this is the plain proportion with its Wilson interval. With them, the interval is Wilson's
    /// at the number of fully seen stays that would have the same variance. `None` where no stay ever ended.
    #[must_use]
    pub fn eventual(&self, cause: ExitCause) -> Option<Share> {
        self.eventual_of(cause).map(|share| wilson(share.value, share.size))
    }

    /// The share alone, with that number of stays.
    #[must_use]
    pub fn eventual_of(&self, cause: ExitCause) -> Option<SampleShare> {
        let last = self.steps.last()?;
        let ended = 1.0 - last.survival;
        let value = (last.incidence[cause as usize] / ended).clamp(0.0, 1.0);
        let variance = self.variance(cause, 1.0 / ended, value / ended);
        let exits = self.steps.iter().flat_map(|step| step.exits).sum::<u64>() as f64;
        let spread = value * (1.0 - value);
        let effective = if variance > 0.0 && spread > 0.0 { (spread / variance).min(self.stays as f64) } else { exits };
        Some(SampleShare { value, size: effective })
    }

    /// Variance of `a` x (incidence of `cause`) + `b` x survival, both at the last exit seen.
    ///
    /// `(1, 0)` is the variance of the Aalen-Johansen estimate, `(0, 1)` is Greenwood's.
    #[must_use]
    pub fn variance(&self, cause: ExitCause, a: f64, b: f64) -> f64 {
        let Some(last) = self.steps.last() else { return 0.0 };
        let (mut sum, mut before) = (0.0, 1.0);
        for step in &self.steps {
            let n = step.at_risk as f64;
            let all = step.exits.iter().sum::<u64>();
            let own = step.exits[cause as usize] as f64 / n;
            let other = all as f64 / n - own;
            // What one more exit today takes from everything after today; nobody is left after a day that takes all.
            let later = a * (last.incidence[cause as usize] - step.incidence[cause as usize]) + b * last.survival;
            let taken = if all == step.at_risk { 0.0 } else { later / (1.0 - own - other) };
            let (by_own, by_other) = (a * before - taken, -taken);
            let mean = by_own * own + by_other * other;
            sum += (by_own * by_own * own + by_other * by_other * other - mean * mean) / n;
            before = step.survival;
        }
        sum.max(0.0)
    }

    fn total(&self, cause: ExitCause) -> Option<f64> {
        self.steps.last().map(|step| step.incidence[cause as usize]).filter(|&total| total > 0.0)
    }

    fn step_at(&self, day: i32) -> Option<&CurveStep> {
        let day = u32::try_from(day).ok()?;
        let after = self.steps.partition_point(|step| step.day <= day);
        self.steps.get(after.checked_sub(1)?)
    }
}
