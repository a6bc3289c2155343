//! Does a finished run say what can be?

use std::path::Path;

use crate::report::finding::Finding;
use crate::report::invariants::violations_spec;
use crate::report::table::Table;
use crate::run::check::{check_run, checked};
use crate::run::error::RunError;

/// A finished run as it was found.
#[derive(Debug)]
pub struct CheckedOutputs {
    /// What was looked at, and how many places are wrong.
    pub finding: Finding,
    /// The `violations` table: one row per place.
    pub violations: Table,
}

/// Checks the folder of a finished run.
///
/// # Errors
/// [`RunError`] where the folder holds none.
pub fn check_outputs(folder: &Path) -> Result<CheckedOutputs, RunError> {
    let run = check_run(folder)?;
    Ok(CheckedOutputs { finding: checked(&run), violations: violations_spec().table(&run.violations, 2)? })
}
