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
    let adjusted = later.iter().find(|row| row.get("author") == "boss0" && row.get("period") == "2025-Q4").unwrap();
    assert_eq!((adjusted.get("owner"), adjusted.get("amount")), ("rep2", "99000.25"));
}

#[test]
fn what_cannot_be_a_revision_is_refused() {
    let desk = Desk::with_world(50, LAST_DAY);
    for (arguments, reason) in [
        ("--owner a --period soon --amount 1", "is no period, expected one such as 2026-01"),
        ("--owner a --period 2026-Q1 --amount 1,000", "is no amount of USD"),
        ("--owner a --period 2026-Q1 --amount 1.005", "is no amount of USD"),
        ("--owner a --period 2026-Q1 --amount 1e5", "is no amount of USD"),
        ("--owner a --period 2026-Q1 --amount 1_000", "is no amount of USD"),
        ("--owner a --period 2026-Q1 --amount 1.5 --currency JPY", "is no amount of JPY"),
        ("--owner a --period 2026-Q1 --amount 1 --currency XQX", "\"XQX\" is no currency"),
        ("--owner= --period 2026-Q1 --amount 1", "--owner is blank"),
        ("--owner a --author= --period 2026-Q1 --amount 1", "--author is blank"),
        ("--owner a --category= --period 2026-Q1 --amount 1", "--category is blank"),
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

#[test]
fn twenty_at_once_with_hostile_notes_lose_nothing() {
    let desk = Desk::with_world(50, LAST_DAY);
    let notes =
        ["=cmd|'/c calc'!A1", "say \"hi\", twice", "two\nlines", "crlf\r\nand cr\ronly", "\"", ",;\t'", "+1 -1 @x", ""];
    std::thread::scope(|scope| {
        for writer in 0..20 {
            let (desk, note) = (&desk, notes[writer % notes.len()]);
            scope.spawn(move || {
                let mut command = desk.command(&format!("revise --owner rep1 --period 2025-Q4 --amount {writer}.25"));
                let finished = command.arg(format!("--note={note}")).output().unwrap();
                assert!(finished.status.success());
            });
        }
    });
    let mut reader = csv::Reader::from_path(desk.path("revisions.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 20);
    for row in &rows {
        let writer: usize = row[5].strip_suffix(".25").unwrap().parse().unwrap();
        let note = notes[writer % notes.len()];
        // As in every CSV file for people, a note a spreadsheet would run begins with an apostrophe.
        let mark = if note.starts_with(['=', '+']) { "'" } else { "" };
        assert_eq!(row[7], format!("{mark}{note}"));
    }
    let said = desk.nightly("--revisions revisions.csv --as-of 2099-01-01 --out out").stderr;
    assert!(said.contains("revisions.csv: 20 rows = 20 used + 0 rejected"), "{said}");
    // A spreadsheet that opens the report runs nothing.
    let report = Table::read(&desk.path("out/revisions.csv"));
    assert_eq!(report.rows(), 20);
    assert!(report.column("note").iter().all(|note| !note.starts_with('=') && !note.starts_with('@')));
    // The apostrophe is no part of the note: a second one would stand before it.
    assert!(report.column("note").contains(&"'+1 -1 @x"));
}

#[test]
fn a_row_cut_off_in_its_note_swallows_nothing() {
    let desk = Desk::with_world(50, LAST_DAY);
    let cut = "submitted_at,author,owner,period,category,amount,currency,note\n\
               2025-10-01T00:00:00,rep1,rep1,2025-Q4,forecast,5,USD,\"half a no";
    desk.write("revisions.csv", cut);
    desk.ok("revise --owner rep2 --period 2025-Q4 --amount 7 --note=whole");
    assert!(desk.read("revisions.csv").starts_with(&format!("{cut}\"\n")));
    desk.nightly("--revisions revisions.csv --as-of 2099-01-01 --out out");
    let revisions = Table::read(&desk.path("out/revisions.csv"));
    assert_eq!(revisions.column("amount"), ["5.00", "7.00"]);
    assert_eq!(revisions.column("note"), ["half a no", "whole"]);
}

#[test]
fn records_are_right_by_hand_whatever_periods_are_reported() {
    let desk = Desk::empty();
    let deals = "deal_id,stage,status,created_at,closed_at,amount,currency,owner\n\
                 A,Won,won,2025-06-01,2025-07-10,100,USD,ann\nB,Won,won,2025-06-01,2025-11-10,300,USD,ann\n\
                 C,Won,won,2025-06-01,2025-08-10,50,USD,bob\nD,New,open,2025-06-01,,9,USD,ann\n";
    desk.write("deals.csv", deals);
    let revisions = "submitted_at,author,owner,period,category,amount,currency,note\n\
                     2025-07-01,ann,ann,2025-Q3,forecast,999,USD,\n\
                     2025-07-02,ann,ann,2025-Q3,forecast,150,USD,holds\n\
                     2025-07-03,ann,ann,2025-Q3,best case,800,USD,no forecast\n\
                     2025-10-02,ann,ann,2025-Q3,forecast,100,USD,too late to count\n\
                     2025-07-01,ann,ann,2025-H2,forecast,350,USD,\n\
                     2025-07-01,boss,ann,2025-Q3,forecast,100,USD,\n\
                     2025-07-01,boss,bob,2025-Q3,forecast,90,USD,\n\
                     2025-07-01,boss,zed,2025-Q3,forecast,1,USD,nobody\n";
    desk.write("revisions.csv", revisions);
    let said = desk.ok("run --deals deals.csv --revisions revisions.csv --as-of 2026-02-14 --out out").stderr;
    assert!(said.contains("revisions name an owner no deal, user or quota has: zed"), "{said}");
    let told = Table::read(&desk.path("out/revisions.csv"));
    let of = |author: &str, column: &str| -> Vec<String> {
        let rows = told.iter().filter(|row| row.get("author") == author);
        rows.map(|row| row.get(column).to_owned()).collect()
    };
    // By time; one moment in the order of the cells: 350 of the half, 999, 150, 800, 100.
    assert_eq!(of("ann", "actual"), ["400.00", "100.00", "100.00", "100.00", "100.00"]);
    // Ann: 150 against 100 and 350 against 400. The boss: 100, 90 and 1 against 100, 50 and 0.
    let near = |author: &str, column: &str, expected: f64| {
        let values = of(author, column);
        assert!(!values.is_empty());
        assert!(values.iter().all(|value| (value.parse::<f64>().unwrap() - expected).abs() < 1e-12), "{values:?}");
    };
    assert!(of("ann", "author_cases").iter().all(|cases| cases == "2"));
    near("ann", "author_bias", 0.0);
    near("ann", "author_wape", 100.0 / 500.0);
    assert!(of("boss", "author_cases").iter().all(|cases| cases == "3"));
    near("boss", "author_bias", 41.0 / 150.0);
    near("boss", "author_wape", 41.0 / 150.0);
    let forecast = Table::read(&desk.path("out/forecast.csv"));
    let wanted = [("level", "company"), ("period", "2025-Q3"), ("basis", "base")];
    let company = forecast.iter().find(|row| wanted.iter().all(|(column, value)| row.get(column) == *value)).unwrap();
    // Submitted by ann: 100, late as it is. Adjusted for ann to 100, for bob to 90, for zed to 1.
    assert_eq!([company.get("submitted"), company.get("adjusted")], ["100.00", "191.00"]);
}
