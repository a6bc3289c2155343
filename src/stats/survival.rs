//! How long do stays last and how do they end, with competing exits and censoring, in whole days?
//!
//! [`ExitCounts`] in, [`ExitCurves`] out: Kaplan-Meier for the time to any exit,
//! Aalen-Johansen for the share that ends in each way. A stay that is still running counts for as long as it was seen,
//! so slow deals are not lost from the picture the way they are in means over finished stays. Knows nothing of deals.
//!
//! References: Aalen and Johansen (1978), Scand. J. Statist. 5; variance by the delta method over independent
//! multinomial days as in Dinse and Larson (1986), Biometrika 73; Wilson (1927), J. Am. Stat. Assoc. 22.

pub use crate::domain::probability::{Share, wilson};
pub use crate::stats::survival_counts::{Cause, ExitCounts, MAX_DAYS};

/// Slack for comparing a share with a quantile: products of day-wise factors miss round numbers by a few ulps.
const ROUNDING: f64 = 1e-12;

/// The state of the curves at the end of one day with exits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurveStep {
    /// Day of the stay, 0 for the day it began.
    pub day: u32,
    /// Stays that had reached this day.
    pub at_risk: u64,
    /// Exits on this day, by [`Cause`].
    pub exits: [u64; 3],
    /// Kaplan-Meier: share of stays longer than this day.
    pub survival: f64,
    /// Aalen-Johansen: share of stays ended by each [`Cause`] up to this day.
    pub incidence: [f64; 3],
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
    pub fn incidence(&self, cause: Cause, day: i32) -> f64 {
        self.step_at(day).map_or(0.0, |step| step.incidence[cause as usize])
    }

    /// Chance that a stay which has lasted `days` full days ends by `cause` within the next `horizon` days.
    /// Past the last exit ever seen it is 0. `None` where no stay lasted that long or none ever ended.
    #[must_use]
    pub fn within(&self, cause: Cause, days: i32, horizon: i32) -> Option<f64> {
        let reached = self.survival(days - 1);
        let gained = self.incidence(cause, days - 1 + horizon) - self.incidence(cause, days - 1);
        (!self.steps.is_empty() && reached > ROUNDING).then(|| (gained / reached).clamp(0.0, 1.0))
    }

    /// Among stays that end by `cause`, the share shorter than `days`, those of equal length counted half. 0 to 1.
    #[must_use]
    pub fn rank(&self, cause: Cause, days: i32) -> Option<f64> {
        let total = self.total(cause)?;
        Some((self.incidence(cause, days - 1) + self.incidence(cause, days)) / 2.0 / total)
    }

    /// Days within which a share `p` of the stays that end by `cause` have ended.
    #[must_use]
    pub fn quantile_given(&self, cause: Cause, p: f64) -> Option<u32> {
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
    pub fn eventual(&self, cause: Cause) -> Option<Share> {
        self.eventual_of(cause).map(|(value, effective)| wilson(value, effective))
    }

    /// The share alone, with that number of stays.
    #[must_use]
    pub fn eventual_of(&self, cause: Cause) -> Option<(f64, f64)> {
        let last = self.steps.last()?;
        let ended = 1.0 - last.survival;
        let value = (last.incidence[cause as usize] / ended).clamp(0.0, 1.0);
        let variance = self.variance(cause, 1.0 / ended, value / ended);
        let exits = self.steps.iter().flat_map(|step| step.exits).sum::<u64>() as f64;
        let spread = value * (1.0 - value);
        let effective = if variance > 0.0 && spread > 0.0 { (spread / variance).min(self.stays as f64) } else { exits };
        Some((value, effective))
    }

    /// Variance of `a` x (incidence of `cause`) + `b` x survival, both at the last exit seen.
    ///
    /// `(1, 0)` is the variance of the Aalen-Johansen estimate, `(0, 1)` is Greenwood's.
    #[must_use]
    pub fn variance(&self, cause: Cause, a: f64, b: f64) -> f64 {
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

    fn total(&self, cause: Cause) -> Option<f64> {
        self.steps.last().map(|step| step.incidence[cause as usize]).filter(|&total| total > 0.0)
    }

    fn step_at(&self, day: i32) -> Option<&CurveStep> {
        let day = u32::try_from(day).ok()?;
        let after = self.steps.partition_point(|step| step.day <= day);
        self.steps.get(after.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ADVANCE: usize = 1;

    /// (days, cause), cause 0 = last seen at risk on that day; 1, 2, 3 = advance, lost, back.
    const STAYS: [(i32, usize); 21] = [
        (0, 1),
        (1, 1),
        (2, 2),
        (2, 0),
        (3, 1),
        (3, 1),
        (3, 3),
        (5, 0),
        (6, 2),
        (6, 1),
        (8, 1),
        (9, 0),
        (9, 0),
        (11, 2),
        (13, 1),
        (13, 2),
        (13, 0),
        (20, 3),
        (21, 0),
        (30, 1),
        (34, 0),
    ];

    fn count(stays: &[(i32, usize)]) -> ExitCounts {
        let mut counts = ExitCounts::default();
        for &(days, cause) in stays {
            match cause {
                0 => counts.push_running(days + 1),
                ADVANCE => counts.push(days, Cause::Advance),
                2 => counts.push(days, Cause::Lost),
                _ => counts.push(days, Cause::Back),
            }
        }
        counts
    }

    fn close(got: f64, expected: f64) {
        assert!((got - expected).abs() < 1e-12, "got {got}, expected {expected}");
    }

    // Expected values of this test: lifelines 0.30.3 on STAYS. Survival from KaplanMeierFitter; incidence and its
    // variance from AalenJohansenFitter(calculate_variance=True) on durations + 1 with the tie check switched off, so
    // that nothing is jittered; Greenwood's variance summed from KaplanMeierFitter.event_table.
    #[test]
    fn curves_agree_with_lifelines() {
        let curves = count(&STAYS).finish();
        for (day, survival) in
            [(0, 0.9523809523809522), (3, 0.7058823529411762), (9, 0.5429864253393664), (34, 0.12726244343891405)]
        {
            close(curves.survival(day), survival);
        }
        for (cause, day, incidence) in [
            (Cause::Advance, 2, 0.09523809523809523),
            (Cause::Advance, 12, 0.30467571644042224),
            (Cause::Advance, 34, 0.49981146304675705),
            (Cause::Lost, 13, 0.23766429648782583),
            (Cause::Back, 20, 0.13526179702650287),
        ] {
            close(curves.incidence(cause, day), incidence);
        }
        close(curves.variance(Cause::Advance, 1.0, 0.0), 0.0189201352313194);
        close(curves.variance(Cause::Lost, 1.0, 0.0), 0.010962602704792926);
        close(curves.variance(Cause::Back, 1.0, 0.0), 0.008229871277831816);
        close(curves.variance(Cause::Advance, 0.0, 1.0), 0.011368621584950328);
        // KaplanMeierFitter: percentile(0.5), (0.25), (0.1)
        assert_eq!([0.5, 0.75, 0.9].map(|p| curves.quantile(p)), [Some(11), Some(30), None]);
    }

    #[test]
    fn eventual_share_is_a_ratio_with_the_variance_of_one() {
        let curves = count(&STAYS).finish();
        let share = curves.eventual(Cause::Advance).expect("stays have ended");
        close(share.value, 0.49981146304675705 / (1.0 - 0.12726244343891405));
        // numpy 2.4.6: 4,000 bootstrap samples (default_rng(1)) of STAYS twenty times over put the variance of this
        // ratio at 0.0179945 / 20.
        let ended = 1.0 - curves.survival(34);
        let variance = curves.variance(Cause::Advance, 1.0 / ended, share.value / ended);
        assert!((variance / 0.0179945 - 1.0).abs() < 0.06, "{variance}");
        assert!(share.low < share.value && share.value < share.high);
    }

    #[test]
    fn fully_seen_stays_give_the_plain_proportion_with_wilson() {
        let stays = [(1, 1), (2, 2), (2, 1), (3, 1), (5, 3), (8, 1), (13, 2), (21, 1), (34, 1), (40, 3)];
        let share = count(&stays).finish().eventual(Cause::Advance).expect("stays have ended");
        // statsmodels 0.15.0: proportion_confint(6, 10, method="wilson")
        close(share.value, 0.6);
        close(share.low, 0.31267376973365824);
        close(share.high, 0.8318196702937638);
        let all = count(&[(1, 1), (4, 1)]).finish().eventual(Cause::Advance).expect("stays have ended");
        assert_eq!(all, wilson(1.0, 2.0));
    }

    #[test]
    fn a_dwell_is_judged_by_what_is_still_ahead() {
        let curves = count(&STAYS).finish();
        // By hand from the lifelines values above: (F(35) - F(5)) / S(5) for a stay of 6 full days.
        close(
            curves.within(Cause::Advance, 6, 30).expect("known"),
            (0.49981146304675705 - 0.196078431372549) / 0.7058823529411762,
        );
        close(curves.within(Cause::Advance, 31, 30).expect("known"), 0.0);
        // Advanced stays shorter than 3 days plus half of those of 3 days.
        close(
            curves.rank(Cause::Advance, 3).expect("known"),
            (0.09523809523809523 + 0.196078431372549) / 2.0 / 0.49981146304675705,
        );
        assert_eq!(curves.rank(Cause::Advance, 31), Some(1.0));
        assert_eq!(curves.quantile_given(Cause::Advance, 0.5), Some(6));
        assert_eq!(curves.quantile_given(Cause::Advance, 1.0), Some(30));
    }

    #[test]
    fn few_stays_are_held_towards_all() {
        let all = count(&STAYS);
        let survival = |curves: ExitCurves| curves.steps().iter().map(|step| step.survival).collect::<Vec<f64>>();
        // Nothing of its own: all of it is borrowed. And where its own are all there are, nothing is to be added.
        for own in [&ExitCounts::default(), &all] {
            let (made, expected) = (survival(own.shrunk_towards(&all, 10.0)), survival(all.finish()));
            assert!(made.len() == expected.len() && made.len() > 5, "{made:?} {expected:?}");
            made.into_iter().zip(expected).for_each(|(made, expected)| close(made, expected));
        }
        // By hand for the stays (3, 1), (3, 3), (5, 0), (6, 2): on days 0, 1 and 2 one of 21, 20 and 19 of all ends and none
        // of these four, on day 3 three of 17 and two of the four.
        let curves = count(&STAYS[5..9]).shrunk_towards(&all, 6.0);
        let before: f64 = [21.0, 20.0, 19.0].map(|at_risk: f64| 1.0 - 6.0 / at_risk / 10.0).iter().product();
        close(curves.survival(2), before);
        close(curves.survival(3), before * (1.0 - (6.0 * 3.0 / 17.0 + 2.0) / 10.0));
    }

    #[test]
    fn nothing_seen_means_nothing_known() {
        let empty = ExitCounts::default().finish();
        assert_eq!(empty.eventual(Cause::Advance), None);
        assert_eq!(empty.quantile(0.5), None);
        assert_eq!(empty.within(Cause::Lost, 3, 30), None);
        let mut running = ExitCounts::default();
        running.push_running(0);
        running.push_running(12);
        assert_eq!(running.finish().eventual(Cause::Advance), None);
        let mut absurd = ExitCounts::default();
        absurd.push(i32::MAX, Cause::Lost);
        absurd.push(-5, Cause::Lost);
        assert_eq!(absurd.finish().steps().iter().map(|s| s.day).collect::<Vec<_>>(), [0, MAX_DAYS]);
    }

    proptest! {
        #[test]
        fn merging_parts_equals_counting_the_whole(stays in prop::collection::vec((0..60_i32, 0..4_usize), 0..80), cut in 0..80_usize) {
            let cut = cut.min(stays.len());
            let mut merged = count(&stays[cut..]);
            merged.merge(&count(&stays[..cut]));
            prop_assert_eq!(&merged.finish(), &count(&stays).finish());
        }

        #[test]
        fn what_has_ended_and_what_has_not_is_everything(stays in prop::collection::vec((0..60_i32, 0..4_usize), 1..80)) {
            for step in count(&stays).finish().steps() {
                prop_assert!((step.survival + step.incidence.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            }
        }

        #[test]
        fn without_running_stays_every_share_is_a_plain_count(stays in prop::collection::vec((0..60_i32, 1..4_usize), 1..80)) {
            let share = count(&stays).finish().eventual(Cause::Lost).map_or(f64::NAN, |s| s.value);
            let lost = stays.iter().filter(|s| s.1 == 2).count() as f64 / stays.len() as f64;
            prop_assert!((share - lost).abs() < 1e-12, "{} {}", share, lost);
        }
    }
}
