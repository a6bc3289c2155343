//! What a trained model consists of. Plain data, stored as JSON; every number is rounded to 9 significant digits
//! when fitted, so that what is read back is what was fitted, to the bit.

use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::domain::period::FiscalCalendar;
use crate::features::{FeatureContext, FeatureSpec, rounded};
use crate::ingest::tables::Tables;
use crate::model::error::ModelError;
use crate::model::evaluation::{Evaluation, EvaluationRow, ReliabilityBin};
use crate::model::fingerprint::Fingerprint;
use crate::model::newton::Line;
use crate::model::period::ahead::DaysAhead;
use crate::model::period::head::PeriodHead;
use crate::model::win_head::WinHead;
use crate::snapshot::DealState;
use crate::timeline::Timeline;

/// Version of the stored form. A build reads its own version only.
pub const FORMAT_VERSION: u32 = 5;

/// Rows encoded at a time where the matrix is not kept.
pub(super) const ENCODED_AT_ONCE: usize = 32_768;

/// A trained model: everything needed to score a deal and to say how good the scores are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WinModel {
    /// [`FORMAT_VERSION`] of the build that stored it.
    pub format_version: u32,
    /// Its as-of day and the first 8 hex digits of the BLAKE3 hash of its content.
    pub model_id: String,
    /// It knows only what is dated before this day.
    pub as_of: Day,
    /// A deal counts as won if it is won within this many days; a hundred years where closing days are not known.
    pub horizon_days: u32,
    /// Where the horizon comes from, in words.
    pub horizon_source: String,
    /// What it was trained on.
    pub training: TrainingFacts,
    /// A sketch of the deals and names it was trained on: it scores no other company's.
    pub fingerprint: Fingerprint,
    /// BLAKE3 of the settings that shape a model: another configuration asks for another model.
    pub recipe_blake3: String,
    /// Whether it beats the base rate out of time. If not, every deal gets the base rate.
    pub signal: bool,
    /// Why `signal` is what it is, in words with the numbers.
    pub verdict: String,
    /// Share of training rows won within the horizon. Without signal it is the chance of every deal, and rows younger than
    /// the horizon count as far as they are known.
    pub base_rate: f64,
    /// How a deal becomes numbers.
    pub spec: FeatureSpec,
    /// Chance to be won within the horizon.
    pub win: WinHead,
    /// Chances to be won, lost or open by the end of a period.
    pub period: PeriodHead,
    /// What the scores go by, strongest first; empty without signal.
    pub importance: Vec<FactorImportance>,
    /// By how much the log loss of the evaluation is higher without any of the suspects; none without suspects.
    pub without_suspects: Option<f64>,
    /// Why the evaluation is not to be expected of open deals, where their chances contradict it.
    pub contradiction: Option<String>,
    /// Win probabilities at the quartiles of the training rows, ascending: from the third on grade A, then B, C, D.
    pub grade_cuts: [f64; 3],
    /// How good it is on rows it has not seen.
    pub evaluation: Evaluation,
}

impl WinModel {
    /// The days ahead of the morning of `day`, as far as `until` days.
    #[must_use]
    pub fn ahead(&self, day: Day, until: i32, calendar: &FiscalCalendar) -> DaysAhead {
        DaysAhead::of(day, i32::try_from(self.horizon_days).unwrap_or(i32::MAX), until, calendar)
    }

    /// Whether the deals may be those of whoever trained the model.
    ///
    /// # Errors
    /// [`ModelError::OtherDeals`] where it knows neither the deals nor the names in them.
    pub fn check_knows(&self, tables: &Tables, timeline: &Timeline) -> Result<(), ModelError> {
        match self.fingerprint.objection(tables, timeline, self.as_of) {
            Some(reason) => Err(ModelError::OtherDeals { model_id: self.model_id.clone(), reason }),
            None => Ok(()),
        }
    }

    /// When a deal must be won to count as won, as a sentence ends: within so many days, or whenever.
    #[must_use]
    pub fn within(&self) -> String {
        if self.training.dated { format!("within {} days", self.horizon_days) } else { "in the end".to_owned() }
    }

    /// The chance to be won within the horizon, for each of `states`.
    #[must_use]
    pub fn chances(&self, states: &[DealState], context: &FeatureContext<'_>) -> Vec<f64> {
        if !self.signal {
            return vec![self.base_rate; states.len()];
        }
        let line = Line { intercept: self.win.intercept, weights: self.win.weights.clone() };
        let chunks = states.chunks(ENCODED_AT_ONCE);
        let log_odds = chunks.flat_map(|states| line.log_odds(&self.spec.encode(states, context)));
        log_odds.map(|x| self.win.chance(x)).collect()
    }

    /// The overall line of the evaluation of `contender`, such as `model` or `base rate`.
    #[must_use]
    pub fn overall(&self, contender: &str) -> Option<&EvaluationRow> {
        let mut overall = self.evaluation.rows.iter().filter(|row| row.cutoff.is_none() && row.scope == "all");
        overall.find(|row| row.model == contender)
    }

    /// The same model, whose claim is withdrawn where there is a contradiction: the verdict says so wherever it is told.
    pub(super) fn contradicted_by(mut self, contradiction: Option<String>) -> Self {
        if contradiction.is_some() {
            self.verdict = format!("claim withdrawn, as open deals contradict it (evaluated: {})", self.verdict);
        }
        Self { contradiction, ..self }
    }

    /// The importance of the factor a field belongs to, as a share of all; none where the scores do not go by it.
    #[must_use]
    pub fn share_of(&self, field: usize) -> Option<f64> {
        let factor = &self.spec.fields.get(field)?.factor;
        self.importance.iter().find(|i| i.factor == *factor).map(|i| i.share)
    }

    /// Why the scores are too good to be believed, where they are: sales are not that easy to forecast.
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
        numbers.extend(period.columns.iter_mut().flat_map(|column| {
            let [low, high] = &mut column.range;
            [&mut column.mean, &mut column.sd, low, high]
        }));
        numbers.push(&mut period.penalty);
        let steps = period.pace.iter_mut().chain(&mut period.by_age);
        numbers.extend(steps.flat_map(|step| [&mut step.win, &mut step.lose]));
        numbers.extend([&mut period.of_late.win, &mut period.of_late.lose]);
        numbers.extend(self.importance.iter_mut().flat_map(|f| [&mut f.mean_contribution, &mut f.share]));
        numbers.extend(evaluation.alphas.iter_mut().flat_map(|a| [&mut a.log_loss, &mut a.excess, &mut a.excess_se]));
        numbers.extend(evaluation.rows.iter_mut().flat_map(EvaluationRow::numbers));
        numbers.extend(evaluation.reliability.iter_mut().flat_map(ReliabilityBin::numbers));
        numbers.into_iter().for_each(|x| *x = rounded(*x));
        self
    }
}

/// AUC from which a model rather knows than forecasts.
const TOO_GOOD: f64 = 0.97;

/// Rows and deals a model was trained on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingFacts {
    /// Whether the past of the deals is known. If not, the closed ones were learnt from as they stand.
    pub dated: bool,
    /// `daily`, `weekly` or `monthly`; `none` where the past is not known.
    pub landmarks: String,
    /// Why, in words with the numbers.
    pub landmarks_reason: String,
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
    /// Rows of all deals on all landmark days, before sampling and before the youngest are excluded.
    pub rows_before_sampling: u64,
    /// Whether deals were sampled to keep the fit small.
    pub sampled: bool,
    /// Deals known by the as-of day, open and closed, whatever their rows.
    pub known_deals: u64,
    /// Of those, closed.
    pub known_closed: u64,
    /// Rows younger than the horizon, excluded with whatever is known of them.
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
