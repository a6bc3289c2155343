//! `dealcast models …`: the folder of saved models.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dealcast::domain::inputs::InputTable;
use dealcast::model::{card, card_json, findings};
use dealcast::run::answers::models::compare;
use dealcast::store::models::{log_table, models_table};

use crate::cli::args::{InputArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
use crate::cli::emit::emit_plain;
use crate::cli::error::CliError;
use crate::cli::filters::{registry, writable_registry};
use crate::cli::settings::resolve;

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// One line per saved model, newest first
    List(ModelsListArgs),
    /// The model card
    Show(ModelsShowArgs),
    /// Two models side by side; with inputs, judged on deals neither has learnt from
    Compare(Box<ModelsCompareArgs>),
    /// Put a saved model to use
    Promote(ModelsPromoteArgs),
    /// Go back to the model in use before, and stay there until `unpin`
    Rollback(ModelsFolderArgs),
    /// Let `run` train again when it is due
    Unpin(ModelsFolderArgs),
    /// Which model was put to use when, and why
    Log(ModelsListArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ModelsFolderArgs {
    /// Folder of saved models
    #[arg(long, value_name = "DIR", default_value = "models")]
    pub models: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ModelsPromoteArgs {
    /// Id, or the beginning of one
    pub model: String,
    /// Folder of saved models
    #[arg(long, value_name = "DIR", default_value = "models")]
    pub models: PathBuf,
    /// Stay with it until `unpin`
    #[arg(long)]
    pub pin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ModelsCompareArgs {
    /// Id or file
    pub first: String,
    /// Id or file
    pub second: String,
    /// Folder of saved models
    #[arg(long, value_name = "DIR", default_value = "models")]
    pub models: PathBuf,
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ModelsListArgs {
    /// Folder of saved models
    #[arg(long, value_name = "DIR", default_value = "models")]
    pub models: PathBuf,
    #[command(flatten)]
    pub table: TableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ModelsShowArgs {
    /// Id or file
    pub model: String,
    /// The card as JSON
    #[arg(long)]
    pub json: bool,
    /// Folder of saved models
    #[arg(long, value_name = "DIR", default_value = "models")]
    pub models: PathBuf,
}

pub(crate) fn models(command: ModelsCommand, console: &Console) -> Result<(), CliError> {
    match command {
        ModelsCommand::List(ModelsListArgs { models, table }) => {
            let table = destination(table, None, Some(&models))?;
            emit_plain(&models_table(&registry(&models)?.list()?)?, &table, console)
        }
        ModelsCommand::Show(ModelsShowArgs { model, json, models }) => {
            let model = registry(&models)?.find(&model)?;
            if json { console.printer.document(&card_json(&model)) } else { console.printer.text(&card(&model)) }
        }
        ModelsCommand::Compare(args) => side_by_side(*args, console),
        ModelsCommand::Promote(args) => promote(args, console),
        ModelsCommand::Rollback(ModelsFolderArgs { models }) => {
            let id = writable_registry(&models)?.roll_back()?;
            console.printer.finding(&findings::rolled_back(&id));
            Ok(())
        }
        ModelsCommand::Unpin(ModelsFolderArgs { models }) => {
            console.printer.finding(&findings::unpinned(writable_registry(&models)?.unpin()?));
            Ok(())
        }
        ModelsCommand::Log(ModelsListArgs { models, table }) => {
            let table = destination(table, None, Some(&models))?;
            emit_plain(&log_table(&registry(&models)?.log()?)?, &table, console)
        }
    }
}

fn promote(args: ModelsPromoteArgs, console: &Console) -> Result<(), CliError> {
    let ModelsPromoteArgs { model, models, pin } = args;
    let registry = writable_registry(&models)?;
    let id = registry.find_saved(&model)?.model_id;
    if pin {
        registry.promote_and_pin(&id, "by hand", &format!("{id} was promoted by hand"))?;
    } else {
        registry.promote(&id, None, "by hand")?;
    }
    console.printer.finding(&findings::promoted(&id, pin));
    Ok(())
}

/// Two models side by side, and, where inputs are named, on the same deals.
fn side_by_side(args: ModelsCompareArgs, console: &Console) -> Result<(), CliError> {
    let ModelsCompareArgs { first, second, models, inputs, table } = args;
    let folder = models.as_path();
    let registry = registry(folder)?;
    let pair = [registry.find(&first)?, registry.find(&second)?];
    let has_inputs = inputs.config.is_some() || inputs.tables.name(InputTable::Deals);
    let inputs = if has_inputs { Some(resolve(inputs, console.printer)?) } else { None };
    let table = destination(table, inputs.as_ref(), Some(folder))?;
    emit_plain(&compare(&pair, inputs.as_ref(), console)?, &table, console)
}
