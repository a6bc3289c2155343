//! `dealcast history`: a deal's story agrees with the export, the score and itself in every format.

use serde_json::Value;

use crate::harness::{Desk, Row, TABLES, Table};
use crate::world::{LAST_DAY, date};

const SAMPLE: &str = concat!("--config ", env!("CARGO_MANIFEST_DIR"), "/data/sample/dealcast.toml");

#[test]
fn the_story_of_a_deal_of_the_sample() {
    let desk = Desk::empty();
    let lines =
        include_str!("../../data/sample/stage_history.csv").lines().filter(|line| line.starts_with("D00001750,"));
    desk.ok(&format!("run {SAMPLE} --out out"));
    let finished = desk.ok(&format!("history D00001750 {SAMPLE} --format csv"));
    let story = Table::parse(&finished.stdout);
    let moves: Vec<(String, String)> = story
        .iter()
        .filter(|row| ["created", "stage", "won", "lost", "reopened"].contains(&row.get("event")))
        .map(|row| (row.get("at").to_owned(), row.get("to").to_owned()))
        .collect();
    // Every change of stage of the export, in order.
    let logged: Vec<&str> = lines.collect();
    assert!(!logged.is_empty() && moves.len() == 4, "{moves:?}");
    for (at, stage) in &moves {
        let known = logged.iter().any(|line| line.contains(&at[..10]) && line.contains(stage.as_str()));
        assert!(known, "{at} {stage}: {logged:?}");
    }
    // What the model says now is what `scores` has.
    let scores = Table::read(&desk.path("out/scores.csv"));
    let score = scores.iter().find(|row| row.get("deal_id") == "D00001750").unwrap();
    let now = story.iter().last().unwrap();
    let chance = |text: &str| text.parse::<f64>().unwrap();
    assert_eq!((now.get("event"), now.get("to")), ("now", score.get("stage")));
    assert!((chance(now.get("win_probability")) - chance(score.get("win_probability"))).abs() < 1e-12);
    let of_deal = |row: &Row<'_>| !["lead", "touch"].contains(&row.get("event"));
    assert!(story.iter().filter(of_deal).all(|row| (0.0..=1.0).contains(&chance(row.get("win_probability")))));
    // It began as a lead, and marketing reached it, some times before there was a deal.
    let raw =
        |text: &str| text.lines().filter(|line| line.contains("D00001750") || line.contains("L00001750-0")).count();
    let told = |event: &str| story.iter().filter(|row| row.get("event") == event).count();
    assert_eq!(told("lead"), raw(include_str!("../../data/sample/leads.csv")));
    assert_eq!(told("touch"), raw(include_str!("../../data/sample/touches.csv")));
    assert!(told("lead") == 1 && story.iter().next().unwrap().get("age_days").starts_with('-'));

    let document: Value =
        serde_json::from_str(&desk.ok(&format!("history D00001750 {SAMPLE} --format json")).stdout).unwrap();
    assert_eq!(document["deal"]["deal_id"], "D00001750");
    assert_eq!(document["deal"]["segment"], "Enterprise");
    assert_eq!(document["events"].as_array().map(Vec::len), Some(story.rows()));
    for (event, row) in document["events"].as_array().unwrap().iter().zip(story.iter()) {
        assert_eq!((event["at"].as_str(), event["event"].as_str()), (Some(row.get("at")), Some(row.get("event"))));
    }
    let days: i64 = document["stays"].as_array().unwrap().iter().map(|stay| stay["days"].as_i64().unwrap()).sum();
    assert_eq!(Some(days.to_string().as_str()), Some(now.get("age_days")));

    // For eyes nothing is cut off at the end; in a file it is the same document.
    let words = desk.ok(&format!("history D00001750 {SAMPLE}")).stdout;
    assert!(words.starts_with("D00001750 (") && words.contains(" now ") && !words.contains("more rows"), "{words}");
    desk.ok(&format!("history D00001750 {SAMPLE} --format json --out told"));
    assert_eq!(serde_json::from_str::<Value>(&desk.read("told/history.json")).unwrap(), document);
}

#[test]
fn published_scores_are_part_of_the_story() {
    let desk = Desk::with_world(300, LAST_DAY);
    for day in [600, 610] {
        desk.nightly(&format!("--out out --as-of {}", date(day)));
    }
    let scores = Table::read(&desk.path("out/scores.csv"));
    let row = scores.iter().find(|row| !row.get("previous_score").is_empty()).unwrap();
    let told = |day: i32| -> Vec<(String, String)> {
        let story =
            desk.ok(&format!("history {} {TABLES} --as-of {} --format csv", row.get("deal_id"), date(day))).stdout;
        let story = Table::parse(&story);
        let scores = story.iter().filter(|row| row.get("event") == "score");
        scores.map(|row| (row.get("at").to_owned(), row.get("to").to_owned())).collect()
    };
    // The run of the day itself is not history yet.
    assert_eq!(told(610), [(date(600), format!("{} %", row.get("previous_score")))]);
    assert_eq!(told(611)[1], (date(610), format!("{} %", row.get("score"))));
}

#[test]
fn without_a_model_the_story_has_no_chances_and_a_wrong_id_gets_a_hint() {
    let desk = Desk::with_world(40, 400);
    let deals = Table::read(&desk.path("deals.csv"));
    let won = deals.iter().find(|row| row.get("stage") == "Won").map(|row| row.get("deal_id").to_owned()).unwrap();
    let finished = desk.ok(&format!("history {won} {TABLES} --format csv"));
    assert!(finished.stderr.contains("no win probabilities"), "{}", finished.stderr);
    let story = Table::parse(&finished.stdout);
    assert!(story.iter().all(|row| row.get("win_probability").is_empty()));
    assert!(story.iter().any(|row| row.get("event") == "won"));
    let finished = desk.run(&format!("history {won}x {TABLES}"));
    assert_eq!(finished.code, 2);
    assert!(finished.stderr.contains("hint: did you mean"), "{}", finished.stderr);
    assert_eq!(desk.run(&format!("history {won} {TABLES} --model nobody")).code, 2);
}

#[test]
fn a_french_history_writes_amounts_and_days_in_one_way() {
    let desk = Desk::empty();
    let output = desk.command(&format!("history D00001750 {SAMPLE} --locale fr")).env("COLUMNS", "200").output();
    let said = String::from_utf8(output.expect("an end").stdout).expect("text");
    let amounts: Vec<&str> = said.lines().filter(|line| line.contains("  montant  ")).collect();
    assert!(amounts.iter().any(|line| line.contains("34\u{202f}700 ") && line.contains("14\u{202f}130")), "{said}");
    let english = |line: &&str| line.contains("2025-") || line.contains("00.00");
    assert!(!said.lines().any(|line| english(&line)), "{said}");
    assert!(said.lines().any(|line| line.trim_start().starts_with("23/03/2025 12:13:04 ")), "{said}");
}
