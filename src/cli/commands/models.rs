//! `dealcast models …`: the folder of saved models.

use clap::{Args, Subcommand};
use dealcast::domain::inputs::InputTable;
use dealcast::model::{card, card_json, findings};
use dealcast::run::answers::models::compare;
use dealcast::run::inputs::Inputs;
use dealcast::store::models::{log_table, models_table};

use crate::cli::args::{InputArgs, ModelsBesideArgs, ModelsPlaceArgs, TableArgs};
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
    Rollback(ModelsPlaceArgs),
    /// Let `run` train again when it is due
    Unpin(ModelsPlaceArgs),
    /// Which model was put to use when, and why
    Log(ModelsListArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ModelsPromoteArgs {
    /// Id, or the beginning of one
    pub model: String,
    #[command(flatten)]
    pub place: ModelsPlaceArgs,
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
    #[command(flatten)]
    pub models: ModelsBesideArgs,
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ModelsListArgs {
    #[command(flatten)]
    pub place: ModelsPlaceArgs,
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
    #[command(flatten)]
    pub place: ModelsPlaceArgs,
}

pub(crate) fn models(command: ModelsCommand, console: &Console) -> Result<(), CliError> {
    match command {
        ModelsCommand::List(ModelsListArgs { place, table }) => {
            let models = place.folder();
            let table = destination(table, None, Some(&models))?;
            emit_plain(&models_table(&registry(&models)?.list()?)?, &table, console)
        }
        ModelsCommand::Show(ModelsShowArgs { model, json, place }) => {
            let model = registry(&place.folder())?.find(&model)?;
            if json { console.printer.document(&card_json(&model)) } else { console.printer.text(&card(&model)) }
        }
        ModelsCommand::Compare(args) => side_by_side(*args, console),
        ModelsCommand::Promote(args) => promote(args, console),
        ModelsCommand::Rollback(place) => {
            let id = writable_registry(&place.folder())?.roll_back()?;
            console.printer.finding(&findings::rolled_back(&id));
            Ok(())
        }
        ModelsCommand::Unpin(place) => {
            console.printer.finding(&findings::unpinned(writable_registry(&place.folder())?.unpin()?));
            Ok(())
        }
        ModelsCommand::Log(ModelsListArgs { place, table }) => {
            let models = place.folder();
            let table = destination(table, None, Some(&models))?;
            emit_plain(&log_table(&registry(&models)?.log()?)?, &table, console)
        }
    }
}

fn promote(args: ModelsPromoteArgs, console: &Console) -> Result<(), CliError> {
    let ModelsPromoteArgs { model, place, pin } = args;
    let registry = writable_registry(&place.folder())?;
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
    let has_inputs = inputs.sources.config.is_some() || inputs.sources.tables.name(InputTable::Deals);
    let inputs = if has_inputs { Some(resolve(inputs, console.printer)?) } else { None };
    let folder = models.of(inputs.as_ref().unwrap_or(&Inputs::default()));
    let registry = registry(&folder)?;
    let pair = [registry.find(&first)?, registry.find(&second)?];
    let table = destination(table, inputs.as_ref(), Some(&folder))?;
    emit_plain(&compare(&pair, inputs.as_ref(), console)?, &table, console)
}
