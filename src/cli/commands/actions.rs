//! `dealcast actions`: what to do, per owner, ranked by the money at stake.

use clap::Args;
use dealcast::run::answers;

use crate::cli::args::{InputArgs, ModelArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit;
use crate::cli::error::CliError;
use crate::cli::settings::resolve;

#[derive(Debug, Args)]
pub(crate) struct ActionsArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    /// Only what this owner or manager, or anybody under them, is to do (repeatable); ranks are among these
    #[arg(long, value_name = "OWNER")]
    pub owner: Vec<String>,
}

pub(crate) fn actions(args: ActionsArgs, console: &Console) -> Result<(), CliError> {
    let ActionsArgs { inputs, table, model, owner } = args;
    let inputs = resolve(inputs, console.printer)?;
    let table = destination(table, Some(&inputs), Some(&model.folder.of(&inputs)))?;
    emit(&answers::actions(&inputs, &model.wanted(&inputs)?, &owner, console)?, &table, console)
}
