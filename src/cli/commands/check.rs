//! `dealcast check`: are the inputs fit for use, and what is wrong with them.

use clap::Args;
use dealcast::config::{RuleConfig, rules_table};
use dealcast::ingest::findings::no_issues;
use dealcast::run::answers::{self, CheckedInputs};

use crate::cli::args::{InputArgs, TableArgs};
use crate::cli::console::Console;
use crate::cli::destination::destination;
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
}

pub(crate) fn check(args: CheckArgs, console: &Console) -> Result<(), CliError> {
    let CheckArgs { inputs, table, rules } = args;
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
