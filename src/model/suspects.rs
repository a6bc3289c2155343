//! What is the claimed log loss worth? What it would be without the suspects, and whether open deals contradict it.
//!
//! The folds of an evaluation in, log losses without fields out; out-of-time chances and those of open deals in, a
//! contradiction out. Decides nothing about columns: `features/leak` does.

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
/// Open deals, and deals with an out-of-time chance, that a contradiction takes.
const FEWEST: usize = 50;
/// Groups of open deals by age.
const AGE_GROUPS: usize = 6;
/// Tenths of the out-of-time chances.
const TENTHS: usize = 10;
/// How far apart chances may lie, 0 to 1: total variation distance. Honest worlds reach 0.1, a real pipeline with drift 0.2,
/// a simulated world with nine leaks forced into the model 0.35.
const MOST_APART: f64 = 0.3;

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

/// A deal's age and its chance.
#[derive(Clone, Copy, Debug)]
pub(super) struct AgedChance {
    pub age: i32,
    pub chance: f64,
}

/// How far the chances of open deals lie from those of deals of the same age that the model was evaluated on, where that is
/// more than they may.
pub(super) fn contradiction(tested: &[AgedChance], open: &[AgedChance]) -> Option<String> {
    let apart = apart(tested, open)?;
    tracing::debug!(apart, "chances of open deals against those evaluated on");
    let mean = |of: &[AgedChance]| 100.0 * of.iter().map(|row| row.chance).sum::<f64>() / of.len() as f64;
    (apart > MOST_APART).then(|| {
        format!(
            "the log loss of the evaluation is not to be expected of open deals: their chances are unlike those the model was \
             evaluated on ({:.0} % apart at the same age, {:.1} % on average against {:.1} %)",
            100.0 * apart,
            mean(open),
            mean(tested)
        )
    })
}

/// Total variation distance less what chance would show; `None` for too few deals.
fn apart(tested: &[AgedChance], open: &[AgedChance]) -> Option<f64> {
    if tested.len().min(open.len()) < FEWEST {
        return None;
    }
    let ages = quantiles(open.iter().map(|row| f64::from(row.age)).collect(), AGE_GROUPS);
    let chances = quantiles(tested.iter().map(|row| row.chance).collect(), TENTHS);
    let group = |row: &AgedChance| ages.partition_point(|&edge| edge <= f64::from(row.age));
    let tenth = |row: &AgedChance| chances.partition_point(|&edge| edge <= row.chance);
    let (mut here, mut there) = (vec![0.0; AGE_GROUPS], vec![0.0; AGE_GROUPS]);
    open.iter().for_each(|row| here[group(row)] += 1.0);
    tested.iter().for_each(|row| there[group(row)] += 1.0);
    let (mut then, mut now) = (vec![0.0; TENTHS], vec![0.0; TENTHS]);
    open.iter().filter(|row| there[group(row)] > 0.0).for_each(|row| now[tenth(row)] += 1.0);
    tested.iter().for_each(|row| then[tenth(row)] += here[group(row)] / there[group(row)]);
    let compared: f64 = now.iter().sum();
    if compared < FEWEST as f64 {
        return None;
    }
    let spread = 1.0 / compared + 1.0 / tested.len() as f64;
    let parts = then.iter().zip(&now).map(|(then, now)| {
        let (then, now) = (then / compared, now / compared);
        let share = (then + now) / 2.0;
        // The mean size of a normal error is its deviation times the root of 2 / pi.
        let by_chance = (share * (1.0 - share) * spread).sqrt() * std::f64::consts::FRAC_2_PI.sqrt();
        ((then - now).abs() - by_chance) / 2.0
    });
    Some(parts.sum::<f64>().max(0.0))
}

/// Where all groups of equal size but the first begin.
fn quantiles(mut numbers: Vec<f64>, groups: usize) -> Vec<f64> {
    numbers.sort_unstable_by(f64::total_cmp);
    let mut edges: Vec<f64> = (1..groups).filter_map(|k| numbers.get(k * numbers.len() / groups)).copied().collect();
    edges.dedup();
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(chances: impl Iterator<Item = f64>) -> Vec<AgedChance> {
        chances.enumerate().map(|(i, chance)| AgedChance { age: (i % 60) as i32, chance }).collect()
    }

    #[test]
    fn a_claim_is_withdrawn_where_open_deals_have_chances_no_tested_deal_had() {
        let tested = rows((0..600).map(|i| (i % 100) as f64 / 100.0));
        let alike = rows((0..200).map(|i| (i * 7 % 100) as f64 / 100.0));
        let shifted = rows((0..200).map(|i| 0.1 + 0.9 * (i * 7 % 100) as f64 / 100.0));
        let near_zero = rows((0..200).map(|i| 0.01 + 0.0001 * f64::from(i % 5)));
        assert_eq!(contradiction(&tested, &alike), None);
        assert_eq!(contradiction(&tested, &shifted), None, "a good quarter");
        let words = contradiction(&tested, &near_zero).expect("a contradiction");
        assert!(words.contains("1.0 % on average against 49.5 %"), "{words}");
        assert_eq!(contradiction(&tested, &near_zero[..40]), None, "too few deals");
    }
}
