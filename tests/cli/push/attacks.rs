//! What can happen to the machine that pushes: a kill between the line of the ledger and the request, a full disk, half a line,
//! a ledger of an older version, a folder somebody else works on.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::double::Fault;
use super::espocrm::{assert_nothing_twice, assert_right, double, espo_desk};
use super::espocrm_double::KEY;
use super::scene::{books, count, plan, scored};
use crate::harness::PROGRAM;

const LEDGER: &str = "push/crm/ledger.jsonl";

/// A request that never arrives, and one that is done when the push is dead.
#[test]
fn killed_after_the_line_of_the_ledger_and_before_the_server_has_done_anything() {
    for fault in [Fault::Drop, Fault::None] {
        let double = double();
        let desk = espo_desk(&double.url, KEY, "parallel = 1");
        plan(&desk, "first");
        double.slow_down(Duration::from_millis(1500));
        double.crm().faults = [fault].into_iter().collect();
        let mut push = Command::new(PROGRAM);
        push.current_dir(desk.path("")).args(["push", "apply", "-q"]);
        let mut push = push.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        for _ in 0..500 {
            if fs::read_to_string(desk.path(LEDGER)).is_ok_and(|text| text.ends_with('\n')) {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        push.kill().unwrap();
        assert!(!push.wait().unwrap().success());
        assert_eq!(desk.read(LEDGER).lines().count(), 1, "the line before the answer, and none after it");
        let told = books(&desk);
        assert!(told["reasons"].to_string().contains("sent, no answer noted"), "{told}");
        double.slow_down(Duration::ZERO);
        desk.ok("push resume");
        assert_eq!(count(&books(&desk), "written"), scored("first").len());
        assert_right(&double);
        assert_nothing_twice(&double.crm().writes);
    }
}

/// `ulimit -f`: the kernel lets no file grow beyond so many blocks of 512 bytes, and the signal that would end the process is ignored,
/// so that the write fails as on a full disk.
#[test]
fn a_ledger_that_cannot_grow_stops_the_push_before_the_next_record_and_it_is_gone_on_with() {
    for blocks in [1, 2, 3, 5] {
        let double = double();
        let desk = espo_desk(&double.url, KEY, "parallel = 3");
        plan(&desk, "first");
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let mut push = Command::new("sh");
        push.args(["-c", &script, "sh", PROGRAM, "push", "apply"]).current_dir(desk.path(""));
        let told = push.output().unwrap();
        let words = String::from_utf8_lossy(&told.stderr);
        assert!(!told.status.success() && words.contains("ledger.jsonl"), "{blocks}: {words}");
        assert!(words.contains("`dealcast push resume` goes on"), "{blocks}: {words}");
        let noted = desk.read(LEDGER);
        assert!(noted.is_empty() || noted.ends_with('\n'), "half a line is taken back: {noted}");
        // Every request has its line: what arrived is at most what was noted before.
        let sent = noted.lines().filter(|line| line.contains("\"new\"")).count();
        assert!(double.crm().writes.len() <= sent, "{blocks}: {} writes of {sent}", double.crm().writes.len());
        books(&desk);
        desk.ok("push resume");
        assert_eq!(count(&books(&desk), "written"), scored("first").len(), "{blocks}");
        assert_right(&double);
        assert_nothing_twice(&double.crm().writes);
    }
}

#[test]
fn half_of_the_last_answer_is_told_read_again_and_not_sent_again() {
    let double = double();
    let desk = espo_desk(&double.url, KEY, "parallel = 1");
    plan(&desk, "first");
    desk.ok("push apply");
    let (text, writes) = (desk.read(LEDGER), double.crm().writes.len());
    let last = text.trim_end().rfind('\n').unwrap() + 1;
    for kept in [last, last + 1, last + (text.len() - last) / 2, text.len() - 2] {
        desk.write(LEDGER, &text[..kept]);
        let told = books(&desk);
        assert_eq!(count(&told, "unknown"), 1, "{kept}");
        let resumed = desk.ok("push resume");
        assert_eq!(resumed.stderr.contains("1 line of the ledger cannot be read"), kept > last, "{}", resumed.stderr);
        assert_eq!(double.crm().writes.len(), writes, "it was read, and not sent again");
    }
}

#[test]
fn a_ledger_of_an_older_version_is_gone_on_with() {
    let double = double();
    let desk = espo_desk(&double.url, KEY, "parallel = 1");
    plan(&desk, "first");
    desk.run("push apply --limit 3");
    // Older ones had no run, and what they said beside is passed over.
    let older: String = desk
        .read(LEDGER)
        .lines()
        .map(|line| {
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            let line = line.as_object_mut().unwrap();
            line.remove("run");
            line.insert("old".to_owned(), serde_json::json!({}));
            line.insert("host".to_owned(), "a".into());
            format!("{}\n", serde_json::Value::Object(line.clone()))
        })
        .collect();
    desk.write(LEDGER, older);
    assert_eq!(count(&books(&desk), "written"), 3);
    desk.ok("push resume");
    assert_eq!(double.crm().writes.len(), scored("first").len());
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
}

#[test]
fn without_its_ledger_a_plan_that_was_sent_is_not_sent_again() {
    let double = double();
    let desk = espo_desk(&double.url, KEY, "");
    plan(&desk, "first");
    assert_eq!(desk.run("push apply --limit 20").code, 5, "35 are left");
    fs::remove_file(desk.path(LEDGER)).unwrap();
    for command in ["push resume", "push apply", "push retry"] {
        let refused = desk.run(command);
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        assert!(
            refused.stderr.contains("20 of its deals were written, and the ledger knows of none"),
            "{}",
            refused.stderr
        );
    }
    plan(&desk, "first");
    desk.ok("push apply");
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
}

#[test]
fn of_two_that_push_from_one_folder_one_waits_outside() {
    let double = double();
    let desk = espo_desk(&double.url, KEY, "parallel = 1");
    plan(&desk, "first");
    double.slow_down(Duration::from_millis(40));
    let start = || {
        let mut push = Command::new(PROGRAM);
        push.current_dir(desk.path("")).args(["push", "apply", "-q"]);
        push.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let codes: Vec<Option<i32>> =
        [start(), start(), start()].map(|mut push| push.wait().unwrap().code()).into_iter().collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(6)).count(), 2, "{codes:?}");
    assert_right(&double);
    assert_nothing_twice(&double.crm().writes);
}
