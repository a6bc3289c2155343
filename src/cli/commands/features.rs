//! `dealcast features`: what the model sees.

use clap::Args;
use dealcast::run::answers;

use crate::cli::args::{InputArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit;
use crate::cli::error::CliError;
use crate::cli::settings::resolve;

#[derive(Debug, Args)]
pub(crate) struct FeaturesArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    /// One row per deal and past day instead: the label and every field's value before any encoding
    #[arg(long)]
    pub rows: bool,
}

pub(crate) fn features(args: FeaturesArgs, console: &Console) -> Result<(), CliError> {
    let FeaturesArgs { inputs, table, rows } = args;
    let inputs = resolve(inputs, console.printer)?;
    let table = destination(table, Some(&inputs), None)?;
    emit(&answers::features(&inputs, rows, console)?, &table, console)
}
