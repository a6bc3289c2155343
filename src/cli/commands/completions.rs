//! `dealcast completions`: a script for the shell.

use clap::{Args, Command};

use crate::cli::error::CliError;
use crate::cli::printer::Printer;

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// For this shell
    pub shell: clap_complete::Shell,
}

/// `cli` is the whole command line.
pub(crate) fn completions(args: &CompletionsArgs, mut cli: Command, printer: Printer) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut cli, "dealcast", &mut script);
    printer.document(&String::from_utf8_lossy(&script))
}
