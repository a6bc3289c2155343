//! A secret is nowhere but in what is sent: not in outputs, plans, ledgers, logs and errors.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use super::double::{Double, Fault};
use super::espocrm::section;
use super::espocrm_double::{EspoDouble, KEY};
use super::scene::{desk, run, scored};
use super::vtiger_double::{KEY as VTIGER_KEY, VtigerDouble};
use crate::harness::{Desk, PROGRAM};

/// More exact names are louder than what silences the whole of a library.
pub const LOUDEST: &str = "trace,ureq::run=trace,ureq_proto::client=trace,ureq_proto::util=trace,rustls::client=trace";

/// Every byte below a folder.
pub fn bytes_below(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() { bytes.extend(bytes_below(&path)) } else { bytes.extend(fs::read(&path).unwrap()) }
    }
    bytes
}

pub fn assert_without(bytes: &[u8], secret: &str, place: &str) {
    let found = bytes.windows(secret.len()).position(|window| window == secret.as_bytes());
    assert!(
        found.is_none(),
        "{place} holds the secret: {}",
        String::from_utf8_lossy(&bytes[found.unwrap_or(0).saturating_sub(200)..])
    );
}

/// Runs everything there is, as loudly as it goes.
pub fn run_all(desk: &Desk, secret: &str, name: &str, faults: &dyn Fn()) {
    let plan = format!("push plan --run {}", run(name).display());
    let parts = [
        "push setup",
        &plan,
        "push apply --dry-run",
        "push probe",
        "push apply --limit 4",
        "push resume --format json",
        "push retry",
        "push verify",
        "push status",
    ];
    for part in parts {
        faults();
        for more in ["-vvv", "-vvv --log-format json"] {
            let loud = format!("{part} {more}");
            let Output { stdout, stderr, .. } =
                desk.command(&loud).env("DEALCAST_LOG", LOUDEST).env("ESPO_KEY", secret).output().unwrap();
            assert_without(&stdout, secret, &format!("standard output of {loud}"));
            assert_without(&stderr, secret, &format!("standard error of {loud}"));
        }
    }
    assert_without(&bytes_below(&desk.path("push")), secret, "the folder of the push");
}

#[test]
fn a_secret_is_in_no_output_plan_ledger_log_or_error() {
    let double = Double::start(EspoDouble::new(scored("first").iter().map(|deal| deal.deal.as_str())));
    let faults = || double.crm().faults = [Fault::None, Fault::Half, Fault::Drop, Fault::Failure].into_iter().collect();
    run_all(&desk(&section(&double.url, "")), KEY, "first", &faults);
    assert!(!double.crm().writes.is_empty(), "the key was used");
    // A server that repeats it, in the answer and in a header.
    double.crm().repeats_key = true;
    run_all(&desk(&section(&double.url, "max_reject_share = 1.0")), KEY, "first", &|| {});
    // Wrong ones, whatever the server says, and servers that are gone.
    run_all(&desk(&section(&double.url, "")), "wrong-key-marked-55aa", "first", &|| {});
    run_all(
        &desk(&section("http://127.0.0.1:9", "timeout_seconds = 1\ntries = 1")),
        "gone-key-marked-66bb",
        "first",
        &|| {},
    );
}

#[test]
fn a_secret_from_a_command_is_as_hidden_and_an_absent_one_is_told() {
    let double = Double::start(VtigerDouble::new(scored("first").iter().map(|deal| deal.deal.as_str())));
    let text = |secret: &str| {
        format!(
            "[push.crm]\ntarget = \"vtiger\"\nurl = \"{}\"\nuser = \"scorer\"\nsecret = {secret}\n[push.crm.fields]\nprobability = \"cf_win_score\"\n",
            double.url
        )
    };
    let desk = desk(&text("{ command = [\"cat\", \"vault\"] }"));
    desk.write("vault", format!("{VTIGER_KEY}\n"));
    run_all(&desk, VTIGER_KEY, "first", &|| {});
    assert!(!double.crm().writes.is_empty(), "the key was used");
    for absent in
        ["{ env = \"DEALCAST_NO_SUCH_VARIABLE\" }", "{ command = [\"false\"] }", "{ command = [\"cat\", \"nothing\"] }"]
    {
        desk.write("dealcast.toml", text(absent));
        let refused = desk.run("push setup");
        assert_eq!(refused.code, 2, "{}", refused.stderr);
        assert!(refused.stderr.contains("no secret: the "), "{}", refused.stderr);
    }
}

/// Starts `program` where dumps are allowed, with the key in its environment, ends it with SIGABRT once `is_ready`, and gives back
/// what the kernel would have dumped of it and what it did.
fn aborted(desk: &Desk, program: &[&str], is_ready: &dyn Fn() -> bool) -> (String, Vec<u8>) {
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -c unlimited; exec \"$@\"", "sh"]).args(program).current_dir(desk.path(""));
    let mut child = command.env("ESPO_KEY", KEY).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !is_ready() {
        thread::sleep(Duration::from_millis(5));
    }
    let filter = fs::read_to_string(format!("/proc/{}/coredump_filter", child.id())).unwrap_or_default();
    assert!(Command::new("kill").args(["-ABRT", &child.id().to_string()]).status().unwrap().success());
    assert!(!child.wait().unwrap().success());
    let cores = crate::harness::names(&desk.path("")).into_iter().filter(|name| name.contains("core"));
    let dumped = cores.flat_map(|name| {
        let core = fs::read(desk.path(&name)).unwrap();
        fs::remove_file(desk.path(&name)).unwrap();
        core
    });
    (filter.trim().to_owned(), dumped.collect())
}

#[test]
#[cfg(target_os = "linux")]
fn a_crash_leaves_no_secret_on_the_disk() {
    let double = Double::start(EspoDouble::new(scored("first").iter().map(|deal| deal.deal.as_str())));
    let desk = desk(&section(&double.url, ""));
    let plan = format!("push plan --run {}", run("first").display());
    assert!(desk.command(&plan).env("ESPO_KEY", KEY).output().unwrap().status.success());
    double.slow_down(Duration::from_millis(40));
    let is_pushing = || !double.crm().writes.is_empty();
    let (filter, dumped) = aborted(&desk, &[PROGRAM, "push", "apply", "-q"], &is_pushing);
    assert_eq!(filter.trim_matches('0'), "", "no part of its memory goes into a dump");
    assert_without(&dumped, KEY, "the core dump");
    // Where this machine writes dumps, one of another program has what is in its environment.
    let looks = Cell::new(0);
    let is_up = || looks.replace(looks.get() + 1) > 20;
    let (_, other) = aborted(&desk, &["sleep", "5"], &is_up);
    let is_there = |bytes: &[u8]| bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes());
    assert!(other.is_empty() || is_there(&other), "a dump that shows nothing proves nothing");
    assert_eq!(other.is_empty(), dumped.is_empty(), "both are dumped, or none");
}
