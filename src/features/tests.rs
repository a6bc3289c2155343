//! What must hold for every spec, on a seeded pipeline.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::config::FeatureConfig;
use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, OwnerId, RowIx, StageId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::features::fixtures::{AS_OF, Case, Fate, even, pipeline, state};
use crate::features::matrix::FeatureMatrix;
use crate::features::spec::{ColumnBasis, FEATURE_LAYOUT, FeatureSpec, Known, Measure};
use crate::snapshot::DealState;
use crate::timeline::fixtures::World;

/// Columns of every kind: flag, category with gaps, number, date, identifier, free text, constant, twin.
fn columns(fate: Fate) -> Vec<(&'static str, Option<String>)> {
    let segment = ["mid", "large", "small", "rare"][[0, 1, 2, 0, 1, 2, 0, 1, 2, 3][fate.i % 10]];
    let seats = (1.0 + 400.0 * even(fate.i, 7)).round();
    vec![
        ("Partner", Some(if even(fate.i, 8) < 0.3 { "yes" } else { "no" }.to_owned())),
        ("Segment", (even(fate.i, 9) < 0.9).then(|| segment.to_owned())),
        ("Seats", (even(fate.i, 10) < 0.8).then(|| seats.to_string())),
        ("Seats again", (even(fate.i, 10) < 0.8).then(|| format!("{seats}.0"))),
        ("Trial", (even(fate.i, 11) < 0.5).then(|| Day(fate.created - 5 + (20.0 * fate.luck) as i32).to_string())),
        ("Number", Some((10_000 + fate.i).to_string())),
        ("Note", Some(format!("note {}", fate.i / 2 * 2 + usize::from(fate.luck > 0.9)))),
        ("Tenant", Some("main".to_owned())),
        ("Campaign", Some(format!("c{:03}", (60.0 * even(fate.i, 12)) as usize))),
    ]
}

fn case() -> Case {
    Case::of(&pipeline(600, columns))
}

fn moments(column: &[f64]) -> (f64, f64) {
    let n = column.len() as f64;
    let mean = column.iter().sum::<f64>() / n;
    (mean, (column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt())
}

fn bits(matrix: &FeatureMatrix) -> Vec<u64> {
    matrix.values().iter().map(|value| value.to_bits()).collect()
}

#[test]
fn training_columns_are_standardised_and_distinct() {
    let case = case();
    let spec = case.fit();
    let matrix = spec.encode(&case.rows, &case.context());
    assert_eq!((matrix.rows(), matrix.columns()), (case.rows.len(), spec.features.len()));
    assert!(spec.features.len() > 40, "{:?}", spec.column_names());
    for (j, feature) in spec.features.iter().enumerate() {
        let (mean, sd) = moments(matrix.column(j));
        assert!(mean.abs() < 1e-6 && (sd - 1.0).abs() < 1e-6, "{}: mean {mean}, sd {sd}", feature.name);
        assert!((0..j).all(|i| matrix.column(i) != matrix.column(j)), "{} has a twin", feature.name);
        assert!(feature.field < spec.fields.len());
    }
    let mut names = spec.column_names();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), spec.features.len());
    assert_eq!(spec.layout, FEATURE_LAYOUT);
}

#[test]
fn columns_are_typed_and_the_rest_is_said_to_be_excluded() {
    let spec = case().fit();
    let measure = |name: &str| &spec.fields.iter().find(|field| field.name == name).unwrap().measure;
    assert!(matches!(measure("Seats"), Measure::Number { log: false, .. }));
    assert!(matches!(measure("Trial"), Measure::Date { .. }));
    assert!(
        matches!(measure("Segment"), Measure::Level { levels, .. } if *levels == ["large", "mid", "rare", "small"])
    );
    assert!(matches!(measure("owner"), Measure::Rate { .. }));
    assert_eq!(
        spec.column_names().iter().filter(|name| name.starts_with("Partner")).collect::<Vec<_>>(),
        [&"Partner: yes"]
    );
    assert!(spec.reason("Seats again").starts_with("equal to \"Seats\""), "{:?}", spec.excluded);
    assert!(spec.reason("Number").starts_with("identifier-like"));
    assert!(spec.reason("Note").starts_with("identifier-like"));
    assert_eq!(spec.reason("Tenant"), "constant on the training rows");
    assert_eq!(spec.reason("close date slip"), "no training row has a value");
    let known = |name: &str| spec.fields.iter().find(|field| field.name == name).unwrap().known;
    assert_eq!((known("stage"), known("amount"), known("Seats")), (Known::History, Known::Table, Known::Table));
}

#[test]
fn a_loaded_spec_encodes_to_the_same_bits() {
    let case = case();
    let spec = case.fit();
    let loaded: FeatureSpec = serde_json::from_str(&serde_json::to_string(&spec).unwrap()).unwrap();
    assert_eq!(loaded, spec);
    let context = case.context();
    assert_eq!(bits(&loaded.encode(&case.rows, &context)), bits(&spec.encode(&case.rows, &context)));
}

#[test]
fn dictionary_codes_carry_no_meaning() {
    let world = pipeline(400, columns);
    let turned = World { deals: world.deals.iter().rev().cloned().collect(), ..world.clone() };
    let (one, two) = (Case::of(&world), Case::of(&turned));
    assert_ne!(one.tables.owners.names().collect::<Vec<_>>(), two.tables.owners.names().collect::<Vec<_>>());
    let (spec, other) = (one.fit(), two.fit());
    assert_eq!(spec, other);
    assert_eq!(bits(&spec.encode(&one.rows, &one.context())), bits(&other.encode(&two.rows, &two.context())));
}

#[test]
fn deals_of_the_future_change_nothing() {
    let world = pipeline(400, columns);
    let mut later = world.clone();
    for i in 0..30 {
        let mut deal = world.deals[i].clone();
        deal.deal_id = format!("A{i}");
        deal.created_at = Day(AS_OF).start().0;
        deal.owner = Some("future".to_owned());
        deal.extras.iter_mut().for_each(|column| column.1 = Some(format!("later {i}")));
        later.deals.insert(0, deal);
    }
    let (one, two) = (Case::of(&world), Case::of(&later));
    let (spec, other) = (one.fit(), two.fit());
    assert_eq!(spec, other);
    assert_eq!(bits(&spec.encode(&one.rows, &one.context())), bits(&other.encode(&two.rows, &two.context())));
}

#[test]
fn what_training_never_saw_is_the_average() {
    let case = case();
    let spec = case.fit();
    let stranger = |fate: Fate| {
        let mut all = columns(fate);
        all[0].1 = Some("perhaps".to_owned());
        all[1].1 = Some("giant".to_owned());
        all[2].1 = Some("many".to_owned());
        all
    };
    let mut world = pipeline(600, stranger);
    for deal in &mut world.deals {
        deal.owner = Some("new here".to_owned());
        deal.currency = "CHF".to_owned();
    }
    let strange = Case::of(&world);
    let matrix = spec.encode(&strange.rows, &strange.context());
    let owner = spec.column("owner");
    let prior = (0.0 - spec.features[owner].mean) / spec.features[owner].sd;
    assert!(matrix.column(owner).iter().all(|&value| value == prior), "an unknown owner has the prior rate");
    let neutral = ["amount", "currency", "Partner", "Segment", "Seats"];
    let mut checked = 0;
    for (j, feature) in spec.features.iter().enumerate() {
        if neutral.contains(&spec.fields[feature.field].name.as_str()) && feature.basis != ColumnBasis::Missing {
            assert!(matrix.column(j).iter().all(|&value| value == 0.0), "{}", feature.name);
            checked += 1;
        }
    }
    assert!(checked > 10);
}

#[test]
fn outcomes_after_a_row_do_not_move_it() {
    let cut = 400;
    let world = pipeline(600, columns);
    let mut flipped = world.clone();
    for deal in &mut flipped.deals {
        if deal.closed_at.is_some_and(|at| at >= Day(cut).start().0) {
            let won = deal.status == Some(StageKind::Won);
            deal.status = Some(if won { StageKind::Lost } else { StageKind::Won });
            deal.stage = if won { "Closed Lost" } else { "Closed Won" }.into();
        }
    }
    for row in flipped.rows.iter_mut().filter(|row| row.at >= Day(cut).start()) {
        row.stage = row.stage.map(|stage| match stage {
            "Closed Won" => "Closed Lost",
            "Closed Lost" => "Closed Won",
            other => other,
        });
    }
    let early = |case: &Case| -> Vec<DealState> { case.rows.iter().copied().filter(|row| row.day.0 <= cut).collect() };
    let (one, two) = (Case::of(&world), Case::of(&flipped));
    let rows = early(&one);
    let labels: Vec<bool> = rows.iter().map(|row| row.deal.index() % 2 == 0).collect();
    let encode = |case: &Case| {
        let spec = FeatureSpec::fit(&rows, &labels, &case.context(), &FeatureConfig::default());
        (spec.column("owner"), spec.encode(&early(case), &case.context()))
    };
    let ((owner, one), (_, two)) = (encode(&one), encode(&two));
    assert!(moments(one.column(owner)).1 > 0.9, "owners differ");
    assert_eq!(bits(&one), bits(&two));
}

/// numpy 2.4.6, x = 1..40 each on 15 deals' only row:
/// `k = np.quantile(x, [.1, .35, .65, .9]); h = np.maximum(x - k[1], 0); (h - h.mean()) / h.std()` at x = 1, 20, 40.
#[test]
fn hinges_are_what_numpy_computes() {
    let case = Case::of(&pipeline(600, |fate| vec![("Size", Some((fate.i % 40 + 1).to_string()))]));
    let mut rows: Vec<DealState> = case.snapshot.states.clone();
    rows.iter_mut().for_each(|row| row.kind = StageKind::Open);
    let won = vec![false; rows.len()];
    let context = case.context();
    let spec = FeatureSpec::fit(&rows, &won, &context, &FeatureConfig::default());
    let knots: Vec<f64> = spec
        .features
        .iter()
        .filter(|f| f.name.starts_with("Size"))
        .filter_map(|f| match f.basis {
            ColumnBasis::Hinge { knot } => Some(knot),
            _ => None,
        })
        .collect();
    assert_eq!(knots, [4.9, 14.65, 26.35, 36.1]);
    let matrix = spec.encode(&rows, &context);
    let hinge =
        matrix.column(spec.features.iter().position(|f| f.basis == ColumnBasis::Hinge { knot: knots[1] }).unwrap());
    for (row, expected) in [0, 19, 39].into_iter().zip([-0.970_120_601, -0.348_732_368, 1.974_214_298]) {
        assert!((hinge[row] - expected).abs() < 1e-7, "{} {expected}", hinge[row]);
    }
}

#[test]
fn a_season_needs_quarters_to_be_told_from_the_passing_of_time() {
    let case = case();
    let spec_of = |until: i32| {
        let rows: Vec<DealState> = case.rows.iter().copied().filter(|row| row.day.0 < until).collect();
        FeatureSpec::fit(&rows, &case.won[..rows.len()], &case.context(), &FeatureConfig::default())
    };
    let (short, long) = (spec_of(150), spec_of(AS_OF));
    assert!(short.reason("days to quarter end").starts_with("the training rows lie in 2 fiscal quarters"), "{short:?}");
    assert!(long.has_field("days to quarter end"));
}

#[test]
fn stages_interact_with_the_time_spent() {
    let case = case();
    let spec = case.fit();
    let matrix = spec.encode(&case.rows, &case.context());
    let column = matrix.column(spec.column("days in stage in Demo"));
    let demo = case.timeline.stages.position("Demo").unwrap();
    let elsewhere: Vec<f64> =
        column.iter().zip(&case.rows).filter(|(_, row)| row.stage.get() != Some(demo)).map(|(x, _)| *x).collect();
    assert!(elsewhere.iter().all(|x| *x == elsewhere[0]) && column.iter().any(|x| *x != elsewhere[0]));
}

#[test]
fn values_are_described_in_a_persons_words() {
    let case = case();
    let spec = case.fit();
    let context = case.context();
    let row = DealState { created: Day(600), day: Day(641), ..case.rows[0] };
    let said = |name: &str, row: &DealState| {
        let field = spec.fields.iter().position(|field| field.name == name).unwrap();
        spec.describe(field, row, &context)
    };
    assert_eq!(said("deal age", &row), "41 days");
    assert_eq!(said("stage", &row), case.timeline.stages.name(row.stage));
    assert_eq!(said("owner", &DealState { owner: Maybe::NONE, ..row }), "(missing)");
    let yen = case.tables.currencies.code("JPY").unwrap();
    assert_eq!(said("amount", &DealState { amount_minor: 12_000.into(), currency: yen, ..row }), "12000 JPY");
    assert_eq!(said("days in stage", &DealState { stage_tracked: false, ..row }), "(not known from history)");
    assert_eq!(spec.describe(999, &row, &context), "(missing)");
}

#[test]
fn nothing_to_learn_from_gives_an_empty_spec() {
    let case = case();
    let spec = FeatureSpec::fit(&[], &[], &case.context(), &FeatureConfig::default());
    assert!(spec.features.is_empty() && spec.fields.is_empty());
    assert_eq!(spec.encode(&case.rows, &case.context()).columns(), 0);
    assert_eq!(case.fit().encode(&[], &case.context()).rows(), 0);
}

fn any_state() -> impl Strategy<Value = DealState> {
    let day = || prop_oneof![-40_000..40_000_i32, any::<i32>()].prop_map(Day);
    let maybe_day = || prop::option::of(day()).prop_map(Maybe::from);
    let amount = || prop::option::of(prop_oneof![Just(0), any::<i64>()]).prop_map(Maybe::from);
    let code = || prop_oneof![0..5_usize, 0..u32::MAX as usize];
    let owner = prop::option::of(code().prop_map(OwnerId::at)).prop_map(Maybe::from);
    let category = prop::option::of(prop::sample::select(vec![ForecastCategory::Commit, ForecastCategory::Omitted]));
    let days = (day(), maybe_day(), maybe_day(), day(), maybe_day(), maybe_day());
    let numbers = (amount(), amount(), any::<u16>(), any::<u32>(), any::<f32>(), any::<bool>());
    let codes = (code(), owner, code(), category, any::<u16>());
    (days, numbers, codes).prop_map(|(days, numbers, codes)| DealState {
        day: days.0,
        expected_close: days.1,
        first_expected_close: days.2,
        stage_since: days.3,
        last_change: days.4,
        last_activity: days.5,
        amount_minor: numbers.0,
        first_amount_minor: numbers.1,
        pushes: numbers.2,
        activities: numbers.3,
        probability: numbers.4.into(),
        stage_tracked: numbers.5,
        row: RowIx::at(codes.0),
        owner: codes.1,
        currency: CurrencyId::at(codes.2),
        category: codes.3,
        stage: StageId::at(codes.4.into()).into(),
        ..state(0, 0, days.0.0)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_state_encodes_to_finite_numbers(states in prop::collection::vec(any_state(), 1..60), split in 0..60_usize) {
        thread_local!(static CASE: Case = Case::of(&pipeline(120, columns)));
        CASE.with(|case| {
            let context = case.context();
            let finite = |matrix: &FeatureMatrix| matrix.values().iter().all(|value| value.is_finite());
            prop_assert!(finite(&case.fit().encode(&states, &context)));
            // Fitting on such rows must hold as well.
            let won: Vec<bool> = (0..states.len()).map(|i| i < split).collect();
            let spec = FeatureSpec::fit(&states, &won, &context, &FeatureConfig::default());
            prop_assert!(finite(&spec.encode(&states, &context)) && finite(&spec.encode(&case.rows, &context)));
            Ok(())
        })?;
    }
}

#[test]
fn the_day_of_the_snapshot_is_encoded_like_any_other() {
    let case = case();
    let spec = case.fit();
    let open: Vec<DealState> = case.snapshot.open().copied().collect();
    let matrix = spec.encode(&open, &case.context());
    let owner = spec.column("owner");
    let mut met = BTreeSet::new();
    for (i, row) in open.iter().enumerate() {
        assert_eq!(row.day, Day(AS_OF));
        let name = case.tables.owners.name(row.owner).unwrap();
        let sign = if name == "ann" {
            1.0
        } else if name == "bob" {
            -1.0
        } else {
            continue;
        };
        assert!(matrix.column(owner)[i] * sign > 0.0, "{name}");
        met.insert(name);
    }
    assert_eq!(met, BTreeSet::from(["ann", "bob"]));
}
