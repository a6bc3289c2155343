//! Curves against lifelines and against plain counts; parts that merge to the whole.

use super::counts::{ExitCounts, MAX_DAYS};
use super::curves::ExitCurves;
use super::exit_cause::ExitCause;
use crate::domain::probability::wilson;
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
            ADVANCE => counts.push(days, ExitCause::Advance),
            2 => counts.push(days, ExitCause::Lost),
            _ => counts.push(days, ExitCause::Back),
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
        (ExitCause::Advance, 2, 0.09523809523809523),
        (ExitCause::Advance, 12, 0.30467571644042224),
        (ExitCause::Advance, 34, 0.49981146304675705),
        (ExitCause::Lost, 13, 0.23766429648782583),
        (ExitCause::Back, 20, 0.13526179702650287),
    ] {
        close(curves.incidence(cause, day), incidence);
    }
    close(curves.variance(ExitCause::Advance, 1.0, 0.0), 0.0189201352313194);
    close(curves.variance(ExitCause::Lost, 1.0, 0.0), 0.010962602704792926);
    close(curves.variance(ExitCause::Back, 1.0, 0.0), 0.008229871277831816);
    close(curves.variance(ExitCause::Advance, 0.0, 1.0), 0.011368621584950328);
    // KaplanMeierFitter: percentile(0.5), (0.25), (0.1)
    assert_eq!([0.5, 0.75, 0.9].map(|p| curves.quantile(p)), [Some(11), Some(30), None]);
}

#[test]
fn eventual_share_is_a_ratio_with_the_variance_of_one() {
    let curves = count(&STAYS).finish();
    let share = curves.eventual(ExitCause::Advance).expect("stays have ended");
    close(share.value, 0.49981146304675705 / (1.0 - 0.12726244343891405));
    // numpy 2.4.6: 4,000 bootstrap samples (default_rng(1)) of STAYS twenty times over put the variance of this
    // ratio at 0.0179945 / 20.
    let ended = 1.0 - curves.survival(34);
    let variance = curves.variance(ExitCause::Advance, 1.0 / ended, share.value / ended);
    assert!((variance / 0.0179945 - 1.0).abs() < 0.06, "{variance}");
    assert!(share.low < share.value && share.value < share.high);
}

#[test]
fn fully_seen_stays_give_the_plain_proportion_with_wilson() {
    let stays = [(1, 1), (2, 2), (2, 1), (3, 1), (5, 3), (8, 1), (13, 2), (21, 1), (34, 1), (40, 3)];
    let share = count(&stays).finish().eventual(ExitCause::Advance).expect("stays have ended");
    // statsmodels 0.15.0: proportion_confint(6, 10, method="wilson")
    close(share.value, 0.6);
    close(share.low, 0.31267376973365824);
    close(share.high, 0.8318196702937638);
    let all = count(&[(1, 1), (4, 1)]).finish().eventual(ExitCause::Advance).expect("stays have ended");
    assert_eq!(all, wilson(1.0, 2.0));
}

#[test]
fn a_dwell_is_judged_by_what_is_still_ahead() {
    let curves = count(&STAYS).finish();
    // By hand from the lifelines values above: (F(35) - F(5)) / S(5) for a stay of 6 full days.
    close(
        curves.within(ExitCause::Advance, 6, 30).expect("known"),
        (0.49981146304675705 - 0.196078431372549) / 0.7058823529411762,
    );
    close(curves.within(ExitCause::Advance, 31, 30).expect("known"), 0.0);
    // Advanced stays shorter than 3 days plus half of those of 3 days.
    close(
        curves.rank(ExitCause::Advance, 3).expect("known"),
        (0.09523809523809523 + 0.196078431372549) / 2.0 / 0.49981146304675705,
    );
    assert_eq!(curves.rank(ExitCause::Advance, 31), Some(1.0));
    assert_eq!(curves.quantile_given(ExitCause::Advance, 0.5), Some(6));
    assert_eq!(curves.quantile_given(ExitCause::Advance, 1.0), Some(30));
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
    assert_eq!(empty.eventual(ExitCause::Advance), None);
    assert_eq!(empty.quantile(0.5), None);
    assert_eq!(empty.within(ExitCause::Lost, 3, 30), None);
    let mut running = ExitCounts::default();
    running.push_running(0);
    running.push_running(12);
    assert_eq!(running.finish().eventual(ExitCause::Advance), None);
    let mut absurd = ExitCounts::default();
    absurd.push(i32::MAX, ExitCause::Lost);
    absurd.push(-5, ExitCause::Lost);
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
        let share = count(&stays).finish().eventual(ExitCause::Lost).map_or(f64::NAN, |s| s.value);
        let lost = stays.iter().filter(|s| s.1 == 2).count() as f64 / stays.len() as f64;
        prop_assert!((share - lost).abs() < 1e-12, "{} {}", share, lost);
    }
}
