//! Every cell of a row whose fields all differ, and of one that has next to nothing.

use super::*;
use crate::analyses::backtest::PastEnd;
use crate::analyses::forecast::base_money::BaseRows;
use crate::analyses::forecast::rows::{ForecastQuality, RowBasis};
use crate::analyses::forecast::without_rate::WithoutRate;
use crate::analyses::revisions::{HeldForecast, Revisions};
use crate::books::hierarchy::Level;
use crate::books::quota::QuotaSource;
use crate::domain::day::Day;
use crate::domain::period::FiscalCalendar;
use crate::report::fixtures::{assert_empty_where_declared, assert_row};

/// Deals are counted from 11 on, so that no number stands twice.
fn full_row() -> ForecastRow {
    let end = FinalSum {
        expected_from_new: 1_818,
        quantiles: [40_019, 60_020, 90_021],
        hits_quota: Some(0.22),
        beats_last: Some(0.23),
        deals_to_close: Some(24),
        unstretched: PastEnd { sd: 0.0, moved: 0.0, quantiles: [0; 15], hits_quota: None },
    };
    ForecastRow {
        node: 1,
        period: FiscalCalendar::default().parse("2026-Q1").expect("a period"),
        currency: 1,
        basis: RowBasis::Base,
        quota: Some(100_000),
        quota_source: QuotaSource::Own,
        quota_rollup: Some(100_002),
        won: 30_000,
        lost: 4_002,
        pipeline: 35_000,
        best_case: 10_004,
        commit: 20_005,
        omitted: 6_006,
        weighted: Some(7_007),
        expected_from_open: Some(8_008),
        required_coverage: Some(2.5),
        overdue: Some(909),
        won_deals: 11,
        lost_deals: 12,
        open_deals: 13,
        overdue_deals: 14,
        deals_without_amount: 15,
        held: HeldForecast { submitted: Some(16_016), adjusted: Some(17_017) },
        is_past: false,
        final_sum: Some(Box::new(end)),
    }
}

/// A row in yen, which have no cents, without anything that may be absent.
fn bare_row() -> ForecastRow {
    ForecastRow {
        node: 0,
        currency: 0,
        basis: RowBasis::Native,
        quota: None,
        quota_source: QuotaSource::Absent,
        quota_rollup: None,
        weighted: None,
        expected_from_open: None,
        required_coverage: None,
        overdue: None,
        held: HeldForecast::default(),
        final_sum: None,
        ..full_row()
    }
}

fn forecast(rows: Vec<ForecastRow>) -> Forecast {
    let node = |level, key: &str, name: &str| NamedNode { level, key: key.to_owned(), name: name.to_owned() };
    let currency = |code: &str, decimals| RowCurrency { code: code.to_owned(), decimals };
    Forecast {
        as_of: Day(20_498),
        nodes: vec![node(Level::Owner, "u1", "Ann"), node(Level::Manager, "u2", "Bob")],
        currencies: vec![currency("JPY", 0), currency("USD", 2)],
        rows,
        quality: ForecastQuality {
            base_rows: BaseRows::Converted,
            closed_without_date: 0,
            open_without_date: 0,
            without_amount: 0,
            open_without_probability: 0,
        },
        revisions: Revisions::default(),
        without_rate: WithoutRate::default(),
    }
}

#[test]
fn every_cell_is_read_from_its_own_field() {
    let table = forecast_table(&forecast(vec![full_row()])).expect("a table");
    assert_eq!(table.name(), "forecast");
    let expected = [
        ("level", "manager"),
        ("node", "u2"),
        ("period", "2026-Q1"),
        ("currency", "USD"),
        ("basis", "base"),
        ("quota", "1000.00"),
        ("won", "300.00"),
        ("gap", "700.00"),
        ("lost", "40.02"),
        ("pipeline", "350.00"),
        ("best_case", "100.04"),
        ("commit", "200.05"),
        ("weighted", "70.07"),
        ("expected_from_open", "80.08"),
        ("expected_from_new", "18.18"),
        ("p10", "400.19"),
        ("p50", "600.20"),
        ("p90", "900.21"),
        ("attainment", "0.3"),
        ("coverage", "0.5"),
        ("required_coverage", "2.5"),
        ("p_hit_quota", "0.22"),
        ("submitted", "160.16"),
        ("expected", "398.26"),
        ("node_name", "Bob"),
        ("period_kind", "quarter"),
        ("period_start", "2026-01-01"),
        ("period_end", "2026-03-31"),
        ("quota_source", "own"),
        ("overdue", "9.09"),
        ("won_deals", "11"),
        ("lost_deals", "12"),
        ("open_deals", "13"),
        ("overdue_deals", "14"),
        ("deals_without_amount", "15"),
        ("expected_gap", "601.74"),
        ("gap_at_p50", "399.80"),
        ("adjusted", "170.17"),
        ("p_beat_last", "0.23"),
        ("deals_to_close", "24"),
        ("pipeline_single", "49.91"),
        ("omitted", "60.06"),
        ("commit_cumulative", "500.05"),
        ("best_case_cumulative", "600.09"),
        ("pipeline_cumulative", "650.00"),
        ("quota_rollup", "1000.02"),
        ("expected_attainment", "0.39826"),
    ];
    assert_row(&table, 0, &expected);
}

#[test]
fn columns_say_when_they_are_empty_and_yen_have_no_cents() {
    let table = forecast_table(&forecast(vec![bare_row()])).expect("a table");
    assert_empty_where_declared(&table, 0, &spec().declaration());
    let cells = crate::report::fixtures::cells(&table, 0);
    assert_eq!((cells[3].1.as_str(), cells[6].1.as_str()), ("JPY", "30000.00"));
}

#[test]
fn parts_make_the_whole_and_nothing_is_one_empty_part() {
    let whole = forecast(vec![bare_row(); ROWS_PER_PART + 1]);
    let parts: Vec<usize> = forecast_parts(&whole).map(|part| part.expect("a table").rows()).collect();
    assert_eq!(parts, [ROWS_PER_PART, 1]);
    let parts: Vec<usize> = forecast_parts(&forecast(Vec::new())).map(|part| part.expect("a table").rows()).collect();
    assert_eq!(parts, [0]);
}
