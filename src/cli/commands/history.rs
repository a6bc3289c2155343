//! `dealcast history`: one deal's whole story.

use clap::Args;
use dealcast::run::answers::{self, HistoryAnswer};

use crate::cli::args::{InputArgs, ModelArgs, TableArgs, TableFormat};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::{emit, emit_document};
use crate::cli::error::CliError;
use crate::cli::settings::resolve;

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// The deal's id, or that of a lead it came from
    pub deal: String,
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub model: ModelArgs,
}

pub(crate) fn history(args: HistoryArgs, console: &Console) -> Result<(), CliError> {
    let HistoryArgs { deal, inputs, table, model } = args;
    let inputs = resolve(inputs, console.printer)?;
    let table = destination(table, Some(&inputs), Some(&model.folder.of(&inputs)))?;
    let HistoryAnswer { now, answer, document } = answers::history(&inputs, &deal, &model.wanted(&inputs)?, console)?;
    if table.format == TableFormat::Json {
        return emit_document(&document, &answer.table, &table, console);
    }
    if table.is_for_eyes() {
        console.progress.finish();
        console.printer.sentences([&now])?;
        return console.printer.whole_table(&answer.table, &answer.people);
    }
    console.printer.finding(&now);
    emit(&answer, &table, console)
}
