//! Whatever stops a run, the outputs of the one before stay whole.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::harness::{Desk, Finished, PROGRAM, TABLES, outputs};
use crate::world::LAST_DAY;

/// The shell's answer to `script`, run in the desk's folder with the program as `$0`.
fn shell(desk: &Desk, script: &str) -> Finished {
    let output = Command::new("bash").args(["-c", script, PROGRAM]).current_dir(desk.path("")).output().unwrap();
    Finished::of(output, script)
}

#[test]
fn a_second_run_is_told_to_wait() {
    let desk = Desk::with_world(200, LAST_DAY);
    let lock = File::create(desk.path(".out.dealcast-lock")).unwrap();
    lock.try_lock().unwrap();
    let finished = desk.run(&format!("run {TABLES} --out out"));
    assert_eq!(finished.code, 6, "{}", finished.stderr);
    assert!(finished.stderr.contains("another run is writing to") && finished.stderr.contains("hint: wait for it"));
    drop(lock);
    desk.nightly("--out out");
    assert!(!desk.names().contains(&".out.dealcast-lock".to_owned()), "the lock is gone with the run");
}

#[test]
fn an_interrupt_leaves_the_earlier_run_and_nothing_beside_it() {
    for signal in ["INT", "TERM", "HUP"] {
        let desk = Desk::with_world(300, LAST_DAY);
        desk.nightly("--out out");
        let before = outputs(&desk.path("out"));
        // Input that never ends keeps the run at work until it is interrupted.
        let mut run = Command::new(PROGRAM);
        run.args(["run", "--deals", "-", "--out", "out"]).current_dir(desk.path("")).process_group(0);
        let mut run = run.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Held open until the run is gone: an end of the input would race with the signal.
        let _input = run.stdin.take();
        let partial = desk.path(".out.dealcast-partial");
        while !partial.is_dir() && run.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(5));
        }
        // The folder is there a moment before it is guarded.
        sleep(Duration::from_millis(50));
        assert!(Command::new("kill").args(["-s", signal, &run.id().to_string()]).status().unwrap().success());
        let finished = Finished::of(run.wait_with_output().unwrap(), signal);
        assert_eq!(finished.code, 130, "{signal}: {}", finished.stderr);
        assert_eq!(outputs(&desk.path("out")), before, "{signal}");
        assert!(
            !desk.names().iter().any(|name| name.starts_with('.') || name.ends_with(".lock")),
            "{:?}",
            desk.names()
        );
    }
}

#[test]
fn a_disk_that_fills_up_leaves_the_earlier_run() {
    let desk = Desk::with_world(700, LAST_DAY);
    desk.nightly("--out out");
    let before = outputs(&desk.path("out"));
    // No file may grow beyond 40 KiB: the writes fail as they do on a full disk.
    let limited = format!("trap '' XFSZ; ulimit -f 40; exec \"$0\" run {TABLES} --out out --by owner --by source");
    let finished = shell(&desk, &limited);
    assert_eq!(finished.code, 1, "{}", finished.stderr);
    assert!(finished.stderr.contains("error: cannot write "), "{}", finished.stderr);
    assert_eq!(outputs(&desk.path("out")), before);
    assert!(!desk.names().iter().any(|name| name.starts_with('.')), "{:?}", desk.names());

    let limited = format!("trap '' XFSZ; ulimit -f 40; exec \"$0\" forecast {TABLES} --out tables");
    let finished = shell(&desk, &limited);
    assert_eq!(finished.code, 1, "{}", finished.stderr);
    assert!(finished.stderr.contains("error: cannot write tables/forecast.csv"), "{}", finished.stderr);
    assert_eq!(fs::read_dir(desk.path("tables")).unwrap().count(), 0);
}

#[test]
fn a_folder_with_other_things_in_it_is_never_replaced() {
    let desk = Desk::with_world(200, LAST_DAY);
    fs::create_dir(desk.path("out")).unwrap();
    desk.write("out/notes.txt", "mine");
    let finished = desk.run(&format!("run {TABLES} --out out"));
    assert_eq!(finished.code, 2);
    assert!(finished.stderr.contains("notes.txt") && finished.stderr.contains("hint: name a new folder"));
    let finished = desk.run("simulate --deals 100 --out out");
    assert_eq!(finished.code, 2, "{}", finished.stderr);
    assert_eq!(desk.read("out/notes.txt"), "mine");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let desk = Desk::with_world(400, LAST_DAY);
    let finished = shell(&desk, &format!("set -o pipefail; \"$0\" forecast {TABLES} --format csv --quiet | head -n 1"));
    assert_eq!((finished.code, finished.stderr.as_str()), (0, ""));
    assert!(finished.stdout.starts_with("level,node,period"), "{}", finished.stdout);
    let unread = shell(&desk, &format!("\"$0\" funnel {TABLES} --quiet >&-"));
    assert_eq!(unread.code, 0, "{}", unread.stderr);
}
