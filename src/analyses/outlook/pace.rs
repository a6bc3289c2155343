//! By when are open deals won at the pace of past periods?
//!
//! Near the end of a quarter many deals are closed that would take longer elsewhere, more in some companies than in
//! others. The model's chances are taken apart into steps from one period end to the next: the chance to be won by an
//! end where the deal was not won by the end before. Each step has its pace, one number added to the log-odds of all
//! deals. So a deal never becomes less likely won with time, whatever the paces are.

use crate::domain::day::Day;

/// A period end and the pace of the step to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PacedEnd {
    pub last: Day,
    /// Position among the scores' periods.
    pub period_index: usize,
    /// What the odds of the step are multiplied with.
    pub odds_ratio: f64,
    /// Of the log of that: how far it may be off.
    pub variance: f64,
}

impl PacedEnd {
    /// The model's own pace.
    pub fn unmeasured(last: Day, period_index: usize) -> Self {
        Self { last, period_index, odds_ratio: 1.0, variance: 0.0 }
    }
}

/// The pace of open deals, step by step; by default the model's own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pace {
    /// By their last day, ascending; each day once.
    pub(super) ends: Vec<PacedEnd>,
}

impl Pace {
    /// The chance to be won by the evening of `last`, the last day of the scores' period at `period_index`. `win` is the
    /// model's chance by the position of the period.
    #[must_use]
    pub fn win_by(&self, period_index: usize, last: Day, win: impl Fn(usize) -> f64) -> f64 {
        if self.ends.is_empty() {
            return win(period_index);
        }
        let ends = self.ends.iter().take_while(|end| end.last <= last);
        ends.fold(WinSoFar::default(), |sofar, end| sofar.next(win(end.period_index), end.odds_ratio)).paced
    }

    /// How far the log-odds of all deals may be off by the end of a period on `last`, as a standard deviation; none where
    /// nothing was measured.
    #[must_use]
    pub fn sd(&self, last: Day) -> Option<f64> {
        self.ends.iter().find(|end| end.last == last).map(|end| end.variance.sqrt())
    }
}

/// The chance of a step to an end by which a deal is won with the chance `win`, where it was not with the chance `before`.
pub(super) fn step_chance(before: f64, win: f64) -> f64 {
    if before < 1.0 { ((win - before) / (1.0 - before)).clamp(0.0, 1.0) } else { 0.0 }
}

/// The chance to be won so far, on the way from end to end.
#[derive(Clone, Copy, Debug, Default)]
struct WinSoFar {
    /// As the model has it.
    model: f64,
    /// At the pace of the steps so far.
    paced: f64,
}

impl WinSoFar {
    /// One step on.
    fn next(self, win: f64, odds_ratio: f64) -> Self {
        let step = step_chance(self.model, win);
        let won = step * odds_ratio;
        // Where the step is certain it stays so.
        let paced_step = if step < 1.0 { won / (1.0 - step + won) } else { 1.0 };
        Self { model: win.max(self.model), paced: self.paced + (1.0 - self.paced) * paced_step }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pace(odds_ratios: &[f64]) -> Pace {
        let end = |(period_index, &odds_ratio): (usize, &f64)| PacedEnd {
            odds_ratio,
            ..PacedEnd::unmeasured(Day(10 * period_index as i32), period_index)
        };
        Pace { ends: odds_ratios.iter().enumerate().map(end).collect() }
    }

    #[test]
    fn the_models_own_pace_is_the_models_chance() {
        let wins = [0.1, 0.1, 0.35, 0.8];
        for (k, win) in wins.into_iter().enumerate() {
            let by = pace(&[1.0; 4]).win_by(k, Day(10 * k as i32), |i| wins[i]);
            assert!((by - win).abs() < 1e-15, "{by}");
        }
        // The odds of the first step are multiplied: .1/.9 x 2
        assert!((pace(&[2.0]).win_by(0, Day(0), |_| 0.1) - 2.0 / 11.0).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn no_deal_becomes_less_likely_won_with_time(
            mut wins in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.0..1.0_f64, 0.0..1e-9_f64], 1..9),
            log_ratios in prop::collection::vec(-40.0..40.0_f64, 9),
        ) {
            wins.sort_unstable_by(f64::total_cmp);
            let ratios: Vec<f64> = log_ratios[..wins.len()].iter().map(|log| log.exp()).collect();
            let pace = pace(&ratios);
            let by: Vec<f64> = (0..wins.len()).map(|k| pace.win_by(k, Day(10 * k as i32), |i| wins[i])).collect();
            prop_assert!(by.iter().all(|win| (0.0..=1.0).contains(win)), "{by:?}");
            prop_assert!(by.windows(2).all(|pair| pair[0] <= pair[1]), "{wins:?} {ratios:?}: {by:?}");
        }
    }
}
