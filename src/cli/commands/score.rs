//! `dealcast score`: open deals scored with a saved model.

use clap::Args;
use dealcast::run::answers;

use crate::cli::args::{DealFilterArgs, InputArgs, ModelArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit;
use crate::cli::error::CliError;
use crate::cli::settings::resolve;

#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub filter: DealFilterArgs,
}

pub(crate) fn score(args: ScoreArgs, console: &Console) -> Result<(), CliError> {
    let ScoreArgs { inputs, table, model, filter } = args;
    let inputs = resolve(inputs, console.printer)?;
    let table = destination(table, Some(&inputs), Some(&model.folder.of(&inputs)))?;
    let filter = filter.deals(&inputs, &[])?;
    emit(&answers::score(&inputs, &model.wanted(&inputs)?, &filter, console)?, &table, console)
}
