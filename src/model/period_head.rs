//! Win, lose or slip by the end of a period: fitted on landmarks x horizons, applied to any deal and day.
//!
//! A landmark row says, for every horizon that had ended by the as-of day, which of the three came true; rows younger
//! than a horizon say nothing about it, closed or not. The regression sees a deal through two numbers, its log-odds to
//! be won and to be closed soon, and through its expected close date.

use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::domain::probability::{PeriodOutcome, log_loss};
use crate::domain::stage::StageKind;
use crate::features::FeatureMatrix;
use crate::model::metrics::clustered_mean;
use crate::model::multinomial::{self, softmax};
use crate::model::period_terms::{PeriodInput, PeriodTerm, Until};
use crate::model::rows::closed_within;
use crate::model::{EvaluationRow, ModelError, PeriodColumn, PeriodHead};
use crate::snapshot::Landmark;

/// Ridge penalty per row: a few columns on many rows need little.
const ALPHA: f64 = 1e-4;
/// Rows (landmark x horizon) fitted on; beyond, an even draw.
const MOST_ROWS: usize = 60_000;
/// Outcomes in the order of the regression's classes.
const SLIP: usize = 0;
const WIN: usize = 1;
const LOSE: usize = 2;
/// Horizons without a period's end: this many steps up to the model's horizon.
const GRID: i32 = 12;

/// A landmark seen at one horizon.
#[derive(Clone, Copy, Debug)]
pub(super) struct PeriodRow {
    pub input: PeriodInput,
    pub until: Until,
    /// What came true.
    pub class: usize,
    pub deal: DealIx,
}

/// The days at which the time of winning is looked up, up to `horizon`; strictly ascending.
pub(super) fn grid_days(horizon: i32) -> Vec<i32> {
    // Squares: closer together where more happens.
    let square = |k: i32| (f64::from(k) / f64::from(GRID)).powi(2);
    let mut days: Vec<i32> = (1..=GRID).map(|k| (f64::from(horizon) * square(k)).ceil() as i32).collect();
    days.dedup();
    days
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
pub(super) fn period_rows(
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
pub(super) fn mixed(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl PeriodHead {
    /// Fits on `rows`, seeing `terms` of each.
    ///
    /// # Errors
    /// [`ModelError::Solver`] or [`ModelError::NotConverged`].
    pub(super) fn fit(rows: &[PeriodRow], terms: &[PeriodTerm]) -> Result<Self, ModelError> {
        let mut matrix = FeatureMatrix::zeros(rows.len(), terms.len());
        let mut columns = Vec::with_capacity(terms.len());
        for (j, &name) in terms.iter().enumerate() {
            let cells = matrix.column_mut(j);
            cells.iter_mut().zip(rows).for_each(|(cell, row)| *cell = name.value(&row.input, &row.until));
            let column = PeriodColumn::over(name, cells);
            cells.iter_mut().for_each(|cell| *cell = column.standard(*cell));
            columns.push(column);
        }
        let class: Vec<usize> = rows.iter().map(|row| row.class).collect();
        let lines = multinomial::fit(&matrix, &class, 3, ALPHA, "period")?;
        let against_slip = |k: usize| -> Vec<f64> {
            lines[k].weights.iter().zip(&lines[SLIP].weights).map(|(w, slip)| w - slip).collect()
        };
        Ok(Self {
            alpha: ALPHA,
            rows: rows.len() as u64,
            longest_days: rows.iter().map(|row| row.until.days.unsigned_abs()).max().unwrap_or(1),
            columns,
            win_intercept: lines[WIN].intercept - lines[SLIP].intercept,
            win_weights: against_slip(WIN),
            lose_intercept: lines[LOSE].intercept - lines[SLIP].intercept,
            lose_weights: against_slip(LOSE),
            ..Self::default()
        })
    }

    /// The line of the evaluation on `rows`.
    pub(super) fn judged(&self, rows: &[PeriodRow], name: &str, cutoff: Day) -> EvaluationRow {
        let outcomes: Vec<[f64; 3]> = rows
            .iter()
            .map(|row| self.outcome(&row.input, &row.until))
            .map(|PeriodOutcome { win, lose, slip }| [slip, win, lose])
            .collect();
        let losses: Vec<f64> =
            outcomes.iter().zip(rows).map(|(chance, row)| log_loss(chance[row.class], true)).collect();
        let square = |(chance, row): (&[f64; 3], &PeriodRow)| {
            (0..3).map(|k| (chance[k] - f64::from(row.class == k)).powi(2)).sum::<f64>()
        };
        let mut deals: Vec<u32> = rows.iter().map(|row| row.deal.index() as u32).collect();
        let brier = clustered_mean(&outcomes.iter().zip(rows).map(square).collect::<Vec<f64>>(), &deals);
        let log_loss = clustered_mean(&losses, &deals);
        deals.sort_unstable();
        deals.dedup();
        EvaluationRow {
            cutoff: Some(cutoff),
            model: name.to_owned(),
            scope: "all".to_owned(),
            rows: rows.len() as u64,
            deals: deals.len() as u64,
            won: rows.iter().filter(|row| row.class == WIN).count() as u64,
            log_loss: log_loss.mean,
            log_loss_se: Some(log_loss.se).filter(|se| se.is_finite()),
            brier: brier.mean,
            brier_se: Some(brier.se).filter(|se| se.is_finite()),
            auc: None,
            auc_se: None,
            slope: None,
            slope_se: None,
            intercept: None,
            intercept_se: None,
            ece: None,
        }
    }

    /// The three chances by the end of one horizon, on their own: not held against those of other horizons.
    #[must_use]
    pub fn outcome(&self, input: &PeriodInput, until: &Until) -> PeriodOutcome {
        let longest = i32::try_from(self.longest_days).unwrap_or(i32::MAX);
        let until = Until { days: until.days.min(longest), ..*until };
        let (mut win, mut lose) = (self.win_intercept, self.lose_intercept);
        for ((column, w), l) in self.columns.iter().zip(&self.win_weights).zip(&self.lose_weights) {
            let value = column.standard(column.name.value(input, &until));
            win += w * value;
            lose += l * value;
        }
        let [slip, win, lose] = softmax([0.0, win, lose]);
        PeriodOutcome { win, lose, slip }
    }

    /// The three chances by the end of each of `horizons` (ascending): winning and losing never become less likely with
    /// time, and by a day within `model_horizon` days no deal is more likely won than within all of them
    /// (`win_probability`).
    #[must_use]
    pub fn outcomes(
        &self,
        input: &PeriodInput,
        horizons: &[Until],
        model_horizon: i32,
        win_probability: f64,
    ) -> Vec<PeriodOutcome> {
        let mut before = PeriodOutcome { win: 0.0, lose: 0.0, slip: 1.0 };
        let next = |until: &Until| {
            let raw = self.outcome(input, until);
            let cap = if until.days <= model_horizon { win_probability } else { 1.0 };
            let win = raw.win.min(cap).min(1.0 - before.lose).max(before.win);
            let lose = raw.lose.min(1.0 - win).max(before.lose);
            before = PeriodOutcome { win, lose, slip: (1.0 - win - lose).max(0.0) };
            before
        };
        horizons.iter().map(next).collect()
    }

    /// Of the wins within the last of `grid` (ascending), the share `shares[k]` has come after the k-th of these days.
    /// `None` for an empty grid.
    #[must_use]
    pub fn days_to_win<const N: usize>(
        &self,
        input: &PeriodInput,
        grid: &[Until],
        shares: [f64; N],
    ) -> Option<[i32; N]> {
        let mut highest = 0.0;
        let wins: Vec<f64> = grid
            .iter()
            .map(|until| {
                highest = self.outcome(input, until).win.max(highest);
                highest
            })
            .collect();
        let all = *wins.last()?;
        let day = |share: f64| {
            let wanted = share * all;
            let at = wins.iter().position(|&win| win >= wanted).unwrap_or(wins.len() - 1);
            let (from, below) = if at == 0 { (0, 0.0) } else { (grid[at - 1].days, wins[at - 1]) };
            let part = if wins[at] > below { (wanted - below) / (wins[at] - below) } else { 1.0 };
            from + (part * f64::from(grid[at].days - from)).round() as i32
        };
        Some(shares.map(day))
    }
}

impl PeriodColumn {
    fn over(name: PeriodTerm, values: &[f64]) -> Self {
        let n = values.len().max(1) as f64;
        let mean = values.iter().sum::<f64>() / n;
        let sd = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        Self { name, mean, sd: if sd > 1e-9 { sd } else { 1.0 } }
    }

    fn standard(&self, value: f64) -> f64 {
        (value - self.mean) / self.sd
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::features::fixtures::state;
    use crate::model::fixtures::even;
    use crate::snapshot::Outcome;

    fn until(days: i32) -> Until {
        Until { days, quarter_ends: 0.0 }
    }

    fn head() -> impl Strategy<Value = PeriodHead> {
        let weights = || prop::collection::vec(-3.0..3.0_f64, PeriodTerm::ALL.len());
        (weights(), weights(), -3.0..3.0_f64, -3.0..3.0_f64).prop_map(|(win_weights, lose_weights, win, lose)| {
            PeriodHead {
                columns: PeriodTerm::ALL.map(|name| PeriodColumn { name, mean: 1.0, sd: 2.0 }).to_vec(),
                longest_days: 300,
                win_intercept: win,
                lose_intercept: lose,
                win_weights,
                lose_weights,
                ..PeriodHead::default()
            }
        })
    }

    proptest! {
        #[test]
        fn chances_sum_to_one_and_never_fall(
            head in head(),
            win in -20.0..20.0_f64,
            soon in -20.0..20.0_f64,
            expected_in in prop::option::of(-500..500_i32),
            mut days in prop::collection::vec(1..800_i32, 1..9),
        ) {
            days.sort_unstable();
            let input = PeriodInput { win_log_odds: win, soon_log_odds: soon, expected_in };
            let win_probability = crate::domain::probability::logistic(win);
            let horizons: Vec<Until> = days.iter().map(|&days| until(days)).collect();
            let outcomes = head.outcomes(&input, &horizons, 180, win_probability);
            for (outcome, until) in outcomes.iter().zip(&horizons) {
                let PeriodOutcome { win, lose, slip } = *outcome;
                prop_assert!((win + lose + slip - 1.0).abs() < 1e-12);
                prop_assert!([win, lose, slip].iter().all(|chance| (0.0..=1.0).contains(chance)), "{outcome:?}");
                prop_assert!(until.days > 180 || win <= win_probability + 1e-15);
            }
            prop_assert!(outcomes.windows(2).all(|pair| pair[0].win <= pair[1].win && pair[0].lose <= pair[1].lose));
            let [low, median, high] = head.days_to_win(&input, &horizons, [0.1, 0.5, 0.9]).unwrap();
            prop_assert!(0 <= low && low <= median && median <= high && high <= days[days.len() - 1]);
        }
    }

    /// Deals close on day 10 with even chances, won or lost: by then half are won, and none before.
    #[test]
    fn a_landmark_teaches_about_the_horizons_that_have_ended() {
        let landmark = |deal: usize| {
            let outcome = if even(deal, 1) < 0.5 { Outcome::Won(Day(10)) } else { Outcome::Lost(Day(10)) };
            Landmark { state: state(deal, 0, 0), outcome }
        };
        let landmarks: Vec<Landmark> = (0..500).map(landmark).collect();
        let input = PeriodInput { win_log_odds: 0.0, soon_log_odds: 0.0, expected_in: None };
        let rows = period_rows(&landmarks, &vec![input; 500], 60, Day(90), &FiscalCalendar::default());
        assert!(rows.iter().all(|row| row.until.days <= 90));
        let slipped = |row: &&PeriodRow| row.class == SLIP;
        assert!(rows.iter().filter(|row| row.until.days <= 10).all(|row| slipped(&row)), "day 10 is the eleventh day");
        assert!(!rows.iter().filter(|row| row.until.days > 10).any(|row| slipped(&row)));
        let head = PeriodHead::fit(&rows, &PeriodTerm::OF_THE_HORIZON).unwrap();
        let wins = landmarks.iter().filter(|l| matches!(l.outcome, Outcome::Won(_))).count() as f64 / 500.0;
        let late = head.outcome(&input, &Until::days(Day(0), 60, &FiscalCalendar::default()));
        assert!((late.win - wins).abs() < 0.03 && late.slip < 0.03, "{late:?}, {wins} won");
        assert!(head.outcome(&input, &Until::days(Day(0), 4, &FiscalCalendar::default())).slip > 0.9);
    }

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

    #[test]
    fn quarter_ends_count_those_before_the_end() {
        let calendar = FiscalCalendar::default();
        let ends = |days| (Until::days(Day(85), days, &calendar).quarter_ends + f64::from(days) * 4.0 / 365.25).round();
        assert_eq!([4, 5, 95, 96].map(ends), [0.0, 1.0, 1.0, 2.0]);
    }
}
