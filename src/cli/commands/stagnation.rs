//! `dealcast stagnation`: where deals stand still.

use clap::Args;
use dealcast::domain::day::Day;
use dealcast::run::answers;

use crate::cli::args::{DealFilterArgs, InputArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit;
use crate::cli::error::CliError;
use crate::cli::settings::resolve;

#[derive(Debug, Args)]
pub(crate) struct StagnationArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub filter: DealFilterArgs,
    /// Count and value per group instead of one row per deal: stage, owner, team, region, any text column
    #[arg(long, value_name = "COLUMN")]
    pub by: Vec<String>,
    /// What changed since the morning of this day; a week before if not given
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub since: Option<Day>,
    /// Replay twelve past mornings instead: do stalled deals end lost or slip more often than deals in a stage for long?
    #[arg(long, conflicts_with_all = ["by", "since"])]
    pub backtest: bool,
    /// What `--backtest` was called before
    #[arg(long, hide = true, conflicts_with_all = ["by", "since"])]
    pub judged: bool,
}

pub(crate) fn stagnation(args: StagnationArgs, console: &Console) -> Result<(), CliError> {
    let StagnationArgs { inputs, table, filter, by, since, backtest, judged } = args;
    if judged {
        console.printer.renamed("--judged", "--backtest");
    }
    let inputs = resolve(inputs, console.printer)?;
    let table = destination(table, Some(&inputs), None)?;
    let filter = filter.deals(&inputs, &[])?;
    let answer = if backtest || judged {
        answers::stagnation_backtest(&inputs, console)?
    } else {
        answers::stagnation(&inputs, &filter, &by, since, console)?
    };
    emit(&answer, &table, console)
}
