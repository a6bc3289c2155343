//! Rolling-origin evaluation: which penalty, which calibration, and whether the model knows anything at all.
//!
//! Training rows in, [`Decision`] out. `fold_trial` fits the folds, `candidate` chooses, `recalibrate` and `verdict` are
//! its steps, `evidence` writes down how good it is.

use rayon::prelude::*;
use tracing::debug;

use crate::config::Config;
use crate::domain::progress::Progress;
use crate::features::FeatureContext;
use crate::model::candidate::ModelCandidate;
use crate::model::error::ModelError;
use crate::model::evaluation::{AlphaTrial, Evaluation, Sees};
use crate::model::evidence::evidence;
use crate::model::fold_trial::FoldTrial;
use crate::model::folds::splits;
use crate::model::predictions::OutOfTimePrediction;
use crate::model::rows::{TrainingRows, distinct};
use crate::model::win_head::Calibration;

/// Deals in the tests of all folds together that an evaluation takes.
const FEWEST_TEST_DEALS: usize = 20;

/// What the evaluation decided.
pub(super) struct Decision {
    pub sees: Sees,
    pub alpha: f64,
    pub calibration: Calibration,
    pub signal: bool,
    pub verdict: String,
    pub evaluation: Evaluation,
    /// What the evaluation rests on, fold after fold.
    pub predictions: Vec<OutOfTimePrediction>,
}

/// Evaluates every penalty on every fold, and the best choice against the baselines.
///
/// # Errors
/// [`ModelError::NotConverged`] where a fit was not found.
pub(super) fn evaluate(
    rows: &TrainingRows,
    horizon: i32,
    context: &FeatureContext<'_>,
    config: &Config,
    progress: &dyn Progress,
) -> Result<Decision, ModelError> {
    let mut alphas = config.training.alphas.clone();
    alphas.sort_by(f64::total_cmp);
    alphas.dedup();
    let splits = splits(rows, horizon, config.training.folds);
    progress.begin("evaluating the model on past days", splits.len() as u64);
    let trials = splits.into_par_iter().map(|split| {
        let trial = FoldTrial::fit(rows, split, &alphas, context, config);
        progress.advance(1);
        trial
    });
    let trials = trials.collect::<Result<Vec<FoldTrial>, ModelError>>()?;
    let deals = distinct(trials.iter().flat_map(|trial| &trial.split.test).map(|&i| rows.groups[i]));
    if deals.len() < FEWEST_TEST_DEALS {
        return Ok(undecided(*alphas.last().unwrap_or(&1.0), deals.len()));
    }
    Ok(decide(rows, &trials, &alphas, horizon, context))
}

fn undecided(alpha: f64, deals: usize) -> Decision {
    let verdict = format!(
        "no signal shown: the history holds {deals} deals to evaluate a model on that it has not seen, \
         expected at least {FEWEST_TEST_DEALS}"
    );
    Decision {
        sees: Sees::Everything,
        alpha,
        calibration: Calibration::default(),
        signal: false,
        verdict,
        evaluation: Evaluation::default(),
        predictions: Vec::new(),
    }
}

/// The model that sees everything, or the one that sees the stage alone where it is better or the only one that is
/// surely better than the base rate; without either the base rate.
fn decide(
    rows: &TrainingRows,
    trials: &[FoldTrial],
    alphas: &[f64],
    horizon: i32,
    context: &FeatureContext<'_>,
) -> Decision {
    let mut chosen = ModelCandidate::of(Sees::Everything, rows, trials, alphas, horizon);
    let mut tried = std::mem::take(&mut chosen.tried);
    if trials.iter().all(|trial| !trial.log_odds(Sees::Stage).is_empty()) {
        let mut stage = ModelCandidate::of(Sees::Stage, rows, trials, alphas, horizon);
        tried.append(&mut stage.tried);
        if stage.verdict.signal && !(chosen.verdict.signal && chosen.log_loss <= stage.log_loss) {
            chosen = stage;
        }
    }
    for trial in &mut tried {
        trial.chosen = trial.sees == chosen.sees && trial.alpha == chosen.alpha;
        let AlphaTrial { sees, alpha, log_loss, .. } = trial;
        debug!(alpha, ?sees, log_loss, "penalty evaluated");
    }
    let mut evaluation = evidence(&chosen.predictions, context);
    evaluation.alphas = tried;
    evaluation.folds = trials.iter().map(|trial| trial.split.facts()).collect();
    Decision {
        sees: chosen.sees,
        alpha: chosen.alpha,
        calibration: chosen.calibration,
        signal: chosen.verdict.signal,
        verdict: chosen.verdict.words,
        evaluation,
        predictions: chosen.predictions,
    }
}
