//! Planted effects that main effects cannot follow are found; noise is not.

use crate::domain::stage::StageKind;
use crate::features::describe::PlainColumn;
use crate::features::fixtures::{Case, Fate, even, pipeline};
use crate::features::spec::{ColumnBasis, FeatureSpec, Measure};
use crate::features::terms::unexplained::Unexplained;
use crate::timeline::fixtures::World;

/// Columns that know the outcome often: `Budget` at one value, `Channel` and `Size` only together; the rest is noise.
fn columns(fate: Fate) -> Vec<(&'static str, Option<String>)> {
    let won = match fate.kind {
        StageKind::Won => true,
        StageKind::Lost => false,
        StageKind::Open => even(fate.i, 40) < 0.5,
    };
    let channel = even(fate.i, 41) < 0.5;
    let agrees = even(fate.i, 42) < 0.85;
    let size = channel == (won == agrees);
    let usual = even(fate.i, 43) < if won { 0.6 } else { 0.15 };
    let budget = if usual { 50 } else { (100.0 * even(fate.i, 44)) as i32 };
    let noise = (1000.0 * even(fate.i, 45)) as i32;
    vec![
        ("Budget", Some(budget.to_string())),
        ("Channel", Some(if channel { "web" } else { "phone" }.to_owned())),
        ("Size", Some(if size { "large" } else { "small" }.to_owned())),
        ("Noise", Some(noise.to_string())),
    ]
}

/// What is unexplained where nothing is explained but the win rate.
fn unexplained(case: &Case, won: &[bool]) -> Unexplained {
    let rate = won.iter().filter(|&&won| won).count() as f64 / won.len() as f64;
    Unexplained::of(&case.rows, won, &vec![rate; won.len()])
}

fn enriched(case: &Case) -> Option<FeatureSpec> {
    case.fit().enriched(&case.rows, &unexplained(case, &case.won), &case.context())
}

#[test]
fn an_exact_value_and_a_pair_are_found_and_named() {
    let case = Case::of(&pipeline(1500, columns));
    let (plain, spec) = (case.fit(), enriched(&case).expect("terms"));
    assert!(!plain.column_names().contains(&"Budget, exactly 50"));
    let exact = &spec.features[spec.column("Budget, exactly 50")];
    assert_eq!((&exact.basis, &*spec.fields[exact.field].factor), (&ColumnBasis::Exactly { value: 50.0 }, "Budget"));
    let pair = spec.fields.iter().position(|field| field.name == "Channel with Size").expect("the pair");
    assert!(spec.fields[pair].factor == "Channel with Size" && spec.columns_of(pair) >= 2, "{:?}", spec.column_names());
    let said = spec.describe(pair, &case.rows[0], &case.context());
    assert!(said.starts_with("Channel ") && said.contains(", Size "), "{said}");
    let factor = spec.factors().into_iter().find(|factor| factor.name == "Channel with Size").expect("a reason");
    assert_eq!(spec.phrase(&factor, &case.rows[0], &case.context()), said);
    let PlainColumn::Levels(cells) = spec.plain(pair, &case.rows, &case.context()) else { panic!("levels") };
    assert!(cells.iter().flatten().any(|cell| cell == "Channel web, Size large"), "{:?}", cells[0]);
    assert!(!spec.column_names().iter().any(|name| name.contains("Noise,") && name.contains("exactly")));
}

#[test]
fn features_of_a_field_stand_together_and_a_stored_spec_encodes_to_the_same_bits() {
    let case = Case::of(&pipeline(1500, columns));
    let spec = enriched(&case).expect("terms");
    let fields: Vec<usize> = spec.features.iter().map(|feature| feature.field).collect();
    assert!(fields.is_sorted() && spec.features.iter().all(|feature| feature.sd > 0.0));
    let loaded: FeatureSpec = serde_json::from_str(&serde_json::to_string(&spec).unwrap()).unwrap();
    assert_eq!(loaded, spec);
    let matrix = spec.encode(&case.rows, &case.context());
    assert_eq!(loaded.encode(&case.rows, &case.context()), matrix);
    assert!(matrix.values().iter().all(|value| value.is_finite()));
    // What was computed before the terms came is taken as it is.
    let plain = case.fit();
    let before = plain.encode(&case.rows, &case.context());
    assert_eq!(spec.encode_grown(&plain, before.clone(), &case.rows, &case.context()), matrix);
    let mut marked = before;
    marked.column_mut(0).fill(7.0);
    let at = spec.column(&plain.features[0].name);
    assert_eq!(spec.encode_grown(&plain, marked, &case.rows, &case.context()).column(at)[0], 7.0);
    // One row at a time is encoded as all together.
    let one = spec.encode(&case.rows[7..8], &case.context());
    assert!((0..matrix.columns()).all(|j| one.column(j)[0].to_bits() == matrix.column(j)[7].to_bits()));
}

#[test]
fn labels_that_follow_nothing_give_no_terms() {
    let case = Case::of(&pipeline(1500, columns));
    for salt in 60..70 {
        let won: Vec<bool> = case.rows.iter().map(|row| even(row.deal.index(), salt) < 0.4).collect();
        let spec = case.fit().enriched(&case.rows, &unexplained(&case, &won), &case.context());
        let names = spec.as_ref().map(FeatureSpec::column_names);
        assert!(spec.is_none(), "{names:?}");
    }
}

#[test]
fn the_kind_of_an_activity_counts_where_it_says_something() {
    let mut world: World = pipeline(1200, |_| Vec::new());
    for i in 0..1200 {
        let deal = world.deals[i].clone();
        let won = deal.status == Some(StageKind::Won);
        let kind = if even(i, 50) < if won { 0.8 } else { 0.2 } { "visit" } else { "mail" };
        let at = crate::timeline::fixtures::noon((deal.created_at / crate::domain::day::MICROS_PER_DAY) as i32 + 1);
        world.activities.push((deal.deal_id, at, kind, 1));
    }
    let case = Case::of(&world);
    let spec = enriched(&case).expect("terms");
    let by_kind: Vec<&str> = spec
        .fields
        .iter()
        .filter(|field| matches!(field.measure, Measure::Kind { .. }))
        .map(|field| &*field.name)
        .collect();
    assert!(by_kind.contains(&"activities of kind visit"), "{:?}", spec.column_names());
    let won: Vec<bool> = case.rows.iter().map(|row| even(row.deal.index(), 51) < 0.4).collect();
    let none = case.fit().enriched(&case.rows, &unexplained(&case, &won), &case.context());
    assert!(none.is_none_or(|spec| !spec.fields.iter().any(|field| matches!(field.measure, Measure::Kind { .. }))));
}

#[test]
fn a_term_rests_on_both_halves_of_the_rows() {
    let case = Case::of(&pipeline(1500, columns));
    // In the newer half the labels are turned round: what held no longer holds.
    let half = case.won.len() / 2;
    let won: Vec<bool> = case.won.iter().enumerate().map(|(i, &won)| won != (i >= half)).collect();
    let spec = case.fit().enriched(&case.rows, &unexplained(&case, &won), &case.context());
    let names = spec.as_ref().map(FeatureSpec::column_names).unwrap_or_default();
    assert!(!names.iter().any(|name| name.contains("exactly 50") || name.contains(" with ")), "{names:?}");
}
