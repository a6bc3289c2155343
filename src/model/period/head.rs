//! Win, lose or slip by the end of a period: the head as it is stored, applied to any deal and day.
//!
//! The regression sees a deal through two numbers, its log-odds to be won and to be closed soon, and through its expected
//! close date. `period_fit` fits it on `period_rows`.

use serde::{Deserialize, Serialize};

use crate::domain::probability::PeriodOutcome;
use crate::model::multinomial::softmax;
use crate::model::period::terms::{PeriodInput, PeriodTerm, Until};

/// Horizons without a period's end: this many steps up to the model's horizon.
const GRID: i32 = 12;

/// Win / lose / still open by a day: a multinomial regression on the win log-odds, the log-odds of closing soon, the
/// days until then and what the deal expects. See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PeriodHead {
    /// Ridge penalty per training row.
    pub alpha: f64,
    /// Training rows (landmark x horizon).
    pub rows: u64,
    /// "Soon": closed, either way, within this many days.
    pub soon_days: u32,
    /// Log-odds of closing soon of the average training row.
    pub soon_intercept: f64,
    /// One per feature of the spec.
    pub soon_weights: Vec<f64>,
    /// Longest horizon trained on, in days; longer ones count as this.
    pub longest_days: u32,
    /// What the regression sees.
    pub columns: Vec<PeriodColumn>,
    /// Log-odds of win against still open.
    pub win_intercept: f64,
    /// One per column.
    pub win_weights: Vec<f64>,
    /// Log-odds of loss against still open.
    pub lose_intercept: f64,
    /// One per column.
    pub lose_weights: Vec<f64>,
}

/// A standardised column of the period head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeriodColumn {
    /// What it is.
    pub name: PeriodTerm,
    /// Training mean.
    pub mean: f64,
    /// Training standard deviation, positive.
    pub sd: f64,
}

/// The days at which the time of winning is looked up, up to `horizon`; strictly ascending.
pub(crate) fn grid_days(horizon: i32) -> Vec<i32> {
    // Squares: closer together where more happens.
    let squares = (1..=GRID).map(|k| (f64::from(k) / f64::from(GRID)).powi(2));
    let mut days: Vec<i32> = squares.map(|square| (f64::from(horizon) * square).ceil() as i32).collect();
    days.dedup();
    days
}

impl PeriodHead {
    /// The three chances by the end of one horizon, on their own: not reconciled with those of other horizons.
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
        let mut outcomes = Vec::with_capacity(horizons.len());
        let mut before = PeriodOutcome { win: 0.0, lose: 0.0, slip: 1.0 };
        for until in horizons {
            let raw = self.outcome(input, until);
            let cap = if until.days <= model_horizon { win_probability } else { 1.0 };
            let win = raw.win.min(cap).min(1.0 - before.lose).max(before.win);
            let lose = raw.lose.min(1.0 - win).max(before.lose);
            before = PeriodOutcome { win, lose, slip: (1.0 - win - lose).max(0.0) };
            outcomes.push(before);
        }
        outcomes
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
        Some(shares.map(|share| day_of(share * all, grid, &wins)))
    }
}

/// The day, between those of `grid`, by which the chance to win (`wins`, ascending as the grid) reaches `wanted`.
fn day_of(wanted: f64, grid: &[Until], wins: &[f64]) -> i32 {
    let at = wins.iter().position(|&win| win >= wanted).unwrap_or(wins.len() - 1);
    let (from, below) = if at == 0 { (0, 0.0) } else { (grid[at - 1].days, wins[at - 1]) };
    let part = if wins[at] > below { (wanted - below) / (wins[at] - below) } else { 1.0 };
    from + (part * f64::from(grid[at].days - from)).round() as i32
}

impl PeriodColumn {
    /// A value in training standard deviations from the training mean.
    pub(crate) fn standard(&self, value: f64) -> f64 {
        (value - self.mean) / self.sd
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
}
