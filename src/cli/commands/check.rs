//! `dealcast check`: are the inputs fit for use, and what is wrong with them.

use dealcast::config::{Rule, RuleConfig, RuleSeverity};
use dealcast::ingest::findings::no_issues;
use dealcast::report::table::{Table, TableBuilder};
use dealcast::run::questions::AsOf;
use dealcast::run::sections;

use crate::cli::Session;
use crate::cli::args::{CheckArgs, TableFormat};
use crate::cli::error::CliError;
use crate::cli::inputs::{emit, load, stamp};
use crate::cli::settings::Inputs;

pub(crate) fn check(args: CheckArgs, session: &Session) -> Result<(), CliError> {
    let CheckArgs { inputs, table, rules } = args;
    if rules {
        return emit(
            &rule_table(&RuleConfig::default())?,
            &table,
            &dealcast::report::format::Stamp::default(),
            session,
        );
    }
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let as_of = load(&inputs, session)?;
    session.progress.finish();
    session.printer.findings(&sections::input(&as_of, &inputs.config));
    let issues = issue_table(&as_of)?;
    if issues.rows() == 0 && table.format == TableFormat::Table && table.out.is_none() {
        session.printer.finding(&no_issues());
        return Ok(());
    }
    emit(&issues, &table, &stamp(&as_of, None), session)
}

/// One row per broken rule and table, with the first example.
fn issue_table(as_of: &AsOf) -> Result<Table, CliError> {
    let issues: Vec<_> = as_of.issues.iter().collect();
    let first = |i: &dealcast::ingest::Issue| i.examples.first().cloned();
    Ok(TableBuilder::default()
        .text("rule", issues.iter().map(|issue| Some(issue.rule.name())))
        .text("table", issues.iter().map(|issue| Some(issue.table)))
        .text("severity", issues.iter().map(|issue| Some(issue.severity.to_string())))
        .integer("count", issues.iter().map(|issue| i64::try_from(issue.count).ok()))
        .text("file", issues.iter().map(|issue| first(issue).map(|example| example.file)))
        .integer("line", issues.iter().map(|issue| first(issue).and_then(|example| i64::try_from(example.line).ok())))
        .text("column", issues.iter().map(|issue| first(issue).map(|example| example.column)))
        .text("value", issues.iter().map(|issue| first(issue).map(|example| example.value)))
        .text("reason", issues.iter().map(|issue| first(issue).map(|example| example.reason)))
        .text("meaning", issues.iter().map(|issue| Some(issue.rule.meaning())))
        .finish("issues")?)
}

fn rule_table(rules: &RuleConfig) -> Result<Table, CliError> {
    let does = |rule: &Rule| match rules.severity_of(*rule) {
        RuleSeverity::Warn => "row kept, counted",
        RuleSeverity::Reject => "row rejected, listed in rejects.csv",
        RuleSeverity::Error => "run stops",
    };
    Ok(TableBuilder::default()
        .text("rule", Rule::ALL.iter().map(|rule| Some(rule.name())))
        .text("severity", Rule::ALL.iter().map(|rule| Some(rules.severity_of(*rule).to_string())))
        .text("does", Rule::ALL.iter().map(|rule| Some(does(rule))))
        .text("holds_that", Rule::ALL.iter().map(|rule| Some(rule.meaning())))
        .finish("rules")?)
}
