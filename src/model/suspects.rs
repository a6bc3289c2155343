//! What is the claimed log loss worth? What it would be without the suspects, and whether open deals contradict it.
//!
//! The folds of an evaluation in, log losses without fields out; out-of-time chances and those of open deals in, a
//! contradiction out. Decides nothing about columns: `features/leak` does.

use crate::config::Config;
use crate::domain::probability::{log_loss, logistic as chance};
use crate::features::{FeatureContext, FeatureSpec, rounded};
use crate::model::error::ModelError;
use crate::model::folds::Split;
use crate::model::logistic;
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
/// Why a field is left out for a trial.
const TRIED: &str = "left out to see what it is worth";

/// The folds, and the penalty the model was given.
pub(super) struct SuspectTrial<'a> {
    pub rows: &'a TrainingRows,
    pub splits: Vec<Split>,
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
        let with = self.loss_without(&[])?;
        let all: Vec<String> = spec.suspects.iter().map(|suspect| suspect.field.clone()).collect();
        for suspect in spec.suspects.iter_mut().take(MOST_TRIED) {
            suspect.worth = Some(rounded(self.loss_without(std::slice::from_ref(&suspect.field))? - with));
        }
        if let [suspect] = &spec.suspects[..] {
            return Ok(suspect.worth);
        }
        let worth = |suspect: &crate::features::Suspect| suspect.worth.unwrap_or(f64::NEG_INFINITY);
        spec.suspects.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then_with(|| a.field.cmp(&b.field)));
        Ok(Some(rounded(self.loss_without(&all)? - with)))
    }

    /// Mean log loss of all test rows of models that do not see `fields`, before any recalibration.
    fn loss_without(&self, fields: &[String]) -> Result<f64, ModelError> {
        let (mut sum, mut count) = (0.0, 0_usize);
        for split in &self.splits {
            let train = self.rows.select(&split.train);
            let train = train.all();
            let spec = visible_spec(train, self.context, &self.config.features);
            let spec = spec.only(|field| !fields.contains(&field.name), TRIED);
            let test: Vec<DealState> = split.test.iter().map(|&i| self.rows.states[i]).collect();
            let line = logistic::fit(&spec.encode(train.states, self.context), train.won, self.alpha, "win")?;
            let log_odds = line.log_odds(&spec.encode(&test, self.context));
            sum += log_odds.iter().zip(&split.test).map(|(&x, &i)| log_loss(chance(x), self.rows.won[i])).sum::<f64>();
            count += test.len();
        }
        Ok(sum / count.max(1) as f64)
    }
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
