//! Every cell of rows whose fields all differ, and of rows that have next to nothing.

use super::*;
use crate::analyses::backtest::rows::Forecaster;
use crate::books::hierarchy::Level;
use crate::domain::day::Day;
use crate::domain::period::FiscalCalendar;
use crate::report::fixtures::{assert_empty_where_declared, assert_row};

fn line() -> BacktestLine {
    BacktestLine {
        cutoff: Some(Day(20_498)),
        weeks_left: Some(7),
        currency: Some("CHF".to_owned()),
        level: Level::Team,
        forecaster: Forecaster::RunRate,
        cases: 8,
        wape: Some(0.1),
        bias: Some(0.2),
        pinball: Some(0.3),
        crps: Some(0.4),
        coverage: Some(0.5),
        hit: Some(0.6),
        hit_chance: Some(0.7),
        hit_brier: Some(0.8),
        hit_slope: Some(0.9),
    }
}

fn case() -> Replayed {
    Replayed {
        cutoff: Day(20_498),
        period: FiscalCalendar::default().parse("2026-Q1").expect("a period"),
        level: Level::Region,
        node: "North".to_owned(),
        currency: Some("EUR".to_owned()),
        forecaster: Forecaster::Dealcast,
        forecast: 101,
        actual: 202,
        deciles: Some([1, 2, 3, 4, 5, 6, 7, 8, 9]),
        quota: Some(303),
        hits_quota: Some(0.4),
    }
}

#[test]
fn every_cell_is_read_from_its_own_field() {
    let table = table(&[line()]).expect("a table");
    assert_eq!(table.name(), "backtest");
    let expected = [
        ("level", "team"),
        ("weeks_left", "7"),
        ("cutoff", "2026-02-14"),
        ("forecaster", "run rate"),
        ("cases", "8"),
        ("wape", "0.1"),
        ("bias", "0.2"),
        ("pinball", "0.3"),
        ("crps", "0.4"),
        ("coverage", "0.5"),
        ("hit_share", "0.6"),
        ("hit_chance", "0.7"),
        ("hit_brier", "0.8"),
        ("hit_slope", "0.9"),
        ("currency", "CHF"),
    ];
    assert_row(&table, 0, &expected);
}

#[test]
fn every_cell_of_a_case_is_read_from_its_own_field() {
    let table = cases_table(&[case()], 2).expect("a table");
    assert_eq!(table.name(), "backtest_cases");
    let expected = [
        ("cutoff", "2026-02-14"),
        ("period", "2026-Q1"),
        ("weeks_left", "6"),
        ("level", "region"),
        ("node", "North"),
        ("forecaster", "dealcast"),
        ("forecast", "1.01"),
        ("actual", "2.02"),
        ("p10", "0.01"),
        ("p50", "0.05"),
        ("p90", "0.09"),
        ("quota", "3.03"),
        ("p_hit_quota", "0.4"),
        ("currency", "EUR"),
    ];
    assert_row(&table, 0, &expected);
}

#[test]
fn columns_say_when_they_are_empty() {
    let bare = BacktestLine {
        cutoff: None,
        weeks_left: None,
        currency: None,
        wape: None,
        bias: None,
        pinball: None,
        crps: None,
        coverage: None,
        hit: None,
        hit_chance: None,
        hit_brier: None,
        hit_slope: None,
        ..line()
    };
    assert_empty_where_declared(&table(&[bare]).expect("a table"), 0, &spec().declaration());
    let bare = Replayed { currency: None, deciles: None, quota: None, hits_quota: None, ..case() };
    assert_empty_where_declared(&cases_table(&[bare], 2).expect("a table"), 0, &cases_spec().declaration());
}
