//! `dealcast backtest`: were the forecasts of past days right?

use clap::Args;
use dealcast::domain::period::PeriodKind;
use dealcast::run::answers;
use dealcast::run::replay::BacktestPlan;

use crate::cli::args::{InputArgs, ModelsBesideArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit;
use crate::cli::error::CliError;
use crate::cli::filters::writable_registry;
use crate::cli::settings::resolve;

#[derive(Debug, Args)]
pub(crate) struct BacktestArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    /// Length of the periods; calendar.score_period if not given
    #[arg(long, value_name = "KIND", value_parser = PeriodKind::ALL.map(PeriodKind::name))]
    pub kind: Option<String>,
    /// The last so many periods that are over
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub periods: u32,
    /// Weeks into the period forecasts are made after; 1 is its first morning. 1, 5 and 9 if not given, of months 1, 2 and 3
    #[arg(long, value_name = "WEEK", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=53))]
    pub weeks: Vec<u32>,
    /// Print every forecast beside what was won instead of how right they were
    #[arg(long)]
    pub cases: bool,
    #[command(flatten)]
    pub models: ModelsBesideArgs,
}

pub(crate) fn backtest(args: BacktestArgs, console: &Console) -> Result<(), CliError> {
    let BacktestArgs { inputs, table, kind, periods, weeks, cases, models } = args;
    let inputs = resolve(inputs, console.printer)?;
    let models = models.of(&inputs);
    let table = destination(table, Some(&inputs), Some(&models))?;
    let calendar = &inputs.config.calendar;
    let named = |kind: String| PeriodKind::ALL.into_iter().find(|of| of.name() == kind);
    let kind = kind.and_then(named).unwrap_or(calendar.score_period);
    if !calendar.periods.contains(&kind) {
        let message = format!("`{}` is not among calendar.periods, so nothing is forecast for one", kind.name());
        return Err(CliError::usage(message).hint("add it there, or name another --period"));
    }
    let mut plan = BacktestPlan { periods, ..BacktestPlan::usual(kind) };
    if !weeks.is_empty() {
        plan.days_in = weeks.iter().map(|week| 7 * (week - 1)).collect();
    }
    emit(&answers::backtest(&inputs, &plan, &writable_registry(&models)?, cases, console)?, &table, console)
}
