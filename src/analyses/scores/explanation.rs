//! Why does one open deal have its score?
//!
//! A model, its [`Scores`] and a deal in; the way from the base rate to the score as [`Reason`]s, or what every field
//! adds as [`FieldReason`]s, out; both as tables. Scores nothing.

use arrow::error::ArrowError;

use super::factors::ranked_factors;
use crate::domain::probability::{logistic, logit};
use crate::features::{FeatureContext, Field};
use crate::model::WinModel;
use crate::report::column::{Column, TableSpec};
use crate::report::table::Table;
use crate::report::words::percent;
use crate::scoring::Scores;

/// The scored deal to explain.
#[derive(Clone, Copy, Debug)]
pub struct Explained<'a> {
    /// Names, stages, states.
    pub context: &'a FeatureContext<'a>,
    /// The model.
    pub model: &'a WinModel,
    /// Its scores.
    pub scores: &'a Scores,
    /// Position of the deal in [`Scores::rows`].
    pub position: usize,
}

/// A step from the base rate to the score.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// The base rate, the average deal, or a factor.
    pub name: String,
    /// What it is for this deal, in words.
    pub value: String,
    /// What it adds to the log-odds.
    pub contribution: f64,
    /// The chance after it.
    pub chance: f64,
}

/// What one field adds.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldReason<'a> {
    /// The field, if the model knows it.
    pub field: Option<&'a Field>,
    /// What it is for this deal, in words.
    pub value: String,
    /// What it adds to the log-odds.
    pub contribution: f64,
}

impl<'a> Explained<'a> {
    /// The way from the base rate to the score: the average deal, then one reason after the other, the strongest first.
    /// All contributions add up to the log-odds of the score.
    #[must_use]
    pub fn reasons(&self) -> Vec<Reason> {
        let Self { context, model, scores, position } = *self;
        let state = &context.snapshot[scores.rows[position].deal.index()];
        let base = logit(model.base_rate);
        let base_words = format!("{} of past deals were won {}", percent(model.base_rate), model.within());
        let average_words = format!("the reasons below are against a deal at {}", percent(logistic(scores.intercept)));
        let mut steps = vec![
            ("base rate".to_owned(), base_words, base),
            ("average deal".to_owned(), average_words, scores.intercept - base),
        ];
        let factors = model.spec.factors();
        let ranked = ranked_factors(&factors, scores.contributions_of(position));
        steps.extend(ranked.into_iter().map(|(factor, contribution)| {
            (factor.name.clone(), model.spec.phrase(factor, state, context), contribution)
        }));
        let mut log_odds = 0.0;
        let mut reasons = Vec::with_capacity(steps.len());
        for (name, value, contribution) in steps {
            log_odds += contribution;
            reasons.push(Reason { name, value, contribution, chance: logistic(log_odds) });
        }
        reasons
    }

    /// One entry per field, the strongest first, ties by name.
    #[must_use]
    pub fn fields(&self) -> Vec<FieldReason<'a>> {
        let Self { context, model, scores, position } = *self;
        let state = &context.snapshot[scores.rows[position].deal.index()];
        let mut ranked: Vec<(usize, f64)> = scores.contributions_of(position).iter().copied().enumerate().collect();
        ranked
            .sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| scores.fields[a.0].cmp(&scores.fields[b.0])));
        let reason = |(field, contribution): (usize, f64)| FieldReason {
            field: model.spec.fields.get(field),
            value: model.spec.describe(field, state, context),
            contribution,
        };
        ranked.into_iter().map(reason).collect()
    }
}

/// The columns of `explanation`.
#[must_use]
pub fn spec() -> TableSpec<Reason> {
    TableSpec::new(
        "explanation",
        "reason of one deal's score, from the base rate on, the strongest first",
        vec![
            Column::text("reason", "the base rate, the average deal, or a factor", |reason: &Reason| {
                Some(reason.name.as_str().into())
            }),
            Column::text("value", "what it is for this deal, in words", |reason: &Reason| {
                Some(reason.value.as_str().into())
            }),
            Column::number(
                "contribution",
                "what it adds to the log-odds of the score; all together they are the score's",
                |reason: &Reason| Some(reason.contribution),
            )
            .unit("log-odds"),
            Column::number("chance", "chance to be won after this reason and all above it", |reason: &Reason| {
                Some(reason.chance)
            })
            .between(0, 1),
        ],
    )
}

/// The columns of `explanation_fields`.
#[must_use]
pub fn fields_spec<'a>() -> TableSpec<FieldReason<'a>> {
    type Line<'a> = FieldReason<'a>;
    TableSpec::new(
        "explanation_fields",
        "field the model sees, the one that moves the deal's score most first",
        vec![
            Column::text("field", "the field", |line: &Line<'_>| Some(line.field?.name.as_str().into())),
            Column::text("value", "what it is for this deal, in words", |line: &Line<'_>| {
                Some(line.value.as_str().into())
            }),
            Column::number("contribution", "what it adds to the log-odds of the score", |line: &Line<'_>| {
                Some(line.contribution)
            })
            .unit("log-odds"),
            Column::text("meaning", "what the field says of a deal", |line: &Line<'_>| {
                Some(line.field?.meaning.as_str().into())
            }),
            Column::text("known_from", "where its values come from", |line: &Line<'_>| {
                Some(line.field?.source.as_str().into())
            }),
        ],
    )
}

/// The reasons as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(explained: &Explained<'_>) -> Result<Table, ArrowError> {
    spec().table(&explained.reasons(), 2)
}

/// What every field adds, as a table.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn fields_table(explained: &Explained<'_>) -> Result<Table, ArrowError> {
    fields_spec().table(&explained.fields(), 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stored_fixtures::model;
    use crate::report::fixtures::assert_row;

    #[test]
    fn every_column_shows_its_own_field() {
        let reason = Reason { name: "amount".to_owned(), value: "12.00".to_owned(), contribution: 0.25, chance: 0.375 };
        let expected = [("reason", "amount"), ("value", "12.00"), ("contribution", "0.25"), ("chance", "0.375")];
        assert_row(&spec().table(&[reason], 2).expect("a table"), 0, &expected);
        let model = model();
        let field = FieldReason { field: model.spec.fields.last(), value: "ann".to_owned(), contribution: -0.5 };
        let expected = [
            ("field", "owner"),
            ("value", "ann"),
            ("contribution", "-0.5"),
            ("meaning", "what `owner` means"),
            ("known_from", "deals column `owner`"),
        ];
        assert_row(&fields_spec().table(&[field], 2).expect("a table"), 0, &expected);
    }
}
