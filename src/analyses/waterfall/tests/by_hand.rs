//! The definitions on a small example.

use std::collections::BTreeMap;

use super::fixtures::*;
use crate::analyses::forecast::RowBasis;
use crate::analyses::waterfall::bars::Bar;
use crate::analyses::waterfall::input::running_spans;
use crate::analyses::waterfall::listing::waterfall_deals;
use crate::analyses::waterfall::rows::{Waterfall, WaterfallRow};
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::{COMPANY, Level};
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::PeriodKind;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::tables::Tables;
use crate::timeline::fixtures::{Row, World};

/// `start` and so on of a node's row of March, by name; bars of 0 left out.
fn bars(waterfall: &Waterfall, level: Level, node: &str, period: &str, basis: RowBasis) -> Vec<(&'static str, i64)> {
    let wanted = |row: &&WaterfallRow| {
        let of = &waterfall.nodes[row.node];
        (of.level, of.key.as_str(), row.basis) == (level, node, basis) && row.period.to_string() == period
    };
    let Some(row) = waterfall.rows.iter().find(wanted) else { return Vec::new() };
    Bar::ALL.into_iter().map(|bar| (bar.name(), row.amount(bar))).filter(|(_, amount)| *amount != 0).collect()
}

/// In March (59 to 89).
const MARCH: i32 = 70;
/// And this is in April.
const APRIL: i32 = 100;

fn history() -> World {
    let set = |row: &mut Row, amount: i64, expected: i32, owner: &'static str| {
        (row.stage, row.amount, row.expected_close, row.owner) =
            (Some("New"), Some(amount), Some(expected), Some(owner));
    };
    let born = |world: World, id: &str, day: i32, amount: i64, expected: i32| {
        world.deal(id, day, "New").logged(day, |row| set(row, amount, expected, "ann"))
    };
    let world = born(World::default(), "01 raised", 5, 10, MARCH).logged(52, |row| row.amount = Some(15));
    let world = born(world, "02 pushed", 5, 100, MARCH).logged(52, |row| row.expected_close = Some(APRIL));
    let world = born(world, "03 pulled", 5, 200, APRIL).logged(52, |row| row.expected_close = Some(MARCH));
    let world = born(world, "04 lost early", 5, 1_000, APRIL).moved(52, "Closed Lost");
    let world = born(world, "05 won early", 5, 3_000, APRIL).logged(59, |row| {
        (row.stage, row.amount) = (Some("Closed Won"), Some(2_500));
    });
    let world = born(world, "06 handed over", 5, 20_000, MARCH).logged(52, |row| row.owner = Some("bob"));
    let world = born(world, "07 created", 52, 40_000, MARCH);
    let world = born(world, "08 created and won", 52, 100_000, APRIL).moved(59, "Closed Won");
    let world = born(world, "09 created and lost", 52, 200_000, MARCH).moved(58, "Closed Lost");
    let world =
        born(world, "10 omitted", 5, 1_000_000, MARCH).logged(52, |row| row.category = Some(ForecastCategory::Omitted));
    let world = born(world, "11 opened again", 5, 2_000_000, MARCH).moved(20, "Closed Lost").moved(52, "New");
    let world = born(world, "12 won long ago", 5, 5_000_000, MARCH).moved(20, "Closed Won");
    born(world, "13 not touched", 5, 10_000_000, MARCH)
}

#[test]
fn every_bar_by_hand() {
    let tables = history().tables();
    assert!(tables.deals.len() == 13 && tables.currencies.code("USD").is_some());
    let case = ComparedMornings::new(tables, Day(50), ForecastFilter::default());
    let waterfall = case.waterfall();
    assert!(waterfall.rows.iter().all(closes));
    let of = |level, node, period| bars(&waterfall, level, node, period, RowBasis::Native);
    let march = [
        ("start", 10 + 100 + 20_000 + 1_000_000 + 10_000_000),
        ("created", 40_000 + 100_000 + 200_000),
        ("pulled_in", 200 + 2_500 + 2_000_000),
        ("increased", 5),
        ("pushed_out", 100 + 1_000_000),
        ("lost", 200_000),
        ("won", 2_500 + 100_000),
        ("end", 15 + 200 + 20_000 + 40_000 + 2_000_000 + 10_000_000),
    ];
    assert_eq!(of(Level::Company, COMPANY, "1970-03"), march);
    let april = [
        ("start", 200 + 1_000 + 3_000),
        ("pulled_in", 100),
        ("decreased", 500),
        ("pushed_out", 200 + 2_500),
        ("lost", 1_000),
        ("end", 100),
    ];
    assert_eq!(of(Level::Company, COMPANY, "1970-04"), april);
    assert_eq!(of(Level::Owner, "bob", "1970-03"), [("end", 20_000), ("moved_in", 20_000)]);
    let ann: BTreeMap<_, _> = of(Level::Owner, "ann", "1970-03").into_iter().collect();
    assert_eq!((ann["start"], ann["moved_out"]), (march[0].1, 20_000));
    case.with(|input| {
        let listed = waterfall_deals(input).expect("a listing");
        let reasons: Vec<(&str, &str, &str)> = listed
            .rows
            .iter()
            .filter(|row| row.period.kind == PeriodKind::Month)
            .filter_map(|row| Some((&case.tables.deals.id(row.row)?[..2], row.bar.name(), row.reason?)))
            .collect();
        let expected = [
            ("02", "pushed_out", "date moved"),
            ("02", "pulled_in", "date moved"),
            ("03", "pulled_in", "date moved"),
            ("03", "pushed_out", "date moved"),
            ("05", "pulled_in", "won in this period"),
            ("05", "pushed_out", "won in another period"),
            ("10", "pushed_out", "omitted"),
            ("11", "pulled_in", "was closed"),
        ];
        assert_eq!(reasons, expected);
        let raised = &listed.rows[0];
        assert_eq!((raised.stage_from, raised.stage_to, raised.expected_from), (Some("New"), "New", Some(Day(MARCH))));
    });
}

#[test]
fn other_rates_revalue_and_missing_ones_leave_native_rows() {
    let mut world = history();
    for deal in &mut world.deals {
        deal.currency = "EUR".to_owned();
    }
    let mut tables = world.tables();
    let at = |tables: &mut Tables, first| {
        tables.fx_rates = rates(tables, first);
        ComparedMornings::new(tables.clone(), Day(40), ForecastFilter::default()).waterfall()
    };
    let waterfall = at(&mut tables, 0);
    assert!(waterfall.rows.iter().all(closes) && waterfall.without_base.is_empty());
    let bob = bars(&waterfall, Level::Owner, "bob", "1970-03", RowBasis::Base);
    // 200.00 EUR x 0.9871
    assert_eq!(bob, [("end", 19_742), ("moved_in", 19_742)]);
    let march: BTreeMap<_, _> =
        bars(&waterfall, Level::Company, COMPANY, "1970-03", RowBasis::Base).into_iter().collect();
    // 0.10, 1.00, 200.00, 10,000.00 and 100,000.00 EUR, from 1.1313 to 0.9871, each rounded
    let [then, now] = [11 + 113 + 22_626 + 1_131_300 + 11_313_000, 10 + 99 + 19_742 + 987_100 + 9_871_000];
    assert_eq!((march["start"], march["revalued"]), (then, now - then));
    for first in [45, 80] {
        let waterfall = at(&mut tables, first);
        assert_eq!(waterfall.without_base, [Day(40)], "{first}");
        assert!(!waterfall.rows.is_empty() && waterfall.rows.iter().all(|row| row.basis == RowBasis::Native));
    }
}

#[test]
fn running_periods_begin_before_the_day() {
    let spans = |day: &str| -> Vec<(String, usize)> {
        let spans = running_spans(&Config::default(), day.parse().expect("a day"));
        spans.iter().map(|span| (span.from.to_string(), span.kinds.len())).collect()
    };
    assert_eq!(spans("2026-02-14"), [("2026-02-01".to_owned(), 1), ("2026-01-01".to_owned(), 2)]);
    assert_eq!(
        spans("2026-01-01"),
        [("2025-12-01", 1), ("2025-10-01", 1), ("2025-01-01", 1)].map(|(d, n)| (d.to_owned(), n))
    );
}

#[test]
fn nothing_to_compare_is_an_empty_waterfall() {
    let case = ComparedMornings::new(World::default().deal("a", 5, "New").tables(), Day(3), ForecastFilter::default());
    assert!(case.waterfall().rows.is_empty());
    let kinds = case.snapshot.states.iter().map(|state| state.kind);
    assert_eq!(kinds.collect::<Vec<_>>(), [StageKind::Open]);
}
