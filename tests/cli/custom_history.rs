//! The history of columns only the input knows: what stood there on a past day, in whatever shape the CRM exports it.

use std::fmt::Write;

use serde_json::Value;

use crate::harness::Desk;
use crate::lists::even;
use crate::world::date;

/// The day the exports are taken on.
const EXPORTED: i32 = 500;
const DEALS: usize = 500;

/// A deal; its score is raised by 40 on the day it is won.
struct Deal {
    created: i32,
    closed: i32,
    won: bool,
    score: f64,
}

fn deal(i: usize) -> Deal {
    let created = (i * 480 / DEALS) as i32;
    let score = 10.0 + (200.0 * even(i, 1)).round() / 10.0;
    Deal { created, closed: created + 15 + (70.0 * even(i, 2)) as i32, won: even(i, 3) < score / 40.0, score }
}

/// A number with a decimal comma, as a cell of a CSV file.
fn comma(x: f64) -> String {
    format!("\"{}\"", format!("{x:.1}").replace('.', ","))
}

/// Day before month.
fn day_first(day: i32) -> String {
    let iso = date(day);
    format!("{}/{}/{}", &iso[8..], &iso[5..7], &iso[..4])
}

/// `deals.csv` and the rows of the stages, as exported. `Score` and `Reason` are what stands there at the end, `Signed` a day
/// before the creation.
fn export(desk: &Desk) -> String {
    export_after(desk, 0..0)
}

/// The same after the scores of some deals were set to 3.5.
fn export_after(desk: &Desk, changed: std::ops::Range<usize>) -> String {
    let mut deals = "deal_id,stage,created_at,closed_at,Score,Reason,Signed\n".to_owned();
    let mut stages = String::new();
    for i in 0..DEALS {
        let Deal { created, closed, won, score } = deal(i);
        let is_closed = closed < EXPORTED;
        let end = if won { "Won" } else { "Lost" };
        let (stage, closed_at) = if is_closed { (end, date(closed)) } else { ("New", String::new()) };
        let (score, reason) = if is_closed && won { (score + 40.0, "price") } else { (score, "") };
        let score = if changed.contains(&i) { 3.5 } else { score };
        let signed = day_first(created - 3 - (i % 90) as i32);
        writeln!(deals, "D{i},{stage},{},{closed_at},{},{reason},{signed}", date(created), comma(score)).unwrap();
        writeln!(stages, "D{i},{},stage,,New", date(created)).unwrap();
        if is_closed {
            writeln!(stages, "D{i},{},stage,New,{end}", date(closed)).unwrap();
        }
    }
    desk.write("deals.csv", deals);
    stages
}

/// Changes of the scores and reasons, as a log writes them.
fn log() -> String {
    let mut rows = String::new();
    for i in 0..DEALS {
        let Deal { closed, won, score, .. } = deal(i);
        if won && closed < EXPORTED {
            writeln!(rows, "D{i},{},Score,{},{}", date(closed), comma(score), comma(score + 40.0)).unwrap();
            writeln!(rows, "D{i},{},Reason,,price", date(closed)).unwrap();
        }
    }
    rows
}

const LOG: &str = "deal_id,changed_at,field,old_value,new_value\n";

/// Trains on the two files of the desk, with or without a signal; the stored model.
fn trained(desk: &Desk, models: &str, more: &str) -> Value {
    let trained = desk.run(&format!("train --deals deals.csv --stage-history history.csv --models {models} {more}"));
    assert!([0, 4].contains(&trained.code), "{}", trained.stderr);
    let current = desk.read(&format!("{models}/current"));
    let id = current.split_whitespace().last().expect("a model").to_owned();
    serde_json::from_str(&desk.read(&format!("{models}/{id}.json"))).unwrap()
}

fn named<'a>(model: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    model["spec"][list].as_array().unwrap().iter().find(|entry| entry["name"] == name)
}

/// Why a column is not seen.
fn reason(model: &Value, name: &str) -> String {
    named(model, "excluded", name).map_or_else(String::new, |entry| entry["reason"].to_string())
}

/// Before: decimal commas made the score a text of very many levels, and the date another.
#[test]
fn a_leak_whose_history_is_exported_is_seen_as_of_each_day_in_the_files_own_style() {
    let desk = Desk::empty();
    let stages = export(&desk);
    desk.write("history.csv", format!("{LOG}{stages}"));
    let model = trained(&desk, "without", "");
    let leak = named(&model, "excluded", "Score").expect("a leak");
    assert_eq!(leak["is_leak"], true, "{leak}");
    assert_eq!(named(&model, "fields", "Signed").expect("a date")["measure"]["kind"], "date");

    desk.write("history.csv", format!("{LOG}{stages}{}", log()));
    let model = trained(&desk, "log", "");
    let score = named(&model, "fields", "Score").unwrap_or_else(|| panic!("no leak: {}", reason(&model, "Score")));
    assert_eq!((&score["known"], &score["measure"]["kind"]), (&"history".into(), &"number".into()));
    assert!(score["range"][1].as_f64().unwrap() <= 30.0, "{score}: what the closing added comes later");
    assert!(reason(&model, "Reason").contains("no training deal has a value"), "{}", reason(&model, "Reason"));
}

/// Rows that tell of the whole deal: one at the creation, one at the closing.
#[test]
fn rows_of_whole_deals_carry_columns_of_their_own() {
    let desk = Desk::empty();
    export(&desk);
    let mut rows = "deal_id,changed_at,stage,Score\n".to_owned();
    for i in 0..DEALS {
        let Deal { created, closed, won, score } = deal(i);
        writeln!(rows, "D{i},{},New,{}", date(created), comma(score)).unwrap();
        if closed < EXPORTED {
            let (end, score) = if won { ("Won", score + 40.0) } else { ("Lost", score) };
            writeln!(rows, "D{i},{},{end},{}", date(closed), comma(score)).unwrap();
        }
    }
    desk.write("history.csv", rows);
    let model = trained(&desk, "models", "");
    let score = named(&model, "fields", "Score").unwrap_or_else(|| panic!("no leak: {}", reason(&model, "Score")));
    assert_eq!((&score["known"], &score["measure"]["kind"]), (&"history".into(), &"number".into()));
    assert!(score["range"][1].as_f64().unwrap() <= 30.0, "{score}");
}

/// Before: one row in the log switched the leak hunter off for a column.
#[test]
fn one_row_is_no_history() {
    let desk = Desk::empty();
    let stages = export(&desk);
    let row = log().lines().find(|row| row.contains("Score")).expect("a row").to_owned();
    desk.write("history.csv", format!("{LOG}{stages}{row}\n"));
    let nightly = desk.ok("run --deals deals.csv --stage-history history.csv --models nightly --out out");
    assert!(nightly.stderr.contains("the history of `Score` covers 0 % of the closed deals"), "{}", nightly.stderr);
    let model = trained(&desk, "models", "");
    assert_eq!(named(&model, "excluded", "Score").expect("a leak")["is_leak"], true);
}

/// Before: a change of such a column alone left the as-of day where it was.
#[test]
fn a_change_moves_the_as_of_day_and_changes_nothing_before_it() {
    let desk = Desk::empty();
    let stages = export(&desk);
    let all = format!("{LOG}{stages}{}", log());
    desk.write("history.csv", &all);
    let early = format!("--as-of {}", date(EXPORTED - 60));
    let before = trained(&desk, "before", &early);
    export_after(&desk, 350..400);
    let later = (350..400).fold(String::new(), |mut rows, i| {
        let Deal { closed, won, score, .. } = deal(i);
        let score = if won && closed < EXPORTED { score + 40.0 } else { score };
        writeln!(rows, "D{i},{},Score,{},\"3,5\"", date(EXPORTED + 2), comma(score)).unwrap();
        rows
    });
    desk.write("history.csv", format!("{all}{later}"));
    let after = trained(&desk, "after", &early);
    for part in ["spec", "win", "period", "evaluation"] {
        assert_eq!(after[part], before[part], "{part}");
    }
    assert_eq!(trained(&desk, "newest", "")["as_of"], date(EXPORTED + 3));
}
