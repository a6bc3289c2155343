//! Nothing of anybody else is replaced, removed or put among other things.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::harness::{Desk, Finished, PROGRAM, TABLES, names, outputs};
use crate::world::LAST_DAY;

/// The command is refused as wrong usage, with these words and with what to do about it.
fn refused(desk: &Desk, arguments: &str, words: &str) {
    let finished = desk.run(arguments);
    assert_eq!(finished.code, 2, "{arguments}: {}", finished.stderr);
    assert!(finished.stderr.contains(words) && finished.stderr.contains("hint: "), "{arguments}: {}", finished.stderr);
}

fn mode(desk: &Desk, name: &str) -> u32 {
    fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o7777
}

#[test]
fn outputs_that_would_replace_what_is_needed_are_refused_before_any_work() {
    let desk = Desk::with_world(60, LAST_DAY);
    fs::create_dir_all(desk.path("nest/models/scores")).unwrap();
    fs::create_dir_all(desk.path("input")).unwrap();
    fs::rename(desk.path("deals.csv"), desk.path("input/deals.csv")).unwrap();
    symlink("nest", desk.path("link")).unwrap();
    let cases = [
        ("nest --models nest/models", "contains"),
        ("nest/models --models nest/models", "is"),
        ("nest/models/out --models link/models", "lies in"),
        ("link/../nest/new/.. --models link/models", "contains"),
        ("new --models new/models", "contains"),
        (". --models ../models", "contains"),
        ("../x/.. --models m", "contains"),
        ("input --models m", "contains"),
        ("link/models/scores --models nest/models", "is"),
    ];
    let before = desk.names();
    for (out, relation) in cases {
        refused(&desk, &format!("run --deals input/deals.csv --out {out}"), &format!(" {relation} /"));
    }
    // Not even the input is looked for.
    refused(&desk, "run --deals gone.csv --out nest --models nest/models", "the folder of models");
    desk.write("conf.toml", "[sources.deals]\npath = \"input/deals.csv\"\n");
    fs::create_dir(desk.path("conf")).unwrap();
    fs::rename(desk.path("conf.toml"), desk.path("conf/c.toml")).unwrap();
    refused(&desk, "run --config conf/c.toml --data . --out conf --models m", "the configuration");
    fs::remove_dir_all(desk.path("conf")).unwrap();
    assert_eq!((desk.names(), names(&desk.path("input"))), (before, vec!["deals.csv".to_owned()]));
}

#[test]
fn files_that_are_called_as_a_lock_would_be_stay() {
    let desk = Desk::with_world(60, LAST_DAY);
    for name in ["Cargo.lock", ".Cargo.partial", ".Cargo.previous", ".Cargo.lock", "held.lock"] {
        desk.write(name, "mine");
    }
    fs::create_dir(desk.path("held")).unwrap();
    desk.write("held/notes.txt", "mine");
    let before = desk.names();
    desk.nightly("--out Cargo");
    desk.ok("simulate --deals 20 --out held.world --quiet");
    assert_eq!(desk.run("simulate --deals 20 --out held").code, 2);
    assert_eq!(desk.run(&format!("run {TABLES} --out held")).code, 2);
    let after: Vec<String> = desk.names();
    assert!(before.iter().all(|name| after.contains(name)), "{after:?}");
    assert_eq!(desk.read("Cargo.lock"), "mine");
}

#[test]
fn a_file_put_there_while_the_run_works_stays() {
    let desk = Desk::with_world(80, LAST_DAY);
    desk.nightly("--out out");
    let before = outputs(&desk.path("out"));
    let mut run = Command::new(PROGRAM);
    run.args(["run", "--deals", "-", "--out", "out"]).current_dir(desk.path(""));
    let mut run = run.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = run.stdin.take().unwrap();
    while !desk.path(".out.dealcast-partial").is_dir() && run.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(5));
    }
    desk.write("out/notes.txt", "mine");
    input.write_all(desk.read("deals.csv").as_bytes()).unwrap();
    drop(input);
    let finished = Finished::of(run.wait_with_output().unwrap(), "run");
    assert_eq!(finished.code, 2, "{}", finished.stderr);
    assert!(finished.stderr.contains("notes.txt"), "{}", finished.stderr);
    assert_eq!(desk.read("out/notes.txt"), "mine");
    fs::remove_file(desk.path("out/notes.txt")).unwrap();
    assert_eq!(outputs(&desk.path("out")), before);
}

#[test]
fn nothing_is_put_among_the_outputs_of_a_run() {
    let desk = Desk::with_world(300, LAST_DAY);
    desk.nightly("--out out");
    symlink("out", desk.path("link")).unwrap();
    let before = outputs(&desk.path("out"));
    let among = "holds the outputs of a nightly run";
    for command in ["forecast --owner rep1", "history D0001", "check", "features", "sources"] {
        for out in ["out", "out/deeper", "link", "./link/../out/"] {
            refused(&desk, &format!("{command} {TABLES} --out {out}"), among);
        }
    }
    refused(&desk, "models list --out out", among);
    refused(&desk, &format!("train {TABLES} --models out/models"), "outputs of a nightly run");
    refused(&desk, &format!("backtest {TABLES} --models link/models"), "outputs of a nightly run");
    refused(&desk, &format!("run {TABLES} --out out/again"), among);
    refused(&desk, "simulate --out out/world", among);
    refused(&desk, "revise --file out/revisions.csv --owner a --period 2026-Q1 --amount 1", among);
    assert_eq!(outputs(&desk.path("out")), before);
    desk.ok(&format!("forecast {TABLES} --out beside --quiet"));
    desk.nightly("--out out");
}

#[test]
fn a_single_table_never_replaces_what_is_read() {
    let desk = Desk::with_world(60, LAST_DAY);
    fs::create_dir(desk.path("parts")).unwrap();
    fs::rename(desk.path("deals.csv"), desk.path("parts/funnel.csv")).unwrap();
    let deals = desk.read("parts/funnel.csv");
    symlink("parts/funnel.csv", desk.path("stages.csv")).unwrap();
    refused(&desk, "funnel --deals parts/funnel.csv --out parts", "an input");
    refused(&desk, "funnel --deals parts --out parts", "would be read as input the next time");
    refused(&desk, "funnel --deals parts/../parts/f*.csv --out parts", "an input");
    refused(&desk, "sources --deals parts/*.csv --out parts", "would be read as input the next time");
    refused(&desk, "forecast --deals parts --models kept --out kept/new", "the folder of models");
    refused(&desk, "models log --models kept --out kept", "the folder of models");
    assert_eq!((desk.read("parts/funnel.csv"), names(&desk.path("parts"))), (deals, vec!["funnel.csv".to_owned()]));
}

#[test]
fn a_world_replaces_only_what_is_as_it_was_made() {
    let desk = Desk::empty();
    desk.ok("simulate --deals 30 --out world --quiet");
    fs::create_dir(desk.path("real")).unwrap();
    fs::copy(desk.path("world/dealcast.toml"), desk.path("real/dealcast.toml")).unwrap();
    desk.write("real/deals.csv", "real");
    refused(&desk, "simulate --deals 30 --out real", "was not written by this command");
    assert_eq!(desk.read("real/deals.csv"), "real");
    // A copy of a whole world with one real table in it.
    desk.write("world/quotas.csv", "real");
    refused(&desk, "simulate --deals 30 --out world", "quotas.csv");
    assert_eq!(desk.read("world/quotas.csv"), "real");
    fs::remove_file(desk.path("world/quotas.csv")).unwrap();
    desk.write("world/truth/mine.txt", "mine");
    refused(&desk, "simulate --deals 30 --out world", "mine.txt");
    fs::remove_file(desk.path("world/truth/mine.txt")).unwrap();
    desk.ok("simulate --deals 30 --out world --format parquet --quiet");
    assert!(desk.path("world/quotas.parquet").is_file() && !desk.path("world/deals.csv").exists());
}

#[test]
fn a_list_that_names_what_lies_outside_takes_nothing_there() {
    let desk = Desk::empty();
    desk.ok("simulate --deals 30 --out world --quiet");
    fs::copy(desk.path("world/users.csv"), desk.path("mine.csv")).unwrap();
    let mut list: Vec<serde_json::Value> = serde_json::from_str(&desk.read("world/truth/files.json")).unwrap();
    let mut outside = list.iter().find(|listed| listed["file"] == "users.csv").unwrap().clone();
    outside["file"] = "../mine.csv".into();
    list.push(outside);
    desk.write("world/truth/files.json", serde_json::to_string(&list).unwrap());
    desk.ok("simulate --deals 30 --out world --quiet");
    assert!(desk.path("mine.csv").is_file());
}

#[test]
fn modes_are_carried_over_and_new_files_follow_the_umask() {
    let desk = Desk::with_world(400, LAST_DAY);
    let script = format!(
        "umask 077; \"$0\" run {TABLES} --out out --quiet && \"$0\" forecast {TABLES} --out one --quiet \
         && \"$0\" simulate --deals 20 --out world --quiet \
         && \"$0\" revise --owner a --period 2026-Q1 --amount 1 --file r.csv --quiet"
    );
    let output = Command::new("bash").args(["-c", &script, PROGRAM]).current_dir(desk.path("")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut checked = 0;
    for folder in ["out", "one", "world", "world/truth", "models", "models/scores"] {
        assert_eq!(mode(&desk, folder), 0o700, "{folder}");
        for name in names(&desk.path(folder)).into_iter().map(|name| format!("{folder}/{name}")) {
            let is_folder = desk.path(&name).is_dir();
            assert_eq!(mode(&desk, &name), if is_folder { 0o700 } else { 0o600 }, "{name}");
            checked += 1;
        }
    }
    assert!(checked > 60 && mode(&desk, "r.csv") == 0o600, "{checked}");
    // Under the usual umask everything that was closed stays closed.
    fs::set_permissions(desk.path("one/forecast.csv"), fs::Permissions::from_mode(0o640)).unwrap();
    desk.nightly("--out out");
    desk.ok(&format!("forecast {TABLES} --out one --quiet"));
    assert_eq!(
        (mode(&desk, "out"), mode(&desk, "out/scores.csv"), mode(&desk, "one/forecast.csv")),
        (0o700, 0o600, 0o640)
    );
}

#[test]
fn places_that_cannot_be_written_are_told_before_the_work_and_in_one_way() {
    let desk = Desk::with_world(60, LAST_DAY);
    symlink("gone", desk.path("dangling")).unwrap();
    symlink("circle", desk.path("circle")).unwrap();
    desk.write("file", "");
    // The input is not there either, which would be told next.
    for out in ["dangling", "dangling/deep", "circle", "file", "file/deep"] {
        for command in ["run --deals gone.csv", "funnel --deals gone.csv"] {
            refused(&desk, &format!("{command} --out {out}"), out);
        }
        refused(&desk, &format!("simulate --out {out}"), out);
    }
    let writers = ["run --deals gone.csv", "train --deals gone.csv", "backtest --deals gone.csv", "models promote x"];
    for models in ["dangling", "circle", "file", "file/deep"] {
        let messages = writers.into_iter().chain(["models rollback", "models unpin"]).map(|command| {
            let finished = desk.run(&format!("{command} --models {models}"));
            assert_eq!(finished.code, 2, "{command}: {}", finished.stderr);
            finished.stderr
        });
        let messages: std::collections::BTreeSet<String> = messages.collect();
        assert_eq!(messages.len(), 1, "{models}: {messages:?}");
    }
    assert!(!desk.path("gone").exists() && desk.read("file").is_empty());
}
