//! `dealcast schema`: what may stand in the configuration, what stands in the outputs.

use clap::{Args, ValueEnum};
use dealcast::config;
use dealcast::report::sinks::SCHEMA_VERSION;
use dealcast::run::outputs::{listings, tables};
use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::printer::Printer;

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Of what
    pub of: SchemaOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// JSON Schema of dealcast.toml
    Config,
    /// Every output table: column, type, unit, meaning
    Outputs,
}

pub(crate) fn schema(args: &SchemaArgs, printer: Printer) -> Result<(), CliError> {
    let schema = match args.of {
        SchemaOf::Config => config::json_schema(),
        SchemaOf::Outputs => json!({ "schema_version": SCHEMA_VERSION, "tables": tables(), "listings": listings() }),
    };
    printer.document(&format!("{schema:#}\n"))
}
