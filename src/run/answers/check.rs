//! Are the inputs fit for use, and what is wrong with them?

use crate::ingest::issues_table;
use crate::report::finding::Finding;
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
    let issues = Answer::of_day(issues_table(&as_of.issues)?, &as_of);
    let findings = sections::input(&as_of, &inputs.config);
    Ok(CheckedInputs { findings, issues })
}
