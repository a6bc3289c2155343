//! What holds of every head fitted on any short history: properties, over random histories and many days ahead.

use proptest::prelude::*;

use crate::domain::day::Day;
use crate::domain::period::FiscalCalendar;
use crate::domain::probability::{PeriodOutcome, logistic};
use crate::features::fixtures::state;
use crate::model::period::ahead::DaysAhead;
use crate::model::period::choice::PeriodChoice;
use crate::model::period::head::PeriodHead;
use crate::model::period::rows::{SeenLandmark, period_rows};
use crate::model::period::terms::{PeriodInput, PeriodTerm};
use crate::snapshot::{Landmark, Outcome};

/// How a landmark ends: won, lost or never, so many days later.
type Ending = (u8, i32);

fn input() -> impl Strategy<Value = PeriodInput> {
    (-9.0..9.0_f64, -9.0..9.0_f64, prop::option::of(-90..300_i32), 0..400_i32).prop_map(
        |(win_log_odds, soon_log_odds, expected_in, age)| PeriodInput { win_log_odds, soon_log_odds, expected_in, age },
    )
}

/// Landmarks on a handful of days of a few weeks, by day.
fn history() -> impl Strategy<Value = Vec<SeenLandmark>> {
    let landmark = (0..9_i32, (0..3_u8, 0..80_i32), input());
    let seen = |deal: usize, (week, (kind, days), input): (i32, Ending, PeriodInput)| {
        let state = state(deal, 181 + 7 * week, 0);
        let closed = state.day.plus(days);
        let outcome = match kind {
            0 => Outcome::Won(closed),
            1 => Outcome::Lost(closed),
            _ => Outcome::Open,
        };
        SeenLandmark { landmark: Landmark { state, outcome }, input }
    };
    prop::collection::vec(landmark, 0..90).prop_map(move |mut drawn| {
        drawn.sort_by_key(|(week, ..)| *week);
        drawn.into_iter().enumerate().map(|(deal, of)| seen(deal, of)).collect()
    })
}

fn choice() -> impl Strategy<Value = PeriodChoice> {
    (any::<bool>(), -3..3_i32).prop_map(|(sees_deals, decade)| PeriodChoice {
        terms: if sees_deals { &PeriodTerm::ALL } else { &PeriodTerm::OF_THE_DAYS },
        penalty: 10_f64.powi(decade),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Chances lie in 0 to 1 and add up to 1, a later day is never less likely, and on the horizon's last day the chance to
    /// be won is the win probability.
    #[test]
    fn chances_of_any_short_history_can_be(
        history in history(),
        choice in choice(),
        horizon in 1..120_i32,
        known_days in 0..120_i32,
        deal in input(),
        meets_win in any::<bool>(),
    ) {
        let (calendar, known_until) = (FiscalCalendar::default(), Day(181 + known_days));
        let head = PeriodHead::fit(&period_rows(&history, horizon, known_until, &calendar), choice);
        let ahead = DaysAhead::of(known_until, horizon, 800, &calendar);
        let chance = logistic(deal.win_log_odds);
        let course = head.course(&deal, &ahead, meets_win.then_some(chance));
        let mut before = PeriodOutcome { win: 0.0, lose: 0.0, slip: 1.0 };
        for days in 0..=800 {
            let outcome = course.by(days);
            let PeriodOutcome { win, lose, slip } = outcome;
            prop_assert!([win, lose, slip].iter().all(|chance| (0.0..=1.0).contains(chance)), "{days}: {outcome:?}");
            prop_assert!((win + lose + slip - 1.0).abs() < 1e-12, "{days}: {outcome:?}");
            prop_assert!(win >= before.win && lose >= before.lose, "{days}: {before:?}, then {outcome:?}");
            before = outcome;
        }
        if meets_win {
            prop_assert!((course.by(horizon).win - chance).abs() < 1e-8, "{} {chance}", course.by(horizon).win);
        }
        prop_assert!(course.days_to_win([0.1, 0.5, 0.9]).is_sorted());
    }
}
