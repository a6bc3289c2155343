//! The `scores` table: one row per open deal, by deal id, with the factors in words.

use std::collections::BTreeMap;

use arrow::error::ArrowError;
use rayon::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;

use super::table::{Table, TableBuilder};
use crate::analytics::stagnation::{Stagnation, StagnationRow};
use crate::domain::code::NO_AMOUNT;
use crate::domain::money::to_decimal;
use crate::domain::period::PeriodKind;
use crate::features::FeatureContext;
use crate::model::WinModel;
use crate::scoring::{Score, Scores};
use crate::snapshot::DealState;

/// Most factors named on either side.
const FACTORS: usize = 5;
/// Contributions nearer to 0 are not worth a word.
const SMALLEST_FACTOR: f64 = 0.01;
/// Points a score may move and still be steady.
const STEADY: i16 = 4;

/// What the table is made from.
#[derive(Clone, Copy, Debug)]
pub struct ScoreTable<'a> {
    /// Names, stages, states.
    pub context: &'a FeatureContext<'a>,
    /// The model, if there is one.
    pub model: Option<&'a WinModel>,
    /// Its scores; without them their columns are empty.
    pub scores: Option<&'a Scores>,
    /// Every open deal's stagnation, in the order of the timeline's deals.
    pub stagnation: &'a Stagnation,
    /// Scores of an earlier day, by deal id.
    pub previous: &'a BTreeMap<String, u8>,
    /// The kind of period the period columns speak of.
    pub period: PeriodKind,
}

/// A deal with what is known of it.
struct Row<'a> {
    state: &'a DealState,
    /// Position in the scores.
    score: Option<(usize, &'a Score)>,
    stagnation: &'static str,
    days_in_stage: Option<i32>,
}

impl<'a> Row<'a> {
    fn score(&self) -> Option<&'a Score> {
        self.score.map(|(_, score)| score)
    }
}

/// `scores` as a table: the columns of the contract.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(input: &ScoreTable<'_>) -> Result<Table, ArrowError> {
    let rows = rows(input);
    let (tables, stages) = (input.context.tables, input.context.stages);
    let scale = rows.iter().map(|row| tables.decimals_of(row.state.currency)).max().unwrap_or(2);
    let id = |row: &Row<'_>| tables.deals.text("deal_id", row.state.row);
    let position = input.scores.and_then(|scores| {
        scores.periods.iter().position(|period| period.kind == input.period && period.contains(scores.as_of))
    });
    let period = input.scores.zip(position).map(|(scores, i)| scores.periods[i].to_string());
    let outcome = |row: &Row<'_>| row.score().zip(position).map(|(score, i)| score.by_period[i]);
    let money = |row: &Row<'_>, minor: i64| (i128::from(minor), tables.decimals_of(row.state.currency));
    let amount = |row: &Row<'_>| (row.state.amount_minor != NO_AMOUNT).then_some(row.state.amount_minor);
    let expected = |row: &Row<'_>| expected_value(amount(row)?, row.score()?.win_probability).map(|x| money(row, x));
    let previous = |row: &Row<'_>| id(row).and_then(|id| input.previous.get(id)).copied();
    let trend = |row: &Row<'_>| row.score().zip(previous(row)).map(|(now, before)| trend(now.score, before));
    let accounts = tables.deals.dictionary("account").map(|names| (names, tables.deals.codes("account")));
    let account =
        |row: &Row<'_>| accounts.as_ref().and_then(|(names, codes)| names.name(codes[row.state.row as usize]));
    let factors: Vec<[Option<String>; 2]> = rows.par_iter().map(|row| factors(input, row)).collect();
    TableBuilder::default()
        .text("deal_id", rows.iter().map(id))
        .text("name", rows.iter().map(|row| tables.deals.text("name", row.state.row)))
        .text("account", rows.iter().map(account))
        .text("owner", rows.iter().map(|row| tables.owners.name(row.state.owner)))
        .text("stage", rows.iter().map(|row| Some(stages.name(row.state.stage))))
        .money("amount", scale, rows.iter().map(|row| amount(row).map(|minor| money(row, minor))))
        .text("currency", rows.iter().map(|row| tables.currencies.name(row.state.currency)))
        .number("win_probability", rows.iter().map(|row| row.score().map(|score| score.win_probability)))
        .integer("score", rows.iter().map(|row| row.score().map(|score| i64::from(score.score))))
        .text("grade", rows.iter().map(|row| row.score().and_then(|score| score.grade).map(String::from)))
        .text("trend", rows.iter().map(trend))
        .integer("previous_score", rows.iter().map(|row| previous(row).map(i64::from)))
        .text("period", rows.iter().map(|_| period.as_ref()))
        .number("win_in_period", rows.iter().map(|row| outcome(row).map(|outcome| outcome.win)))
        .number("lose_in_period", rows.iter().map(|row| outcome(row).map(|outcome| outcome.lose)))
        .number("slip_in_period", rows.iter().map(|row| outcome(row).map(|outcome| outcome.slip)))
        .date("predicted_close_date", rows.iter().map(|row| row.score()?.predicted_close.map(|day| day.0)))
        .money("expected_value", scale, rows.iter().map(expected))
        .integer("days_in_stage", rows.iter().map(|row| row.days_in_stage.map(i64::from)))
        .text("stagnation", rows.iter().map(|row| Some(row.stagnation)))
        .text("positive_factors", factors.iter().map(|[positive, _]| positive.as_ref()))
        .text("negative_factors", factors.iter().map(|[_, negative]| negative.as_ref()))
        .text("model_id", rows.iter().map(|row| row.score().and(input.scores).map(|scores| &scores.model_id)))
        .date("as_of", rows.iter().map(|row| Some(row.state.day.0)))
        .finish("scores")
}

/// Every open deal with its score, by deal id (the order of the timeline's deals).
fn rows<'a>(input: &ScoreTable<'a>) -> Vec<Row<'a>> {
    let snapshot = input.context.snapshot;
    let scored = input.scores.map_or(&[][..], |scores| &scores.rows);
    let score_of = |deal| scored.binary_search_by_key(&deal, |score| score.deal).ok().map(|i| (i, &scored[i]));
    let row = |of: &StagnationRow| Row {
        state: &snapshot[of.deal as usize],
        score: score_of(of.deal),
        stagnation: of.status.name(),
        days_in_stage: of.days_in_stage,
    };
    input.stagnation.rows.iter().map(row).collect()
}

/// Amount x chance, rounded once, half to even. The chance counts with nine decimals.
fn expected_value(amount_minor: i64, chance: f64) -> Option<i64> {
    let chance = Decimal::new((chance * 1e9).round() as i64, 9);
    let value = to_decimal(i128::from(amount_minor), 0).checked_mul(chance)?;
    i64::try_from(value.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven)).ok()
}

fn trend(now: u8, before: u8) -> &'static str {
    match i16::from(now) - i16::from(before) {
        change if change > STEADY => "improving",
        change if change < -STEADY => "declining",
        _ => "steady",
    }
}

/// What raises and what lowers the score, as JSON arrays of name, value and contribution, strongest first.
fn factors(input: &ScoreTable<'_>, row: &Row<'_>) -> [Option<String>; 2] {
    let (Some(scores), Some(model), Some((i, _))) = (input.scores, input.model, row.score) else { return [None, None] };
    let mut ranked: Vec<(usize, f64)> = scores
        .contributions_of(i)
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, contribution)| contribution.abs() >= SMALLEST_FACTOR)
        .collect();
    ranked.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| scores.fields[a.0].cmp(&scores.fields[b.0])));
    let side = |wanted: fn(f64) -> bool| {
        let factor = |&(field, contribution): &(usize, f64)| {
            json!({
                "name": scores.fields[field],
                "value": model.spec.describe(field, row.state, input.context),
                "contribution": (contribution * 1e4).round() / 1e4,
            })
        };
        let named: Vec<_> = ranked.iter().filter(|(_, x)| wanted(*x)).take(FACTORS).map(factor).collect();
        Some(serde_json::Value::Array(named).to_string())
    };
    [side(|x| x > 0.0), side(|x| x < 0.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_values_are_rounded_once_half_to_even() {
        // python3: from decimal import *; (Decimal(125) * Decimal("0.1")).quantize(0, ROUND_HALF_EVEN) -> 12
        assert_eq!(expected_value(125, 0.1), Some(12));
        assert_eq!(expected_value(135, 0.1), Some(14));
        assert_eq!(expected_value(-125, 0.1), Some(-12));
        assert_eq!(expected_value(999_999_999_999_999_999, 0.999_999_999), Some(999_999_998_999_999_999));
    }

    #[test]
    fn a_few_points_are_no_trend() {
        assert_eq!(
            [(54, 50), (55, 50), (46, 50), (45, 50)].map(|(now, before)| trend(now, before)),
            ["steady", "improving", "steady", "declining"]
        );
    }
}
