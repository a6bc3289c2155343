//! A model that sees everything, or the stage alone: its best penalty, its calibration and its verdict, on all folds.

use tracing::debug;

use crate::domain::probability::{log_loss, logistic as chance};
use crate::model::baselines::base_rate;
use crate::model::evaluation::{AlphaTrial, Sees};
use crate::model::fold_trial::{FoldScores, FoldTrial};
use crate::model::metrics::{Estimate, clustered_mean};
use crate::model::predictions::OutOfTimePrediction;
use crate::model::recalibrate::{final_calibration, recalibrate};
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
        let folds: Vec<FoldScores<'_>> = trials.iter().map(|trial| FoldScores::of(trial, sees, chosen, rows)).collect();
        let recalibration = recalibrate(rows, &folds, horizon);
        let shrink = SHRINKS
            .into_iter()
            .find(|&share| folds.iter().zip(&recalibration.log_odds).all(|(fold, x)| fold.is_near_base_rate(x, share)));
        let share = shrink.unwrap_or(1.0);
        let recalibrated = folds.iter().zip(&recalibration.log_odds);
        let predictions: Vec<OutOfTimePrediction> =
            recalibrated.flat_map(|(fold, x)| fold.predictions(rows, &fold.shrunk(x, share))).collect();
        let verdict = Verdict::of(&predictions, shrink, sees);
        debug!(?sees, alpha = alphas[chosen], signal = verdict.signal, words = verdict.words, "candidate evaluated");
        let losses = predictions.iter().map(|row| log_loss(row.model, row.won));
        Self {
            sees,
            alpha: alphas[chosen],
            tried,
            calibration: final_calibration(recalibration.line, share, base_rate(&rows.won)),
            verdict,
            log_loss: losses.sum::<f64>() / predictions.len().max(1) as f64,
            predictions,
        }
    }
}

/// Every penalty's loss, and the one to take.
struct AlphaChoice {
    tried: Vec<AlphaTrial>,
    /// Position in `tried`.
    chosen: usize,
}

impl AlphaChoice {
    /// Mean log loss per penalty over all test rows, and the largest penalty within one standard error (of the paired
    /// difference, clustered by deal) of the best; the best itself for the stage alone, whose few columns need no more
    /// restraint than that.
    fn of(sees: Sees, rows: &TrainingRows, trials: &[FoldTrial], alphas: &[f64]) -> Self {
        let groups: Vec<u32> = trials.iter().flat_map(|trial| &trial.split.test).map(|&i| rows.groups[i]).collect();
        let losses: Vec<Vec<f64>> = (0..alphas.len()).map(|alpha| losses(sees, alpha, rows, trials)).collect();
        let means: Vec<f64> = losses.iter().map(|losses| clustered_mean(losses, &groups).mean).collect();
        let best = (0..alphas.len()).min_by(|&a, &b| means[a].total_cmp(&means[b])).unwrap_or(0);
        let excess: Vec<Estimate> =
            losses.iter().map(|of_alpha| mean_difference(of_alpha, &losses[best], &groups)).collect();
        let chosen = match sees {
            Sees::Everything => {
                (0..alphas.len()).rfind(|&alpha| excess[alpha].mean <= excess[alpha].se).unwrap_or(best)
            }
            Sees::Stage => best,
        };
        let tried = (0..alphas.len()).map(|i| AlphaTrial {
            sees,
            alpha: alphas[i],
            log_loss: means[i],
            excess: excess[i].mean,
            excess_se: excess[i].se,
            chosen: i == chosen,
        });
        Self { tried: tried.collect(), chosen }
    }
}

/// Every test row's log loss under one penalty, fold after fold.
fn losses(sees: Sees, alpha: usize, rows: &TrainingRows, trials: &[FoldTrial]) -> Vec<f64> {
    let mut losses = Vec::new();
    for trial in trials {
        let test = trial.log_odds(sees)[alpha].iter().zip(&trial.split.test);
        losses.extend(test.map(|(&x, &i)| log_loss(chance(x), rows.won[i])));
    }
    losses
}

fn mean_difference(losses: &[f64], best: &[f64], groups: &[u32]) -> Estimate {
    let differences: Vec<f64> = losses.iter().zip(best).map(|(a, b)| a - b).collect();
    clustered_mean(&differences, groups)
}
