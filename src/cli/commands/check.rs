//! `dealcast check`: are the inputs fit for use, and what is wrong with them; with `--outputs` the same of a finished run.

use std::path::{Path, PathBuf};

use clap::Args;
use dealcast::config::{RuleConfig, rules_table};
use dealcast::ingest::findings::no_issues;
use dealcast::run::answers::{self, CheckedInputs, CheckedOutputs};

use crate::cli::args::{InputArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::{Destination, destination};
use crate::cli::emit::{emit, emit_plain};
use crate::cli::error::CliError;
use crate::cli::settings::resolve;

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub inputs: InputArgs,
    #[command(flatten)]
    pub table: TableArgs,
    /// List the rules and what each does with a row, and read nothing
    #[arg(long)]
    pub rules: bool,
    /// Check the outputs of a finished run instead: every file, sum, range and identity; 3 where something cannot be
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "data", "as_of", "rules"])]
    pub outputs: Option<PathBuf>,
}

pub(crate) fn check(args: CheckArgs, console: &Console) -> Result<(), CliError> {
    let CheckArgs { inputs, table, rules, outputs } = args;
    if let Some(folder) = outputs {
        if !inputs.sources.tables.0.is_empty() {
            return Err(CliError::usage("--outputs reads no input").hint("name either a finished run or input files"));
        }
        return check_outputs(&folder, &destination(table, None, None)?, console);
    }
    if rules {
        let table = destination(table, None, None)?;
        return emit_plain(&rules_table(&RuleConfig::default())?, &table, console);
    }
    let inputs = resolve(inputs, console.printer)?;
    let table = destination(table, Some(&inputs), None)?;
    let CheckedInputs { findings, issues } = answers::check(&inputs, console)?;
    console.printer.findings(&findings);
    if issues.table.rows() == 0 && table.is_for_eyes() {
        console.printer.finding(&no_issues());
        return Ok(());
    }
    emit(&issues, &table, console)
}

/// Prints what a finished run says that cannot be; an error where there is anything.
fn check_outputs(folder: &Path, table: &Destination, console: &Console) -> Result<(), CliError> {
    let CheckedOutputs { finding, violations } = answers::check_outputs(folder)?;
    console.printer.finding(&finding);
    let wrong = violations.rows() > 0;
    if wrong || !table.is_for_eyes() {
        emit_plain(&violations, table, console)?;
    }
    if wrong { Err(CliError::input(format!("{} is not what a run wrote", folder.display()))) } else { Ok(()) }
}
