//! `dealcast check`: are the inputs fit for use, and what is wrong with them.

use dealcast::config::{RuleConfig, rules_table};
use dealcast::ingest::{InputFile, issues_table};
use dealcast::report::format::Stamp;

use crate::cli::Session;
use crate::cli::args::{CheckArgs, TableFormat};
use crate::cli::error::CliError;
use crate::cli::inputs::{emit, load, stamp};
use crate::cli::settings::Inputs;
use crate::cli::summary;
use dealcast::report::words::{count, thousands};

pub(crate) fn check(args: CheckArgs, session: &Session) -> Result<(), CliError> {
    let CheckArgs { inputs, table, rules } = args;
    if rules {
        return emit(&rules_table(&RuleConfig::default())?, &table, &Stamp::default(), session);
    }
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let as_of = load(&inputs, session)?;
    session.progress.finish();
    for input in &as_of.inputs {
        session.printer.say(balance(input));
    }
    summary::assumptions(&as_of, session.printer);
    summary::absences(&inputs.config, &as_of, session.printer);
    let issues = issues_table(&as_of.issues)?;
    if issues.rows() == 0 && table.format == TableFormat::Table && table.out.is_none() {
        session.printer.say("every row keeps every rule");
        return Ok(());
    }
    emit(&issues, &table, &stamp(&as_of, None), session)
}

/// `deals.csv: 3,000 rows = 2,998 used + 2 rejected`.
pub(crate) fn balance(input: &InputFile) -> String {
    let (rows, used) = (count(input.rows, "row"), thousands(input.used.into()));
    format!("{}: {rows} = {used} used + {} set aside ({})", input.path, thousands(input.rejected.into()), input.table)
}
