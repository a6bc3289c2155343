//! `dealcast backtest`: what it replays, what it keeps, and what the nightly run makes of that.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::harness::{Desk, Table};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/sample");

/// A desk with a copy of the sample.
fn desk() -> Desk {
    let desk = Desk::empty();
    for entry in fs::read_dir(DATA).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            desk.write(path.file_name().unwrap().to_str().unwrap(), fs::read(&path).unwrap());
        }
    }
    desk
}

/// What it says, and its table.
fn backtest(desk: &Desk, arguments: &str) -> (String, Table) {
    let done = desk.ok(&format!("backtest --weeks 5 --format csv {arguments}"));
    (done.stderr, Table::parse(&done.stdout))
}

fn replayed(days: usize, known: usize) -> String {
    format!("{days} past days replayed, {known} of them on record")
}

#[test]
fn only_days_whose_past_is_new_are_replayed() {
    let desk = desk();
    let (said, _) = backtest(&desk, "--as-of 2025-10-15 --periods 2");
    assert!(said.contains(&replayed(2, 0)), "{said}");
    // Four months later: the same two quarters, and the one between.
    let (said, first) = backtest(&desk, "--periods 3");
    assert!(said.contains(&replayed(3, 2)), "{said}");
    let (said, again) = backtest(&desk, "--periods 3");
    assert!(said.contains(&replayed(3, 3)) && first == again, "{said}");

    // The order of the rows is nothing that happened.
    let history = fs::read_to_string(desk.path("stage_history.csv")).unwrap();
    let (header, rows) = history.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.sort_by_key(|row| row.split_once(',').map(|(id, _)| std::cmp::Reverse(id)));
    desk.write("stage_history.csv", format!("{header}\n{}\n", rows.join("\n")));
    let (said, _) = backtest(&desk, "--periods 3");
    assert!(said.contains(&replayed(3, 3)), "{said}");

    // A deal that is raised in August 2025 was not known to be in May, but was in November.
    let cell = |name: &str| match name {
        "deal_id" => "D00001750",
        "changed_at" => "2025-08-03T10:00:00",
        "amount" => "987654.00",
        _ => "",
    };
    let raised = header.trim().split(',').map(cell).collect::<Vec<_>>().join(",");
    rows.push(&raised);
    desk.write("stage_history.csv", format!("{header}\n{}\n", rows.join("\n")));
    let (said, _) = backtest(&desk, "--periods 3");
    assert!(said.contains(&replayed(3, 2)), "{said}");
}

#[test]
fn a_damaged_record_is_made_again() {
    let desk = desk();
    let (_, first) = backtest(&desk, "--periods 1");
    let files: Vec<_> = fs::read_dir(desk.path("models/forecasts")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    fs::write(&files[0], "[{\"level\":\"owner\"").unwrap();
    let (said, again) = backtest(&desk, "--periods 1");
    assert!(said.contains("1 past day replayed, 0 of them on record") && first == again, "{said}");
}

/// Cells of the rows a table has of everything together.
fn of_all<'t>(table: &'t Table, column: &'t str) -> BTreeMap<[String; 2], String> {
    let all = table.iter().filter(|row| row.get("weeks_left").is_empty() && row.get("cutoff").is_empty());
    all.map(|row| (["level", "forecaster"].map(|key| row.get(key).to_owned()), row.get(column).to_owned())).collect()
}

#[test]
fn the_nightly_run_shows_what_is_on_record_and_widens_its_ranges_by_it() {
    let desk = desk();
    desk.ok("run --out before");
    assert_eq!(Table::read(&desk.path("before/backtest.csv")).rows(), 0, "nothing was replayed yet");
    let done = desk.ok("backtest --format csv");
    let judged = Table::parse(&done.stdout);
    let said = desk.ok("run --out after").stderr;
    assert!(said.contains("24 past forecasts: the company's total was off by"), "{said}");
    let shown = Table::read(&desk.path("after/backtest.csv"));
    for column in ["cases", "wape", "crps", "coverage", "hit_slope"] {
        assert_eq!(of_all(&judged, column), of_all(&shown, column), "{column}");
    }
    // The middle stays, the ends move; a command of its own says the same.
    let quantiles = |folder: &Path, column: &str| -> BTreeMap<[String; 3], String> {
        let table = Table::read(folder);
        let told = table.iter().filter(|row| row.get("basis") == "base" && !row.get("p50").is_empty());
        let key = ["level", "node", "period"];
        told.map(|row| (key.map(|key| row.get(key).to_owned()), row.get(column).to_owned())).collect()
    };
    let [before, after] = ["before", "after"].map(|folder| desk.path(&format!("{folder}/forecast.csv")));
    desk.ok("forecast --format csv --out alone");
    let alone = desk.path("alone/forecast.csv");
    for column in ["p10", "p50", "p90", "expected"] {
        assert_eq!(quantiles(&after, column), quantiles(&alone, column), "{column}");
    }
    for column in ["p50", "expected"] {
        assert_eq!(quantiles(&before, column), quantiles(&after, column), "{column}");
    }
    assert_ne!(quantiles(&before, "p10"), quantiles(&after, "p10"));
}

#[test]
fn forecasts_of_past_days_stand_beside_what_the_forecast_of_today_says_was_won() {
    let desk = desk();
    let cases = Table::parse(&desk.ok("backtest --weeks 1,9 --periods 4 --cases --format csv").stdout);
    let forecast = Table::parse(&desk.ok("forecast --format csv").stdout);
    let base = forecast.iter().filter(|row| row.get("basis") == "base");
    let key = ["level", "node", "period"];
    let won: BTreeMap<[String; 3], String> =
        base.map(|row| (key.map(|key| row.get(key).to_owned()), row.get("won").to_owned())).collect();
    assert!(cases.rows() > 500);
    for row in cases.iter() {
        let of_row = won.get(&key.map(|key| row.get(key).to_owned())).map_or("0.00", String::as_str);
        assert_eq!(row.get("actual"), of_row, "{} {} {}", row.get("level"), row.get("node"), row.get("period"));
    }
    // On the first morning there is no pace yet.
    assert!(cases.iter().any(|row| row.get("weeks_left") != "13" && row.get("forecaster") == "run rate"));
    assert!(!cases.iter().any(|row| row.get("weeks_left") == "13" && row.get("forecaster") == "run rate"));
}
