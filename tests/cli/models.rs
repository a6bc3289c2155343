//! Saved models: applied to a later export, refused where they do not fit, explained to the last digit.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::{Desk, TABLES, Table};
use crate::world::{LAST_DAY, date};

const CUTOFF: i32 = 560;

/// A desk with the export of the last day and a model trained as of an earlier one.
fn trained() -> Desk {
    let desk = Desk::with_world(900, LAST_DAY);
    desk.ok(&format!("train {TABLES} --as-of {} --quiet --format csv", date(CUTOFF)));
    desk
}

fn model_file(desk: &Desk) -> PathBuf {
    desk.path(&format!("models/{}.json", desk.read("models/current").trim()))
}

/// The model with one value changed, in a file beside it.
fn edited(desk: &Desk, name: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut model: Value = serde_json::from_slice(&fs::read(model_file(desk)).unwrap()).unwrap();
    change(&mut model);
    desk.write(name, model.to_string());
    name.to_owned()
}

#[test]
fn a_model_scores_a_later_export() {
    let desk = trained();
    let finished = desk.ok(&format!("score {TABLES} --format csv"));
    let scores = Table::parse(&finished.stdout);
    assert!(scores.rows() > 10);
    let id = desk.read("models/current").trim().to_owned();
    assert!(scores.column("model_id").iter().all(|model| *model == id));
    assert!(id.starts_with(&date(CUTOFF)));
    let one = scores.column("owner")[0];
    let filtered = Table::parse(&desk.ok(&format!("score {TABLES} --format csv --owner {one}")).stdout);
    let of_one = scores.column("owner").iter().filter(|owner| **owner == one).count();
    assert_eq!(filtered.rows(), of_one);
    // The nightly run with a named model gives the same scores and trains nothing.
    desk.nightly(&format!("--out out --model {id}"));
    let nightly = Table::read(&desk.path("out/scores.csv"));
    assert_eq!(nightly.column("win_probability"), scores.column("win_probability"));
    let mut files: Vec<_> = fs::read_dir(desk.path("models")).unwrap().map(|file| file.unwrap().file_name()).collect();
    files.sort();
    let expected = [
        &format!("{id}.card.json"),
        &format!("{id}.json"),
        &format!("{id}.md"),
        "current",
        "log.jsonl",
        "quality",
        "run_forecasts",
        "scores",
    ];
    assert_eq!(files, expected);
}

#[test]
fn models_that_do_not_fit_are_refused_with_the_reason() {
    let desk = trained();
    let text = fs::read_to_string(model_file(&desk)).unwrap();
    desk.write("cut.json", &text[..text.len() / 2]);
    let cases = [
        (edited(&desk, "old.json", |model| model["format_version"] = 0.into()), "format_version is 0, expected 5"),
        (edited(&desk, "layout.json", |model| model["spec"]["layout"] = 99.into()), "feature layout is 99, expected 3"),
        (edited(&desk, "tuned.json", |model| model["base_rate"] = 0.9.into()), "is no usable model"),
        ("cut.json".to_owned(), "cut.json is no usable model"),
    ];
    for (file, reason) in cases {
        for command in ["score", "run --out out"] {
            let finished = desk.run(&format!("{command} {TABLES} --model {file}"));
            assert_eq!(finished.code, 4, "{file}: {}", finished.stderr);
            assert!(finished.stderr.contains(reason) && finished.stderr.contains("hint: "), "{}", finished.stderr);
        }
    }
    assert!(!desk.path("out").exists());
}

#[test]
fn a_model_must_not_know_more_than_the_day_it_scores() {
    let desk = trained();
    let early = date(CUTOFF - 30);
    let finished = desk.run(&format!("score {TABLES} --as-of {early}"));
    assert_eq!(finished.code, 4);
    assert!(finished.stderr.contains(&format!("models has no model from {early} or before")), "{}", finished.stderr);
    let finished = desk.run(&format!("run {TABLES} --as-of {early} --out out --model {}", model_file(&desk).display()));
    assert_eq!(finished.code, 4, "{}", finished.stderr);
    assert!(finished.stderr.contains(&format!("was trained as of {}, expected {early} or before", date(CUTOFF))));
    // An older model beside it is found and used.
    let older = date(CUTOFF - 60);
    desk.ok(&format!("train {TABLES} --as-of {older} --quiet --format csv"));
    let scores = Table::parse(&desk.ok(&format!("score {TABLES} --as-of {early} --format csv")).stdout);
    assert!(scores.rows() > 10 && scores.column("model_id").iter().all(|id| id.starts_with(&older)));
}

#[test]
fn an_explanation_adds_up_to_the_score() {
    let desk = trained();
    let model: Value = serde_json::from_slice(&fs::read(model_file(&desk)).unwrap()).unwrap();
    assert_eq!(model["signal"], true, "{}", model["verdict"]);
    let scores = Table::parse(&desk.ok(&format!("score {TABLES} --format csv")).stdout);
    for row in scores.iter().take(5) {
        let finished = desk.ok(&format!("explain {} {TABLES} --format csv", row.get("deal_id")));
        let parts = Table::parse(&finished.stdout);
        let sum: f64 = parts.column("contribution").iter().map(|part| part.parse::<f64>().unwrap()).sum();
        let chance: f64 = row.get("win_probability").parse().unwrap();
        let logit = (chance / (1.0 - chance)).ln();
        assert!((sum - logit).abs() < 1e-9, "{}: {sum} {logit}", row.get("deal_id"));
        assert!(finished.stderr.contains(&format!("grade {}", row.get("grade"))), "{}", finished.stderr);
        let words = desk.ok(&format!("explain {} {TABLES} --quiet", row.get("deal_id"))).stdout;
        assert!(words.starts_with(&format!("{}: ", row.get("deal_id"))) && words.contains("log-odds"), "{words}");
    }
}

#[test]
fn a_model_of_other_tables_is_told_apart() {
    let desk = trained();
    let lines: Vec<String> = desk.read("deals.csv").lines().map(|line| line.replacen("source", "origin", 1)).collect();
    desk.write("deals.csv", lines.join("\n") + "\n");
    let finished = desk.ok(&format!("score {TABLES} --format csv"));
    assert!(finished.stderr.contains("knows a column the deals do not have"), "{}", finished.stderr);
    assert!(finished.stderr.contains(": source"), "{}", finished.stderr);
}

#[test]
fn only_open_deals_can_be_explained() {
    let desk = trained();
    let deals = Table::read(&desk.path("deals.csv"));
    let won = deals.iter().find(|row| row.get("stage") == "Won").map(|row| row.get("deal_id").to_owned()).unwrap();
    let finished = desk.run(&format!("explain {won} {TABLES}"));
    assert_eq!(finished.code, 2);
    assert!(finished.stderr.contains(&format!("deal \"{won}\" is won; only open deals have a score")));
    let finished = desk.run(&format!("explain {won}x {TABLES}"));
    assert_eq!(finished.code, 2);
    assert!(finished.stderr.contains("hint: did you mean"), "{}", finished.stderr);
}

/// A hundred and fifty deals, of which some hundred have ended. Before, the stage table was one of the things a model had
/// to beat, and no model: here the regressions lose to it, and it takes their place.
#[test]
fn the_table_of_stages_is_a_model_where_it_is_better() {
    let desk = Desk::empty();
    desk.ok("simulate --deals 150 --seed 224 --out world --quiet");
    let inputs = "--config world/dealcast.toml --models models";
    let trained = desk.ok(&format!("train {inputs}"));
    assert!(trained.stderr.contains("signal in the table of stages: log loss"), "{}", trained.stderr);
    let model: serde_json::Value = serde_json::from_str(&fs::read_to_string(model_file(&desk)).unwrap()).unwrap();
    assert_eq!(model["win"]["kind"], "stage-table");
    let id = desk.read("models/current");
    let card = desk.ok(&format!("models show {} --models models", id.trim())).stdout;
    assert!(card.contains("## The table of stages") && card.contains("| stage: Negotiation |"), "{card}");
    desk.ok(&format!("run {inputs} --out out"));
    desk.ok("check --outputs out");
    let scores = Table::parse(&desk.ok(&format!("score {inputs} --format csv")).stdout);
    let mut of_stage = std::collections::BTreeMap::new();
    for row in scores.iter() {
        let (deal, chance) = (row.get("deal_id"), row.get("win_probability"));
        assert_eq!(*of_stage.entry(row.get("stage")).or_insert(chance), chance, "{deal}");
        let parts = Table::parse(&desk.ok(&format!("explain {deal} {inputs} --format csv")).stdout);
        let sum: f64 = parts.column("contribution").iter().map(|part| part.parse::<f64>().unwrap()).sum();
        let chance: f64 = chance.parse().unwrap();
        assert!((sum - (chance / (1.0 - chance)).ln()).abs() < 1e-9, "{deal}: {sum} {chance}");
    }
    assert!(of_stage.len() >= 3, "{of_stage:?}");
}

#[test]
fn the_folder_of_models_is_listed_and_shown() {
    let desk = trained();
    fs::write(desk.path("models/broken.json"), "{").unwrap();
    let list = Table::parse(&desk.ok("models list --format csv").stdout);
    assert_eq!((list.rows(), list.column("current")), (2, vec!["true", "false"]));
    assert!(list.column("problem")[1].contains("broken.json is no usable model"));
    let card = desk.ok(&format!("models show {}", date(CUTOFF))).stdout;
    assert!(card.starts_with('#') && card.contains("log loss"), "{card}");
    assert_eq!(desk.run("models show nothing").code, 2);
    let empty = Desk::empty();
    assert_eq!(Table::parse(&empty.ok("models list --format csv").stdout).rows(), 0);
}

#[test]
fn a_disk_that_fails_is_not_taken_for_a_folder_without_models() {
    let desk = trained();
    desk.ok(&format!("forecast {TABLES} --out tables"));
    let before = desk.read("tables/forecast.csv");
    let (id, file) = (desk.read("models/current"), model_file(&desk));
    // The first bytes of a process's memory are a file that is there and gives an error when it is read.
    fs::remove_file(&file).unwrap();
    symlink("/proc/self/mem", &file).unwrap();
    for command in ["forecast", "gaps", "train"] {
        let finished = desk.run(&format!("{command} {TABLES} --out tables"));
        assert_ne!(finished.code, 0, "{command}: {}", finished.stderr);
        assert!(finished.stderr.contains("error: cannot read models/"), "{command}: {}", finished.stderr);
    }
    assert_eq!(desk.read("tables/forecast.csv"), before);
    assert_eq!(desk.read("models/current"), id, "nobody took over unopposed");
}
