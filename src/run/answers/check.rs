//! Are the inputs fit for use, and what is wrong with them?

use arrow::error::ArrowError;

use crate::config::{Rule, RuleConfig, RuleSeverity};
use crate::ingest::{Issue, Issues, Reject};
use crate::report::finding::Finding;
use crate::report::table::{Table, TableBuilder};
use crate::run::answers::answer::Answer;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::sections;
use crate::run::watch::Watcher;

/// The inputs as they were read, and what is wrong with them.
#[derive(Debug)]
pub struct CheckedInputs {
    /// The files with their rows, what had to be assumed, what is not given.
    pub findings: Vec<Finding>,
    /// One row per broken rule and table, with the first example.
    pub issues: Answer,
}

/// Reads the inputs.
///
/// # Errors
/// [`RunError`].
pub fn check(inputs: &Inputs, watcher: &dyn Watcher) -> Result<CheckedInputs, RunError> {
    let as_of = inputs.load(watcher)?;
    watcher.end();
    let issues = Answer::of_day(issue_table(&as_of.issues)?, &as_of);
    let findings = sections::input(&as_of, &inputs.config);
    Ok(CheckedInputs { findings, issues })
}

/// One row per broken rule and table, with the first example.
fn issue_table(issues: &Issues) -> Result<Table, ArrowError> {
    let issues: Vec<&Issue> = issues.iter().collect();
    let example = |read: fn(&Reject) -> Option<String>| {
        issues.iter().map(move |issue| issue.examples.first().and_then(read)).collect::<Vec<_>>()
    };
    let lines = issues.iter().map(|issue| issue.examples.first().and_then(|first| i64::try_from(first.line).ok()));
    TableBuilder::default()
        .text("rule", issues.iter().map(|issue| Some(issue.rule.name())))
        .text("table", issues.iter().map(|issue| Some(issue.table)))
        .text("severity", issues.iter().map(|issue| Some(issue.severity.to_string())))
        .integer("count", issues.iter().map(|issue| i64::try_from(issue.count).ok()))
        .text("file", example(|first| Some(first.file.clone())))
        .integer("line", lines)
        .text("column", example(|first| Some(first.column.clone())))
        .text("value", example(|first| Some(first.value.clone())))
        .text("reason", example(|first| Some(first.reason.clone())))
        .text("meaning", issues.iter().map(|issue| Some(issue.rule.meaning())))
        .finish("issues")
}

/// Every rule, and what it does with a row.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn rule_table(rules: &RuleConfig) -> Result<Table, ArrowError> {
    TableBuilder::default()
        .text("rule", Rule::ALL.iter().map(|rule| Some(rule.name())))
        .text("severity", Rule::ALL.iter().map(|rule| Some(rules.severity_of(*rule).to_string())))
        .text("does", Rule::ALL.iter().map(|rule| Some(consequence(rules.severity_of(*rule)))))
        .text("holds_that", Rule::ALL.iter().map(|rule| Some(rule.meaning())))
        .finish("rules")
}

fn consequence(severity: RuleSeverity) -> &'static str {
    match severity {
        RuleSeverity::Warn => "row kept, counted",
        RuleSeverity::Reject => "row rejected, listed in rejects.csv",
        RuleSeverity::Error => "run stops",
    }
}
