//! `dealcast explain`: why one deal has its score.

use clap::Args;
use dealcast::run::answers::{self, Explanation};

use crate::cli::args::{InputArgs, ModelArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit;
use crate::cli::error::CliError;
use crate::cli::settings::resolve;

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The deal's id
    pub deal: String,
    /// Every field with its contribution instead of the reasons they make up
    #[arg(long)]
    pub fields: bool,
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub model: ModelArgs,
}

pub(crate) fn explain(args: ExplainArgs, console: &Console) -> Result<(), CliError> {
    let ExplainArgs { deal, fields, inputs, table, model } = args;
    let inputs = resolve(inputs, console.printer)?;
    let table = destination(table, Some(&inputs), Some(&model.folder.of(&inputs)))?;
    let Explanation { findings, answer } = answers::explain(&inputs, &deal, &model.wanted(&inputs)?, fields, console)?;
    if table.is_for_eyes() {
        console.printer.sentences(&findings)?;
    } else {
        console.printer.findings(&findings);
    }
    emit(&answer, &table, console)
}
