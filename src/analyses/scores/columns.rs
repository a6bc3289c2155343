//! The `scores` table: one row per open deal, by deal id, with the factors in words.

use std::collections::BTreeMap;

use arrow::error::ArrowError;
use rayon::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;

use crate::analyses::stagnation::{Stagnation, StagnationRow};
use crate::domain::money::to_decimal;
use crate::domain::period::PeriodKind;
use crate::features::{Factor, FeatureContext};
use crate::model::WinModel;
use crate::report::table::{Table, TableBuilder};
use crate::scoring::PreviousScore;
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
    /// Scores of earlier days, by deal id.
    pub previous: &'a BTreeMap<String, PreviousScore>,
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
    let id = |row: &Row<'_>| tables.deals.id(row.state.row);
    let position = input.scores.and_then(|scores| {
        scores.periods.iter().position(|period| period.kind == input.period && period.contains(scores.as_of))
    });
    let period = input.scores.zip(position).map(|(scores, i)| scores.periods[i].to_string());
    let outcome = |row: &Row<'_>| row.score().zip(position).map(|(score, i)| score.by_period[i]);
    let money = |row: &Row<'_>, minor: i64| (i128::from(minor), tables.decimals_of(row.state.currency));
    let amount = |row: &Row<'_>| row.state.amount_minor.get();
    let expected = |row: &Row<'_>| expected_value(amount(row)?, row.score()?.win_probability).map(|x| money(row, x));
    let previous = |row: &Row<'_>| id(row).and_then(|id| input.previous.get(id)).copied();
    let trend = |row: &Row<'_>| row.score().zip(previous(row)).map(|(now, before)| trend(now.score, before.month_ago));
    let close = |row: &Row<'_>, k: usize| row.score()?.predicted_close.map(|days| days[k].0);
    let accounts = tables.deals.account();
    let account = |row: &Row<'_>| accounts?.name(row.state.row);
    let named = input.model.map(|model| model.spec.factors()).unwrap_or_default();
    let factors: Vec<[Option<String>; 2]> = rows.par_iter().map(|row| factors(input, &named, row)).collect();
    TableBuilder::default()
        .text("deal_id", rows.iter().map(id))
        .text("name", rows.iter().map(|row| tables.deals.name(row.state.row)))
        .text("account", rows.iter().map(account))
        .text("owner", rows.iter().map(|row| tables.owners.name(row.state.owner)))
        .text("stage", rows.iter().map(|row| Some(stages.name(row.state.stage))))
        .money("amount", scale, rows.iter().map(|row| amount(row).map(|minor| money(row, minor))))
        .text("currency", rows.iter().map(|row| tables.currencies.name(row.state.currency)))
        .number("win_probability", rows.iter().map(|row| row.score().map(|score| score.win_probability)))
        .integer("score", rows.iter().map(|row| row.score().map(|score| i64::from(score.score))))
        .text("grade", rows.iter().map(|row| row.score().and_then(|score| score.grade).map(String::from)))
        .text("trend", rows.iter().map(trend))
        .integer("previous_score", rows.iter().map(|row| previous(row).map(|previous| i64::from(previous.score))))
        .text("period", rows.iter().map(|_| period.as_ref()))
        .number("win_in_period", rows.iter().map(|row| outcome(row).map(|outcome| outcome.win)))
        .number("lose_in_period", rows.iter().map(|row| outcome(row).map(|outcome| outcome.lose)))
        .number("slip_in_period", rows.iter().map(|row| outcome(row).map(|outcome| outcome.slip)))
        .date("predicted_close_date", rows.iter().map(|row| close(row, 1)))
        .money("expected_value", scale, rows.iter().map(expected))
        .integer("days_in_stage", rows.iter().map(|row| row.days_in_stage.map(i64::from)))
        .text("stagnation", rows.iter().map(|row| Some(row.stagnation)))
        .text("positive_factors", factors.iter().map(|[positive, _]| positive.as_ref()))
        .text("negative_factors", factors.iter().map(|[_, negative]| negative.as_ref()))
        .text("model_id", rows.iter().map(|row| row.score().and(input.scores).map(|scores| &scores.model_id)))
        .date("as_of", rows.iter().map(|row| Some(row.state.day.0)))
        .date("predicted_close_low", rows.iter().map(|row| close(row, 0)))
        .date("predicted_close_high", rows.iter().map(|row| close(row, 2)))
        .finish("scores")
}

/// Every open deal with its score, by deal id (the order of the timeline's deals).
fn rows<'a>(input: &ScoreTable<'a>) -> Vec<Row<'a>> {
    let snapshot = input.context.snapshot;
    let scored = input.scores.map_or(&[][..], |scores| &scores.rows);
    let score_of = |deal| scored.binary_search_by_key(&deal, |score| score.deal).ok().map(|i| (i, &scored[i]));
    let row = |of: &StagnationRow| Row {
        state: &snapshot[of.deal.index()],
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
fn factors(input: &ScoreTable<'_>, named: &[Factor], row: &Row<'_>) -> [Option<String>; 2] {
    let (Some(scores), Some(model), Some((i, _))) = (input.scores, input.model, row.score) else { return [None, None] };
    let ranked = ranked_factors(named, scores.contributions_of(i));
    let side = |wanted: fn(f64) -> bool| {
        let factor = |&(factor, contribution): &(&Factor, f64)| {
            json!({
                "name": factor.name,
                "value": model.spec.phrase(factor, row.state, input.context),
                "contribution": (contribution * 1e4).round() / 1e4,
            })
        };
        let far = ranked.iter().filter(|(_, x)| wanted(*x) && x.abs() >= SMALLEST_FACTOR);
        Some(serde_json::Value::Array(far.take(FACTORS).map(factor).collect()).to_string())
    };
    [side(|x| x > 0.0), side(|x| x < 0.0)]
}

/// The factors with their contributions, given those of the fields; strongest first.
#[must_use]
pub fn ranked_factors<'f>(factors: &'f [Factor], contributions: &[f64]) -> Vec<(&'f Factor, f64)> {
    let of_field = |&field: &usize| contributions.get(field).copied().unwrap_or(0.0);
    let sum = |factor: &'f Factor| (factor, factor.fields.iter().map(of_field).sum::<f64>());
    let mut ranked: Vec<(&Factor, f64)> = factors.iter().map(sum).collect();
    ranked.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.name.cmp(&b.0.name)));
    ranked
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray, RecordBatch};
    use arrow::datatypes::{Date32Type, Decimal128Type, Float64Type, Int64Type};
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::analyses::stagnation::{StagnationInput, stagnation};
    use crate::config::StagnationConfig;
    use crate::domain::day::Day;
    use crate::domain::probability::PeriodOutcome;
    use crate::domain::stage::StageKind;
    use crate::features::fixtures::{AS_OF, Case, pipeline};
    use crate::model::stored_fixtures::model;
    use crate::run::dictionary::assert_documents;

    /// A replayed pipeline with scores that follow from the position of the deal.
    struct Scored {
        case: Case,
        model: WinModel,
        scores: Scores,
        stagnation: Stagnation,
    }

    const FACTORS_OF_A_DEAL: [f64; 6] = [0.3, -0.4, 0.05, 0.009, -0.4, 0.123_456];

    fn scored() -> Scored {
        let case = Case::of(&pipeline(600, |_| Vec::new()));
        let mut model = model();
        model.spec = case.fit();
        let calendar = case.context().calendar;
        let running = calendar.period_of(PeriodKind::Quarter, Day(AS_OF));
        let month = calendar.period_of(PeriodKind::Month, Day(AS_OF));
        let score = |(i, state): (usize, &DealState)| Score {
            deal: state.deal,
            win_probability: i as f64 / 64.0,
            score: (100 * i / 64) as u8,
            grade: Some('B'),
            by_period: vec![
                PeriodOutcome { win: 0.0, lose: 0.0, slip: 1.0 },
                PeriodOutcome { win: 0.25, lose: 0.5, slip: 0.25 },
                PeriodOutcome { win: 0.5, lose: 0.5, slip: 0.0 },
            ],
            predicted_close: (i > 0).then_some([2, 10, 40].map(|days| Day(AS_OF + days))),
        };
        let open = case.snapshot.states.iter().filter(|state| state.kind == StageKind::Open);
        let rows: Vec<Score> = open.enumerate().map(score).collect();
        let fields: Vec<String> = model.spec.fields.iter().map(|field| field.name.clone()).collect();
        let factors = model.spec.factors();
        // The fields of a factor pull against each other, and only their sum counts.
        let of_field = |i: usize| {
            let k = factors.iter().position(|factor| factor.fields.contains(&i)).unwrap();
            let (fields, sum) = (&factors[k].fields, FACTORS_OF_A_DEAL.get(k).copied().unwrap_or(0.0));
            let others = (fields.len() - 1) as f64;
            if fields[0] == i { sum + others } else { -1.0 }
        };
        let of_deal = |_| (0..fields.len()).map(of_field);
        let scores = Scores {
            as_of: Day(AS_OF),
            model_id: model.model_id.clone(),
            signal: true,
            intercept: -1.0,
            periods: vec![month, running, calendar.shift(&running, 1)],
            contributions: rows.iter().flat_map(of_deal).collect(),
            fields,
            rows,
        };
        let keep = vec![true; case.snapshot.states.len()];
        let spells = case.timeline.spells();
        let config = StagnationConfig::default();
        let stagnation = stagnation(&StagnationInput {
            timeline: &case.timeline,
            spells: &spells,
            snapshot: &case.snapshot,
            config: &config,
            candidates: &[],
            keep: &keep,
            previous: None,
        });
        Scored { case, model, scores, stagnation }
    }

    impl Scored {
        fn table(&self, with_scores: bool, previous: &BTreeMap<String, PreviousScore>) -> Table {
            table(&ScoreTable {
                context: &self.case.context(),
                model: with_scores.then_some(&self.model),
                scores: with_scores.then_some(&self.scores),
                stagnation: &self.stagnation,
                previous,
                period: PeriodKind::Quarter,
            })
            .unwrap()
        }
    }

    fn texts<'a>(batch: &'a RecordBatch, column: &str) -> Vec<&'a str> {
        batch[column].as_string::<i32>().iter().map(Option::unwrap_or_default).collect()
    }

    #[test]
    fn every_open_deal_has_a_row_in_the_order_of_ids() {
        let scored = scored();
        let table = scored.table(true, &BTreeMap::new());
        assert_documents(&table);
        let ids = texts(table.batch(), "deal_id");
        assert!(ids.len() > 10 && ids.len() == scored.scores.rows.len(), "{}", ids.len());
        assert!(ids.is_sorted());
        let chances = table.batch()["win_probability"].as_primitive::<Float64Type>();
        assert!(chances.iter().eq(scored.scores.rows.iter().map(|row| Some(row.win_probability))));
        let as_of = table.batch()["as_of"].as_primitive::<Date32Type>();
        assert!(as_of.iter().all(|day| day == Some(AS_OF)));
        assert!(texts(table.batch(), "model_id").iter().all(|id| *id == scored.model.model_id));
    }

    #[test]
    fn without_a_model_only_what_it_says_is_missing() {
        let scored = scored();
        let ids = scored.table(false, &BTreeMap::new());
        let previous = texts(ids.batch(), "deal_id")
            .into_iter()
            .map(|id| (id.to_owned(), PreviousScore { score: 50, month_ago: 50 }))
            .collect();
        let table = scored.table(false, &previous);
        assert_documents(&table);
        let of_the_model = [
            "win_probability",
            "score",
            "grade",
            "trend",
            "period",
            "win_in_period",
            "lose_in_period",
            "slip_in_period",
            "predicted_close_date",
            "expected_value",
            "positive_factors",
            "negative_factors",
            "model_id",
        ];
        for column in of_the_model {
            assert_eq!(table.batch()[column].null_count(), table.rows(), "{column}");
        }
        for column in [
            "deal_id",
            "owner",
            "stage",
            "amount",
            "currency",
            "days_in_stage",
            "stagnation",
            "as_of",
            "previous_score",
        ] {
            assert_eq!(table.batch()[column].null_count(), 0, "{column}");
        }
    }

    #[test]
    fn the_period_is_the_running_one_of_the_kind() {
        let table = scored().table(true, &BTreeMap::new());
        // 700 days after 1970-01-01 is 1971-12-02.
        assert!(texts(table.batch(), "period").iter().all(|period| *period == "1971-Q4"));
        let outcome = |column: &str| table.batch()[column].as_primitive::<Float64Type>().value(3);
        assert_eq!(["win_in_period", "lose_in_period", "slip_in_period"].map(outcome), [0.25, 0.5, 0.25]);
        let closes = table.batch()["predicted_close_date"].as_primitive::<Date32Type>();
        assert!(closes.is_null(0) && closes.value(1) == AS_OF + 10);
    }

    #[test]
    fn the_trend_is_against_the_previous_score() {
        let scored = scored();
        let first = scored.table(true, &BTreeMap::new());
        let ids: Vec<String> = texts(first.batch(), "deal_id").into_iter().map(str::to_owned).collect();
        // Scores are 0, 1, 3, 4, 6, 7.
        let previous = [(1, 5), (2, 8), (4, 2), (5, 2)]
            .map(|(i, score)| (ids[i].clone(), PreviousScore { score: score + 1, month_ago: score }));
        let table = scored.table(true, &BTreeMap::from(previous));
        assert_eq!(&texts(table.batch(), "trend")[..6], ["", "steady", "declining", "", "steady", "improving"]);
        let before: Vec<_> = table.batch()["previous_score"].as_primitive::<Int64Type>().iter().take(6).collect();
        assert_eq!(before, [None, Some(6), Some(9), None, Some(3), Some(3)]);
    }

    #[test]
    fn the_strongest_factors_of_each_side_are_named_with_the_value_of_the_deal() {
        let scored = scored();
        let table = scored.table(true, &BTreeMap::new());
        let named = scored.model.spec.factors();
        assert!(named.len() >= FACTORS_OF_A_DEAL.len(), "{named:?}");
        let state = &scored.case.snapshot.states[scored.scores.rows[2].deal.index()];
        let factor = |k: usize, contribution: f64| {
            let value = scored.model.spec.phrase(&named[k], state, &scored.case.context());
            json!({ "name": named[k].name, "value": value, "contribution": contribution })
        };
        let factors = |column| serde_json::from_str::<Value>(texts(table.batch(), column)[2]).unwrap();
        // 0.009 is too small to name.
        assert_eq!(factors("positive_factors"), json!([factor(0, 0.3), factor(5, 0.1235), factor(2, 0.05)]));
        let mut tied = [1, 4];
        tied.sort_by_key(|&k| &named[k].name);
        assert_eq!(factors("negative_factors"), json!(tied.map(|k| factor(k, -0.4))), "ties by name");
    }

    #[test]
    fn amounts_keep_the_decimals_of_their_currency() {
        let scored = scored();
        let table = scored.table(true, &BTreeMap::new());
        let currencies = texts(table.batch(), "currency");
        assert!(currencies.contains(&"USD") && currencies.contains(&"JPY"));
        let column = |name: &str| table.batch()[name].as_primitive::<Decimal128Type>().clone();
        let (amounts, expected) = (column("amount"), column("expected_value"));
        for (i, (score, currency)) in scored.scores.rows.iter().zip(currencies).enumerate() {
            let state = &scored.case.snapshot.states[score.deal.index()];
            // Two decimals everywhere: a yen is 100 hundredths.
            let unit = if currency == "JPY" { 100 } else { 1 };
            assert_eq!(amounts.value(i), i128::from(state.amount_minor.get().expect("an amount")) * unit);
            let exact = amounts.value(i) as f64 * score.win_probability;
            assert!((expected.value(i) as f64 - exact).abs() <= 0.5 * unit as f64 && expected.value(i) % unit == 0);
        }
    }

    proptest! {
        /// Against integers: thousand millionths of the chance, the remainder compared with one half.
        #[test]
        fn expected_values_are_exact(amount in -1_000_000_000_000_000_000_i64..1_000_000_000_000_000_000, chance in 0.0..=1.0_f64) {
            let product = i128::from(amount) * i128::from((chance * 1e9).round() as i64);
            let (whole, rest) = (product.div_euclid(1_000_000_000), product.rem_euclid(1_000_000_000));
            let up = rest > 500_000_000 || (rest == 500_000_000 && whole % 2 != 0);
            prop_assert_eq!(expected_value(amount, chance).map(i128::from), Some(whole + i128::from(up)));
        }
    }

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
