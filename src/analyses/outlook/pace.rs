//! By when are open deals won at the pace of past periods?
//!
//! Near the end of a quarter many deals are closed that would take longer elsewhere, more in some companies than in
//! others. The model's chances are taken apart into steps from one period end to the next: the chance to be won by an
//! end where the deal was not won by the end before. Each step has its pace, one number added to the log-odds of all
//! deals. So a deal never becomes less likely won with time, whatever the paces are.

use crate::domain::day::Day;
use crate::domain::probability::{logistic, logit};

/// How strongly a pace is shrunk towards the model's: as much as so many wins' worth of evidence pull it away.
const PRIOR: f64 = 10.0;

/// A period end and the pace of the step to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PacedEnd {
    pub last: Day,
    /// Position among the scores' periods.
    pub period_index: usize,
    /// What the odds of the step are multiplied with.
    pub odds_ratio: f64,
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
}

/// The chance to be won so far, on the way from end to end.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WinSoFar {
    /// As the model has it.
    model: f64,
    /// At the pace of the steps so far.
    pub paced: f64,
}

impl WinSoFar {
    /// The model's chance of the step to an end by which it has the deal won with the chance `win`.
    pub fn step(&self, win: f64) -> f64 {
        if self.model < 1.0 { ((win - self.model) / (1.0 - self.model)).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// One step on.
    pub fn next(self, win: f64, odds_ratio: f64) -> Self {
        let step = self.step(win);
        let won = step * odds_ratio;
        // Where the step is certain it stays so.
        let paced_step = if step < 1.0 { won / (1.0 - step + won) } else { 1.0 };
        Self { model: win.max(self.model), paced: self.paced + (1.0 - self.paced) * paced_step }
    }
}

/// What the log-odds of the steps (the model's chances of them, with the chance to be won before) are to be moved by so
/// that the chances by their end add up to the `wins` there were.
pub(super) fn shift(steps: &[(WinSoFar, f64)], wins: f64) -> f64 {
    let steps: Vec<(f64, f64)> = steps.iter().map(|(before, win)| (before.paced, logit(before.step(*win)))).collect();
    let mut shift = 0.0;
    // Newton's method on a falling function: from no shift it gets there in a few steps.
    for _ in 0..50 {
        let (mut pull, mut curve) = (wins - PRIOR * shift, PRIOR);
        for (before, log_odds) in &steps {
            let chance = logistic(log_odds + shift);
            pull -= before + (1.0 - before) * chance;
            curve += (1.0 - before) * chance * (1.0 - chance);
        }
        let step = (pull / curve).clamp(-1.0, 1.0);
        shift += step;
        if step.abs() < 1e-10 {
            break;
        }
    }
    shift
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pace(odds_ratios: &[f64]) -> Pace {
        let end = |(period_index, &odds_ratio): (usize, &f64)| PacedEnd {
            last: Day(10 * period_index as i32),
            period_index,
            odds_ratio,
        };
        Pace { ends: odds_ratios.iter().enumerate().map(end).collect() }
    }

    #[test]
    fn chances_are_moved_to_what_happened() {
        let steps = vec![(WinSoFar::default(), 0.1); 10_000];
        // ln((.2/.8) / (.1/.9)) = 0.8109; the prior takes a little
        let found = shift(&steps, 2000.0);
        assert!((0.80..0.811).contains(&found), "{found}");
        assert!(shift(&[], 0.0).abs() < 1e-12);
        assert!(shift(&[(WinSoFar::default(), 0.5); 4], 4.0) < 0.2, "four deals say little");
    }

    #[test]
    fn a_later_step_makes_up_for_what_the_earlier_ones_left() {
        // Of 10,000 deals 10 % are won by the first end and 25 % by the second, as the model says; 20 % were by the first.
        let before = WinSoFar::default().next(0.1, shift(&vec![(WinSoFar::default(), 0.1); 10_000], 2000.0).exp());
        assert!((before.paced - 0.2).abs() < 0.001);
        let second = shift(&vec![(before, 0.25); 10_000], 2500.0);
        assert!((before.next(0.25, second.exp()).paced - 0.25).abs() < 0.003 && second < -0.9, "{second}");
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
