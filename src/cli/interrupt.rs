//! Ctrl-C, SIGTERM and SIGHUP: give up what is being written, keep what was there, exit 130. The same after a fault of the
//! program, which must not leave half a run or wait for threads that will never end.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use dealcast::store::folder::Abandon;

use super::error::{CliError, ErrorKind};
use super::signals;

static WRITING: Mutex<Option<Abandon>> = Mutex::new(None);
static HEARD: AtomicBool = AtomicBool::new(false);

/// Starts listening.
pub(crate) fn listen() -> Result<(), CliError> {
    let failed = |error| CliError::of_io(ErrorKind::Internal, format!("cannot listen for interrupts: {error}"), &error);
    let mut signals = signals::to_end_at().map_err(failed)?;
    let wait = move || {
        if signals.forever().next().is_some() {
            stop();
        }
    };
    thread::Builder::new().name("interrupts".to_owned()).spawn(wait).map(drop).map_err(failed)
}

/// Names what an interrupt has to give up.
pub(crate) fn guard(folder: Abandon) {
    *WRITING.lock().unwrap_or_else(PoisonError::into_inner) = Some(folder);
}

/// Waits for the end if an interrupt was heard: the failures it causes on other threads are no news.
pub(crate) fn yield_to_interrupt() {
    while HEARD.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(50));
    }
}

fn stop() {
    HEARD.store(true, Ordering::SeqCst);
    give_up(130);
}

/// Ends the process without waiting for anything.
#[expect(clippy::exit, reason = "the other threads are at work and have nothing to add")]
pub(crate) fn give_up(code: u8) -> ! {
    if let Some(folder) = WRITING.lock().unwrap_or_else(PoisonError::into_inner).take() {
        folder.abandon();
    }
    process::exit(code.into())
}
