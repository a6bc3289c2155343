//! `dealcast lags`: parts add up to the forecast's gap, the run writes the same, and a planted weakness is named.

use std::collections::BTreeMap;
use std::fs;

use crate::harness::{Desk, Row, TABLES, Table};
use crate::world::LAST_DAY;

const SAMPLE: &str = concat!("--config ", env!("CARGO_MANIFEST_DIR"), "/data/sample/dealcast.toml");
const PARTS: [&str; 5] = ["gap_pipeline", "gap_slippage", "gap_cycle", "gap_conversion", "gap_deal_size"];

fn cents(amount: &str) -> i128 {
    amount.replace('.', "").parse().unwrap_or(0)
}

fn table(desk: &Desk, arguments: &str) -> Table {
    Table::parse(&desk.ok(&format!("{arguments} --format csv --quiet")).stdout)
}

fn key(row: Row<'_>) -> [String; 3] {
    ["level", "node", "period"].map(|column| row.get(column).to_owned())
}

/// Whether target - expected = gap = the sum of its parts, where it is taken apart.
fn adds_up(row: Row<'_>) -> bool {
    let money = |column: &str| cents(row.get(column));
    let parts: i128 = PARTS.iter().map(|part| money(part)).sum();
    money("target") - money("expected") == money("gap") && (row.get("gap_cycle").is_empty() || parts == money("gap"))
}

#[test]
fn the_sample_adds_up_to_the_forecast_and_the_run_says_the_same() {
    let desk = Desk::empty();
    desk.ok(&format!("run {SAMPLE} --out out"));
    let night = Table::read(&desk.path("out/lags.csv"));
    let alone = desk.ok(&format!("lags {SAMPLE} --format csv --quiet --threads 1")).stdout;
    assert_eq!(alone, desk.read("out/lags.csv"));
    assert!(night.rows() > 100 && night.iter().all(adds_up));
    let gaps: BTreeMap<[String; 3], String> = Table::read(&desk.path("out/forecast.csv"))
        .iter()
        .filter(|row| row.get("basis") == "base" && !row.get("expected_gap").is_empty())
        .map(|row| (key(row), row.get("expected_gap").to_owned()))
        .collect();
    let with_quota: Vec<Row<'_>> = night.iter().filter(|row| row.get("target_source") == "quota").collect();
    assert!(with_quota.len() > 50);
    for row in with_quota {
        assert_eq!(gaps.get(&key(row)).map(String::as_str), Some(row.get("gap")), "{:?}", key(row));
    }
    let sum = |level: &str, column: &str| -> i128 {
        let quarter = night.iter().filter(|row| row.get("level") == level && row.get("period_kind") == "quarter");
        quarter.map(|row| cents(row.get(column))).sum()
    };
    for column in ["target", "expected", "gap"] {
        for level in ["owner", "team", "region", "product", "source"] {
            assert_eq!(sum(level, column), sum("company", column), "{level} {column}");
        }
    }
    for level in
        night.iter().collect::<Vec<_>>().chunk_by(|a, b| ["level", "period"].map(|c| a.get(c) == b.get(c)) == [true; 2])
    {
        assert!(level.is_sorted_by_key(|row| -cents(row.get("gap"))), "most behind first");
    }
}

#[test]
fn flags_choose_rows_and_change_no_number() {
    let desk = Desk::with_world(900, LAST_DAY);
    desk.nightly("--out out");
    let night = Table::read(&desk.path("out/lags.csv"));
    let asked = table(&desk, &format!("lags {TABLES} --by team --by source --kind quarter"));
    let wanted = |row: &Row<'_>| ["team", "source"].contains(&row.get("level")) && row.get("period_kind") == "quarter";
    let rows = |table: &Table, wanted: &dyn Fn(&Row<'_>) -> bool| -> Vec<Vec<String>> {
        let cells =
            |row: Row<'_>| ["node", "gap", "main_cause", "win_rate"].map(|column| row.get(column).to_owned()).to_vec();
        table.iter().filter(|row| wanted(row)).map(cells).collect()
    };
    assert_eq!(rows(&asked, &|_| true), rows(&night, &wanted));
    assert!(asked.rows() >= 5);
    let north = table(&desk, &format!("lags {TABLES} --team North --by team"));
    let is_north = |row: &Row<'_>| row.get("level") == "team" && row.get("node") == "North";
    assert_eq!(rows(&north, &|_| true).len(), 3);
    assert_eq!(rows(&north, &is_north), rows(&night, &is_north));
    let label = night.column("period")[0].to_owned();
    assert!(
        table(&desk, &format!("lags {TABLES} --period {label}")).column("period").iter().all(|period| *period == label)
    );
    for wrong in ["--category commit", "--by nonsense", "--kind week", "--team Nowhere"] {
        let refused = desk.run(&format!("lags {TABLES} {wrong}"));
        assert_eq!(refused.code, 2, "{wrong}: {}", refused.stderr);
    }
    let without = desk.ok(&format!("lags {TABLES} --models none --format csv"));
    assert!(without.stdout.lines().count() == 1 && without.stderr.contains("no lags"), "{}", without.stderr);
}
