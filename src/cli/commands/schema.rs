//! `dealcast schema`: what may stand in the configuration, what stands in the outputs.

use dealcast::config;
use dealcast::report::format::SCHEMA_VERSION;
use dealcast::run::outputs::{listings, tables};
use serde_json::json;

use crate::cli::args::{SchemaArgs, SchemaOf};
use crate::cli::error::CliError;
use crate::cli::printer::Printer;

pub(crate) fn schema(args: &SchemaArgs, printer: Printer) -> Result<(), CliError> {
    let schema = match args.of {
        SchemaOf::Config => config::json_schema(),
        SchemaOf::Outputs => json!({ "schema_version": SCHEMA_VERSION, "tables": tables(), "listings": listings() }),
    };
    printer.text(&format!("{schema:#}\n"))
}
