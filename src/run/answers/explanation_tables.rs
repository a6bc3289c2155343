//! One deal's score as a table: reason by reason, or field by field.

use arrow::error::ArrowError;

use crate::analyses::scores::columns::ranked_factors;
use crate::domain::probability::{logistic, logit};
use crate::features::{FeatureContext, Field};
use crate::model::WinModel;
use crate::report::table::{Table, TableBuilder};
use crate::report::words::percent;
use crate::scoring::Scores;
use crate::snapshot::DealState;

/// A deal with its score.
pub(super) struct ScoredDeal<'a> {
    pub model: &'a WinModel,
    pub scores: &'a Scores,
    /// Where the deal stands in the scores.
    pub position: usize,
    pub state: &'a DealState,
    pub context: &'a FeatureContext<'a>,
}

/// A step from the base rate to the score.
struct Step {
    reason: String,
    value: String,
    contribution: f64,
}

/// The way from the base rate to the score: the average deal, then one reason after the other, the strongest first. All
/// contributions add up to the log-odds of the score.
pub(super) fn reasons(deal: &ScoredDeal<'_>) -> Result<Table, ArrowError> {
    let model = deal.model;
    let factors = model.spec.factors();
    let ranked = ranked_factors(&factors, deal.scores.contributions_of(deal.position));
    let mut steps = starting_steps(model, deal.scores);
    steps.extend(ranked.into_iter().map(|(factor, contribution)| Step {
        reason: factor.name.clone(),
        value: model.spec.phrase(factor, deal.state, deal.context),
        contribution,
    }));
    let sums = steps.iter().scan(0.0, |sum, step| {
        *sum += step.contribution;
        Some(Some(logistic(*sum)))
    });
    TableBuilder::default()
        .text("reason", steps.iter().map(|step| Some(&step.reason)))
        .text("value", steps.iter().map(|step| Some(&step.value)))
        .number("contribution", steps.iter().map(|step| Some(step.contribution)))
        .number("chance", sums)
        .finish("explanation")
}

/// From nothing to the base rate, and on to the average deal.
fn starting_steps(model: &WinModel, scores: &Scores) -> Vec<Step> {
    let base = logit(model.base_rate);
    let of_past = format!("{} of past deals were won within {} days", percent(model.base_rate), model.horizon_days);
    let average = format!("the reasons below are against a deal at {}", percent(logistic(scores.intercept)));
    vec![
        Step { reason: "base rate".to_owned(), value: of_past, contribution: base },
        Step { reason: "average deal".to_owned(), value: average, contribution: scores.intercept - base },
    ]
}

/// One row per field, the strongest first.
pub(super) fn contributions(deal: &ScoredDeal<'_>) -> Result<Table, ArrowError> {
    let ScoredDeal { model, scores, state, context, .. } = deal;
    let mut rows: Vec<(usize, f64)> = scores.contributions_of(deal.position).iter().copied().enumerate().collect();
    rows.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| scores.fields[a.0].cmp(&scores.fields[b.0])));
    let fields: Vec<Option<&Field>> = rows.iter().map(|row| model.spec.fields.get(row.0)).collect();
    TableBuilder::default()
        .text("field", fields.iter().map(|field| field.map(|field| &field.name)))
        .text("value", rows.iter().map(|row| Some(model.spec.describe(row.0, state, context))))
        .number("contribution", rows.iter().map(|row| Some(row.1)))
        .text("meaning", fields.iter().map(|field| field.map(|field| &field.meaning)))
        .text("known_from", fields.iter().map(|field| field.map(|field| &field.source)))
        .finish("explanation")
}
