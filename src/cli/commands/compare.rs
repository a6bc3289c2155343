//! `dealcast compare`: what moved between two finished runs.

use std::path::PathBuf;

use clap::Args;
use dealcast::run::answers;

use crate::cli::args::TableArgs;
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit_among;
use crate::cli::error::CliError;

#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// Folder of the earlier run
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// Folder of the later run
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// The deals that changed, in place of the bridges
    #[arg(long)]
    pub by_deal: bool,
    #[command(flatten)]
    pub table: TableArgs,
}

pub(crate) fn compare(args: CompareArgs, console: &Console) -> Result<(), CliError> {
    let CompareArgs { old, new, by_deal, table } = args;
    let destination = destination(table, None, None)?;
    let answer = answers::compare_runs(&old, &new, by_deal)?;
    console.printer.findings(&answer.findings);
    emit_among(&answer.people, &answer.table, &destination, console)
}
