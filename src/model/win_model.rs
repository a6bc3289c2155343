//! What a trained model consists of. Plain data, stored as JSON; every number is rounded to 9 significant digits
//! when fitted, so that what is read back is what was fitted, to the bit.

use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::domain::probability::{logistic, logit};
use crate::features::{FeatureContext, FeatureSpec, rounded};
use crate::model::newton::Line;
use crate::model::period_head::grid_days;
use crate::model::period_terms::PeriodTerm;
use crate::snapshot::DealState;

/// Version of the stored form. A build reads its own version only.
pub const FORMAT_VERSION: u32 = 2;

/// A trained model: everything needed to score a deal and to say how good the scores are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WinModel {
    /// [`FORMAT_VERSION`] of the build that stored it.
    pub format_version: u32,
    /// Its as-of day and the first 8 hex digits of the BLAKE3 hash of its content.
    pub model_id: String,
    /// It knows only what is dated before this day.
    pub as_of: Day,
    /// A deal counts as won if it is won within this many days.
    pub horizon_days: u32,
    /// Where the horizon comes from, in words.
    pub horizon_source: String,
    /// What it was trained on.
    pub training: TrainingFacts,
    /// BLAKE3 of the settings that shape a model: another configuration asks for another model.
    pub recipe_blake3: String,
    /// Whether it beats the base rate out of time. If not, every deal gets the base rate.
    pub signal: bool,
    /// Why `signal` is what it is, in words with the numbers.
    pub verdict: String,
    /// Share of training rows won within the horizon.
    pub base_rate: f64,
    /// How a deal becomes numbers.
    pub spec: FeatureSpec,
    /// Chance to be won within the horizon.
    pub win: WinHead,
    /// Chances to be won, lost or open by the end of a period.
    pub period: PeriodHead,
    /// What the scores go by, strongest first; empty without signal.
    pub importance: Vec<FactorImportance>,
    /// Win probabilities at the quartiles of the training rows, ascending: from the third on grade A, then B, C, D.
    pub grade_cuts: [f64; 3],
    /// How good it is on rows it has not seen.
    pub evaluation: Evaluation,
}

impl WinModel {
    /// The days at which [`PeriodHead::days_to_win`] is to look, ascending up to the horizon.
    #[must_use]
    pub fn win_grid(&self) -> Vec<i32> {
        grid_days(i32::try_from(self.horizon_days).unwrap_or(i32::MAX))
    }

    /// The chance to be won within the horizon, for each of `states`.
    #[must_use]
    pub fn chances(&self, states: &[DealState], context: &FeatureContext<'_>) -> Vec<f64> {
        if !self.signal {
            return vec![self.base_rate; states.len()];
        }
        let line = Line { intercept: self.win.intercept, weights: self.win.weights.clone() };
        line.log_odds(&self.spec.encode(states, context)).into_iter().map(|x| self.win.chance(x)).collect()
    }

    /// The overall line of the evaluation of `contender`, such as `model` or `base rate`.
    #[must_use]
    pub fn overall(&self, contender: &str) -> Option<&EvaluationRow> {
        let is_it = |row: &&EvaluationRow| row.cutoff.is_none() && row.scope == "all" && row.model == contender;
        self.evaluation.rows.iter().find(is_it)
    }

    /// The importance of the factor a field belongs to, as a share of all; none where the scores do not go by it.
    #[must_use]
    pub fn share_of(&self, field: usize) -> Option<f64> {
        let factor = &self.spec.fields.get(field)?.factor;
        self.importance.iter().find(|i| i.factor == *factor).map(|i| i.share)
    }

    /// Why the scores are too good to be believed, where they are: sales are not that easy to foretell.
    #[must_use]
    pub fn suspicion(&self) -> Option<String> {
        let auc = self.overall("model")?.auc.filter(|auc| self.signal && *auc >= TOO_GOOD)?;
        let strongest = self.importance.first()?;
        Some(format!(
            "an AUC of {auc:.3} is too good to be true: is there a column that is filled in when the outcome is known? \
             Scores go by \"{}\" before all ({:.0} %)",
            strongest.factor,
            100.0 * strongest.share
        ))
    }

    /// Every number to 9 significant digits (those of the spec are so already).
    pub(super) fn rounded(mut self) -> Self {
        let (win, period, evaluation) = (&mut self.win, &mut self.period, &mut self.evaluation);
        let scalars = [
            &mut self.base_rate,
            &mut win.intercept,
            &mut win.calibration.slope,
            &mut win.calibration.intercept,
            &mut period.soon_intercept,
            &mut period.win_intercept,
            &mut period.lose_intercept,
        ];
        let lists = [
            &mut win.weights,
            &mut win.std_errors,
            &mut period.soon_weights,
            &mut period.win_weights,
            &mut period.lose_weights,
        ];
        let mut numbers: Vec<&mut f64> = scalars.into_iter().chain(&mut self.grade_cuts).collect();
        numbers.extend(lists.into_iter().flatten());
        numbers.extend(period.columns.iter_mut().flat_map(|column| [&mut column.mean, &mut column.sd]));
        numbers.extend(self.importance.iter_mut().flat_map(|f| [&mut f.mean_contribution, &mut f.share]));
        numbers.extend(evaluation.alphas.iter_mut().flat_map(|a| [&mut a.log_loss, &mut a.excess, &mut a.excess_se]));
        numbers.extend(evaluation.rows.iter_mut().flat_map(EvaluationRow::numbers));
        numbers.extend(evaluation.reliability.iter_mut().flat_map(ReliabilityBin::numbers));
        numbers.into_iter().for_each(|x| *x = rounded(*x));
        self
    }
}

impl EvaluationRow {
    fn numbers(&mut self) -> impl Iterator<Item = &mut f64> {
        let optional = [
            &mut self.log_loss_se,
            &mut self.brier_se,
            &mut self.auc,
            &mut self.auc_se,
            &mut self.slope,
            &mut self.slope_se,
            &mut self.intercept,
            &mut self.intercept_se,
            &mut self.ece,
        ];
        [&mut self.log_loss, &mut self.brier].into_iter().chain(optional.into_iter().flatten())
    }
}

impl ReliabilityBin {
    fn numbers(&mut self) -> [&mut f64; 4] {
        [&mut self.predicted, &mut self.observed, &mut self.observed_low, &mut self.observed_high]
    }
}

/// AUC from which a model rather knows than foretells.
const TOO_GOOD: f64 = 0.97;

/// Rows and deals a model was trained on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingFacts {
    /// `monthly` or `weekly`.
    pub landmarks: String,
    /// First landmark day used.
    pub first_landmark: Option<Day>,
    /// Last landmark day used: the horizon before the as-of day.
    pub last_landmark: Option<Day>,
    /// Landmark rows used.
    pub rows: u64,
    /// Of those, won within the horizon.
    pub won_rows: u64,
    /// Deals they are of.
    pub deals: u64,
    /// Of those, won within the horizon of at least one of their rows.
    pub won_deals: u64,
    /// Rows of all deals on all landmark days, before sampling and before the youngest are set aside.
    pub rows_before_sampling: u64,
    /// Whether deals were sampled to keep the fit small.
    pub sampled: bool,
    /// Deals known by the as-of day, open and closed, whatever their rows.
    pub known_deals: u64,
    /// Of those, closed.
    pub known_closed: u64,
    /// Rows younger than the horizon, set aside with whatever is known of them.
    pub rows_too_young: u64,
}

/// How much of the scores a factor makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactorImportance {
    /// Its name, as in explanations.
    pub factor: String,
    /// Mean size of its contribution over the training rows, in log-odds.
    pub mean_contribution: f64,
    /// The same as a share of all factors, 0 to 1.
    pub share: f64,
}

/// The logistic regression: `logit = intercept + weights · x`, then calibrated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WinHead {
    /// Ridge penalty per training row.
    pub alpha: f64,
    /// Log-odds of the average training row.
    pub intercept: f64,
    /// One per feature of the spec, in log-odds per training standard deviation.
    pub weights: Vec<f64>,
    /// Standard errors of the weights at the penalised optimum.
    pub std_errors: Vec<f64>,
    /// What is done to the log-odds afterwards.
    pub calibration: Calibration,
}

/// A straight line through the log-odds: `slope * logit + intercept` (Platt 1999).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Below 1 where the model is too sure of itself.
    pub slope: f64,
    /// Above 0 where it is too pessimistic.
    pub intercept: f64,
    /// Why this line, in words with the numbers.
    pub reason: String,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { slope: 1.0, intercept: 0.0, reason: "none".to_owned() }
    }
}

impl Calibration {
    /// The calibrated log-odds.
    #[must_use]
    pub fn apply(&self, log_odds: f64) -> f64 {
        self.slope * log_odds + self.intercept
    }
}

impl WinHead {
    /// The head of a model without signal: every deal has the base rate.
    pub(super) fn base_rate(base_rate: f64, alpha: f64, features: usize) -> Self {
        let calibration =
            Calibration { reason: "none: there is no signal to calibrate".to_owned(), ..Calibration::default() };
        let (weights, std_errors) = (vec![0.0; features], vec![0.0; features]);
        Self { alpha, intercept: logit(base_rate), weights, std_errors, calibration }
    }

    /// The log-odds every explanation starts from: those of the average training row.
    #[must_use]
    pub fn calibrated_intercept(&self) -> f64 {
        self.calibration.apply(self.intercept)
    }

    /// The chance at these raw (uncalibrated) log-odds.
    #[must_use]
    pub fn chance(&self, raw_log_odds: f64) -> f64 {
        logistic(self.calibration.apply(raw_log_odds))
    }
}

/// Win / lose / still open by a day: a multinomial regression on the win log-odds, the log-odds of closing soon, the
/// days until then and what the deal expects. See `period_head`.
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

/// How good the model is on rows it has not seen, by rolling origin: trained before a day, judged after it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The folds, oldest first.
    pub folds: Vec<Fold>,
    /// Penalties tried, ascending.
    pub alphas: Vec<AlphaTrial>,
    /// Log loss and more, per fold and over all folds, for the model and each baseline.
    pub rows: Vec<EvaluationRow>,
    /// Predicted against observed, over all folds, lowest predictions first.
    pub reliability: Vec<ReliabilityBin>,
}

/// One fold of the rolling-origin evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fold {
    /// Trained on what was known before this day.
    pub cutoff: Day,
    /// Judged on landmark days from the cutoff up to this day, included.
    pub last_test_day: Day,
    /// Training rows.
    pub train_rows: u64,
    /// Test rows: of deals (and copies of deals) that have no training row.
    pub test_rows: u64,
    /// Rows left out of the test because their deal, or a copy of it, is in the training.
    pub overlapping_rows: u64,
}

/// What a model looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sees {
    /// Every field that is fit to be seen.
    Everything,
    /// The stage alone: what a short history can teach.
    Stage,
}

/// A penalty and what it scored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlphaTrial {
    /// What the model looked at.
    pub sees: Sees,
    /// Ridge penalty per training row.
    pub alpha: f64,
    /// Mean log loss over all test rows, in nats.
    pub log_loss: f64,
    /// How much more that is than the best penalty's.
    pub excess: f64,
    /// Standard error of the excess, clustered by deal.
    pub excess_se: f64,
    /// The largest penalty within one standard error of the best.
    pub chosen: bool,
}

/// One line of evidence. Metrics are of the rows' chance to be won within the horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvaluationRow {
    /// The fold; `None`: all folds together.
    pub cutoff: Option<Day>,
    /// `model`, `base rate`, `stage table` or `crm probability`; for the period head `period model` or
    /// `period base rate`.
    pub model: String,
    /// `all`, or `stage=…`.
    pub scope: String,
    /// Test rows.
    pub rows: u64,
    /// Deals they are of.
    pub deals: u64,
    /// Rows won.
    pub won: u64,
    /// Mean log loss, in nats.
    pub log_loss: f64,
    /// Its standard error, clustered by deal; none for a single deal.
    pub log_loss_se: Option<f64>,
    /// Mean squared error of the chances; for the period heads of all three outcomes together.
    pub brier: f64,
    /// Its standard error; all of them are clustered by deal, and none where that cannot be said.
    pub brier_se: Option<f64>,
    /// Area under the ROC curve; none where all rows ended alike.
    pub auc: Option<f64>,
    /// Its standard error.
    pub auc_se: Option<f64>,
    /// Calibration slope: 1 is right, below 1 too sure. None where it cannot be fitted.
    pub slope: Option<f64>,
    /// Its standard error.
    pub slope_se: Option<f64>,
    /// Calibration intercept, with the slope: 0 is right.
    pub intercept: Option<f64>,
    /// Its standard error.
    pub intercept_se: Option<f64>,
    /// Expected calibration error over ten bins of equal size.
    pub ece: Option<f64>,
}

/// A tenth of the test rows, by prediction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Rows.
    pub rows: u64,
    /// Rows won.
    pub won: u64,
    /// Mean prediction.
    pub predicted: f64,
    /// Share won.
    pub observed: f64,
    /// Lower end of its 95 % interval (Wilson).
    pub observed_low: f64,
    /// Upper end.
    pub observed_high: f64,
}
