//! Landmarks to rows of the period head: every landmark at every horizon that had ended by the as-of day.
//!
//! Rows younger than a horizon say nothing about it, closed or not.

use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::domain::stage::StageKind;
use crate::model::period::head::grid_days;
use crate::model::period::terms::{PeriodInput, Until};
use crate::model::rows::closed_within;
use crate::snapshot::Landmark;

/// Rows (landmark x horizon) fitted on; beyond, an even draw.
const MOST_ROWS: usize = 60_000;

/// Outcomes in the order of the regression's classes.
pub(crate) const SLIP: usize = 0;
pub(crate) const WIN: usize = 1;
pub(crate) const LOSE: usize = 2;

/// A landmark seen at one horizon.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeriodRow {
    pub input: PeriodInput,
    pub until: Until,
    /// [`SLIP`], [`WIN`] or [`LOSE`].
    pub class: usize,
    pub deal: DealIx,
}

/// The horizons a landmark of `day` teaches about: the ends of the running and the next periods, and some days between.
fn horizons(day: Day, horizon: i32, calendar: &FiscalCalendar) -> Vec<Until> {
    let ends = PeriodKind::USUAL.into_iter().flat_map(|kind| {
        let running = calendar.period_of(kind, day);
        [running.last, calendar.shift(&running, 1).last]
    });
    let mut days: Vec<i32> = ends.map(|last| last.0 - day.0 + 1).collect();
    days.extend(grid_days(horizon).into_iter().skip(2).step_by(3));
    days.sort_unstable();
    days.dedup();
    days.into_iter().map(|days| Until::days(day, days, calendar)).collect()
}

/// Every landmark at every horizon that ended by `known_until`, evenly thinned to [`MOST_ROWS`]. `inputs` has one entry
/// per landmark.
pub(crate) fn period_rows(
    landmarks: &[Landmark],
    inputs: &[PeriodInput],
    horizon: i32,
    known_until: Day,
    calendar: &FiscalCalendar,
) -> Vec<PeriodRow> {
    let mut rows = Vec::new();
    let mut inputs = inputs.iter();
    for of_day in landmarks.chunk_by(|a, b| a.state.day == b.state.day) {
        let day = of_day[0].state.day;
        let known: Vec<Until> =
            horizons(day, horizon, calendar).into_iter().filter(|until| day.0 + until.days <= known_until.0).collect();
        for (landmark, input) in of_day.iter().zip(inputs.by_ref()) {
            rows.extend(known.iter().map(|&until| PeriodRow {
                input: *input,
                until,
                class: class_of(closed_within(landmark, until.days)),
                deal: landmark.state.deal,
            }));
        }
    }
    thinned(rows)
}

fn class_of(closed: Option<StageKind>) -> usize {
    match closed {
        Some(StageKind::Won) => WIN,
        Some(StageKind::Lost) => LOSE,
        _ => SLIP,
    }
}

/// At most [`MOST_ROWS`] rows, drawn by a hash of their position: even over days, deals and horizons.
fn thinned(mut rows: Vec<PeriodRow>) -> Vec<PeriodRow> {
    let share = MOST_ROWS as f64 / rows.len().max(1) as f64;
    if share < 1.0 {
        let limit = (share * u64::MAX as f64) as u64;
        let mut position = 0_u64;
        rows.retain(|_| {
            position += 1;
            mixed(position) < limit
        });
    }
    rows
}

/// A number's bits well mixed (the finaliser of SplitMix64: Steele, Lea & Flood 2014).
pub(crate) fn mixed(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::fixtures::state;
    use crate::snapshot::Outcome;

    #[test]
    fn a_young_landmark_says_nothing_closed_or_not() {
        let landmark = Landmark { state: state(0, 85, 0), outcome: Outcome::Won(Day(86)) };
        let input = PeriodInput { win_log_odds: 0.0, soon_log_odds: 0.0, expected_in: None };
        let calendar = FiscalCalendar::default();
        // Day 85 is 1970-03-27: month and quarter end five days later, on day 89.
        let days = |known| -> Vec<i32> {
            period_rows(&[landmark], &[input], 60, Day(known), &calendar).iter().map(|row| row.until.days).collect()
        };
        assert_eq!(days(86), [0_i32; 0]);
        assert_eq!(days(90), [4, 5]);
    }
}
