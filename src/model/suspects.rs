//! What are suspects worth? What the log loss would be without them.
//!
//! The folds of an evaluation in, log losses without fields out. Decides nothing about columns: `features/leak` does.

use rayon::prelude::*;

use crate::config::Config;
use crate::domain::probability::{log_loss, logistic as chance};
use crate::features::{FeatureContext, FeatureSpec, Suspect, rounded};
use crate::model::error::ModelError;
use crate::model::folds::Split;
use crate::model::logistic;
use crate::model::newton::Line;
use crate::model::rows::TrainingRows;
use crate::model::visible::visible_spec;
use crate::snapshot::DealState;

/// Suspects left out one by one; of more, the first.
const MOST_TRIED: usize = 8;

/// The folds, and the penalty the model was given.
pub(super) struct SuspectTrial<'a> {
    pub rows: &'a TrainingRows,
    pub splits: &'a [Split],
    pub alpha: f64,
    pub context: &'a FeatureContext<'a>,
    pub config: &'a Config,
}

impl SuspectTrial<'_> {
    /// Gives every suspect of `spec` its worth; returns by how much the log loss is higher without all of them.
    ///
    /// # Errors
    /// [`ModelError::NotConverged`] where a fit was not found.
    pub fn weigh(&self, spec: &mut FeatureSpec) -> Result<Option<f64>, ModelError> {
        if spec.suspects.is_empty() || self.splits.is_empty() {
            return Ok(None);
        }
        let names: Vec<String> = spec.suspects.iter().map(|suspect| suspect.field.clone()).collect();
        let each = names.iter().take(MOST_TRIED).map(std::slice::from_ref);
        let left_out: Vec<&[String]> = [&[][..], &names[..]].into_iter().chain(each).collect();
        let losses = self.losses_without(&left_out)?;
        let worth: Vec<f64> = losses.iter().map(|loss| rounded(loss - losses[0])).collect();
        for (suspect, worth) in spec.suspects.iter_mut().zip(&worth[2..]) {
            suspect.worth = Some(*worth);
        }
        let worth_of = |suspect: &Suspect| suspect.worth.unwrap_or(f64::NEG_INFINITY);
        spec.suspects.sort_by(|a, b| worth_of(b).total_cmp(&worth_of(a)).then_with(|| a.field.cmp(&b.field)));
        Ok(Some(worth[1]))
    }

    /// Mean log loss of all test rows of models that do not see these fields, before any recalibration.
    fn losses_without(&self, left_out: &[&[String]]) -> Result<Vec<f64>, ModelError> {
        let of_splits = self.splits.par_iter().map(|split| self.sums_without(left_out, split));
        let of_splits = of_splits.collect::<Result<Vec<Vec<f64>>, ModelError>>()?;
        let rows: usize = self.splits.iter().map(|split| split.test.len()).sum();
        let mean = |i: usize| of_splits.iter().map(|sums| sums[i]).sum::<f64>() / rows.max(1) as f64;
        Ok((0..left_out.len()).map(mean).collect())
    }

    /// The log losses of the test rows of one fold, added up.
    fn sums_without(&self, left_out: &[&[String]], split: &Split) -> Result<Vec<f64>, ModelError> {
        let train = self.rows.select(&split.train);
        let spec = visible_spec(train.all(), self.context, &self.config.features);
        let mut matrix = spec.encode(&train.states, self.context);
        let line = logistic::fit(&matrix, &train.won, self.alpha, "win")?;
        let without: Vec<Vec<usize>> = left_out.iter().map(|fields| columns_of(&spec, fields)).collect();
        let lines = logistic::fit_without(&mut matrix, &train.won, self.alpha, &line, &without, "win")?;
        drop(matrix);
        let test: Vec<DealState> = split.test.iter().map(|&i| self.rows.states[i]).collect();
        let test = spec.encode(&test, self.context);
        let loss = |line: &Line| {
            let log_odds = line.log_odds(&test).into_iter().zip(&split.test);
            log_odds.map(|(x, &i)| log_loss(chance(x), self.rows.won[i])).sum()
        };
        Ok(lines.iter().map(loss).collect())
    }
}

/// Positions of the columns of these fields.
fn columns_of(spec: &FeatureSpec, fields: &[String]) -> Vec<usize> {
    let features = spec.features.iter().enumerate();
    features.filter(|(_, feature)| fields.contains(&spec.fields[feature.field].name)).map(|(j, _)| j).collect()
}
