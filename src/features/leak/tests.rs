//! Planted leaks of every kind are found; honest columns, however strong, stay.

use std::collections::BTreeSet;

use crate::config::FeatureConfig;
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::features::fixtures::{AS_OF, Case, Fate, even, pipeline};
use crate::features::leak::growth::{correlation, ranks};
use crate::features::leak::hunt::hunt;
use crate::features::leak::strength::auc;
use crate::features::leak::values::{ColumnValues, Values};

fn leaks(fate: Fate) -> Vec<(&'static str, Option<String>)> {
    let (open, won) = (fate.kind == StageKind::Open, fate.kind == StageKind::Won);
    let text = |text: &str| Some(text.to_owned());
    let shift = if won { 0.6 } else { -0.6 };
    let normal = (0..12).map(|salt| even(fate.i, 100 + salt)).sum::<f64>() - 6.0;
    vec![
        // leaks
        ("Actual revenue", (!open).then(|| if won { (1000 + fate.i).to_string() } else { "0".to_owned() })),
        ("Lost reason", (fate.kind == StageKind::Lost).then(|| ["price", "timing"][fate.i % 2].to_owned())),
        ("Contract", (won && fate.luck < 0.98).then(|| format!("K-{}", fate.i))),
        (
            "Reason",
            if open { text(["running", "paused"][fate.i % 2]) } else { text(["bought", "gone"][usize::from(!won)]) },
        ),
        ("Chance", Some(if open { 10 + 10 * (fate.i % 8) } else { 100 * usize::from(won) }.to_string())),
        ("Ended", Some(Day(fate.closed + (fate.i % 2) as i32).to_string())),
        ("Level", text(if open { ["a", "b"][fate.i % 2] } else { ["a", "b"][usize::from(won)] })),
        (
            "Invoiced",
            (!open || fate.i.is_multiple_of(3))
                .then(|| Day(if open { fate.created + 1 } else { fate.closed + 2 + (fate.i % 9) as i32 }).to_string()),
        ),
        ("Days open", Some((if open { AS_OF } else { fate.closed } - fate.created).to_string())),
        ("Mails", {
            let age = f64::from(if open { AS_OF } else { fate.closed } - fate.created);
            Some((age * (0.4 + 0.6 * even(fate.i, 33))).round().to_string())
        }),
        // honest
        ("Planned days", {
            let cycle = f64::from(fate.closed - fate.created);
            Some((cycle + 60.0 * (even(fate.i, 34) + even(fate.i, 35) - 1.0)).round().max(1.0).to_string())
        }),
        ("Signed up", Some(Day(fate.created - (fate.i % 400) as i32).to_string())),
        ("Seats", Some((3 + fate.i % 90).to_string())),
        ("Fit", Some(format!("{:.4}", normal + if open { 0.0 } else { shift }))),
        ("Rating", text(if even(fate.i, 31) < if won { 0.8 } else { 0.25 } { "hot" } else { "cold" })),
        ("Rep note", Some(format!("n{}", fate.i))),
        ("Late field", (even(fate.i, 32) < if open { 0.3 } else { 0.9 }).then(|| ["x", "y"][fate.i % 2].to_owned())),
        ("New field", (fate.created > 500).then(|| ["x", "y"][fate.i % 2].to_owned())),
    ]
}

#[test]
fn leaks_of_every_kind_are_named_with_their_evidence() {
    let case = Case::of(&pipeline(600, leaks));
    let spec = case.fit();
    for (name, evidence) in [
        ("Actual revenue", "filled on 100 % of closed deals but 0 % of open ones"),
        ("Lost reason", "but 0 % of open ones: known only at close"),
        ("Contract", "but 0 % of open ones: known only at close"),
        ("Reason", "hardly occur on open ones (overlap 0 %)"),
        ("Chance", "hardly occur on open ones (overlap 0 %)"),
        ("Ended", "falls on the closing day of 100 % of closed deals"),
        ("Invoiced", "falls within 14 days after the closing of 100 % of closed deals"),
        ("Days open", "counts the days to the closing of 100 % of closed deals"),
        ("Mails", "grows with the age of deals (rank correlation 0."),
        ("Level", "almost perfectly on its own (AUC 1.00 on"),
    ] {
        assert!(spec.reason(name).contains(evidence), "{name}: {:?}", spec.reason(name));
        assert!(!spec.has_field(name));
        let remedy = spec.excluded.iter().find(|excluded| excluded.name == name).and_then(|e| e.remedy.clone());
        assert!(remedy.is_some_and(|remedy| remedy.contains(&format!("features.force = [{name:?}]"))), "{name}");
    }
}

#[test]
fn honest_columns_stay() {
    let case = Case::of(&pipeline(600, leaks));
    let spec = case.fit();
    for name in ["Fit", "Rating", "Planned days", "Signed up", "Seats", "Late field", "New field", "amount", "currency"]
    {
        assert!(spec.has_field(name), "{name}: {:?}", spec.reason(name));
    }
    assert!(spec.reason("Rep note").starts_with("identifier-like"));
    let context = case.context();
    let read = ColumnValues::of("Fit", context.snapshot, &context);
    let Values::Numbers(values) = read.values else { panic!("a number") };
    let closed = context.snapshot.iter().zip(values).filter(|(deal, _)| deal.kind != StageKind::Open);
    let strength = auc(&closed.map(|(deal, x)| (x, deal.kind == StageKind::Won)).collect::<Vec<_>>()).unwrap();
    assert!((0.75..0.9).contains(&strength), "strong, not perfect: {strength}");
}

#[test]
fn absence_that_ends_with_the_deal_is_neutral() {
    let case = Case::of(&pipeline(600, leaks));
    let spec = case.fit();
    assert!(spec.reason("Late field, missing").contains("absence"), "{:?}", spec.excluded);
    assert!(spec.column_names().contains(&"Late field: x") || spec.column_names().contains(&"Late field: y"));
    assert!(!spec.column_names().contains(&"Late field, missing"));
}

#[test]
fn configuration_has_the_last_word() {
    let case = Case::of(&pipeline(600, leaks));
    let config = FeatureConfig { exclude: vec!["rating".into(), "stage".into()], force: vec!["Level".into()] };
    let spec = case.fit_with(&config);
    assert!(spec.has_field("Level") && !spec.has_field("Rating") && !spec.has_field("days in stage"));
    assert_eq!(spec.reason("Rating"), "excluded by configuration");
}

#[test]
fn few_deals_prove_nothing() {
    let case = Case::of(&pipeline(40, leaks));
    let context = case.context();
    let verdicts = hunt(&BTreeSet::from(["Actual revenue", "Reason", "Level"]), &context);
    assert!(verdicts.values().all(|verdict| verdict.leak.is_none() && verdict.suspicion.is_none()));
}

#[test]
fn amounts_of_zero_on_lost_deals_are_a_leak() {
    let mut world = pipeline(600, |_| Vec::new());
    for deal in world.deals.iter_mut().filter(|deal| deal.status == Some(StageKind::Lost)) {
        deal.amount_minor = Some(0);
    }
    let spec = Case::of(&world).fit();
    assert!(spec.reason("amount").contains("AUC 1.00"), "{:?}", spec.reason("amount"));
}

/// SciPy 1.17.1: `spearmanr([3, 1, 2, 2, 5], [2, 1, 1, 4, 6])` = 0.7631578947368421.
#[test]
fn rank_correlation_shares_the_places_of_ties() {
    let (a, b) = (ranks(&[3.0, 1.0, 2.0, 2.0, 5.0]), ranks(&[2.0, 1.0, 1.0, 4.0, 6.0]));
    assert!((correlation(&a, &b) - 0.763_157_894_736_842_1).abs() < 1e-15);
    assert_eq!(correlation(&a, &[1.0; 5]), 0.0);
}

/// scikit-learn 1.9.1: `roc_auc_score([0,0,1,1,0,1]*30, [1,2,2,3,3,4]*30)` = 0.7777777777777778.
#[test]
fn auc_counts_ties_as_half() {
    let once = [(1.0, false), (2.0, false), (2.0, true), (3.0, true), (3.0, false), (4.0, true)];
    let pairs: Vec<(f64, bool)> = once.iter().cycle().take(6 * 30).copied().collect();
    assert!((auc(&pairs).unwrap() - 0.777_777_777_777_777_8).abs() < 1e-15);
    assert_eq!(auc(&once), None);
}
