//! `dealcast push` against a real server: a test server of yours, for ten minutes.
//!
//! Switched on by environment variables (`dealcast help push` lists them); without them the trials are reported as ignored. The
//! same play always runs against the doubles of the suite, so that it works when somebody needs it. It writes a few named
//! deals, prints every command with what it said, creates nothing, and puts back what was filled before.
//!
//!     DEALCAST_LIVE_ESPOCRM_URL=https://crm.example.com DEALCAST_LIVE_ESPOCRM_KEY_FILE=key \
//!     DEALCAST_LIVE_ESPOCRM_DEALS=64f1a0c9d1e2f3a4b,64f1a0c9d1e2f3a4c \
//!     DEALCAST_LIVE_ESPOCRM_FIELDS=probability=cWinProbability,score=cWinScore \
//!     cargo test --release --test live

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]
#![expect(clippy::disallowed_methods, reason = "every play has scores of its own, by the minute")]

#[path = "../cli/push/double.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod double;
#[path = "../cli/push/espocrm_double.rs"]
mod espocrm_double;
#[path = "../cli/push/espocrm_imports.rs"]
mod espocrm_imports;
#[path = "../cli/harness.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod harness;
mod play;
mod server;
#[path = "../cli/push/vtiger_double.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod vtiger_double;
#[path = "../cli/world.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod world;

use std::process::ExitCode;

use double::Double;
use espocrm_double::EspoDouble;
use libtest_mimic::{Arguments, Failed, Trial};
use play::play;
use server::LiveServer;
use vtiger_double::VtigerDouble;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let live = ["espocrm", "vtiger"].map(|target| {
        let server = LiveServer::from_environment(target);
        let ignored = matches!(server, Ok(None));
        Trial::test(format!("push_to_{target}_server"), move || {
            let server = server?.ok_or("no server is named")?;
            play(&server, &mut std::io::stdout());
            Ok(())
        })
        .with_ignored_flag(ignored)
    });
    let doubles = [Trial::test("push_to_espocrm_double", espocrm), Trial::test("push_to_vtiger_double", vtiger)];
    libtest_mimic::run(&arguments, live.into_iter().chain(doubles).collect()).exit_code()
}

/// The play on the double of EspoCRM: what was filled is as it was, nothing was created.
fn espocrm() -> Result<(), Failed> {
    let deals = ["64f1a0c9d1e2f3a4b", "64f1a0c9d1e2f3a4c", "64f1a0c9d1e2f3a4d"];
    let mut crm = EspoDouble::new(deals);
    crm.records.get_mut(deals[1]).unwrap().insert("cWinScore".to_owned(), 0.31.into());
    let double = Double::start(crm);
    let fields = "probability=cWinScore,score=cScore,model_id=cScoreModel,scored_at=cScoredAt";
    let server = LiveServer::new("espocrm", &double.url, None, espocrm_double::KEY, &deals.join(","), fields)?;
    let mut told = Vec::new();
    play(&server, &mut told);
    let crm = double.crm();
    assert_eq!((crm.records.len(), crm.records[deals[1]]["cWinScore"].as_f64()), (3, Some(0.31)));
    assert!(crm.records[deals[0]]["cWinScore"].as_f64().is_some(), "what was empty stays filled");
    told_all(&told)
}

fn vtiger() -> Result<(), Failed> {
    let deals = ["13x12", "13x14", "13x15"];
    let double = Double::start(VtigerDouble::new(deals));
    let fields = "probability=cf_win_score,model_id=cf_score_model,scored_at=cf_scored_on";
    let server = LiveServer::new("vtiger", &double.url, Some("scorer"), vtiger_double::KEY, &deals.join(","), fields)?;
    let mut told = Vec::new();
    play(&server, &mut told);
    assert_eq!(double.crm().records.len(), 3);
    assert!(deals.iter().all(|deal| double.crm().score(deal) == 0.0), "0 is what they held");
    told_all(&told)
}

/// Whoever runs it sees what was done.
fn told_all(told: &[u8]) -> Result<(), Failed> {
    let told = String::from_utf8(told.to_vec())?;
    for part in
        ["push setup", "push plan", "push probe", "push apply", "killed", "push resume", "push verify", "put back"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    Ok(())
}
