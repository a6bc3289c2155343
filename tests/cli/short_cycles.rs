//! Defaults that find the model where deals take days and the history some months, and what is said where there is none.

use std::fmt::Write;

use serde_json::Value;

use crate::harness::{Desk, Table};

/// The day after so many of 2025, as written.
fn day(n: i32) -> String {
    let months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (mut month, mut left) = (1, n);
    for length in months {
        if left < length {
            break;
        }
        (month, left) = (month + 1, left - length);
    }
    format!("2025-{month:02}-{:02}", left + 1)
}

/// A number in 0..1 that follows from two numbers.
fn even(i: usize, salt: u64) -> f64 {
    let mut x = (i as u64 * 64 + salt + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((x ^ (x >> 29)) >> 11) as f64 / (1_u64 << 53) as f64
}

const STAGES: &str = "[[stages]]\nname = \"Submitted\"\nkind = \"open\"\n[[stages]]\nname = \"Offered\"\nkind = \"open\"\n\
                      [[stages]]\nname = \"Funded\"\nkind = \"won\"\n[[stages]]\nname = \"Declined\"\nkind = \"lost\"\n\
                      [sources.deals]\npath = \"deals.csv\"\n[sources.stage_history]\npath = \"stage_history.csv\"\n";

/// A process of `cases`, created over `span` days in a history of `days`, that take half of `pace` days in each of two
/// stages, a few of them much longer. The purpose and the stage tell who is funded.
fn write(desk: &Desk, cases: usize, span: f64, days: i32, pace: f64) {
    let mut deals = "deal_id,stage,created_at,closed_at,purpose\n".to_owned();
    let mut history = "deal_id,changed_at,stage\n".to_owned();
    for i in 0..cases {
        let created = (even(i, 1) * span) as i32;
        let slow = if even(i, 2) < 0.1 { 5.0 } else { 1.0 };
        let stay = |salt| 1 + (-pace * slow * even(i, salt).max(1e-6).ln()) as i32;
        let offered = created + stay(3);
        let closed = offered + stay(4);
        let purpose = ["car", "home", "debt"][(3.0 * even(i, 5)) as usize];
        let funded = even(i, 6) < if purpose == "home" { 0.8 } else { 0.25 };
        // A third is declined at once.
        let (steps, end) = if even(i, 7) < 0.33 { (1, offered) } else { (2, closed) };
        let last = if steps == 2 && funded { "Funded" } else { "Declined" };
        let mut stage = "Submitted";
        writeln!(history, "C{i:05},{},Submitted", day(created)).unwrap();
        if steps == 2 && offered < days {
            stage = "Offered";
            writeln!(history, "C{i:05},{},Offered", day(offered)).unwrap();
        }
        let mut closed_at = String::new();
        if end < days {
            (stage, closed_at) = (last, day(end));
            writeln!(history, "C{i:05},{closed_at},{last}").unwrap();
        }
        writeln!(deals, "C{i:05},{stage},{},{closed_at},{purpose}", day(created)).unwrap();
    }
    desk.write("deals.csv", deals);
    desk.write("stage_history.csv", history);
    desk.write("dealcast.toml", STAGES);
}

/// The card of the model in use.
fn card(desk: &Desk) -> Value {
    let id = desk.read("models/current").trim().to_owned();
    serde_json::from_str(&desk.read(&format!("models/{id}.card.json"))).unwrap()
}

fn log_loss(table: &Table, model: &str) -> f64 {
    let mut rows = table.iter().filter(|row| row.get("cutoff").is_empty() && row.get("scope") == "all");
    rows.find(|row| row.get("model") == model).unwrap().get("log_loss").parse().unwrap()
}

/// Before: monthly landmarks whatever the cycle, and "no signal shown: the history holds 0 deals to evaluate a model on".
#[test]
fn a_process_of_days_has_a_model_by_defaults() {
    let desk = Desk::empty();
    write(&desk, 3_000, 70.0, 70, 3.0);
    let trained = desk.ok("train --format csv");
    assert!(trained.stderr.contains("evaluated by rolling origin"), "{}", trained.stderr);
    let evaluation = Table::parse(&trained.stdout);
    let (model, base) = (log_loss(&evaluation, "model"), log_loss(&evaluation, "base rate"));
    assert!(model < base - 0.05, "{model} {base}");
    let card = card(&desk);
    assert_eq!(card["training"]["landmarks"], "weekly");
    let reason = card["training"]["landmarks_reason"].as_str().unwrap();
    assert!(reason.ends_with("days, the history has 70 days"), "{reason}");
}

/// Before: the folds of a rolling origin learn from every deal there is, none is left to test on, and there was no model.
#[test]
fn one_batch_of_creations_is_cross_validated_and_says_so() {
    let desk = Desk::empty();
    write(&desk, 600, 4.0, 60, 12.0);
    let trained = desk.ok("train --format csv");
    let said = "warning: evaluated by grouped cross-validation: a rolling origin leaves ";
    assert!(trained.stderr.contains(said), "{}", trained.stderr);
    let evaluation = Table::parse(&trained.stdout);
    assert!(evaluation.iter().all(|row| row.get("validation") == "grouped cross-validation"));
    assert!(evaluation.iter().all(|row| row.get("cutoff").is_empty()));
    let (model, base) = (log_loss(&evaluation, "model"), log_loss(&evaluation, "base rate"));
    assert!(model < base - 0.02, "{model} {base}");
    assert_eq!(card(&desk)["evaluation"]["validation"], "grouped-cross-validation");
    desk.ok("run --out out");
    let findings = desk.read("out/findings.json");
    assert!(findings.contains("model.validation") && findings.contains("grouped cross-validation"));
    desk.ok("check --outputs out");
}

/// Before: the counts alone, "give it more closed deals, or a later --as-of".
#[test]
fn without_a_model_the_cause_and_its_key_are_named() {
    let desk = Desk::empty();
    write(&desk, 300, 60.0, 60, 3.0);
    let refused = |config: &str| {
        desk.write("dealcast.toml", format!("[training]\n{config}\n{STAGES}"));
        let refused = desk.run("train");
        assert_eq!(refused.code, 4, "{}", refused.stderr);
        refused.stderr
    };
    let far = refused("horizon_days = 55");
    assert!(far.contains("the history spans 60 days") && far.contains("training.horizon_days"), "{far}");
    let short = refused("window_days = 3");
    assert!(short.contains("`training.window_days` leaves 3 days of history"), "{short}");
    let rare = refused("landmarks = \"monthly\"\nhorizon_days = 50");
    assert!(rare.contains("expected at least 10 of each"), "{rare}");
    desk.write("dealcast.toml", format!("[training]\ngroup_by = \"household\"\n{STAGES}"));
    let unknown = desk.run("train");
    assert!(unknown.code == 2 && unknown.stderr.contains("`training.group_by` is \"household\""), "{}", unknown.stderr);
}
