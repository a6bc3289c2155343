//! `dealcast waterfall`: every row closes, both ends are the forecasts of their mornings, the deals make the bars.

use std::collections::BTreeMap;

use crate::harness::{Desk, Row, TABLES, Table};
use crate::world::LAST_DAY;

const SAMPLE: &str = concat!("--config ", env!("CARGO_MANIFEST_DIR"), "/data/sample/dealcast.toml");

/// The bars that add to the start, those that take from it.
const IN: [&str; 6] = ["start", "created", "pulled_in", "increased", "moved_in", "revalued"];
const OUT: [&str; 6] = ["decreased", "pushed_out", "lost", "won", "moved_out", "end"];

/// Hundredths of `1234.56`; nothing for an empty cell.
fn cents(text: &str) -> i128 {
    if text.is_empty() { 0 } else { text.replace('.', "").parse().unwrap() }
}

fn closes(row: Row<'_>) -> bool {
    let sum = |bars: &[&str]| -> i128 { bars.iter().map(|bar| cents(row.get(bar))).sum() };
    let count = |bars: &[&str]| -> i128 {
        let bars = bars.iter().filter(|bar| !["increased", "decreased", "revalued"].contains(*bar));
        bars.map(|bar| cents(row.get(&format!("{bar}_deals")))).sum()
    };
    sum(&IN) == sum(&OUT) && count(&IN) == count(&OUT)
}

/// What identifies a row of the forecast and of the waterfall.
fn key(row: Row<'_>) -> [String; 5] {
    ["level", "node", "period", "currency", "basis"].map(|column| row.get(column).to_owned())
}

fn table(desk: &Desk, arguments: &str) -> Table {
    Table::parse(&desk.ok(&format!("{arguments} --format csv --quiet")).stdout)
}

#[test]
fn the_sample_closes_between_the_forecasts_of_two_days() {
    let desk = Desk::empty();
    let waterfall = table(&desk, &format!("waterfall {SAMPLE} --from 2025-11-12 --to 2026-01-20"));
    assert!(waterfall.rows() > 500 && waterfall.iter().all(closes));
    // Nobody hands deals over in the sample.
    for bar in IN.iter().chain(&OUT).filter(|bar| !bar.starts_with("moved")) {
        assert!(waterfall.column(bar).iter().any(|amount| cents(amount) != 0), "no {bar}");
    }
    for (bar, day) in [("start", "2025-11-12"), ("end", "2026-01-20")] {
        let forecast = table(&desk, &format!("forecast {SAMPLE} --as-of {day}"));
        let filled = |row: &Row<'_>, column: &str| cents(row.get(column)) != 0;
        let told: BTreeMap<[String; 5], i128> = forecast
            .iter()
            .filter(|row| filled(row, "pipeline"))
            .map(|row| (key(row), cents(row.get("pipeline"))))
            .collect();
        let ours: BTreeMap<[String; 5], i128> =
            waterfall.iter().filter(|row| filled(row, bar)).map(|row| (key(row), cents(row.get(bar)))).collect();
        assert!(told.len() > 300 && told == ours, "{bar}");
    }
    let owners = table(&desk, &format!("waterfall {SAMPLE} --from 2025-11-12 --to 2026-01-20 --level owner"));
    let mut sums: BTreeMap<[String; 3], i128> = BTreeMap::new();
    for row in owners.iter().filter(|row| row.get("basis") == "base") {
        for bar in IN.iter().chain(&OUT).filter(|bar| cents(row.get(bar)) != 0) {
            sums.insert([row.get("node"), row.get("period"), bar].map(str::to_owned), cents(row.get(bar)));
        }
    }
    let deals = table(&desk, &format!("waterfall {SAMPLE} --from 2025-11-12 --to 2026-01-20 --by-deal"));
    for row in deals.iter() {
        let bar = ["owner", "period", "bar"].map(|column| row.get(column).to_owned());
        let sum = sums.entry(bar).or_default();
        *sum -= cents(row.get("base_amount"));
    }
    sums.retain(|_, rest| *rest != 0);
    assert!(sums.is_empty(), "{sums:?}");
}

#[test]
fn the_nightly_run_compares_with_the_first_day_of_each_running_period() {
    let desk = Desk::with_world(900, LAST_DAY);
    desk.nightly("--out out");
    let night = Table::read(&desk.path("out/waterfall.csv"));
    assert!(night.rows() > 50 && night.iter().all(closes));
    let won = |table: &Table| -> BTreeMap<[String; 5], String> {
        table.iter().filter(|row| cents(row.get("won")) != 0).map(|row| (key(row), row.get("won").to_owned())).collect()
    };
    let forecast = won(&Table::read(&desk.path("out/forecast.csv")));
    let ours = won(&night);
    for (key, won) in &ours {
        assert_eq!(forecast.get(key), Some(won), "{key:?}");
    }
    let to = night.column("to")[0];
    for kind in ["month", "quarter", "year"] {
        let of_kind: Vec<Row<'_>> = night.iter().filter(|row| row.get("period_kind") == kind).collect();
        let from = of_kind[0].get("from");
        assert!(from < to && of_kind.iter().all(|row| row.get("from") == from));
        assert!(of_kind.iter().any(|row| row.get("period_start") == from), "{kind} {from}");
        let asked = table(&desk, &format!("waterfall {TABLES} --from {from} --to {to} --team North"));
        assert!(asked.rows() > 0 && asked.iter().all(closes));
        let north = |table: &Table| -> BTreeMap<[String; 5], String> {
            let rows = table.iter().filter(|row| row.get("node") == "North" && row.get("period_kind") == kind);
            rows.map(|row| (key(row), row.get("end").to_owned())).collect()
        };
        assert_eq!(north(&asked), north(&night), "nobody changes the team here");
    }
}

#[test]
fn days_in_the_wrong_order_are_refused_with_a_hint() {
    let desk = Desk::with_world(300, LAST_DAY);
    for (days, told) in [
        ("--from 2025-06-01 --to 2025-06-01", "error: --from is 2025-06-01, expected a day before 2025-06-01"),
        ("--from 2025-06-01 --as-of 2025-05-01", "error: --from is 2025-06-01, expected a day before 2025-05-01"),
        ("--from 2199-01-01", "error: --from is 2199-01-01, expected a day before "),
        ("--from 2025-01-01 --to 2025-06-01 --as-of 2025-05-01", "error: --to is 2025-06-01, expected a day up to"),
    ] {
        let finished = desk.run(&format!("waterfall {TABLES} {days}"));
        assert_eq!(finished.code, 2, "{days}: {}", finished.stderr);
        assert!(finished.stderr.contains(told) && finished.stderr.contains("hint: "), "{days}: {}", finished.stderr);
    }
    assert_eq!(desk.run(&format!("waterfall {TABLES}")).code, 2);
    assert_eq!(desk.run(&format!("waterfall {TABLES} --from 2025-01-01 --by-deal --level owner")).code, 2);
    assert_eq!(desk.run(&format!("waterfall {TABLES} --from 2025-01-01 --team Nowhere")).code, 2);
}
