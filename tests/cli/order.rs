//! The order of rows and the files they stand in change no byte of any output, however dirty the rows are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::dirty_world::DirtyWorld;
use crate::harness::{Desk, Table, outputs};

const STAGES: &str = "[rules]\nmax_reject_share = 0.5\n\n[[stages]]\nname = \"Lead in\"\nkind = \"open\"\n[[stages]]\nname = \"Contact\"\nkind = \"open\"\n\
    [[stages]]\nname = \"Offer\"\nkind = \"open\"\n[[stages]]\nname = \"Contract\"\nkind = \"open\"\n[[stages]]\nname = \"Closed Won\"\nkind = \"won\"\n\
    [[stages]]\nname = \"Closed Lost\"\nkind = \"lost\"\n";
const LOOSE: &str =
    "[rules]\nmax_reject_share = 0.5\n[rules.severity]\nconflicting_row = \"warn\"\nduplicate_row = \"warn\"\n";

/// Every output; of those that quote lines of the input, what does not depend on them.
fn without_lines(dir: &Path) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> =
        outputs(dir).into_iter().map(|(name, bytes)| (name, blake3::hash(&bytes).to_hex().to_string())).collect();
    let mut quality: Value = serde_json::from_slice(&fs::read(dir.join("quality.json")).unwrap()).unwrap();
    forget_lines(&mut quality);
    all.insert("quality.json".to_owned(), format!("{quality:#}"));
    let rejects = Table::read(&dir.join("rejects.csv"));
    let mut rejects: Vec<String> =
        rejects.iter().map(|row| ["column", "value", "rule"].map(|name| row.get(name)).join(",")).collect();
    rejects.sort();
    all.insert("rejects.csv".to_owned(), rejects.join("\n"));
    for (table, of_example) in [("issues", "column"), ("input_columns", "rule")] {
        let written = Table::read(&dir.join(format!("{table}.csv")));
        let quoted = ["file", "line", "value", "reason", "header", of_example];
        let kept: Vec<&str> = written.names().filter(|name| !quoted.contains(name)).collect();
        let rows = written.iter().map(|row| kept.iter().map(|name| row.get(name)).collect::<Vec<_>>().join(","));
        all.insert(format!("{table}.csv"), rows.collect::<Vec<_>>().join("\n"));
        all.remove(&format!("{table}.parquet"));
    }
    all
}

/// Takes out of a document what names files and lines.
fn forget_lines(value: &mut Value) {
    match value {
        Value::Object(object) => {
            ["examples", "inputs", "files", "first_rejects"].iter().for_each(|name| {
                object.remove(*name);
            });
            object.values_mut().for_each(forget_lines);
        }
        Value::Array(array) => array.iter_mut().for_each(forget_lines),
        _ => {}
    }
}

/// Runs the same rows in several orders, as one file and as several, and compares all that comes of it.
fn check(seed: u64, deals: usize, log: bool, config: &str, more: &str) {
    let world = DirtyWorld::new(seed, deals, log);
    let desk = Desk::empty();
    desk.write("world.toml", config);
    let run = |tables: &str, out: &str| {
        let models = format!("models-{out}");
        desk.ok(&format!("run --config world.toml {tables} --out {out} --models {models} {more} --quiet"));
        without_lines(&desk.path(out))
    };
    let first = run(&world.write(&desk.path("")), "first");
    assert!(first["rejects.csv"].contains("duplicate_") || config == LOOSE, "the world is too clean");
    let second = run(&world.shuffled(seed + 1).write(&desk.path("")), "second");
    let third = run(&world.shuffled(seed + 2).write_parts(&desk.path(""), 3), "third");
    for other in [second, third] {
        for (name, content) in &first {
            assert_eq!(Some(content), other.get(name), "{name} of seed {seed} depends on the order of rows");
        }
    }
}

#[test]
fn of_a_history_of_days_and_a_process_nobody_configured() {
    check(1, 150, false, "[rules]\nmax_reject_share = 0.5\n", "");
    check(2, 330, false, "[rules]\nmax_reject_share = 0.5\n", "--by size --by owner");
}

#[test]
fn of_a_history_with_old_values_and_a_process_in_the_configuration() {
    check(3, 330, true, STAGES, "--by size");
    check(4, 150, true, "[rules]\nmax_reject_share = 0.5\n", "");
}

#[test]
fn of_rows_that_may_stand_beside_each_other() {
    check(5, 150, false, LOOSE, "--by source");
}
