//! `dealcast gaps`: who will miss the quota of the running periods, and why.

use clap::Args;
use dealcast::domain::period::PeriodKind;
use dealcast::run::answers::{self, GapsQuestion};

use crate::cli::args::{DealFilterArgs, InputArgs, ModelArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit;
use crate::cli::error::CliError;
use crate::cli::settings::resolve;

#[derive(Debug, Args)]
pub(crate) struct GapsArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub filter: DealFilterArgs,
    /// Only this running period
    #[arg(long, value_name = "PERIOD")]
    pub period: Vec<String>,
    /// Only running periods of this length
    #[arg(long, value_name = "KIND", value_parser = PeriodKind::ALL.map(PeriodKind::name))]
    pub kind: Vec<String>,
    /// Only by this: owner, manager, team, region, company, or any text column of the deals; all five levels, product and
    /// source if not given
    #[arg(long, value_name = "COLUMN")]
    pub by: Vec<String>,
}

pub(crate) fn gaps(args: GapsArgs, console: &Console) -> Result<(), CliError> {
    let GapsArgs { inputs, table, model, filter, period, kind, by } = args;
    let mut inputs = resolve(inputs, console.printer)?;
    let table = destination(table, Some(&inputs), Some(&model.folder.of(&inputs)))?;
    if !filter.category.is_empty() {
        let error = CliError::usage("--category is given, but a gap is what the deals of all categories leave");
        return Err(error.hint("`dealcast forecast --category` shows what is expected from some of them"));
    }
    let filter = filter.forecast(&inputs, &period)?;
    inputs.report(&filter.periods);
    let asked = GapsQuestion { model: model.wanted(&inputs)?, filter, kinds: kind, by };
    emit(&answers::gaps(&inputs, &asked, console)?, &table, console)
}
