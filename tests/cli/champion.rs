//! Models over time: trained again when due, replaced only by one that is not worse, taken back, judged by what became of
//! their scores.

use std::fs;

use serde_json::Value;

use crate::harness::{Desk, TABLES, Table};
use crate::world::{LAST_DAY, World, date};

/// A desk on which the export of any day can be put.
fn desk() -> (Desk, World) {
    let (desk, world) = (Desk::empty(), World::new(900));
    World::structure(&desk.path(""));
    (desk, world)
}

fn decision(desk: &Desk) -> String {
    let manifest: Value = serde_json::from_slice(&fs::read(desk.path("out/manifest.json")).unwrap()).unwrap();
    manifest["model_decision"].as_str().unwrap().to_owned()
}

fn current(desk: &Desk) -> String {
    desk.read("models/current").trim().to_owned()
}

/// Everything that tells won from lost in the world of these tests.
const BLIND: &str = "[features]\nexclude = [\"source\", \"stage\", \"days in stage\"]\n";

#[test]
fn a_model_scores_until_it_is_due() {
    let (desk, world) = desk();
    let night = |day: i32, more: &str| {
        world.export(&desk.path(""), day);
        desk.nightly(&format!("--as-of {} --out out {more}", date(day)));
        decision(&desk)
    };
    assert!(night(500, "").starts_with("trained: there is no model yet"), "{}", decision(&desk));
    let first = current(&desk);
    assert_eq!(night(500, ""), "kept: not due for retraining");
    assert_eq!(night(503, ""), "kept: not due for retraining");
    assert_eq!(night(540, "--retrain never"), "kept: not due for retraining");
    assert_eq!(current(&desk), first);
    let again = night(541, "");
    assert!(again.starts_with("trained: it is 41 days old, at most 30 are wanted; "), "{again}");
    assert!(current(&desk).starts_with(&date(541)));
    assert!(night(542, "--retrain always").starts_with("trained: asked for; "), "{}", decision(&desk));
    desk.write("dealcast.toml", "[training.retrain]\nmax_age_days = 1\nmin_age_days = 1\n");
    assert!(night(544, "").contains("it is 2 days old, at most 1 are wanted"), "{}", decision(&desk));
    desk.write("dealcast.toml", "[training]\nalphas = [0.01]\n");
    assert!(night(545, "").starts_with("trained: it was trained under another configuration; "), "{}", decision(&desk));
}

#[test]
fn a_model_that_a_killed_run_has_saved_is_put_to_use_by_the_next() {
    let (desk, world) = desk();
    world.export(&desk.path(""), LAST_DAY);
    desk.nightly("--out out");
    let model = current(&desk);
    fs::remove_file(desk.path("models/current")).unwrap();
    fs::remove_file(desk.path("models/log.jsonl")).unwrap();
    desk.nightly("--out out --retrain never");
    assert!(!desk.path("models/current").exists());
    desk.nightly("--out out");
    assert_eq!(current(&desk), model);
    let log = desk.ok("models log --format csv --quiet").stdout;
    assert!(log.contains("it was saved, and none was in use"), "{log}");
}

#[test]
fn a_worse_model_does_not_take_over_unless_told_to() {
    let (desk, world) = desk();
    world.export(&desk.path(""), LAST_DAY);
    desk.ok(&format!("train {TABLES} --as-of {} --quiet", date(400)));
    let good = current(&desk);
    desk.write("blind.toml", BLIND);
    let blind = format!("{TABLES} --config blind.toml --as-of {}", date(600));
    let refused = desk.run(&format!("train {blind} --quiet"));
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    assert!(
        refused.stderr.contains(&format!("of {good} on ")) && refused.stderr.contains("models promote ID"),
        "{}",
        refused.stderr
    );
    assert_eq!(current(&desk), good);
    // The nightly run goes on with the good one and says so; the next night does not try again.
    desk.ok(&format!("run {blind} --out out"));
    assert!(decision(&desk).contains("is worse: log loss"), "{}", decision(&desk));
    let manifest: Value = serde_json::from_slice(&fs::read(desk.path("out/manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["model_id"], good.as_str());

    desk.ok(&format!("train {blind} --promote --quiet"));
    let bad = current(&desk);
    assert_ne!(bad, good);
    let log = Table::parse(&desk.ok("models log --format csv").stdout);
    assert_eq!(log.column("action"), ["promoted", "kept", "promoted"]);
    assert_eq!(log.column("model_id"), [good.as_str(), bad.as_str(), bad.as_str()]);
    assert!(log.column("reason")[2].starts_with("asked for, though log loss"), "{:?}", log.column("reason"));

    // Side by side, and judged on deals new to both.
    let pair = desk.ok(&format!("models compare {good} {bad} {TABLES} --format csv")).stdout;
    let pair = Table::parse(&pair);
    let row =
        |what: &str| pair.iter().find(|row| row.get("what").starts_with(what)).unwrap_or_else(|| panic!("{what}"));
    let loss = |id: &str| row("log loss on ").get(id).parse::<f64>().unwrap();
    assert!(loss(&good) < loss(&bad), "{} {}", loss(&good), loss(&bad));
    assert!(row("difference there").get(&bad).starts_with("worse by 0."));
    assert!(row("share of source").get(&bad).is_empty() && !row("share of source").get(&good).is_empty());

    // Back to the good one, until further notice.
    let said = desk.ok("models rollback").stderr;
    assert!(said.contains(&good) && current(&desk) == good, "{said}");
    desk.ok(&format!("run {blind} --out out"));
    assert_eq!(decision(&desk), "kept: not due for retraining", "pinned");
    assert_eq!(desk.run("models rollback").code, 2, "nothing before the first");
    desk.ok("models unpin");
    assert!(desk.ok("models unpin").stderr.contains("nothing was pinned"));
    desk.ok(&format!("models promote {bad} --pin"));
    assert_eq!(current(&desk), bad);
    assert_eq!(desk.run("models promote nothing").code, 2);
}

#[test]
fn published_scores_are_judged_when_their_horizon_has_ended() {
    let (desk, world) = desk();
    let night = |day: i32| {
        world.export(&desk.path(""), day);
        desk.nightly(&format!("--as-of {} --out out --retrain due", date(day)));
        let lines = Table::read(&desk.path("out/evaluation.csv"));
        let of_published = lines.iter().filter(|row| row.get("model") == "published scores");
        of_published
            .map(|row| ["cutoff", "scope", "rows", "won", "log_loss"].map(|name| row.get(name).to_owned()))
            .collect::<Vec<_>>()
    };
    assert!(night(400).is_empty() && night(401).is_empty());
    let early = Table::read(&desk.path("out/scores.csv"));
    let model: Value = serde_json::from_slice(&fs::read(desk.path("out/model.json")).unwrap()).unwrap();
    let horizon = model["horizon_days"].as_i64().unwrap() as i32;
    assert_eq!(night(400 + horizon).len(), 2, "the first day, and all days");
    let lines = night(401 + horizon);
    let days: Vec<&str> = lines.iter().map(|line| line[0].as_str()).collect();
    assert_eq!(days, [date(400).as_str(), date(401).as_str(), ""]);
    assert_eq!(lines[1][2], early.rows().to_string());
    // By hand: the scores of day 401 against the deals as they stand now.
    let deals = Table::read(&desk.path("deals.csv"));
    let end = date(401 + horizon);
    let (mut won, mut loss) = (0, 0.0);
    for row in early.iter() {
        let deal = deals.iter().find(|deal| deal.get("deal_id") == row.get("deal_id")).unwrap();
        let is_won = deal.get("stage") == "Won" && deal.get("closed_at") < end.as_str();
        let chance: f64 = row.get("win_probability").parse().unwrap();
        won += i32::from(is_won);
        loss -= if is_won { chance.ln() } else { (1.0 - chance).ln() };
    }
    assert_eq!(lines[1][3], won.to_string());
    let published: f64 = lines[1][4].parse().unwrap();
    assert!((published - loss / early.rows() as f64).abs() < 1e-9, "{published}");
    // A damaged day is left out and said so.
    desk.write(&format!("models/scores/{}.parquet", date(400)), "no parquet");
    let finished = desk.nightly(&format!("--as-of {end} --out out"));
    assert!(finished.stderr.contains("earlier scores cannot be read"), "{}", finished.stderr);
}

#[test]
fn drift_is_told_by_field() {
    let (desk, world) = desk();
    world.export(&desk.path(""), 600);
    desk.nightly(&format!("--as-of {} --out out", date(600)));
    let drift = Table::read(&desk.path("out/drift.csv"));
    let psi = |drift: &Table, field: &str| -> f64 {
        drift.iter().find(|row| row.get("field") == field).map(|row| row.get("psi").parse().unwrap()).unwrap()
    };
    let calm = psi(&drift, "source");
    // From tomorrow every new deal is from the web: the open ones are more and more of one kind.
    world.export(&desk.path(""), 625);
    let lines = desk.read("deals.csv");
    let turned = lines.lines().map(|line| {
        if line.contains(",Won,") || line.contains(",Lost,") {
            line.to_owned()
        } else {
            line.replace("Referral", "Web").replace("Cold call", "Web")
        }
    });
    desk.write("deals.csv", turned.collect::<Vec<_>>().join("\n") + "\n");
    desk.nightly(&format!("--as-of {} --out out --retrain never", date(625)));
    let drift = Table::read(&desk.path("out/drift.csv"));
    assert!(psi(&drift, "source") > 1.0 && calm < 0.25, "{calm} {}", psi(&drift, "source"));
    let row = drift.iter().find(|row| row.get("field") == "source").unwrap();
    assert_eq!(row.get("drifted"), "true");
    desk.nightly(&format!("--as-of {} --out out", date(625)));
    assert!(decision(&desk).contains("open deals have drifted in \"source\""), "{}", decision(&desk));
}
