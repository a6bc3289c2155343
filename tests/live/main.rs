//! `dealcast push` against a real server: a test server of yours, for ten minutes.
//!
//! Switched on by environment variables (`dealcast help push` lists them); without them the trials are reported as ignored. The
//! same play always runs against the doubles of the suite, started as somebody starts it who has a server, so that it works
//! when somebody needs it. It writes a few named deals, prints every command with what it said, creates nothing, and puts back
//! what was filled before.
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
mod rehearsal;
mod server;
#[path = "../cli/push/vtiger_double.rs"]
mod vtiger_double;
#[path = "../cli/world.rs"]
#[expect(dead_code, reason = "the tests of the command line use the rest")]
mod world;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};
use play::play;
use server::LiveServer;

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
    libtest_mimic::run(&arguments, live.into_iter().chain(rehearsal::trials()).collect()).exit_code()
}
