//! The evaluation on rows held back: which penalty, which calibration, and whether the model knows anything at all.
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
use crate::model::folds::Split;
use crate::model::predictions::OutOfTimePrediction;
use crate::model::rows::TrainingRows;
use crate::model::stage_outcomes::SMOOTHINGS;
use crate::model::validation::{EvaluationPlan, FEWEST_TEST_DEALS};
use crate::model::win_head::Calibration;

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
    /// The folds.
    pub splits: Vec<Split>,
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
    let mut plan = EvaluationPlan::of(rows, horizon, context, config);
    let tested = plan.test_deals();
    if tested < FEWEST_TEST_DEALS {
        return Ok(undecided(*alphas.last().unwrap_or(&1.0), tested, plan));
    }
    let (rows, splits) = (plan.rows.as_ref(), std::mem::take(&mut plan.splits));
    progress.begin("evaluating the model on rows held back", splits.len() as u64);
    let trials = splits.into_par_iter().map(|split| {
        let trial = FoldTrial::fit(rows, split, &alphas, context, config);
        progress.advance(1);
        trial
    });
    let trials = trials.collect::<Result<Vec<FoldTrial>, ModelError>>()?;
    let mut decision = decide(rows, &trials, &alphas, horizon, context);
    decision.evaluation.validation = plan.validation;
    decision.evaluation.validation_reason = plan.reason;
    decision.splits = trials.into_iter().map(|trial| trial.split).collect();
    Ok(decision)
}

fn undecided(alpha: f64, deals: usize, plan: EvaluationPlan<'_>) -> Decision {
    let verdict = format!(
        "no signal shown: there are {deals} deals to evaluate a model on that it has not seen, expected at least \
         {FEWEST_TEST_DEALS} ({})",
        plan.reason
    );
    let (validation, validation_reason) = (plan.validation, plan.reason);
    Decision {
        sees: Sees::Everything,
        alpha,
        calibration: Calibration::default(),
        signal: false,
        verdict,
        evaluation: Evaluation { validation, validation_reason, ..Evaluation::default() },
        predictions: Vec::new(),
        splits: Vec::new(),
    }
}

/// The model that sees everything; the one that sees the stage alone, or the table of stages, where that is better or the
/// only one that is surely better than the base rate; without any of them the base rate.
fn decide(
    rows: &TrainingRows,
    trials: &[FoldTrial],
    alphas: &[f64],
    horizon: i32,
    context: &FeatureContext<'_>,
) -> Decision {
    let mut chosen = ModelCandidate::of(Sees::Everything, rows, trials, alphas, horizon);
    let mut tried = std::mem::take(&mut chosen.tried);
    for (sees, strengths) in [(Sees::Stage, alphas), (Sees::StageTable, &SMOOTHINGS[..])] {
        if trials.iter().any(|trial| trial.log_odds(sees).is_empty()) {
            continue;
        }
        let mut other = ModelCandidate::of(sees, rows, trials, strengths, horizon);
        tried.append(&mut other.tried);
        if other.verdict.signal && !(chosen.verdict.signal && chosen.log_loss <= other.log_loss) {
            chosen = other;
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
        splits: Vec::new(),
    }
}
