//! Test rows to the lines of the evaluation: the model beside its baselines, per fold, overall and by stage.

use crate::domain::day::Day;
use crate::features::FeatureContext;
use crate::model::baselines::crm_chance;
use crate::model::metrics::Judged;
use crate::model::{Evaluation, EvaluationRow};
use crate::snapshot::DealState;

/// A stage needs this many test rows for lines of its own.
const FEWEST_STAGE_ROWS: usize = 50;

/// A row of some fold's test, with the chance each contender gave it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JudgedRow {
    /// What was learnt was known before this day.
    pub cutoff: Day,
    /// The deal as it stood on its landmark day.
    pub state: DealState,
    /// Whether it was won within the horizon.
    pub won: bool,
    /// Deals that belong together: a deal and its exact copies share a number.
    pub group: u32,
    /// The model as fitted at the cutoff.
    pub model: f64,
    /// Share of the training rows won.
    pub base_rate: f64,
    /// Share of the training rows in this stage won.
    pub stage_table: f64,
}

impl JudgedRow {
    /// The CRM's own chance to win, where the deal had one.
    #[must_use]
    pub fn crm_chance(&self) -> Option<f64> {
        crm_chance(&self.state)
    }
}

type Contender = (&'static str, fn(&JudgedRow) -> Option<f64>);

const CONTENDERS: [Contender; 4] = [
    ("model", |row| Some(row.model)),
    ("base rate", |row| Some(row.base_rate)),
    ("stage table", |row| Some(row.stage_table)),
    // Judged on the rows that have one.
    (CRM, JudgedRow::crm_chance),
];
const CRM: &str = "crm probability";

/// Every contender's metrics on every fold, on all folds together, and by stage; and the reliability of the model.
pub(super) fn evidence(rows: &[JudgedRow], context: &FeatureContext<'_>) -> Evaluation {
    // A chance without history is today's: on a deal closed since, it knows the outcome.
    let has_history =
        |name: &str| name != CRM || context.timeline.quality.tracked_fields.iter().any(|f| f == "probability");
    let contenders: Vec<Contender> = CONTENDERS.into_iter().filter(|(name, _)| has_history(name)).collect();
    let compare = |rows: &[JudgedRow], cutoff, scope: &str| compare(&contenders, rows, cutoff, scope);
    let mut lines = Vec::new();
    for fold in rows.chunk_by(|a, b| a.cutoff == b.cutoff) {
        lines.extend(compare(fold, Some(fold[0].cutoff), "all"));
    }
    lines.extend(compare(rows, None, "all"));
    for (id, stage) in context.stages.ids().zip(context.stages.names()) {
        let is_in = |row: &&JudgedRow| row.state.stage_tracked && row.state.stage.get() == Some(id);
        let of_stage: Vec<JudgedRow> = rows.iter().filter(is_in).copied().collect();
        if of_stage.len() >= FEWEST_STAGE_ROWS {
            lines.extend(compare(&of_stage, None, &format!("stage={stage}")));
        }
    }
    let model = Sample::of(rows, CONTENDERS[0].1);
    Evaluation { rows: lines, reliability: model.judged().reliability(), ..Evaluation::default() }
}

/// One line per contender that has anything to say about these rows.
fn compare(contenders: &[Contender], rows: &[JudgedRow], cutoff: Option<Day>, scope: &str) -> Vec<EvaluationRow> {
    let samples = contenders.iter().map(|(name, chance)| (name, Sample::of(rows, *chance)));
    let said = samples.filter(|(_, sample)| !sample.won.is_empty());
    said.map(|(name, sample)| sample.judged().line(cutoff, name, scope)).collect()
}

/// Columns of the rows a contender gave a chance.
#[derive(Default)]
struct Sample {
    chance: Vec<f64>,
    won: Vec<bool>,
    group: Vec<u32>,
}

impl Sample {
    fn of(rows: &[JudgedRow], chance: fn(&JudgedRow) -> Option<f64>) -> Self {
        let mut sample = Self::default();
        for (row, chance) in rows.iter().filter_map(|row| Some((row, chance(row)?))) {
            sample.chance.push(chance);
            sample.won.push(row.won);
            sample.group.push(row.group);
        }
        sample
    }

    fn judged(&self) -> Judged<'_> {
        Judged { chance: &self.chance, won: &self.won, group: &self.group }
    }
}
