//! One file per command: arguments resolved, the library called, the result printed.

mod schema;

use std::process::ExitCode;

use clap::CommandFactory;

use super::Session;
use super::args::{Cli, Command, CompletionsArgs};
use super::error::CliError;

/// Runs `command`.
pub(crate) fn dispatch(command: Command, session: &Session) -> Result<ExitCode, CliError> {
    match command {
        Command::Schema(args) => schema::schema(&args, session.printer),
        Command::Completions(args) => completions(&args, session),
        _ => Err(CliError::internal("not here yet")),
    }
    .map(|()| ExitCode::SUCCESS)
}

fn completions(args: &CompletionsArgs, session: &Session) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "dealcast", &mut script);
    session.printer.text(&String::from_utf8_lossy(&script))
}
