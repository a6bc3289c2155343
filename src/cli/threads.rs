//! `--threads`: how many threads rayon and polars compute with.
//!
//! rayon's pool is built here. polars builds its own on first use, from `POLARS_MAX_THREADS` and nothing else; a
//! program cannot change its own environment safely once it runs, so it starts itself again with the variable set.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::error::CliError;

const POLARS: &str = "POLARS_MAX_THREADS";

/// Sets both pools to `threads`. May replace the process by itself (same process id, arguments and files).
pub(crate) fn limit(threads: Option<u16>) -> Result<(), CliError> {
    let Some(threads) = threads else {
        return Ok(());
    };
    let wanted = threads.to_string();
    if env::var(POLARS).ok().as_deref() != Some(&wanted) {
        let program = env::current_exe().map_err(|e| CliError::internal(format!("cannot find this program: {e}")))?;
        let failure = Command::new(program).args(env::args_os().skip(1)).env(POLARS, &wanted).exec();
        return Err(CliError::internal(format!("cannot start again with {POLARS}={wanted}: {failure}")));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(usize::from(threads))
        .build_global()
        .map_err(|e| CliError::internal(format!("cannot start {threads} threads: {e}")))
}
