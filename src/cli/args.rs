//! What several commands take: inputs, filters, the model, and where a table goes. Only declares.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use dealcast::domain::day::Day;

use super::table_files::TableFiles;

/// Where the tables come from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Inputs")]
pub(crate) struct SourceArgs {
    /// Configuration; ./dealcast.toml is used where it exists and this is not given
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder the paths in the configuration are relative to; its own folder if not given
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub tables: TableFiles,
}

/// Where the tables come from, and the as-of day.
#[derive(Debug, Args)]
#[command(next_help_heading = "Inputs")]
pub(crate) struct InputArgs {
    #[command(flatten)]
    pub sources: SourceArgs,
    /// As-of day: everything is seen from its morning; the day after the newest event if not given
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<Day>,
}

/// Where a table goes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct TableArgs {
    /// How the table is printed
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: TableFormat,
    /// Write the table to a file in this folder instead of printing it (CSV unless --format says otherwise)
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// For eyes, cut to fit
    Table,
    Csv,
    /// One array of objects
    Json,
    Parquet,
}

/// Which deals an analysis is about. Repeated flags of one kind widen it, different kinds narrow it.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Filters (repeatable)")]
pub(crate) struct DealFilterArgs {
    /// Only deals of this owner
    #[arg(long, value_name = "ID")]
    pub owner: Vec<String>,
    /// Only deals of owners in this team
    #[arg(long, value_name = "NAME")]
    pub team: Vec<String>,
    /// Only deals of owners in this region
    #[arg(long, value_name = "NAME")]
    pub region: Vec<String>,
    /// Only deals in this currency
    #[arg(long, value_name = "CODE")]
    pub currency: Vec<String>,
    /// Only deals of this forecast category (pipeline, best-case, commit, closed, omitted)
    #[arg(long, value_name = "NAME")]
    pub category: Vec<String>,
}

/// Where models are, for commands that read tables.
#[derive(Debug, Args)]
pub(crate) struct ModelsBesideArgs {
    /// Folder of saved models; `models` beside the configuration if not given, beside the deals file without one
    #[arg(long, value_name = "DIR")]
    pub models: Option<PathBuf>,
}

/// Where models are, for commands that read no tables.
#[derive(Debug, Args)]
pub(crate) struct ModelsPlaceArgs {
    /// Folder of saved models; `models` beside the configuration if not given
    #[arg(long, value_name = "DIR")]
    pub models: Option<PathBuf>,
    /// Configuration whose models are meant; that of this folder if not given
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Which saved model to use.
#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    #[command(flatten)]
    pub folder: ModelsBesideArgs,
    /// Id or file; the newest usable one in the folder if not given
    #[arg(long, value_name = "ID|FILE")]
    pub model: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NodeLevel {
    Owner,
    Manager,
    Team,
    Region,
    Company,
}
