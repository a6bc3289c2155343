//! `dealcast snapshot`: keep a dated copy of the deals table.

use std::path::{Path, PathBuf};

use clap::Args;
use dealcast::domain::day::Day;
use dealcast::run::copies::keep;
use dealcast::run::inputs::Inputs;

use crate::cli::args::{InputArgs, SourceArgs};
use crate::cli::clock::today;
use crate::cli::console::Console;
use crate::cli::error::CliError;
use crate::cli::settings::resolve_export;

#[derive(Debug, Args)]
pub(crate) struct SnapshotArgs {
    #[command(flatten)]
    pub sources: SourceArgs,
    /// Folder of the copies; `sources.deals.keep_in` of the configuration if not given
    #[arg(long, value_name = "DIR")]
    pub into: Option<PathBuf>,
    /// The day of the copy; today if not given
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub day: Option<Day>,
}

pub(crate) fn snapshot(args: SnapshotArgs, console: &Console) -> Result<(), CliError> {
    let SnapshotArgs { sources, into, day } = args;
    let inputs = resolve_export(InputArgs { sources, as_of: None }, console.printer)?;
    let Some(folder) = into.or_else(|| inputs.copies_folder()) else {
        let hint = "name it with --into DIR, or as `keep_in` under [sources.deals] in dealcast.toml";
        return Err(CliError::usage("no folder for the copies is given").hint(hint));
    };
    keep_copy(&inputs, &folder, day, console)
}

/// Keeps a copy in `folder` and says what is new in it.
pub(crate) fn keep_copy(inputs: &Inputs, folder: &Path, day: Option<Day>, console: &Console) -> Result<(), CliError> {
    let day = day.map_or_else(|| today(&inputs.config), Ok)?;
    keep(inputs, folder, day, console)?;
    console.progress.finish();
    Ok(())
}
