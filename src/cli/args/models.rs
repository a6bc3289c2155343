//! `dealcast models …`: the folder of saved models.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{InputArgs, TableArgs};

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
