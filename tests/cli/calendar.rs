//! Periods that are no calendar months: weeks, halves, a table.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::harness::{Desk, Row, TABLES, Table};
use crate::world::LAST_DAY;

fn day(text: &str) -> jiff::civil::Date {
    text.parse().unwrap()
}

fn days(row: Row<'_>) -> i32 {
    let span = day(row.get("period_end")).since(day(row.get("period_start"))).unwrap();
    span.get_days() + 1
}

/// Hundredths of `1234.56`.
fn cents(text: &str) -> i64 {
    text.replace('.', "").parse().unwrap()
}

/// The company's quotas in the base currency.
fn quotas(forecast: &Table, period: &str) -> Vec<String> {
    let of_company = |row: &Row<'_>| row.get("level") == "company" && row.get("basis") == "base";
    let rows = forecast.iter().filter(|row| of_company(row) && row.get("period") == period);
    rows.map(|row| row.get("quota").to_owned()).collect()
}

#[test]
fn months_of_weeks_add_up_to_quarters_halves_and_years() {
    let desk = Desk::with_world(900, LAST_DAY);
    desk.write(
        "dealcast.toml",
        "[calendar]\nweeks = \"4-4-5\"\nweek_starts = \"monday\"\nyear_ends = \"last\"\n\
         periods = [\"month\", \"quarter\", \"half\", \"year\"]\nscore_period = \"half\"\n",
    );
    let mut quotas_of_months = "owner,period,quota,currency\n".to_owned();
    (1..=12).for_each(|month| writeln!(quotas_of_months, "rep0,2025-P{month:02},1000,USD").unwrap());
    desk.write("quotas.csv", quotas_of_months);
    // The last Sunday of 2025 is December 28: on the 31st fiscal 2026 has begun.
    desk.nightly("--as-of 2025-12-31 --out out");
    let scores = Table::read(&desk.path("out/scores.csv"));
    assert!(scores.rows() > 0 && scores.column("period").iter().all(|period| *period == "2026-H1"));
    assert!(scores.column("win_in_period").iter().all(|chance| !chance.is_empty()));
    let forecast = Table::read(&desk.path("out/forecast.csv"));
    let whole = ["2025-Q4", "2025-H2", "2025"].map(|period| quotas(&forecast, period));
    assert_eq!(whole, ["3000.00", "6000.00", "12000.00"].map(|quota| vec![quota.to_owned()]));

    let of_kind = |kind: &'static str| forecast.iter().filter(move |row| row.get("period_kind") == kind);
    assert!(of_kind("month").count() >= 12);
    assert!(of_kind("month").all(|row| row.get("period").contains("-P") && [28, 35].contains(&days(row))));
    assert!(of_kind("year").all(|row| [364, 371].contains(&days(row))));
    // Fiscal 2024 to 2026 begin on these Mondays.
    let years: BTreeSet<&str> = of_kind("year").map(|row| row.get("period_start")).collect();
    assert!(years.is_superset(&BTreeSet::from(["2024-01-01", "2024-12-30", "2025-12-29"])), "{years:?}");
    for column in ["won", "lost", "pipeline"] {
        let sums = |kind: &'static str, into: &'static str| {
            let mut sums: BTreeMap<[&str; 5], i64> = BTreeMap::new();
            for row in of_kind(kind) {
                let start = row.get("period_start");
                let whole = of_kind(into).find(|w| w.get("period_start") <= start && start <= w.get("period_end"));
                let node = ["level", "node", "currency", "basis"].map(|column| row.get(column));
                let key = [node[0], node[1], node[2], node[3], whole.unwrap().get("period")];
                *sums.entry(key).or_default() += cents(row.get(column));
            }
            sums.retain(|_, sum| *sum != 0);
            sums
        };
        for (part, whole) in [("month", "quarter"), ("quarter", "half"), ("half", "year")] {
            let (parts, whole) = (sums(part, whole), sums(whole, whole));
            assert!(!whole.is_empty() && parts == whole, "{column}: {part}");
        }
    }
    let asked = desk.ok(&format!("funnel {TABLES} --period 2025-H2 --format csv --quiet"));
    assert!(Table::parse(&asked.stdout).column("cohort").contains(&"2025-H2"));
    let refused = desk.run(&format!("funnel {TABLES} --period 2025-01"));
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("write 2026-P01, 2026-Q1, 2026-H1 or 2026"), "{}", refused.stderr);
}

#[test]
fn a_table_is_a_calendar_for_the_days_it_knows() {
    let desk = Desk::with_world(200, LAST_DAY);
    let mut config = "[[calendar.table]]\nyear = 2025\nlast = 2026-01-15\nmonths = [".to_owned();
    (1..=12).for_each(|month| write!(config, "2025-{month:02}-16, ").unwrap());
    config.push_str("]\n");
    desk.write("dealcast.toml", &config);
    let told = desk.ok(&format!("forecast {TABLES} --as-of 2025-12-31 --format csv --quiet --level company"));
    let forecast = Table::parse(&told.stdout);
    let periods: BTreeMap<&str, &str> = forecast.iter().map(|row| (row.get("period"), row.get("period_end"))).collect();
    assert_eq!((periods["2025-P12"], periods["2025"], periods["2025-P01"]), ("2026-01-15", "2026-01-15", "2025-02-15"));
    // The year before the table.
    assert_eq!(periods["2024"], "2025-01-15");
    let outside = desk.run(&format!("forecast {TABLES} --as-of 2026-01-16"));
    assert_eq!(outside.code, 2, "{}", outside.stderr);
    let expected = "2026-01-16, the as-of day, lies outside `calendar.table`, which runs from 2025-01-16 to 2026-01-15";
    assert!(outside.stderr.contains(expected), "{}", outside.stderr);
    let replayed = desk.run(&format!("backtest {TABLES} --as-of 2026-01-16"));
    assert!(replayed.code == 2 && replayed.stderr.contains(expected), "{}", replayed.stderr);
    assert!(outside.stderr.contains("[[calendar.table]]"), "{}", outside.stderr);
}
