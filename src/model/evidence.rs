//! Test rows to the lines of the evaluation: the model beside its baselines, per dated fold, overall and by stage.

use crate::domain::day::Day;
use crate::features::FeatureContext;
use crate::model::evaluation::{Evaluation, EvaluationRow};
use crate::model::metrics::EvaluatedChances;
use crate::model::predictions::OutOfTimePrediction;

/// A stage needs this many test rows for lines of its own.
const FEWEST_STAGE_ROWS: usize = 50;

/// A name, and the chance it gave a row.
type Contender = (&'static str, fn(&OutOfTimePrediction) -> Option<f64>);

const CONTENDERS: [Contender; 4] = [
    ("model", |row| Some(row.model)),
    ("base rate", |row| Some(row.base_rate)),
    ("stage table", |row| Some(row.stage_table)),
    // Evaluated on the rows that have one.
    (CRM, OutOfTimePrediction::crm_chance),
];
const CRM: &str = "crm probability";

/// Every contender's metrics on every fold, on all folds together, and by stage; and the reliability of the model.
pub(super) fn evidence(rows: &[OutOfTimePrediction], context: &FeatureContext<'_>) -> Evaluation {
    // A chance without history is today's: on a deal closed since, it knows the outcome.
    let crm_has_history = context.timeline.quality.tracked_fields.iter().any(|field| field == "probability");
    let contenders: Vec<Contender> =
        CONTENDERS.into_iter().filter(|(name, _)| crm_has_history || *name != CRM).collect();
    let mut lines = Vec::new();
    for fold in rows.chunk_by(|a, b| a.cutoff == b.cutoff).filter(|fold| fold[0].cutoff.is_some()) {
        lines.extend(compare(&contenders, fold, fold[0].cutoff, "all"));
    }
    lines.extend(compare(&contenders, rows, None, "all"));
    for (id, stage) in context.stages.ids().zip(context.stages.names()) {
        let of_stage = rows.iter().filter(|row| row.state.stage_tracked && row.state.stage.get() == Some(id));
        let of_stage: Vec<OutOfTimePrediction> = of_stage.copied().collect();
        if of_stage.len() >= FEWEST_STAGE_ROWS {
            lines.extend(compare(&contenders, &of_stage, None, &format!("stage={stage}")));
        }
    }
    let model = Sample::of(rows, CONTENDERS[0].1);
    Evaluation { rows: lines, reliability: model.evaluated().reliability(), ..Evaluation::default() }
}

/// One line per contender that has anything to say about these rows.
fn compare(
    contenders: &[Contender],
    rows: &[OutOfTimePrediction],
    cutoff: Option<Day>,
    scope: &str,
) -> Vec<EvaluationRow> {
    let samples = contenders.iter().map(|(name, chance)| (name, Sample::of(rows, *chance)));
    let said = samples.filter(|(_, sample)| !sample.won.is_empty());
    said.map(|(name, sample)| sample.evaluated().line(cutoff, name, scope)).collect()
}

/// Columns of the rows a contender gave a chance.
#[derive(Default)]
struct Sample {
    chance: Vec<f64>,
    won: Vec<bool>,
    group: Vec<u32>,
}

impl Sample {
    fn of(rows: &[OutOfTimePrediction], chance: fn(&OutOfTimePrediction) -> Option<f64>) -> Self {
        let mut sample = Self::default();
        for (row, chance) in rows.iter().filter_map(|row| Some((row, chance(row)?))) {
            sample.chance.push(chance);
            sample.won.push(row.won);
            sample.group.push(row.group);
        }
        sample
    }

    fn evaluated(&self) -> EvaluatedChances<'_> {
        EvaluatedChances { chance: &self.chance, won: &self.won, group: &self.group }
    }
}
