//! `dealcast check --outputs`: a finished run is as declared, and what was changed in it afterwards is named.

use std::fs;

use serde_json::Value;

use crate::harness::{Desk, Table, outputs};

/// A world whose run is in `out`.
fn desk() -> Desk {
    let desk = Desk::with_world(150, 600);
    desk.nightly("--out out");
    desk
}

/// The violations of `out`: table, columns and row; the check must have found some.
fn found(desk: &Desk) -> Vec<(String, String, String)> {
    let finished = desk.run("check --outputs out --format json");
    assert_eq!(finished.code, 3, "{}", finished.stderr);
    let rows: Vec<Value> = serde_json::from_str(&finished.stdout).expect("JSON");
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| (text(row, "table"), text(row, "columns"), text(row, "row"))).collect()
}

fn is_named(found: &[(String, String, String)], table: &str, column: &str) -> bool {
    found.iter().any(|(named, columns, _)| named == table && columns.split(", ").any(|name| name == column))
}

#[test]
fn a_finished_run_is_as_declared_and_a_changed_one_is_not() {
    let desk = desk();
    let fine = desk.ok("check --outputs out");
    assert!(fine.stderr.contains("all as declared") && fine.stdout.is_empty(), "{} {}", fine.stderr, fine.stdout);
    let before = outputs(&desk.path("out"));

    // One cell of a CSV file.
    let scores = desk.read("out/scores.csv");
    let stage = scores.lines().nth(1).expect("a row").split(',').nth(4).expect("a stage").to_owned();
    desk.write("out/scores.csv", scores.replacen(&format!(",{stage},"), ",Elsewhere,", 1));
    let violations = found(&desk);
    assert!(is_named(&violations, "scores.csv", "stage"), "{violations:?}");
    assert!(violations.iter().any(|(_, _, row)| row.starts_with("row 1: deal_id D")), "{violations:?}");
    desk.write("out/scores.csv", &scores);

    // A table of another run in place of this one's.
    let (forecast, quality) =
        (fs::read(desk.path("out/funnel.parquet")).expect("reads"), desk.read("out/quality.json"));
    desk.write("out/funnel.parquet", fs::read(desk.path("out/flow.parquet")).expect("reads"));
    let violations = found(&desk);
    assert!(is_named(&violations, "funnel.parquet", "rows") && is_named(&violations, "funnel.parquet", "bytes"));
    desk.write("out/funnel.parquet", forecast);

    // A document, a missing file, a file that came later.
    desk.write("out/quality.json", quality.replacen("\"as_of\": \"2025", "\"as_of\": \"2015", 1));
    assert!(is_named(&found(&desk), "quality.json", "as_of"));
    desk.write("out/quality.json", &quality);
    fs::rename(desk.path("out/gaps.csv"), desk.path("gaps.csv")).expect("moves");
    desk.write("out/notes.txt", "mine");
    let violations = found(&desk);
    for file in ["gaps.csv", "notes.txt"] {
        assert!(violations.iter().any(|(table, ..)| table == file), "{file}: {violations:?}");
    }
    fs::rename(desk.path("gaps.csv"), desk.path("out/gaps.csv")).expect("moves");
    fs::remove_file(desk.path("out/notes.txt")).expect("removes");

    // The manifest itself.
    let manifest = desk.read("out/manifest.json");
    desk.write("out/manifest.json", manifest.replacen("\"rejected\": 0", "\"rejected\": 1", 1));
    assert!(is_named(&found(&desk), "manifest.json", "row_balance"));
    desk.write("out/manifest.json", &manifest);

    desk.ok("check --outputs out");
    assert!(before == outputs(&desk.path("out")), "a check changes nothing");
}

/// Before: the columns of files that are looked up stood under a table nobody had declared.
#[test]
fn a_run_with_lookups_is_as_declared() {
    let desk = Desk::with_world(150, 600);
    desk.write("regions.csv", "who,area\nrep0,North\nrep1,South\n");
    desk.write(
        "dealcast.toml",
        "[sources.deals]\npath = \"deals.csv\"\n[[sources.deals.lookups]]\npath = \"regions.csv\"\nleft = \"owner\"\nright = \"who\"\n",
    );
    desk.ok("run --out out");
    let columns = Table::read(&desk.path("out/input_columns.csv"));
    assert!(columns.iter().any(|row| (row.get("table"), row.get("column")) == ("lookup", "area")));
    desk.ok("check --outputs out");
}

#[test]
fn what_is_no_run_is_said_and_inputs_are_not_asked_for_beside_it() {
    let desk = Desk::with_world(20, 600);
    fs::create_dir(desk.path("empty")).expect("a folder");
    for folder in ["empty", "nowhere"] {
        let finished = desk.run(&format!("check --outputs {folder}"));
        assert_eq!(finished.code, 3, "{}", finished.stderr);
        assert!(finished.stderr.contains("no finished run that can be checked"), "{}", finished.stderr);
    }
    assert_eq!(desk.run("check --outputs empty --deals deals.csv").code, 2);
}
