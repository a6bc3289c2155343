//! The day nobody named: what the data say it is, whatever is planned or mistyped in them; and no model of a day beyond.

use std::fs;

use serde_json::Value;

use crate::harness::{Desk, TABLES};
use crate::world::{LAST_DAY, World, date};

fn as_of(desk: &Desk) -> String {
    let manifest: Value = serde_json::from_slice(&fs::read(desk.path("out/manifest.json")).unwrap()).unwrap();
    manifest["as_of"].as_str().unwrap().to_owned()
}

fn append(desk: &Desk, file: &str, row: &str) {
    desk.write(file, format!("{}{row}\n", desk.read(file)));
}

#[test]
fn neither_a_plan_nor_a_typing_error_moves_the_day() {
    let desk = Desk::with_world(300, LAST_DAY);
    desk.nightly("--out out --retrain never --quiet");
    let (day, forecast) = (as_of(&desk), desk.read("out/forecast.csv"));
    let id = desk.read("deals.csv").lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    // Meetings of tomorrow, of next year and of the year 2199.
    let meetings = [date(LAST_DAY + 1), date(LAST_DAY + 365), "2199-01-01".to_owned()];
    let rows = meetings.map(|day| format!("{id},{day},meeting\n")).concat();
    desk.write("activities.csv", format!("deal_id,occurred_at,kind\n{rows}"));
    let planned = desk.nightly("--activities activities.csv --out out --retrain never");
    assert_eq!((as_of(&desk), desk.read("out/forecast.csv")), (day.clone(), forecast.clone()), "{}", planned.stderr);
    // Errors in the history: this year's date of next year, and one of another time.
    append(&desk, "stage_history.csv", &format!("{id},{},Qualified", date(LAST_DAY + 365)));
    append(&desk, "stage_history.csv", &format!("{id},2199-01-01,Qualified"));
    let erring = desk.nightly("--out out --retrain never");
    assert_eq!((as_of(&desk), desk.read("out/forecast.csv")), (day, forecast));
    let said = format!("stage_history: changed_at of deal {id} is 2199-01-01, ");
    assert!(erring.stderr.contains(&said) && erring.stderr.contains("(1 such other)"), "{}", erring.stderr);
    let findings = desk.read("out/findings.json");
    assert!(findings.contains("input.stray_event"), "{findings}");
}

#[test]
fn an_expected_close_date_in_the_place_of_the_closing_is_no_event() {
    let desk = Desk::empty();
    let open = "a,New,2025-01-02,2025-10-01\nb,Closed Won,2025-01-03,2025-02-20\n";
    desk.write("deals.csv", format!("deal_id,stage,created_at,closed_at\n{open}"));
    desk.ok("run --deals deals.csv --out out --quiet");
    assert_eq!(as_of(&desk), "2025-02-21");
}

#[test]
fn a_model_of_a_day_beyond_the_data_does_not_take_over_and_an_older_export_unseats_none() {
    let desk = Desk::empty();
    let world = World::new(600);
    World::structure(&desk.path(""));
    world.export(&desk.path(""), 500);
    let beyond = desk.run(&format!("train {TABLES} --as-of 2150-01-01 --promote --quiet"));
    assert!(beyond.code == 4 && beyond.stderr.contains("days after the newest event of the data"), "{}", beyond.stderr);
    assert!(!desk.path("models/current").exists());
    world.export(&desk.path(""), LAST_DAY);
    desk.nightly("--out out --quiet");
    let current = desk.read("models/current");
    // To an export of an earlier month its day is beyond the data, and still it is the newer model.
    world.export(&desk.path(""), 500);
    desk.nightly("--out out --quiet");
    assert_eq!(desk.read("models/current"), current);
    let trained = desk.ok(&format!("train {TABLES}"));
    assert!(trained.stderr.contains("not put to use: the model in use is of a later day"), "{}", trained.stderr);
}
