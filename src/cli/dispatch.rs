//! From the command that was typed to the file that answers it.

use clap::CommandFactory;

use super::command_line::{Cli, Command};
use super::commands::{
    actions, backtest, check, compare, completions, explain, features, forecast, funnel, gaps, help, history, init,
    models, push, report, revise, run, schema, score, simulate, snapshot, sources, stagnation, train, waterfall,
};
use super::console::Console;
use super::error::CliError;

/// Runs `command`.
pub(crate) fn dispatch(command: Command, console: &Console) -> Result<(), CliError> {
    match command {
        Command::Run(args) => run::run(args, console),
        Command::Init(args) => init::init(args, console),
        Command::Check(args) => check::check(args, console),
        Command::Push(command) => push::push(command, console),
        Command::Report(args) => report::report(args, console),
        Command::Compare(args) => compare::compare(args, console),
        Command::Train(args) => train::train(args, console),
        Command::Features(args) => features::features(args, console),
        Command::Models(command) => models::models(command, console),
        Command::Score(args) => score::score(args, console),
        Command::Explain(args) => explain::explain(args, console),
        Command::History(args) => history::history(args, console),
        Command::Trace(args) => {
            console.printer.renamed("trace", "history");
            history::history(args, console)
        }
        Command::Stagnation(args) => stagnation::stagnation(args, console),
        Command::Funnel(args) => funnel::funnel(args, console),
        Command::Sources(args) => sources::sources(args, console),
        Command::Forecast(args) => forecast::forecast(args, console),
        Command::Revise(args) => revise::revise(args, console),
        Command::Backtest(args) => backtest::backtest(args, console),
        Command::Waterfall(args) => waterfall::waterfall(args, console),
        Command::Gaps(args) => gaps::gaps(args, console),
        Command::Actions(args) => actions::actions(args, console),
        Command::Lags(args) => {
            console.printer.renamed("lags", "gaps");
            gaps::gaps(args, console)
        }
        Command::Simulate(args) => simulate::simulate(args, console),
        Command::Snapshot(args) => snapshot::snapshot(args, console),
        Command::Schema(args) => schema::schema(&args, console.printer),
        Command::Help(args) => help::help(&args, Cli::command(), console.printer),
        Command::Completions(args) => completions::completions(&args, Cli::command(), console.printer),
    }
}
