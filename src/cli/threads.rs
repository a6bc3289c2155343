//! How many threads rayon and polars compute with, and whether they can be started.
//!
//! rayon's pool is built here. polars builds its own on first use, from `POLARS_MAX_THREADS` and nothing else; a
//! program cannot change its own environment safely once it runs, so it starts itself again with the variable set.

use std::env;
use std::io;
use std::num::NonZero;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;

use itertools::Itertools;

use super::error::{CliError, ErrorKind};

const POLARS: &str = "POLARS_MAX_THREADS";
/// Pools of the size asked for that others build once a run is under way: two of polars, which cannot say that they failed.
const LATER_POOLS: usize = 2;
/// Threads beside the pools: who listens for interrupts, who reads (two tables at once), who draws the progress.
const SINGLE_THREADS: usize = 4;

/// Sets both pools to `threads`; one per processor if not given. May replace the process by itself (same process id,
/// arguments and files).
pub(crate) fn limit(threads: Option<u16>) -> Result<(), CliError> {
    if let Some(threads) = threads {
        let wanted = threads.to_string();
        if env::var(POLARS).ok().as_deref() != Some(&wanted) {
            let program =
                env::current_exe().map_err(|e| CliError::internal(format!("cannot find this program: {e}")))?;
            let failure = Command::new(program).args(env::args_os().skip(1)).env(POLARS, &wanted).exec();
            return Err(CliError::internal(format!("cannot start again with {POLARS}={wanted}: {failure}")));
        }
    }
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    start(threads.map_or(processors, usize::from))
}

/// Starts rayon's pool, and sees to it that there is room for all threads that others start later.
fn start(threads: usize) -> Result<(), CliError> {
    let failed = |error: &io::Error| {
        let message = format!("cannot start the threads to compute with ({threads} at a time): {error}");
        CliError::of_io(ErrorKind::Internal, message, error)
    };
    let polars = env::var(POLARS).ok().and_then(|text| text.parse().ok()).unwrap_or(threads);
    try_to_start(LATER_POOLS.saturating_mul(polars).saturating_add(threads + SINGLE_THREADS))
        .map_err(|error| failed(&error))?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    pool.map_err(|error| failed(&io::Error::new(io::ErrorKind::WouldBlock, error)))
}

/// Starts so many threads at once, and ends them.
fn try_to_start(threads: usize) -> io::Result<()> {
    let gate = Mutex::new(());
    thread::scope(|scope| {
        let closed = gate.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = || drop(gate.lock());
        let all = (0..threads).map(|_| thread::Builder::new().spawn_scoped(scope, wait));
        // All are there at once before the first may go, and gone before the pools want their room.
        let started: Vec<_> = all.take_while_inclusive(io::Result::is_ok).collect();
        drop(closed);
        started.into_iter().try_for_each(|thread| thread.map(|thread| drop(thread.join())))
    })
}
