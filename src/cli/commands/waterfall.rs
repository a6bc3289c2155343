//! `dealcast waterfall`: what became of the pipeline between two days.

use clap::Args;
use dealcast::domain::day::Day;
use dealcast::run::answers::{self, WaterfallQuestion};

use crate::cli::args::{DealFilterArgs, InputArgs, NodeLevel, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit;
use crate::cli::error::CliError;
use crate::cli::filters::levels;
use crate::cli::settings::resolve;

#[derive(Debug, Args)]
pub(crate) struct WaterfallArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    /// Start from the morning of this day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub from: Day,
    /// End on the morning of this day; the day of --as-of if not given
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub to: Option<Day>,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub filter: DealFilterArgs,
    /// Only this period
    #[arg(long, value_name = "PERIOD")]
    pub period: Vec<String>,
    /// Only nodes of this level
    #[arg(long, value_name = "LEVEL", conflicts_with = "by_deal")]
    pub level: Vec<NodeLevel>,
    /// The deals behind each bar: one row per deal, period and bar of its owner
    #[arg(long)]
    pub by_deal: bool,
}

pub(crate) fn waterfall(args: WaterfallArgs, console: &Console) -> Result<(), CliError> {
    let WaterfallArgs { inputs, from, to, table, filter, period, level, by_deal } = args;
    let mut inputs = resolve(inputs, console.printer)?;
    let table = destination(table, Some(&inputs), None)?;
    if let Some((to, as_of)) = to.zip(inputs.as_of).filter(|(to, as_of)| to > as_of) {
        let error = CliError::usage(format!("--to is {to}, expected a day up to --as-of {as_of}"));
        return Err(error.hint("nothing dated on or after --as-of is known"));
    }
    // What happened from `to` on changes nothing: it is looked at from there.
    inputs.as_of = to.or(inputs.as_of);
    let filter = filter.forecast(&inputs, &period)?;
    inputs.report(&filter.periods);
    let asked = WaterfallQuestion { from, filter, levels: levels(level), by_deal };
    emit(&answers::waterfall(&inputs, &asked, console)?, &table, console)
}
