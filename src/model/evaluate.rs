//! Rolling-origin evaluation: which penalty, which calibration, and whether the model knows anything at all.

use rayon::prelude::*;
use tracing::debug;

use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::probability::{log_loss, logistic as chance, logit};
use crate::domain::progress::Progress;
use crate::features::{FeatureContext, FeatureSpec, Field};
use crate::model::baselines::{StageTable, base_rate};
use crate::model::evidence::{JudgedRow, evidence};
use crate::model::folds::{Split, splits};
use crate::model::logistic;
use crate::model::metrics::{clustered_mean, line_through};
use crate::model::rows::TrainingRows;
use crate::model::{AlphaTrial, Calibration, Evaluation, Fold, ModelError, Sees};

/// Deals in the tests of all folds together that a judgement takes.
const FEWEST_JUDGED: usize = 20;
/// Standard errors by which the model must beat the base rate.
const SURE: f64 = 1.0;
/// A fold may lose to the base rate by at most this factor.
const WORST_FOLD: f64 = 1.005;
/// How far log-odds are drawn to the base rate where a fold loses by more, tried in this order.
const SHRINKS: [f64; 5] = [1.0, 0.8, 0.6, 0.4, 0.2];

/// What the evaluation decided.
pub(super) struct Decision {
    pub sees: Sees,
    pub alpha: f64,
    pub calibration: Calibration,
    pub signal: bool,
    pub verdict: String,
    pub evaluation: Evaluation,
    /// What the evaluation rests on, fold after fold.
    pub judged: Vec<JudgedRow>,
}

/// One fold's test rows, with every penalty's log-odds.
struct Trial {
    split: Split,
    base_rate: f64,
    stage_table: StageTable,
    /// One per penalty, each with one value per test row; first of the model that sees everything, then of the one that
    /// sees the stage, empty where none is known.
    log_odds: [Vec<Vec<f64>>; 2],
}

/// Judges every penalty on every fold, and the best choice against the baselines.
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
    progress.begin("judging the model on past days", splits.len() as u64);
    let judge = |split| {
        let trial = trial(rows, split, &alphas, context, config);
        progress.advance(1);
        trial
    };
    let trials = splits.into_par_iter().map(judge).collect::<Result<Vec<Trial>, ModelError>>()?;
    let mut judged: Vec<u32> = trials.iter().flat_map(|trial| &trial.split.test).map(|&i| rows.groups[i]).collect();
    judged.sort_unstable();
    judged.dedup();
    if judged.len() < FEWEST_JUDGED {
        return Ok(undecided(*alphas.last().unwrap_or(&1.0), judged.len()));
    }
    Ok(decide(rows, &trials, &alphas, horizon, context))
}

fn trial(
    rows: &TrainingRows,
    split: Split,
    alphas: &[f64],
    context: &FeatureContext<'_>,
    config: &Config,
) -> Result<Trial, ModelError> {
    let train = rows.first(split.train);
    let spec = FeatureSpec::fit(train.states, train.won, context, &config.features);
    let states: Vec<_> = split.test.iter().map(|&i| rows.states[i]).collect();
    let log_odds = |spec: &FeatureSpec| -> Result<Vec<Vec<f64>>, ModelError> {
        let lines = logistic::fit_each(&spec.encode(train.states, context), train.won, alphas, "win")?;
        let test = spec.encode(&states, context);
        Ok(lines.iter().map(|line| line.log_odds(&test)).collect())
    };
    debug!(cutoff = %split.cutoff, train = split.train, test = split.test.len(), features = spec.features.len(), "fold fitted");
    let everything = log_odds(&spec)?;
    let stage = Some(Sees::Stage.of(spec)).filter(|spec| !spec.features.is_empty());
    let log_odds = [everything, stage.map(|spec| log_odds(&spec)).transpose()?.unwrap_or_default()];
    Ok(Trial { base_rate: base_rate(train.won), stage_table: StageTable::of(train), log_odds, split })
}

fn undecided(alpha: f64, deals: usize) -> Decision {
    let verdict = format!(
        "no signal shown: the history holds {deals} deals to judge a model on that it has not seen, \
         expected at least {FEWEST_JUDGED}"
    );
    let (sees, calibration) = (Sees::Everything, Calibration::default());
    Decision { sees, alpha, calibration, signal: false, verdict, evaluation: Evaluation::default(), judged: Vec::new() }
}

/// The model that sees everything, or the one that sees the stage alone where it is better or the only one that is
/// surely better than the base rate; without either the base rate.
fn decide(
    rows: &TrainingRows,
    trials: &[Trial],
    alphas: &[f64],
    horizon: i32,
    context: &FeatureContext<'_>,
) -> Decision {
    let mut chosen = Candidate::of(Sees::Everything, rows, trials, alphas, horizon);
    let mut tried = std::mem::take(&mut chosen.tried);
    if trials.iter().all(|trial| !trial.log_odds(Sees::Stage).is_empty()) {
        let mut stage = Candidate::of(Sees::Stage, rows, trials, alphas, horizon);
        tried.append(&mut stage.tried);
        if stage.signal && !(chosen.signal && chosen.log_loss <= stage.log_loss) {
            chosen = stage;
        }
    }
    for trial in &tried {
        debug!(alpha = trial.alpha, sees = ?trial.sees, log_loss = trial.log_loss, "penalty judged");
    }
    let mut evaluation = evidence(&chosen.judged, context);
    let is_chosen = |trial: &AlphaTrial| trial.sees == chosen.sees && trial.alpha == chosen.alpha;
    evaluation.alphas = tried.into_iter().map(|trial| AlphaTrial { chosen: is_chosen(&trial), ..trial }).collect();
    evaluation.folds = trials.iter().map(|trial| trial.split.facts()).collect();
    let Candidate { sees, alpha, calibration, signal, verdict, judged, .. } = chosen;
    Decision { sees, alpha, calibration, signal, verdict, evaluation, judged }
}

/// A model that sees so much, with its best penalty, as it was on all folds.
struct Candidate {
    sees: Sees,
    alpha: f64,
    tried: Vec<AlphaTrial>,
    calibration: Calibration,
    signal: bool,
    verdict: String,
    log_loss: f64,
    judged: Vec<JudgedRow>,
}

impl Candidate {
    fn of(sees: Sees, rows: &TrainingRows, trials: &[Trial], alphas: &[f64], horizon: i32) -> Self {
        let (tried, chosen) = choose_alpha(sees, rows, trials, alphas);
        let won: Vec<Vec<bool>> =
            trials.iter().map(|trial| trial.split.test.iter().map(|&i| rows.won[i]).collect()).collect();
        let folds: Vec<FoldScores<'_>> = trials
            .iter()
            .zip(&won)
            .map(|(trial, won)| FoldScores { trial, log_odds: &trial.log_odds(sees)[chosen], won })
            .collect();
        let (line, honest) = calibrate(rows, &folds, horizon);
        let shrink = SHRINKS.into_iter().find(|&share| folds.iter().zip(&honest).all(|(f, x)| f.holds(x, share)));
        let share = shrink.unwrap_or(1.0);
        let honest: Vec<Vec<f64>> =
            folds.iter().zip(&honest).map(|(fold, x)| fold.shrunk(x, share).collect()).collect();
        let judged: Vec<JudgedRow> =
            folds.iter().zip(&honest).flat_map(|(fold, log_odds)| fold.judged(rows, log_odds)).collect();
        let (signal, verdict) = judge(&judged, shrink, sees);
        debug!(?sees, alpha = alphas[chosen], signal, verdict, "candidate judged");
        let losses = judged.iter().map(|row| log_loss(row.model, row.won));
        Self {
            sees,
            alpha: alphas[chosen],
            tried,
            calibration: final_line(line, share, base_rate(&rows.won)),
            signal,
            verdict,
            log_loss: losses.sum::<f64>() / judged.len().max(1) as f64,
            judged,
        }
    }
}

impl Trial {
    /// The log-odds of the model that sees so much, one vector per penalty.
    fn log_odds(&self, sees: Sees) -> &[Vec<f64>] {
        let [everything, stage] = &self.log_odds;
        match sees {
            Sees::Everything => everything,
            Sees::Stage => stage,
        }
    }
}

impl Sees {
    /// What is left of a spec.
    pub(super) fn of(self, spec: FeatureSpec) -> FeatureSpec {
        match self {
            Self::Everything => spec,
            Self::Stage => spec.only(Field::is_stage, "the history is too short to learn more than the stage"),
        }
    }
}

impl Split {
    fn facts(&self) -> Fold {
        Fold {
            cutoff: self.cutoff,
            last_test_day: self.last_test_day,
            train_rows: self.train as u64,
            test_rows: self.test.len() as u64,
            overlapping_rows: self.overlapping,
        }
    }
}

/// Mean log loss per penalty over all test rows, and the largest penalty within one standard error (of the paired
/// difference, clustered by deal) of the best; the best itself for the stage alone, whose few columns need no more
/// restraint than that.
fn choose_alpha(sees: Sees, rows: &TrainingRows, trials: &[Trial], alphas: &[f64]) -> (Vec<AlphaTrial>, usize) {
    let groups: Vec<u32> = trials.iter().flat_map(|t| &t.split.test).map(|&i| rows.groups[i]).collect();
    let losses: Vec<Vec<f64>> = (0..alphas.len())
        .map(|alpha| {
            let of_fold = |t: &Trial| -> Vec<f64> {
                t.log_odds(sees)[alpha]
                    .iter()
                    .zip(&t.split.test)
                    .map(|(&x, &i)| log_loss(chance(x), rows.won[i]))
                    .collect()
            };
            trials.iter().flat_map(of_fold).collect()
        })
        .collect();
    let means: Vec<f64> = losses.iter().map(|losses| clustered_mean(losses, &groups).mean).collect();
    let best = (0..alphas.len()).min_by(|&a, &b| means[a].total_cmp(&means[b])).unwrap_or(0);
    let excess: Vec<_> = losses
        .iter()
        .map(|of| of.iter().zip(&losses[best]).map(|(a, b)| a - b).collect::<Vec<f64>>())
        .map(|differences| clustered_mean(&differences, &groups))
        .collect();
    let chosen = match sees {
        Sees::Everything => (0..alphas.len()).rfind(|&alpha| excess[alpha].mean <= excess[alpha].se).unwrap_or(best),
        Sees::Stage => best,
    };
    let trial = |i: usize| AlphaTrial {
        sees,
        alpha: alphas[i],
        log_loss: means[i],
        excess: excess[i].mean,
        excess_se: excess[i].se,
        chosen: i == chosen,
    };
    ((0..alphas.len()).map(trial).collect(), chosen)
}

/// A fold with the log-odds of the chosen penalty.
struct FoldScores<'a> {
    trial: &'a Trial,
    log_odds: &'a [f64],
    won: &'a [bool],
}

impl<'a> FoldScores<'a> {
    /// `log_odds` drawn towards the fold's base rate.
    fn shrunk(&self, log_odds: &[f64], share: f64) -> impl Iterator<Item = f64> {
        let base = logit(self.trial.base_rate);
        log_odds.iter().map(move |x| share * x + (1.0 - share) * base)
    }

    /// Whether the fold's loss stays within [`WORST_FOLD`] of the base rate's.
    fn holds(&self, log_odds: &[f64], share: f64) -> bool {
        let loss: f64 = self.shrunk(log_odds, share).zip(self.won).map(|(x, &won)| log_loss(chance(x), won)).sum();
        let base: f64 = self.won.iter().map(|&won| log_loss(self.trial.base_rate, won)).sum();
        loss <= WORST_FOLD * base
    }

    fn judged(&self, rows: &'a TrainingRows, log_odds: &[f64]) -> Vec<JudgedRow> {
        let row = |(&i, &log_odds): (&usize, &f64)| JudgedRow {
            cutoff: self.trial.split.cutoff,
            state: rows.states[i],
            won: rows.won[i],
            group: rows.groups[i],
            model: chance(log_odds),
            base_rate: self.trial.base_rate,
            stage_table: self.trial.stage_table.chance(&rows.states[i]),
        };
        self.trial.split.test.iter().zip(log_odds).map(row).collect()
    }
}

/// The recalibration line fitted on all folds, where such lines help out of time; and every fold's log-odds under the
/// line that could have been fitted at its cutoff: on the folds before it, as far as their outcomes were known by then.
///
/// It helps where the newest fold, under its line, loses less than as it is by more than one standard error.
fn calibrate(rows: &TrainingRows, folds: &[FoldScores<'_>], horizon: i32) -> (Option<(f64, f64)>, Vec<Vec<f64>>) {
    let line_known_by = |day: Day| {
        let known = |fold: &FoldScores<'_>| -> Vec<(f64, bool)> {
            let scored = fold.trial.split.test.iter().zip(fold.log_odds).zip(fold.won);
            let known = scored.filter(|((i, _), _)| rows.states[**i].day.0 + horizon <= day.0);
            known.map(|((_, &log_odds), &won)| (log_odds, won)).collect()
        };
        let (log_odds, won): (Vec<f64>, Vec<bool>) = folds.iter().flat_map(known).unzip();
        line_through(&log_odds, &won).filter(|&(slope, _)| slope > 0.0)
    };
    let raw = || folds.iter().map(|fold| fold.log_odds.to_vec()).collect();
    let Some(newest) = folds.last() else { return (None, raw()) };
    let gain = |(slope, intercept): (f64, f64)| {
        let change =
            |(&x, &won): (&f64, &bool)| log_loss(chance(slope * x + intercept), won) - log_loss(chance(x), won);
        let changes: Vec<f64> = newest.log_odds.iter().zip(newest.won).map(change).collect();
        let groups: Vec<u32> = newest.trial.split.test.iter().map(|&i| rows.groups[i]).collect();
        clustered_mean(&changes, &groups)
    };
    let helps = line_known_by(newest.trial.split.cutoff).map(gain).is_some_and(|gain| gain.mean + gain.se < 0.0);
    let Some(line) = line_known_by(Day(i32::MAX)).filter(|_| helps) else { return (None, raw()) };
    let honest = |fold: &FoldScores<'_>| {
        let (slope, intercept) = line_known_by(fold.trial.split.cutoff).unwrap_or((1.0, 0.0));
        fold.log_odds.iter().map(|x| slope * x + intercept).collect()
    };
    (Some(line), folds.iter().map(honest).collect())
}

/// Recalibration and shrinkage in one line.
fn final_line(line: Option<(f64, f64)>, shrink: f64, base_rate: f64) -> Calibration {
    let (slope, intercept) = line.unwrap_or((1.0, 0.0));
    let mut reason = match line {
        Some(_) => format!("recalibrated: slope {slope:.3}, intercept {intercept:+.3} lower the loss out of time"),
        None => "none: recalibration did not lower the loss out of time".to_owned(),
    };
    if shrink < 1.0 {
        reason +=
            &format!("; drawn {:.0} % to the base rate, so that no fold is worse than it", 100.0 * (1.0 - shrink));
    }
    Calibration { slope: shrink * slope, intercept: shrink * intercept + (1.0 - shrink) * logit(base_rate), reason }
}

/// Whether the model beats the base rate, on all folds together beyond doubt and on the newest at all, and the sentence
/// that says so. The newest counts by itself because deals of one month share their fate: errors clustered by deal do
/// not know that.
fn judge(rows: &[JudgedRow], shrink: Option<f64>, sees: Sees) -> (bool, String) {
    let groups: Vec<u32> = rows.iter().map(|row| row.group).collect();
    let mean = |loss: &dyn Fn(&JudgedRow) -> f64| clustered_mean(&rows.iter().map(loss).collect::<Vec<_>>(), &groups);
    let gain_of = |row: &JudgedRow| log_loss(row.base_rate, row.won) - log_loss(row.model, row.won);
    let model = mean(&|row| log_loss(row.model, row.won)).mean;
    let base = mean(&|row| log_loss(row.base_rate, row.won)).mean;
    let gain = mean(&gain_of);
    let newest = rows.chunk_by(|a, b| a.cutoff == b.cutoff).next_back().unwrap_or_default();
    let newest_gain = newest.iter().map(gain_of).sum::<f64>() / newest.len().max(1) as f64;
    let numbers = format!(
        "log loss {model:.4} against {base:.4} of the base rate on {} rows the model had not seen \
         (lower by {:.4}, standard error {:.4})",
        rows.len(),
        gain.mean,
        gain.se
    );
    let what = match sees {
        Sees::Everything => "",
        Sees::Stage => " in the stage alone",
    };
    if gain.mean <= SURE * gain.se {
        (false, format!("no signal: {numbers}"))
    } else if shrink.is_none() {
        (false, format!("no signal: {numbers}, but in one fold it is worse than the base rate by over 0.5 %"))
    } else if newest_gain <= 0.0 {
        (false, format!("no signal: {numbers}, but none in the newest fold (lower by {newest_gain:.4})"))
    } else {
        (true, format!("signal{what}: {numbers}"))
    }
}
