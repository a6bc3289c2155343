//! Ctrl-C, SIGTERM and SIGHUP: give up what is being written, keep what was there, exit 130.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dealcast::store::folder::Abandon;

use super::error::CliError;

static WRITING: Mutex<Option<Abandon>> = Mutex::new(None);
static HEARD: AtomicBool = AtomicBool::new(false);

/// Starts listening.
pub(crate) fn listen() -> Result<(), CliError> {
    ctrlc::set_handler(stop).map_err(|e| CliError::internal(format!("cannot listen for interrupts: {e}")))
}

/// Names what an interrupt has to give up.
pub(crate) fn guard(folder: Abandon) {
    *WRITING.lock().unwrap_or_else(PoisonError::into_inner) = Some(folder);
}

/// Waits for the end if an interrupt was heard: the failures it causes on other threads are no news.
pub(crate) fn yield_to_interrupt() {
    while HEARD.load(Ordering::SeqCst) {
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[expect(clippy::exit, reason = "the other threads are at work and have nothing to add")]
fn stop() {
    HEARD.store(true, Ordering::SeqCst);
    if let Some(folder) = WRITING.lock().unwrap_or_else(PoisonError::into_inner).take() {
        folder.abandon();
    }
    process::exit(130);
}
