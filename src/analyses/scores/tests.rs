//! The table of a replayed pipeline whose scores follow from the position of the deal.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Decimal128Type, Float64Type, Int64Type};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::columns::table;
use super::explanation::Explained;
use super::rows::{ScoreTable, expected_value, trend};
use crate::analyses::stagnation::{Stagnation, StagnationInput, stagnation};
use crate::books::deal_values::DealValues;
use crate::config::{MoneyConfig, StagnationConfig};
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::period::PeriodKind;
use crate::domain::probability::{PeriodOutcome, logit};
use crate::domain::stage::StageKind;
use crate::features::fixtures::{AS_OF, Case, pipeline};
use crate::model::WinModel;
use crate::model::stored_fixtures::model;
use crate::report::fixtures::assert_row;
use crate::report::table::Table;
use crate::scoring::{PreviousScore, Score, Scores};
use crate::snapshot::DealState;
use crate::timeline::fixtures::World;

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
    let stagnation = stagnation_of(&case);
    Scored { case, model, scores, stagnation }
}

fn stagnation_of(case: &Case) -> Stagnation {
    stagnation(&StagnationInput {
        timeline: &case.timeline,
        stays: &case.timeline.stays(),
        snapshot: &case.snapshot,
        config: &StagnationConfig::default(),
        candidates: &[],
        keep: &vec![true; case.snapshot.states.len()],
        previous: None,
    })
}

/// One open deal of 1,000.00 dollars, 30 days in Demo, with a score made up so that no two cells are alike.
fn one_deal() -> Scored {
    let mut world = World::default().deal("d1", 0, "Demo").moved(0, "New").moved(70, "Demo");
    let deal = &mut world.deals[0];
    (deal.name, deal.owner) = (Some("Big deal".to_owned()), Some("ann".to_owned()));
    (deal.amount_minor, deal.extras) = (Some(100_000), vec![("account".to_owned(), Some("Acme".to_owned()))]);
    let case = Case::replayed(world.tables(), world.timeline(100));
    let model = model();
    let score = Score {
        deal: DealIx::at(0),
        win_probability: 0.625,
        score: 63,
        grade: Some('B'),
        by_period: vec![PeriodOutcome { win: 0.5, lose: 0.375, slip: 0.125 }],
        predicted_close: Some([101, 110, 140].map(Day)),
    };
    let scores = Scores {
        as_of: Day(100),
        model_id: model.model_id.clone(),
        signal: true,
        intercept: -1.0,
        periods: vec![case.context().calendar.period_of(PeriodKind::Quarter, Day(100))],
        contributions: vec![0.75, -0.25, 0.5],
        fields: model.spec.fields.iter().map(|field| field.name.clone()).collect(),
        rows: vec![score],
    };
    let stagnation = stagnation_of(&case);
    Scored { case, model, scores, stagnation }
}

impl Scored {
    fn table(&self, with_scores: bool, previous: &BTreeMap<String, PreviousScore>) -> Table {
        let keep = vec![true; self.case.snapshot.states.len()];
        let values = DealValues::of(&self.case.tables, &MoneyConfig::default(), &self.case.snapshot, &keep);
        table(&ScoreTable {
            context: &self.case.context(),
            model: with_scores.then_some(&self.model),
            scores: with_scores.then_some(&self.scores),
            stagnation: &self.stagnation,
            previous,
            period: PeriodKind::Quarter,
            values: &values,
        })
        .unwrap()
    }
}

fn texts<'a>(batch: &'a RecordBatch, column: &str) -> Vec<&'a str> {
    batch[column].as_string::<i32>().iter().map(Option::unwrap_or_default).collect()
}

#[test]
fn every_column_shows_its_own_field() {
    let scored = one_deal();
    let previous = BTreeMap::from([("d1".to_owned(), PreviousScore { score: 44, month_ago: 40 })]);
    let expected = [
        ("deal_id", "d1"),
        ("name", "Big deal"),
        ("account", "Acme"),
        ("owner", "ann"),
        ("stage", "Demo"),
        ("amount", "1000.00"),
        ("currency", "USD"),
        ("win_probability", "0.625"),
        ("score", "63"),
        ("grade", "B"),
        ("trend", "improving"),
        ("previous_score", "44"),
        ("period", "1970-Q2"),
        ("win_in_period", "0.5"),
        ("lose_in_period", "0.375"),
        ("slip_in_period", "0.125"),
        ("predicted_close_date", "1970-04-21"),
        ("expected_value", "625.00"),
        ("days_in_stage", "30"),
        ("stagnation", "on pace"),
        (
            "positive_factors",
            concat!(
                r#"[{"name":"days in stage","value":"30 days","contribution":0.75},"#,
                r#"{"name":"owner","value":"ann, wins 30 % of deals, 30 % is the benchmark","contribution":0.5}]"#
            ),
        ),
        ("negative_factors", r#"[{"name":"amount","value":"1000 USD","contribution":-0.25}]"#),
        ("model_id", scored.model.model_id.as_str()),
        ("as_of", "1970-04-11"),
        ("predicted_close_low", "1970-04-12"),
        ("predicted_close_high", "1970-05-21"),
        ("period_end", "1970-06-30"),
        ("horizon_end", "1970-08-08"),
        ("expected_close_date", ""),
        ("forecast_category", "pipeline"),
        ("base_amount", "1000.00"),
    ];
    assert_row(&scored.table(true, &previous), 0, &expected);
}

#[test]
fn reasons_lead_from_the_base_rate_to_the_score() {
    let scored = one_deal();
    let context = scored.case.context();
    let explained = Explained { context: &context, model: &scored.model, scores: &scored.scores, position: 0 };
    let reasons = explained.reasons();
    let names: Vec<&str> = reasons.iter().map(|reason| reason.name.as_str()).collect();
    assert_eq!(names, ["base rate", "average deal", "days in stage", "owner", "amount"]);
    let added: Vec<f64> = reasons.iter().map(|reason| reason.contribution).collect();
    // The base rate is 0.25, the average deal has log-odds -1.
    assert_eq!(added[..2], [logit(0.25), -1.0 - logit(0.25)]);
    assert_eq!(added[2..], [0.75, 0.5, -0.25]);
    assert!((reasons[0].chance - 0.25).abs() < 1e-12, "{reasons:?}");
    // -1 + 0.75 + 0.5 - 0.25 = 0: an even chance.
    assert!((reasons[4].chance - 0.5).abs() < 1e-12, "{reasons:?}");
    let fields: Vec<(&str, f64)> =
        explained.fields().iter().map(|of| (of.field.map_or("", |field| &field.name), of.contribution)).collect();
    assert_eq!(fields, [("days in stage", 0.75), ("owner", 0.5), ("amount", -0.25)]);
}

#[test]
fn every_open_deal_has_a_row_in_the_order_of_ids() {
    let scored = scored();
    let table = scored.table(true, &BTreeMap::new());
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
        "period_end",
        "horizon_end",
    ];
    for column in of_the_model {
        assert_eq!(table.batch()[column].null_count(), table.rows(), "{column}");
    }
    for column in
        ["deal_id", "owner", "stage", "amount", "currency", "days_in_stage", "stagnation", "as_of", "previous_score"]
    {
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
