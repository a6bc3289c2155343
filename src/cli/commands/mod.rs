//! Arguments resolved, the library called, the result printed: one file per group of commands.

mod backtest;
mod champion;
mod check;
mod gaps;
pub(crate) mod help;
mod history;
mod models;
mod revise;
mod run;
mod schema;
mod score;
mod simulate;
mod tables;
mod waterfall;

use std::process::ExitCode;

use clap::CommandFactory;

use super::Session;
use super::args::{Cli, Command, CompletionsArgs};
use super::error::CliError;

/// Runs `command`.
pub(crate) fn dispatch(command: Command, session: &Session) -> Result<ExitCode, CliError> {
    match command {
        Command::Run(args) => run::run(args, session),
        Command::Check(args) => check::check(args, session),
        Command::Train(args) => models::train(args, session),
        Command::Features(args) => models::features(args, session),
        Command::Models(command) => models::models(command, session),
        Command::Score(args) => score::score(args, session),
        Command::Explain(args) => score::explain(args, session),
        Command::History(args) => history::history(args, session),
        Command::Trace(args) => {
            session.printer.renamed("trace", "history");
            history::history(args, session)
        }
        Command::Stagnation(args) => tables::stagnation(args, session),
        Command::Funnel(args) => tables::funnel(args, session),
        Command::Sources(args) => tables::sources(args, session),
        Command::Forecast(args) => score::forecast(args, session),
        Command::Revise(args) => revise::revise(args, session),
        Command::Backtest(args) => backtest::backtest(args, session),
        Command::Waterfall(args) => waterfall::waterfall(args, session),
        Command::Gaps(args) => gaps::gaps(args, session),
        Command::Lags(args) => {
            session.printer.renamed("lags", "gaps");
            gaps::gaps(args, session)
        }
        Command::Simulate(args) => simulate::simulate(args, session),
        Command::Schema(args) => schema::schema(&args, session.printer),
        Command::Help(args) => help::help(&args, session.printer),
        Command::Completions(args) => completions(&args, session),
    }
    .map(|()| ExitCode::SUCCESS)
}

fn completions(args: &CompletionsArgs, session: &Session) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "dealcast", &mut script);
    session.printer.text(&String::from_utf8_lossy(&script))
}
