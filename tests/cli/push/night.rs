//! `run --push`: the outputs are in place first and stay as they are, whatever becomes of the push.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::double::{Double, FailingRequests, Fault};
use super::espocrm::assert_nothing_twice;
use super::espocrm_double::{EspoDouble, KEY};
use crate::harness::{Desk, Finished, Table, names, outputs};

/// An export whose every deal the double holds, with a section for it and one for a table.
struct Night {
    desk: Desk,
    double: Double<EspoDouble>,
    day: String,
}

impl Night {
    fn new() -> Self {
        let desk = Desk::with_world(500, 600);
        for table in ["deals.csv", "stage_history.csv"] {
            desk.write(table, desk.read(table).replace("D0", "13x10"));
        }
        let deals = Table::parse(&desk.read("deals.csv"));
        let double = Double::start(EspoDouble::new(deals.column("deal_id")));
        let sources = ["deals", "stage_history", "users", "quotas"];
        let sources: String =
            sources.iter().map(|table| format!("[sources.{table}]\npath = \"{table}.csv\"\n")).collect();
        let fields = "probability = \"cWinScore\"\nscored_at = \"cScoredAt\"\n";
        let crm = format!(
            "[push.crm]\ntarget = \"espocrm\"\nurl = \"{}\"\nsecret = {{ file = \"key\" }}\ntries = 2\n[push.crm.fields]\n{fields}",
            double.url
        );
        let table =
            "[push.table]\ntarget = \"sqlite\"\nfile = \"scores.sqlite\"\n[push.table.fields]\nscore = \"score\"\n";
        desk.write("dealcast.toml", format!("{sources}{crm}{table}"));
        desk.write("key", KEY);
        Self { desk, double, day: crate::world::date(600) }
    }

    fn run(&self, out: &str, more: &str) -> Finished {
        self.desk.run(&format!("run --as-of {} --models models --out {out} {more}", self.day))
    }

    fn writes(&self) -> usize {
        self.double.crm().writes.len()
    }

    fn scored(&self, out: &str) -> usize {
        Table::read(&self.desk.path(out).join("scores.csv")).rows()
    }

    fn json(&self, path: &PathBuf) -> Value {
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    fn told(&self) -> Value {
        self.json(&self.desk.path("push/night.json"))
    }

    /// Whatever became of the push, the run's own files are those of a run without it.
    fn assert_whole(&self, out: &str) {
        let (without, with) = (outputs(&self.desk.path("plain")), outputs(&self.desk.path(out)));
        assert_eq!(without.keys().collect::<Vec<_>>(), with.keys().collect::<Vec<_>>());
        for (name, content) in &without {
            assert!(with[name] == *content, "{name} of {out}");
        }
        self.desk.ok(&format!("check --outputs {out}"));
    }
}

#[test]
fn scores_are_in_every_target_after_the_run_and_a_second_run_of_the_night_writes_nothing() {
    let night = Night::new();
    assert_eq!(night.run("plain", "").code, 0);
    assert_eq!(night.run("out", "--push nobody").code, 2);
    assert!(!night.desk.path("out").exists(), "an unknown name is told before the work");
    let dry = night.run("out", "--push --dry-run");
    assert_eq!((dry.code, night.writes()), (0, 0), "{}", dry.stderr);
    assert!(dry.stderr.contains("crm: planned; nothing is written in a dry run"), "{}", dry.stderr);
    assert!(!night.desk.path("scores.sqlite").exists());
    night.assert_whole("out");
    let planned = night.desk.ok("push apply crm --dry-run --limit 7 --format csv");
    assert_eq!((Table::parse(&planned.stdout).rows(), night.writes()), (7, 0), "{}", planned.stderr);
    assert!(planned.stderr.contains("7 deals would be sent to crm"), "{}", planned.stderr);

    let pushed = night.run("out", "--push");
    let deals = night.scored("out");
    assert_eq!((pushed.code, night.writes()), (0, deals), "{}", pushed.stderr);
    for told in ["crm: done", "table: done", "hold what was pushed", &format!("{deals} planned = {deals} written")] {
        assert!(pushed.stderr.contains(told), "{told}: {}", pushed.stderr);
    }
    night.assert_whole("out");
    let told = night.told();
    for target in told["targets"].as_array().unwrap() {
        assert_eq!((&target["complete"], &target["counts"]["written"]), (&Value::from(true), &Value::from(deals)));
        let receipt = night.json(&target["receipt"].as_str().map(|path| night.desk.path(path)).unwrap());
        assert_eq!((&receipt["planned"], &receipt["plan"]), (&Value::from(deals), &target["plan"]));
        assert_eq!(receipt["run"].as_str().map(PathBuf::from), Some(fs::canonicalize(night.desk.path("out")).unwrap()));
        assert_eq!(receipt["commands"].as_array().unwrap().len(), 1, "{receipt}");
    }

    let again = night.run("out", "--push");
    assert_eq!((again.code, night.writes()), (0, deals), "{}", again.stderr);
    assert!(again.stderr.contains("crm: done; nothing to write"), "{}", again.stderr);
    assert_eq!(names(&night.desk.path("push/crm/receipts")).len(), 2);
    assert_nothing_twice(&night.double.crm().writes);
}

#[test]
fn a_push_that_stops_leaves_the_outputs_whole_and_keeps_no_other_target_from_its_scores() {
    let night = Night::new();
    assert_eq!(night.run("plain", "").code, 0);
    let deals = night.scored("plain");
    // The quota of the day is used up after some records.
    night.double.crm().faults = [Fault::None, Fault::None, Fault::Quota].into_iter().collect();
    let stopped = night.run("out", "--push crm table --quiet");
    assert_eq!(stopped.code, 5, "{}", stopped.stderr);
    for told in ["the run is done and its outputs are in place", "crm: the push stopped: ", "`dealcast push resume`"] {
        assert!(stopped.stderr.contains(told), "{told}: {}", stopped.stderr);
    }
    night.assert_whole("out");
    let told = night.told();
    let of =
        |name: &str| told["targets"].as_array().unwrap().iter().find(|target| target["name"] == name).unwrap().clone();
    assert_eq!((of("crm")["complete"].clone(), of("table")["counts"]["written"].clone()), (false.into(), deals.into()));
    let receipt = night.json(&night.desk.path(of("crm")["receipt"].as_str().unwrap()));
    assert!(receipt["commands"][0]["stopped"].as_str().unwrap().contains("86400"), "{receipt}");
    // The next night plans anew and ends what this one began.
    night.double.crm().faults.clear();
    let next = night.run("out", "--push crm");
    assert_eq!((next.code, night.writes()), (0, deals), "{}", next.stderr);
    assert_nothing_twice(&night.double.crm().writes);
    // Somebody's values far from ours, everywhere: nothing is written before somebody has looked.
    night.double.crm().records.values_mut().for_each(|record| {
        let held = record.get("cWinScore").and_then(Value::as_f64).unwrap_or(0.0);
        record.insert("cWinScore".to_owned(), (if held > 0.5 { 0.01 } else { 0.99 }).into());
    });
    let refused = night.run("out", "--push crm");
    assert_eq!((refused.code, night.writes()), (5, deals), "{}", refused.stderr);
    for told in ["would change by", "--allow-large-changes"] {
        assert!(refused.stderr.contains(told), "{told}: {}", refused.stderr);
    }
    // A key that is refused, and a folder somebody else works on.
    night.desk.write("key", "wrong");
    let refused = night.run("out", "--push crm");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("refuses the key (401)"), "{}", refused.stderr);
    let lock = fs::File::create(night.desk.path("push/table/.lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(night.run("out", "--push table").code, 6);
    night.assert_whole("out");
}

#[test]
fn a_server_that_is_gone_for_the_reading_again_is_not_said_to_have_taken_nothing() {
    let night = Night::new();
    // The user is asked for before the plan, before the first write and before the reading again.
    night.double.fail(FailingRequests { word: "App/user", after: 2, times: usize::MAX, status: None });
    let told = night.run("out", "--push crm");
    assert_eq!((told.code, night.writes()), (5, night.scored("out")), "{}", told.stderr);
    assert!(!told.stderr.contains("nothing was written"), "{}", told.stderr);
    assert!(told.stderr.contains("`dealcast push verify crm` reads it again later"), "{}", told.stderr);
}

#[test]
fn a_night_that_cannot_be_noted_hides_no_push_that_failed() {
    let night = Night::new();
    // A folder that is not empty, where the file goes.
    fs::create_dir_all(night.desk.path("push/night.json/in_the_way")).unwrap();
    let unsaved = night.run("out", "--push table");
    assert_ne!(unsaved.code, 0);
    assert!(unsaved.stderr.contains("night.json"), "{}", unsaved.stderr);
    night.desk.write("key", "wrong");
    let both = night.run("out", "--push crm");
    assert_ne!(both.code, 0);
    for told in ["refuses the key (401)", "night.json"] {
        assert!(both.stderr.contains(told), "{told}: {}", both.stderr);
    }
}
