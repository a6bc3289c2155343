//! Bridges close deal by deal, and a run compared with itself says nothing.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::changes::changes;
use super::moved::Lens;
use super::rows::{BridgeRow, Comparison, MovedMeasure, MovedPart, PARTS};
use super::seen::{SeenDeal, SeenMoney, Status};
use super::{columns, findings};
use crate::domain::day::Day;
use crate::report::invariants::check;

fn money(units: i128) -> Option<SeenMoney> {
    Some(SeenMoney { units, places: 2 })
}

fn deal() -> impl Strategy<Value = SeenDeal<'static>> {
    let status = prop::sample::select(vec![Status::Open, Status::Won, Status::Lost]);
    let amounts = (prop::option::of(-500_i128..5_000), prop::option::of(1_i128..9), prop::option::of(0_i128..1_000));
    (status, amounts, prop::option::of(0_i32..40), prop::option::of(0_i32..40), prop::bool::ANY).prop_map(
        |(status, (amount, rate, expected), due, closed, is_omitted)| {
            let in_base = |units: Option<i128>| units.zip(rate).map(|(units, rate)| units * rate).and_then(money);
            SeenDeal {
                name: None,
                status,
                stage: "New",
                owner: "ann",
                team: "North",
                region: "EU",
                managers: Vec::new(),
                closed_on: closed.map(Day).filter(|_| status != Status::Open),
                expected_close: due.map(Day),
                is_omitted,
                currency: "EUR",
                amount: amount.and_then(money),
                base_amount: in_base(amount),
                expected: expected.and_then(money).filter(|_| status == Status::Open),
                base_expected: in_base(expected).filter(|_| status == Status::Open),
                score: None,
            }
        },
    )
}

proptest! {
    #[test]
    fn the_parts_of_a_deal_are_the_difference_of_its_worth(
        old in deal(), new in deal(), in_base in prop::bool::ANY, over in prop::bool::ANY, expected in prop::bool::ANY,
    ) {
        let measure = if expected { MovedMeasure::Expected } else { MovedMeasure::Pipeline };
        let lens = Lens { measure, in_base, places: 2, first: Day(10), last: Day(20), expects: [true, !over] };
        let parts = lens.stayed(&old, &new);
        let sum: i128 = parts.iter().map(|(_, units)| units).sum();
        prop_assert_eq!(sum, lens.worth(&new, 1) - lens.worth(&old, 0), "{:?}", parts);
        let same = Lens { expects: [true, true], ..lens };
        prop_assert!(same.stayed(&old, &old).iter().all(|(_, units)| *units == 0));
    }
}

#[test]
fn an_open_deal_is_taken_apart_by_rate_amount_date_and_chance() {
    let old = SeenDeal {
        name: None,
        status: Status::Open,
        stage: "New",
        owner: "ann",
        team: "",
        region: "",
        managers: Vec::new(),
        closed_on: None,
        expected_close: Some(Day(15)),
        is_omitted: false,
        currency: "EUR",
        amount: money(1_000),
        base_amount: money(1_100),
        expected: money(500),
        base_expected: money(550),
        score: None,
    };
    // Rate 1.1 to 1.2, amount doubled, date out of the period, half the chance.
    let new = SeenDeal {
        expected_close: Some(Day(25)),
        amount: money(2_000),
        base_amount: money(2_400),
        expected: money(500),
        base_expected: money(600),
        ..old.clone()
    };
    let lens = Lens {
        measure: MovedMeasure::Expected,
        in_base: true,
        places: 2,
        first: Day(10),
        last: Day(20),
        expects: [true; 2],
    };
    assert_eq!(
        lens.stayed(&old, &new),
        [(MovedPart::Revalued, 50), (MovedPart::Amount, 600), (MovedPart::Slipped, -600)]
    );
    let pipeline = Lens { measure: MovedMeasure::Pipeline, ..lens };
    assert_eq!(
        pipeline.stayed(&old, &new),
        [(MovedPart::Revalued, 100), (MovedPart::Amount, 1_200), (MovedPart::Slipped, -2_400)]
    );
    // An amount for the first time, and another chance, which the pipeline knows nothing of.
    let first = SeenDeal { amount: None, base_amount: None, ..old.clone() };
    let now = SeenDeal { expected: money(300), base_expected: money(330), ..old.clone() };
    assert_eq!(
        pipeline.stayed(&first, &now),
        [(MovedPart::Revalued, 0), (MovedPart::Amount, 1_100), (MovedPart::Rescored, 0)]
    );
    assert_eq!(
        lens.stayed(&first, &now),
        [(MovedPart::Revalued, 0), (MovedPart::Amount, 330 - 550), (MovedPart::Rescored, 0)]
    );
    assert_eq!(
        pipeline.stayed(&old, &now),
        [(MovedPart::Revalued, 0), (MovedPart::Amount, 0), (MovedPart::Rescored, 0)]
    );
    let won = SeenDeal { status: Status::Won, closed_on: Some(Day(12)), ..new };
    assert_eq!(lens.stayed(&old, &won), [(MovedPart::Won, 2_400 - 550)]);
}

#[test]
fn what_a_later_run_may_have_dropped_is_not_said_to_be_gone() {
    let open = SeenDeal {
        name: None,
        status: Status::Open,
        stage: "New",
        owner: "ann",
        team: "",
        region: "",
        managers: Vec::new(),
        closed_on: None,
        expected_close: None,
        is_omitted: false,
        currency: "EUR",
        amount: None,
        base_amount: None,
        expected: None,
        base_expected: None,
        score: None,
    };
    let (then, now) = (BTreeMap::from([("D1", open)]), BTreeMap::new());
    let said = |lacks_closed| changes([&then, &now], 2, lacks_closed).remove(0).happened;
    assert_eq!((said(false), said(true)), (vec!["gone"], vec!["gone or closed long ago"]));
}

fn comparison(parts: [i128; PARTS]) -> Comparison {
    let end = 10_000 + parts.iter().sum::<i128>();
    let row = BridgeRow {
        level: "company".to_owned(),
        node: "company".to_owned(),
        name: "company".to_owned(),
        period: "2026-Q1".to_owned(),
        measure: MovedMeasure::Expected,
        currency: "EUR".to_owned(),
        decimals: 2,
        start: 10_000,
        parts,
        end,
    };
    Comparison {
        days: [Day(0), Day(7)],
        models: [Some("a".to_owned()), Some("b".to_owned())],
        same_config: Some(false),
        log_loss: [Some(0.5), None],
        period: "2026-Q1".to_owned(),
        no_expected: None,
        bridges: vec![row],
        deals: Vec::new(),
    }
}

#[test]
fn the_bridge_is_a_table_whose_formula_holds_and_a_sentence() {
    let mut parts = [0; PARTS];
    (parts[MovedPart::Won as usize], parts[MovedPart::Lost as usize], parts[MovedPart::New as usize]) =
        (5_000, -7_500, 100);
    let of = comparison(parts);
    let table = columns::bridge_table(&of).expect("a table");
    let violations = check(&columns::spec().declaration(), &table, &Default::default());
    assert!(violations.is_empty(), "{violations:?}");
    let told: Vec<String> = findings::findings(&of).into_iter().map(|finding| finding.sentence).collect();
    assert_eq!(
        told,
        [
            "from 1970-01-01 to 1970-01-08",
            "another model: a then, b now",
            "the runs were made with different configurations: not every change is one of the data",
            "no deal changed",
            "expected of 2026-Q1: from 100 EUR to 76 EUR: lost -75 EUR, won +50 EUR, new deals +1 EUR",
        ]
    );
}
