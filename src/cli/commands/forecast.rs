//! `dealcast forecast`: quota, won, gap, pipeline and what is expected.

use clap::Args;
use dealcast::run::answers::{self, ForecastQuestion};

use crate::cli::args::{DealFilterArgs, InputArgs, ModelArgs, NodeLevel, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit;
use crate::cli::error::CliError;
use crate::cli::filters::levels;
use crate::cli::settings::resolve;

#[derive(Debug, Args)]
pub(crate) struct ForecastArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub filter: DealFilterArgs,
    /// Only this period
    #[arg(long, value_name = "PERIOD")]
    pub period: Vec<String>,
    /// Only nodes of this level
    #[arg(long, value_name = "LEVEL")]
    pub level: Vec<NodeLevel>,
    /// The open deals behind each row, those that close its gap first; rows of the company, of all that is asked for, unless
    /// --level names others
    #[arg(long)]
    pub by_deal: bool,
}

pub(crate) fn forecast(args: ForecastArgs, console: &Console) -> Result<(), CliError> {
    let ForecastArgs { inputs, table, model, filter, period, level, by_deal } = args;
    let mut inputs = resolve(inputs, console.printer)?;
    let table = destination(table, Some(&inputs), Some(&model.folder.of(&inputs)))?;
    let filter = filter.forecast(&inputs, &period)?;
    inputs.report(&filter.periods);
    let asked = ForecastQuestion { model: model.wanted(&inputs)?, filter, levels: levels(level), by_deal };
    emit(&answers::forecast(&inputs, &asked, console)?, &table, console)
}
