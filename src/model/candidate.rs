//! A model that sees everything, or the stage alone: its best penalty, its calibration and its verdict, on all folds.

use tracing::debug;

use crate::domain::probability::{log_loss, logistic as chance};
use crate::model::baselines::base_rate;
use crate::model::evaluation::{AlphaTrial, Sees};
use crate::model::fold_trial::{FoldScores, FoldTrial};
use crate::model::metrics::{Estimate, clustered_mean};
use crate::model::predictions::OutOfTimePrediction;
use crate::model::recalibrate::{Recalibration, final_calibration, recalibrate};
use crate::model::rows::TrainingRows;
use crate::model::verdict::Verdict;
use crate::model::win_head::Calibration;

/// How far log-odds are drawn to the base rate where a fold loses by more than it may, tried in this order.
const SHRINKS: [f64; 5] = [1.0, 0.8, 0.6, 0.4, 0.2];

/// A model that sees so much, with its best penalty, as it was on all folds.
pub(super) struct ModelCandidate {
    pub sees: Sees,
    pub alpha: f64,
    pub tried: Vec<AlphaTrial>,
    pub calibration: Calibration,
    pub verdict: Verdict,
    pub log_loss: f64,
    pub predictions: Vec<OutOfTimePrediction>,
}

impl ModelCandidate {
    /// Chooses a penalty of `alphas`, recalibrates and evaluates on the test rows of all `trials`.
    pub fn of(sees: Sees, rows: &TrainingRows, trials: &[FoldTrial], alphas: &[f64], horizon: i32) -> Self {
        let AlphaChoice { tried, chosen } = AlphaChoice::of(sees, rows, trials, alphas);
        let attempt = Attempt::near_base_rate(sees, chosen, rows, trials, horizon);
        let Attempt { alpha, recalibration, shrink, predictions, log_loss } = attempt;
        let verdict = Verdict::of(&predictions, shrink, sees);
        debug!(?sees, alpha = alphas[alpha], signal = verdict.signal, words = verdict.words, "candidate evaluated");
        Self {
            sees,
            alpha: alphas[alpha],
            tried,
            calibration: final_calibration(recalibration.line, shrink.unwrap_or(1.0), base_rate(&rows.won)),
            verdict,
            log_loss,
            predictions,
        }
    }
}

/// A penalty, what is done to its log-odds, and how good that was on all folds.
struct Attempt {
    /// Position among the penalties.
    alpha: usize,
    recalibration: Recalibration,
    /// How far log-odds are drawn to the base rate; none where nothing keeps every fold near it.
    shrink: Option<f64>,
    predictions: Vec<OutOfTimePrediction>,
    log_loss: f64,
}

impl Attempt {
    /// The penalty at `chosen`; where a fold loses by more than it may, a stronger one or one that is drawn to the base
    /// rate, whichever loses less.
    fn near_base_rate(sees: Sees, chosen: usize, rows: &TrainingRows, trials: &[FoldTrial], horizon: i32) -> Self {
        let shrunk = Self::of(sees, chosen, rows, trials, horizon);
        if shrunk.shrink == Some(1.0) {
            return shrunk;
        }
        let penalties = trials.iter().map(|trial| trial.log_odds(sees).len()).min().unwrap_or(0);
        let mut stronger = (chosen + 1..penalties).map(|alpha| Self::of(sees, alpha, rows, trials, horizon));
        match stronger.find(|attempt| attempt.shrink == Some(1.0)) {
            Some(stronger) if shrunk.shrink.is_none() || stronger.log_loss <= shrunk.log_loss => stronger,
            _ => shrunk,
        }
    }

    fn of(sees: Sees, alpha: usize, rows: &TrainingRows, trials: &[FoldTrial], horizon: i32) -> Self {
        let folds: Vec<FoldScores<'_>> = trials.iter().map(|trial| FoldScores::of(trial, sees, alpha, rows)).collect();
        let recalibration = recalibrate(rows, &folds, horizon);
        let shrink = SHRINKS
            .into_iter()
            .find(|&share| folds.iter().zip(&recalibration.log_odds).all(|(fold, x)| fold.is_near_base_rate(x, share)));
        let share = shrink.unwrap_or(1.0);
        let recalibrated = (1..).zip(folds).zip(&recalibration.log_odds);
        let predictions =
            recalibrated.flat_map(|((number, fold), x)| fold.predictions(number, rows, &fold.shrunk(x, share)));
        let predictions: Vec<OutOfTimePrediction> = predictions.collect();
        let losses = predictions.iter().map(|row| log_loss(row.model, row.won));
        let log_loss = losses.sum::<f64>() / predictions.len().max(1) as f64;
        Self { alpha, recalibration, shrink, predictions, log_loss }
    }
}

/// Every penalty's loss, and the one to take.
struct AlphaChoice {
    tried: Vec<AlphaTrial>,
    /// Position in `tried`.
    chosen: usize,
}

impl AlphaChoice {
    /// Mean log loss per penalty over all test rows, and the penalty with the least; for a model that sees everything the
    /// more careful rule where that would have done better on the folds so far.
    fn of(sees: Sees, rows: &TrainingRows, trials: &[FoldTrial], alphas: &[f64]) -> Self {
        let folds: Vec<FoldLosses> = trials.iter().map(|trial| FoldLosses::of(sees, trial, rows)).collect();
        let all = FoldLosses::joined(&folds);
        let best = all.minimum();
        let chosen = match sees {
            Sees::Everything if is_care_better(&folds) => all.careful(),
            Sees::Everything | Sees::Stage | Sees::StageTable => best,
        };
        let tried = (0..alphas.len()).map(|i| {
            let excess = all.excess(i, best);
            let log_loss = clustered_mean(&all.losses[i], &all.groups).mean;
            AlphaTrial {
                sees,
                alpha: alphas[i],
                log_loss,
                excess: excess.mean,
                excess_se: excess.se,
                chosen: i == chosen,
            }
        });
        Self { tried: tried.collect(), chosen }
    }
}

/// The test rows' log losses in one fold, or in several: one vector per penalty.
#[derive(Default)]
struct FoldLosses {
    losses: Vec<Vec<f64>>,
    groups: Vec<u32>,
}

impl FoldLosses {
    fn of(sees: Sees, trial: &FoldTrial, rows: &TrainingRows) -> Self {
        let of_alpha = |log_odds: &Vec<f64>| -> Vec<f64> {
            let test = log_odds.iter().zip(&trial.split.test);
            test.map(|(&x, &i)| log_loss(chance(x), rows.won[i])).collect()
        };
        let groups = trial.split.test.iter().map(|&i| rows.groups[i]).collect();
        Self { losses: trial.log_odds(sees).iter().map(of_alpha).collect(), groups }
    }

    /// Of all rows of these folds.
    fn joined(folds: &[Self]) -> Self {
        let alphas = folds.iter().map(|fold| fold.losses.len()).min().unwrap_or(0);
        let of_alpha = |alpha: usize| folds.iter().flat_map(|fold| fold.losses[alpha].iter().copied()).collect();
        Self {
            losses: (0..alphas).map(of_alpha).collect(),
            groups: folds.iter().flat_map(|fold| fold.groups.iter().copied()).collect(),
        }
    }

    fn sum(&self, alpha: usize) -> f64 {
        self.losses[alpha].iter().sum()
    }

    /// The penalty with the least loss.
    fn minimum(&self) -> usize {
        (0..self.losses.len()).min_by(|&a, &b| self.sum(a).total_cmp(&self.sum(b))).unwrap_or(0)
    }

    /// The largest penalty within one standard error (of the paired difference, clustered by deal) of the least loss.
    fn careful(&self) -> usize {
        let best = self.minimum();
        let is_near = |&alpha: &usize| {
            let excess = self.excess(alpha, best);
            excess.mean <= excess.se
        };
        (0..self.losses.len()).rfind(is_near).unwrap_or(best)
    }

    fn excess(&self, alpha: usize, best: usize) -> Estimate {
        mean_difference(&self.losses[alpha], &self.losses[best], &self.groups)
    }
}

/// Whether the careful rule loses less than the minimum, each fold's penalty chosen on the folds before it.
fn is_care_better(folds: &[FoldLosses]) -> bool {
    let later = (1..folds.len()).map(|k| {
        let before = FoldLosses::joined(&folds[..k]);
        folds[k].sum(before.careful()) - folds[k].sum(before.minimum())
    });
    later.sum::<f64>() < 0.0
}

fn mean_difference(losses: &[f64], best: &[f64], groups: &[u32]) -> Estimate {
    let differences: Vec<f64> = losses.iter().zip(best).map(|(a, b)| a - b).collect();
    clustered_mean(&differences, groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fold of ten deals: the loss of the least penalty, and by how much each next one loses more.
    fn fold(least: &[f64; 10], steps: &[f64]) -> FoldLosses {
        let mut losses = vec![least.to_vec()];
        for step in steps {
            let last = losses[losses.len() - 1].clone();
            losses.push(last.iter().map(|loss| loss + step).collect());
        }
        FoldLosses { losses, groups: (0..10).collect() }
    }

    const UNEVEN: [f64; 10] = [0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.4, 0.6, 0.5, 0.5];

    #[test]
    fn the_minimum_is_taken_unless_care_would_have_done_better() {
        // Every fold loses least under the second penalty.
        let steady: Vec<FoldLosses> = (0..3).map(|_| fold(&UNEVEN, &[-0.1, 0.01, 0.2])).collect();
        assert_eq!(FoldLosses::joined(&steady).minimum(), 1);
        assert!(!is_care_better(&steady));
        assert!(!is_care_better(&steady[..1]), "one fold has no fold before it");
    }

    #[test]
    fn care_is_taken_where_later_folds_ask_for_more_restraint() {
        // The first fold hardly prefers the first penalty; later ones lose by it.
        let noisy = |gain: f64| {
            let mut first = fold(&UNEVEN, &[0.0]);
            first.losses[1] =
                UNEVEN.iter().enumerate().map(|(i, loss)| loss + if i < 5 { 0.3 } else { gain }).collect();
            first
        };
        let first = noisy(-0.28);
        assert_eq!((first.minimum(), first.careful()), (0, 1));
        let folds = [first, fold(&UNEVEN, &[-0.1])];
        assert!(is_care_better(&folds));
    }
}
