//! Every cell of a row whose fields all differ, and of one that has next to nothing.

use super::*;
use crate::analyses::forecast::RowBasis;
use crate::analyses::gaps::rows::TargetSource;
use crate::domain::day::Day;
use crate::domain::period::FiscalCalendar;
use crate::report::fixtures::{assert_empty_where_declared, assert_row};

fn full_row() -> GapRow {
    GapRow {
        level: "product".to_owned(),
        node: "mills".to_owned(),
        name: "Mills".to_owned(),
        period: FiscalCalendar::default().parse("2026-Q1").expect("a period"),
        basis: RowBasis::Native,
        currency: 0,
        target: 100_000,
        target_source: TargetSource::Share,
        won: 1_001,
        expected_from_open: 2_002,
        expected_from_new: 3_003,
        hits_quota: Some(0.11),
        behind: true,
        attribution: Some(GapAttribution {
            parts: [50_000, 20_001, 10_002, 9_003, 4_988],
            factors: [Some(12.5), Some(0.75), Some(0.5), Some(0.3), Some(6_789.0)],
            benchmarks: [Some(25.5), Some(0.875), Some(0.6), Some(0.4), Some(9_876.0)],
            significant: [false, true, false, false, false],
        }),
    }
}

fn table_of(row: GapRow) -> Table {
    let currencies = ["EUR", "USD"].map(|code| RowCurrency { code: code.to_owned(), decimals: 2 }).to_vec();
    table(&Gaps { as_of: Day(20_498), currencies, rows: vec![row], absence: None }).expect("a table")
}

#[test]
fn every_cell_is_read_from_its_own_field() {
    let table = table_of(full_row());
    assert_eq!(table.name(), "gaps");
    let expected = [
        ("level", "product"),
        ("node", "mills"),
        ("period", "2026-Q1"),
        ("currency", "EUR"),
        ("target", "1000.00"),
        ("expected", "60.06"),
        ("gap", "939.94"),
        ("status", "behind"),
        ("main_cause", "slipped deals"),
        ("gap_pipeline", "500.00"),
        ("gap_slippage", "200.01"),
        ("gap_cycle", "100.02"),
        ("gap_conversion", "90.03"),
        ("gap_deal_size", "49.88"),
        ("deals", "12.5"),
        ("deals_needed", "25.5"),
        ("slip_rate", "0.25"),
        ("benchmark_slip_rate", "0.125"),
        ("close_rate", "0.5"),
        ("benchmark_close_rate", "0.6"),
        ("win_rate", "0.3"),
        ("benchmark_win_rate", "0.4"),
        ("deal_size", "67.89"),
        ("benchmark_deal_size", "98.76"),
        ("target_source", "share"),
        ("won", "10.01"),
        ("expected_from_open", "20.02"),
        ("expected_from_new", "30.03"),
        ("p_hit_quota", "0.11"),
        ("node_name", "Mills"),
        ("period_kind", "quarter"),
        ("period_start", "2026-01-01"),
        ("period_end", "2026-03-31"),
        ("basis", "native"),
    ];
    assert_row(&table, 0, &expected);
}

#[test]
fn columns_say_when_they_are_empty() {
    let row = GapRow { hits_quota: None, behind: false, attribution: None, ..full_row() };
    assert_empty_where_declared(&table_of(row), 0, &spec().declaration());
}
