//! Which reasons make a score, the strongest first.
//!
//! The contributions of a deal's fields in, those of the [`Factor`]s they belong to out, and the strongest of either
//! side as JSON.

use serde_json::{Value, json};

use crate::features::{Factor, FeatureContext, FeatureSpec};
use crate::snapshot::DealState;

/// Most factors named on either side.
const FACTORS: usize = 5;
/// Contributions nearer to 0 are not worth a word.
const SMALLEST_FACTOR: f64 = 0.01;

/// What raises and what lowers the score of one deal, as JSON arrays of name, value and contribution.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FactorSides {
    pub positive: Option<String>,
    pub negative: Option<String>,
}

impl FactorSides {
    /// Of the deal `state`, given its factors with their contributions, strongest first.
    pub fn of(ranked: &[(&Factor, f64)], state: &DealState, spec: &FeatureSpec, context: &FeatureContext<'_>) -> Self {
        let named = |wanted: fn(f64) -> bool| {
            let far = ranked.iter().filter(|(_, x)| wanted(*x) && x.abs() >= SMALLEST_FACTOR);
            let factors = far.take(FACTORS).map(|&(factor, contribution)| {
                json!({
                    "name": factor.name,
                    "value": spec.phrase(factor, state, context),
                    "contribution": (contribution * 1e4).round() / 1e4,
                })
            });
            Some(Value::Array(factors.collect()).to_string())
        };
        Self { positive: named(|x| x > 0.0), negative: named(|x| x < 0.0) }
    }
}

/// The factors with their contributions, given those of the fields; strongest first, ties by name.
pub(super) fn ranked_factors<'f>(factors: &'f [Factor], contributions: &[f64]) -> Vec<(&'f Factor, f64)> {
    let of_field = |&field: &usize| contributions.get(field).copied().unwrap_or(0.0);
    let sum = |factor: &'f Factor| (factor, factor.fields.iter().map(of_field).sum::<f64>());
    let mut ranked: Vec<(&Factor, f64)> = factors.iter().map(sum).collect();
    ranked.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.name.cmp(&b.0.name)));
    ranked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_is_the_sum_of_its_fields_and_ties_go_by_name() {
        let factor = |name: &str, fields: &[usize]| Factor { name: name.to_owned(), fields: fields.to_vec() };
        let factors = [factor("size", &[0, 2]), factor("owner", &[1]), factor("age", &[3]), factor("none", &[9])];
        let ranked = ranked_factors(&factors, &[0.5, -0.25, -0.25, 1.0]);
        let ranked: Vec<(&str, f64)> = ranked.iter().map(|(factor, sum)| (&*factor.name, *sum)).collect();
        assert_eq!(ranked, [("age", 1.0), ("owner", -0.25), ("size", 0.25), ("none", 0.0)]);
    }
}
