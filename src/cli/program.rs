//! The whole program: arguments in, exit code out.

use std::panic;
use std::process::ExitCode;

use clap::Parser;
use dealcast::ingest::READER_THREAD;

use super::command_line::{Cli, SharedArgs};
use super::console::Console;
use super::dispatch::dispatch;
use super::error::{CliError, ErrorKind};
use super::printer::{Printer, print_error, print_refusal, print_styled};
use super::progress::Steps;
use super::{interrupt, logging, threads};

/// Runs the command that was typed.
pub(crate) fn main() -> ExitCode {
    panic::set_hook(Box::new(|fault| {
        // A decoder's panic on a damaged file is caught and told as an error by the stage that reads.
        if std::thread::current().name() == Some(READER_THREAD) {
            return;
        }
        let place = fault.location().map(|l| format!(" ({}:{})", l.file(), l.line())).unwrap_or_default();
        let what = fault.payload_as_str().unwrap_or("unknown fault");
        print_error(&CliError::of_panic(what, &place));
        interrupt::give_up(ErrorKind::Internal.exit_code());
    }));
    let outcome = match Cli::try_parse() {
        Ok(cli) => begin(cli),
        Err(refusal) if refusal.use_stderr() => {
            print_refusal(&refusal.render().to_string());
            return ExitCode::from(ErrorKind::Usage.exit_code());
        }
        Err(help) => print_styled(&help.render().ansi().to_string()).map(|()| ExitCode::SUCCESS),
    };
    interrupt::yield_to_interrupt();
    outcome.unwrap_or_else(|error| {
        if error.kind() != ErrorKind::ClosedPipe {
            print_error(&error);
        }
        ExitCode::from(error.kind().exit_code())
    })
}

fn begin(cli: Cli) -> Result<ExitCode, CliError> {
    let Cli { shared, command } = cli;
    threads::limit(shared.threads)?;
    logging::start(&shared)?;
    interrupt::listen()?;
    let SharedArgs { threads: _, quiet, verbose: _, log_format: _, no_progress, locale } = shared;
    let language = locale.language()?;
    let printer = Printer::new(quiet, language.clone());
    let console = Console { printer, language, progress: Steps::new(!quiet && !no_progress) };
    let outcome = dispatch(command, &console).map(|()| ExitCode::SUCCESS);
    console.progress.finish();
    outcome
}
