//! The whole training: landmarks, evaluation, final fit, period head.

use rayon::prelude::*;
use tracing::info;

use crate::config::Config;
use crate::domain::progress::Progress;
use crate::domain::stage::StageKind;
use crate::features::{Factor, FeatureContext, FeatureMatrix, FeatureSpec};
use crate::model::cause::Cause;
use crate::model::claim::{ClaimTrial, aged_chances, open_deals};
use crate::model::contradiction::Apart;
use crate::model::coverage::TrainingCoverage;
use crate::model::due::{known_deals, recipe_blake3};
use crate::model::error::ModelError;
use crate::model::evaluate::{Decision, evaluate};
use crate::model::evaluation::Sees;
use crate::model::fingerprint::Fingerprint;
use crate::model::folds::FEWEST_DEALS;
use crate::model::newton::LogisticLoss;
use crate::model::period::ahead::DaysAhead;
use crate::model::period::choice::PeriodEvidence;
use crate::model::period::head::PeriodHead;
use crate::model::period::rows::period_rows;
use crate::model::period::terms::PeriodInput;
use crate::model::predictions::OutOfTimePrediction;
use crate::model::rows::{Horizon, TrainingRows};
use crate::model::suspects::SuspectTrial;
use crate::model::visible::visible_spec;
use crate::model::win_head::{HeadKind, WinHead};
use crate::model::win_model::{FORMAT_VERSION, FactorImportance, TrainingFacts, WinModel};
use crate::snapshot::{DealState, Landmark, LandmarkSet, Outcome, as_they_stand, landmarks};

/// "Soon" where no deal of the training closed.
const DEFAULT_SOON_DAYS: i32 = 30;

/// Learns from everything known before the context's as-of day.
///
/// # Errors
/// [`ModelError::TooLittleData`] below 10 won and 10 other deals with an outcome, [`ModelError::NotConverged`] and
/// [`ModelError::Solver`] where a fit fails.
pub fn train(context: &FeatureContext<'_>, config: &Config, progress: &dyn Progress) -> Result<Trained, ModelError> {
    check_group_column(context, config)?;
    let labelled = LabelledRows::of(context, config, progress);
    let facts = facts(context, &labelled.set, &labelled.rows);
    if facts.won_deals.min(facts.deals - facts.won_deals) < FEWEST_DEALS {
        return Err(labelled.too_little(context, config));
    }
    let LabelledRows { set, horizon, rows } = labelled;
    info!(rows = facts.rows, deals = facts.deals, won = facts.won_deals, horizon_days = horizon.days, "training rows");
    context.hunt_leaks();
    let dated = facts.dated;
    let trained = TrainingData { set: &set, rows: &rows, horizon: &horizon, facts, config, progress };
    let first = trained.model(context)?;
    let Some(contradiction) = &first.model.contradiction else { return Ok(first) };
    let untenable = ClaimTrial { rows: &rows, context, config, dated }.untenable();
    if untenable.is_empty() {
        return Ok(first);
    }
    info!(?untenable, "claim withdrawn: trained again without columns that open deals contradict");
    let log_loss = first.model.overall("model").map_or(f64::NAN, |row| row.log_loss);
    let reason =
        format!("a model that sees it promised a log loss of {log_loss:.4}, which was withdrawn: {contradiction}");
    trained.model(&context.without_leaks(&untenable, &reason))
}

/// What a model is trained on, whatever columns it may see.
struct TrainingData<'a> {
    set: &'a LandmarkSet,
    rows: &'a TrainingRows,
    horizon: &'a Horizon,
    facts: TrainingFacts,
    config: &'a Config,
    progress: &'a dyn Progress,
}

impl TrainingData<'_> {
    /// Evaluates and fits what `context` lets a model see.
    fn model(&self, context: &FeatureContext<'_>) -> Result<Trained, ModelError> {
        let Self { set, rows, horizon, config, progress, .. } = self;
        let decision = evaluate(rows, horizon.days, context, config, *progress)?;
        progress.begin("fitting the model", 0);
        let trainer = Trainer { context, config, set, rows, horizon: horizon.days };
        trainer.finish(decision, (*horizon).clone(), self.facts.clone())
    }
}

/// Whether there is the column by which deals are to stay together.
///
/// # Errors
/// [`ModelError::NoGroupColumn`].
pub fn check_group_column(context: &FeatureContext<'_>, config: &Config) -> Result<(), ModelError> {
    match &config.training.group_by {
        Some(column) if context.tables.deals.attribute(column).is_none() => {
            Err(ModelError::NoGroupColumn { column: column.clone() })
        }
        _ => Ok(()),
    }
}

/// A model, and the rows its evaluation rests on.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The model.
    pub model: WinModel,
    /// Every test row of every fold, oldest fold first.
    pub predictions: Vec<OutOfTimePrediction>,
}

/// The rows a training would see, labelled, with the spec fitted on them; fits no model.
///
/// # Errors
/// [`ModelError::TooLittleData`] without a single row.
pub fn training_rows(
    context: &FeatureContext<'_>,
    config: &Config,
    progress: &dyn Progress,
) -> Result<(TrainingRows, FeatureSpec), ModelError> {
    let labelled = LabelledRows::of(context, config, progress);
    if labelled.rows.states.is_empty() {
        return Err(labelled.too_little(context, config));
    }
    context.hunt_leaks();
    let spec = visible_spec(labelled.rows.all(), context, &config.features);
    Ok((labelled.rows, spec))
}

/// How many of the closed deals a model would learn from.
#[must_use]
pub fn training_coverage(context: &FeatureContext<'_>, config: &Config, progress: &dyn Progress) -> TrainingCoverage {
    let labelled = LabelledRows::of(context, config, progress);
    TrainingCoverage::of(context.timeline, &labelled.rows, labelled.horizon.days)
}

/// Past days with their outcomes.
struct LabelledRows {
    set: LandmarkSet,
    horizon: Horizon,
    /// Those of `set` that are old enough.
    rows: TrainingRows,
}

impl LabelledRows {
    fn of(context: &FeatureContext<'_>, config: &Config, progress: &dyn Progress) -> Self {
        progress.begin("reconstructing past days", 0);
        if context.timeline.undated {
            let set = as_they_stand(context.timeline, context.snapshot, &context.tables.deals, &config.training);
            let horizon = Horizon::in_the_end();
            let rows = TrainingRows::labelled(context, &set.rows, horizon.days);
            return Self { set, horizon, rows };
        }
        let set = landmarks(context.timeline, &context.tables.deals, &config.training);
        let horizon = Horizon::of(context.timeline, &set, config.training.horizon_days);
        let rows = TrainingRows::of(context, &set, horizon.days);
        Self { set, horizon, rows }
    }

    /// The refusal, with what leaves so few.
    fn too_little(&self, context: &FeatureContext<'_>, config: &Config) -> ModelError {
        let (won, lost) = self.rows.all().deals_by_outcome();
        let Cause { words: cause, remedy } = Cause::of(context.timeline, &self.set, &self.horizon, &config.training);
        ModelError::TooLittleData { won, lost, needed: FEWEST_DEALS, cause, remedy }
    }
}

fn facts(context: &FeatureContext<'_>, set: &LandmarkSet, rows: &TrainingRows) -> TrainingFacts {
    let (won_deals, other) = rows.all().deals_by_outcome();
    let (landmarks, landmarks_reason) = match &set.spacing {
        Some(spacing) => (spacing.word(), spacing.reason.clone()),
        None => ("none", "the past of the deals is not known: closed deals count as they stand".to_owned()),
    };
    let (known_deals, known_closed) = known_deals(context.timeline);
    TrainingFacts {
        known_deals,
        known_closed,
        dated: set.spacing.is_some(),
        landmarks: landmarks.to_owned(),
        landmarks_reason,
        first_landmark: rows.states.first().map(|state| state.day),
        last_landmark: rows.states.last().map(|state| state.day),
        rows: rows.states.len() as u64,
        won_rows: rows.won.iter().filter(|&&won| won).count() as u64,
        deals: won_deals + other,
        won_deals,
        rows_before_sampling: set.total_rows,
        sampled: set.sampled,
        rows_too_young: (set.rows.len() - rows.states.len()) as u64,
    }
}

/// What the final fit of a training sees.
pub(super) struct Trainer<'a> {
    pub context: &'a FeatureContext<'a>,
    pub config: &'a Config,
    pub set: &'a LandmarkSet,
    pub rows: &'a TrainingRows,
    pub horizon: i32,
}

impl Trainer<'_> {
    fn finish(&self, decision: Decision, horizon: Horizon, training: TrainingFacts) -> Result<Trained, ModelError> {
        let all = self.rows.all();
        let soon_days = self.soon_days();
        let (evidence, heads) = rayon::join(
            || if decision.signal { self.period_evidence(&decision, soon_days) } else { Ok(PeriodEvidence::none()) },
            || self.heads(all, self.set.rows.iter().take(all.states.len()), &decision, soon_days),
        );
        let (evidence, (mut heads, matrix)) = (evidence?, heads?);
        let without_suspects = if decision.signal && decision.sees == Sees::Everything {
            let Decision { splits, alpha, .. } = &decision;
            let trial =
                SuspectTrial { rows: self.rows, splits, alpha: *alpha, context: self.context, config: self.config };
            trial.weigh(&mut heads.spec)?
        } else {
            None
        };
        let loss = LogisticLoss {
            matrix: &matrix,
            won: all.won,
            penalty: decision.sees.penalty(decision.alpha, all.won.len()),
        };
        let knowing = decision.signal.then(|| WinHead {
            kind: HeadKind::of(decision.sees),
            alpha: decision.alpha,
            intercept: heads.win.intercept,
            weights: heads.win.weights.clone(),
            std_errors: loss.std_errors(&heads.win).unwrap_or_default(),
            calibration: decision.calibration.clone(),
        });
        let importance = knowing.as_ref().map(|win| importance(&heads.spec, win, &matrix)).unwrap_or_default();
        let chances_of = |win: &WinHead| heads.win.log_odds(&matrix).into_iter().map(|x| win.chance(x)).collect();
        let grade_cuts = knowing.as_ref().map(|win| quartiles(chances_of(win)));
        drop(matrix);
        let mut period = if training.dated {
            let seen = self.seen(&heads, &decision.calibration);
            let (calendar, known_until) = (&self.context.calendar, self.context.timeline.as_of);
            PeriodHead::fit(&period_rows(&seen, self.horizon, known_until, calendar), evidence.choice)
        } else {
            PeriodHead::default()
        };
        let base_rate = self.base_rate(&decision, &training, &period);
        let win = knowing.unwrap_or_else(|| WinHead::base_rate(base_rate, decision.alpha, heads.spec.features.len()));
        period.soon_days = soon_days.unsigned_abs();
        period.soon_intercept = heads.soon.intercept;
        period.soon_weights = heads.soon.weights;
        let mut evaluation = decision.evaluation;
        evaluation.rows.extend(evidence.lines);
        let model = WinModel {
            format_version: FORMAT_VERSION,
            model_id: String::new(),
            as_of: self.context.timeline.as_of,
            horizon_days: horizon.days.unsigned_abs(),
            horizon_source: horizon.source,
            training,
            fingerprint: Fingerprint::of(self.context.tables, self.context.timeline),
            recipe_blake3: recipe_blake3(self.config),
            importance,
            without_suspects,
            contradiction: None,
            signal: decision.signal,
            verdict: decision.verdict,
            base_rate,
            spec: heads.spec,
            win,
            period,
            grade_cuts: grade_cuts.unwrap_or([base_rate; 3]),
            evaluation,
        };
        let contradiction = self.contradiction(&model, &decision.predictions);
        let model = model.contradicted_by(contradiction).rounded().sealed();
        info!(model_id = model.model_id, signal = model.signal, verdict = model.verdict, "model trained");
        Ok(Trained { model, predictions: decision.predictions })
    }

    /// The share of training rows won. Without a signal it is every deal's chance: then what the period head says of the
    /// deals that are open.
    fn base_rate(&self, decision: &Decision, training: &TrainingFacts, period: &PeriodHead) -> f64 {
        let of_open = if decision.signal || !training.dated { None } else { self.open_won_within(period) };
        of_open.unwrap_or(training.won_rows as f64 / training.rows as f64)
    }

    /// The mean chance of the open deals to be won within the horizon, of which nothing is known but their age, at the pace
    /// of closings of late. None where no deal is open.
    fn open_won_within(&self, period: &PeriodHead) -> Option<f64> {
        let calendar = &self.context.calendar;
        let ahead = DaysAhead::of(self.context.timeline.as_of, self.horizon, self.horizon, calendar);
        let open = self.context.snapshot.iter().filter(|deal| deal.kind == StageKind::Open);
        let inputs = open.map(|deal| PeriodInput::of(deal, 0.0, 0.0, false));
        let chances: Vec<f64> = inputs.map(|input| period.course(&input, &ahead, None).by(self.horizon).win).collect();
        (!chances.is_empty()).then(|| chances.iter().sum::<f64>() / chances.len() as f64)
    }

    /// Why the evaluation is not to be believed, where the chances of open deals contradict it.
    fn contradiction(&self, model: &WinModel, tested: &[OutOfTimePrediction]) -> Option<String> {
        if !model.signal {
            return None;
        }
        let (open, dated) = (open_deals(self.context), model.training.dated);
        let open = aged_chances(&open, &model.chances(&open, self.context), dated);
        let (states, chances): (Vec<DealState>, Vec<f64>) = tested.iter().map(|row| (row.state, row.model)).unzip();
        Apart::of(&aged_chances(&states, &chances, dated), &open)?.contradiction()
    }

    /// Median days until a training row's deal closed, at most the horizon.
    fn soon_days(&self) -> i32 {
        let landmarks = &self.set.rows[..self.rows.states.len()];
        let mut days: Vec<i32> = landmarks.iter().filter_map(days_to_closing).collect();
        days.sort_unstable();
        days.get(days.len() / 2).copied().unwrap_or(DEFAULT_SOON_DAYS).clamp(1, self.horizon)
    }
}

fn days_to_closing(row: &Landmark) -> Option<i32> {
    match row.outcome {
        Outcome::Won(closed) | Outcome::Lost(closed) => Some(closed.0 - row.state.day.0),
        Outcome::Open => None,
    }
}

/// The mean size of every factor's contribution over the rows of `matrix`.
fn importance(spec: &FeatureSpec, win: &WinHead, matrix: &FeatureMatrix) -> Vec<FactorImportance> {
    let factors = spec.factors();
    let means: Vec<f64> = factors.par_iter().map(|factor| mean_contribution(factor, spec, win, matrix)).collect();
    let total = means.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let importance = factors.into_iter().zip(means).map(|(factor, mean)| FactorImportance {
        factor: factor.name,
        mean_contribution: mean,
        share: mean / total,
    });
    let mut importance: Vec<FactorImportance> = importance.collect();
    importance.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.factor.cmp(&b.factor)));
    importance
}

fn mean_contribution(factor: &Factor, spec: &FeatureSpec, win: &WinHead, matrix: &FeatureMatrix) -> f64 {
    let mut sums = vec![0.0; matrix.rows()];
    for (j, _) in spec.features.iter().enumerate().filter(|(_, f)| factor.fields.contains(&f.field)) {
        let weight = win.calibration.slope * win.weights[j];
        sums.iter_mut().zip(matrix.column(j)).for_each(|(sum, x)| *sum += weight * x);
    }
    sums.iter().map(|sum| sum.abs()).sum::<f64>() / sums.len().max(1) as f64
}

/// The values below which a quarter, a half and three quarters of `values` lie (nearest rank); 0 for none.
fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values.get(quarter * values.len() / 4).copied().unwrap_or(0.0))
}
