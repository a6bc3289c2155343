//! A secret is nowhere but in what is sent: not in outputs, plans, ledgers, logs and errors.

use std::fs;
use std::path::Path;
use std::process::Output;

use super::double::{Double, Fault};
use super::espocrm::section;
use super::espocrm_double::{EspoDouble, KEY};
use super::scene::{desk, run, scored};
use super::vtiger_double::{KEY as VTIGER_KEY, VtigerDouble};
use crate::harness::Desk;

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
