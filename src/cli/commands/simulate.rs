//! `dealcast simulate`: a seeded sales world, written aside and put in place whole.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dealcast::simulate::{
    FileFormat, SimulateError, WORLD_FILE, WORLD_MARK, WorldConfig, simulate as make_world, world_entries,
};
use dealcast::store::folder::OutputFolder;

use crate::cli::Session;
use crate::cli::args::{SimulateArgs, WorldFormat};
use crate::cli::error::CliError;
use crate::cli::interrupt;
use dealcast::report::words::count;

pub(crate) fn simulate(args: SimulateArgs, session: &Session) -> Result<(), CliError> {
    let SimulateArgs {
        deals,
        seed,
        first_day,
        as_of,
        format,
        owners,
        one_currency,
        signal,
        drift,
        missing,
        activity,
        rush,
        reopen,
        no_loss_reason,
        out,
    } = args;
    let default = WorldConfig::default();
    let config = WorldConfig {
        deals,
        seed,
        first_day: first_day.unwrap_or(default.first_day),
        as_of: as_of.unwrap_or(default.as_of),
        format: match format {
            WorldFormat::Csv => FileFormat::Csv,
            WorldFormat::Parquet => FileFormat::Parquet,
        },
        owners,
        multi_currency: !one_currency,
        signal,
        drift,
        missing,
        activity,
        rush,
        reopen,
        loss_reason: !no_loss_reason,
    };
    config.check()?;
    let folder = OutputFolder::open_for(&out, earlier_world)?;
    interrupt::guard(folder.abandon_handle());
    let made = make_world(&config, folder.staging(), &session.progress);
    let summary = made.map_err(|error| named_as_typed(error, folder.staging(), &out))?;
    session.progress.finish();
    folder.commit()?;
    session.printer.say(format!(
        "{}: {} won, {} lost, {} open on {}",
        count(summary.deals, "deal"),
        count(summary.won, "deal"),
        summary.lost,
        summary.open,
        config.as_of
    ));
    let history = summary.files.iter().map(|file| file.rows).sum();
    session.printer.say(format!(
        "{} in {} files; try: dealcast run --config {}",
        count(history, "row"),
        summary.files.len(),
        out.join(WORLD_FILE).display()
    ));
    Ok(())
}

/// The error with the place the user knows, not the hidden folder beside it.
fn named_as_typed(error: SimulateError, staging: &Path, out: &Path) -> SimulateError {
    let typed = |path: PathBuf| path.strip_prefix(staging).map_or_else(|_| path.clone(), |file| out.join(file));
    match error {
        SimulateError::Io { path, source } => SimulateError::Io { path: typed(path), source },
        SimulateError::Parquet { path, source } => SimulateError::Parquet { path: typed(path), source },
        other => other,
    }
}

/// What an earlier world put into `folder`: what worlds consist of, where its configuration says that it is one.
fn earlier_world(folder: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(folder.join(WORLD_FILE)).unwrap_or_default();
    let names = if text.starts_with(WORLD_MARK) { world_entries() } else { Vec::new() };
    names.into_iter().collect()
}
