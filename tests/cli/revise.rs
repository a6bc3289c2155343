//! `dealcast revise`: submissions and adjustments, in the report beside what is forecast and what came.

use crate::harness::{Desk, TABLES, Table};
use crate::world::{LAST_DAY, date};

#[test]
fn what_is_submitted_stands_beside_what_is_forecast() {
    let desk = Desk::with_world(900, LAST_DAY);
    // Two of a period that is over by the as-of day, the rest of the running one; times are those of the test.
    let old = "submitted_at,author,owner,period,category,amount,currency,note\n\
               2025-07-10T09:00:00,rep1,rep1,2025-Q3,forecast,200000,USD,\n\
               2025-09-01T09:00:00,boss1,rep1,2025-Q3,forecast,150000.50,USD,too high\n\
               2025-10-02T09:00:00,rep1,rep1,2025-Q4,forecast,90000,USD,\n";
    desk.write("revisions.csv", old);
    let said = desk.ok("revise --owner rep2 --period 2025-Q4 --amount 120000 --note first").stderr;
    assert!(said.contains("forecast of 120000 USD for rep2 in 2025-Q4"), "{said}");
    desk.ok("revise --owner rep2 --author boss0 --period 2025-Q4 --amount 99000.25");
    let text = desk.read("revisions.csv");
    assert!(text.starts_with(old) && text.lines().count() == 6, "{text}");
    // Made today, after the as-of day: not known then.
    desk.nightly(&format!("--revisions revisions.csv --as-of {} --out out", date(LAST_DAY)));
    let forecast = Table::read(&desk.path("out/forecast.csv"));
    let held = |level: &str, node: &str, period: &str| {
        let wanted = [("level", level), ("node", node), ("period", period), ("basis", "base")];
        let row = forecast.iter().find(|row| wanted.iter().all(|(column, value)| row.get(column) == *value)).unwrap();
        ["submitted", "adjusted", "won"].map(|name| row.get(name).to_owned())
    };
    let [submitted, adjusted, won] = held("owner", "rep1", "2025-Q3");
    assert_eq!((submitted.as_str(), adjusted.as_str()), ("200000.00", "150000.50"));
    assert_eq!(held("team", "South", "2025-Q3")[..2], ["200000.00", "150000.50"]);
    assert_eq!(held("company", "company", "2025-Q4")[..2], ["90000.00", "90000.00"]);
    assert_eq!(held("owner", "rep2", "2025-Q4")[..2], ["", ""]);
    let revisions = Table::read(&desk.path("out/revisions.csv"));
    assert_eq!(revisions.column("adjustment"), ["false", "true", "false"]);
    assert_eq!(revisions.column("actual")[..2], [won.as_str(), won.as_str()]);
    let won: f64 = won.parse().unwrap();
    let bias: f64 = revisions.column("author_bias")[1].parse().unwrap();
    assert!((bias - (150_000.50 - won) / won).abs() < 1e-9, "{bias}");
    // A day later than today everything counts.
    desk.nightly("--revisions revisions.csv --as-of 2099-01-01 --out later");
    let later = Table::read(&desk.path("later/revisions.csv"));
    assert_eq!(later.rows(), 5);
    assert_eq!(later.column("amount")[4], "99000.25");
}

#[test]
fn what_cannot_be_a_revision_is_refused() {
    let desk = Desk::with_world(50, LAST_DAY);
    for (arguments, reason) in [
        ("--owner a --period soon --amount 1", "is no period, expected one such as 2026-01"),
        ("--owner a --period 2026-Q1 --amount 1,000", "is no amount of USD"),
        ("--owner a --period 2026-Q1 --amount 1.005", "is no amount of USD"),
        ("--owner a --period 2026-Q1 --amount 1 --file deals.csv", "no column submitted_at among deal_id"),
        ("--owner a --period 2026-Q1 --amount 1 --file deals.parquet", "is no CSV file"),
    ] {
        let finished = desk.run(&format!("revise {arguments}"));
        assert_eq!(finished.code, 2, "{arguments}: {}", finished.stderr);
        assert!(finished.stderr.contains(reason), "{arguments}: {}", finished.stderr);
    }
    assert!(!desk.path("revisions.csv").exists());
    assert!(desk.ok(&format!("check {TABLES}")).code == 0);
}
