//! What moved since the run whose outputs are about to be replaced: `compare_bridge` among the outputs, so that the reports of
//! every night say it, and are made again from the run alone.
//!
//! The earlier outputs are whole until the new ones are in place, and so are read to the last. Made for reports only: a run
//! without them reads nothing back. The run goes on without it, too.

use serde_json::Value;

use crate::domain::day::Day;
use crate::report::finding::{Finding, Subject};
use crate::run::compared_runs::{RunsCompared, since_earlier};
use crate::run::error::RunError;
use crate::run::nightly::reports::Reports;
use crate::store::error::OutputError;
use crate::store::outputs::Outputs;

/// Writes what moved since the run that `outputs` replace; `manifest` says what is written so far. Returns the day of that
/// run, if there is one to compare with, and what went wrong with the comparison.
///
/// # Errors
/// [`OutputError`] where the table cannot be written.
pub(super) fn write_since(
    reports: &Reports,
    manifest: &Value,
    outputs: &mut Outputs,
) -> Result<(Option<Day>, Vec<Finding>), OutputError> {
    if reports.is_none() {
        return Ok((None, Vec::new()));
    }
    match moved(manifest, outputs) {
        Ok(Some(moved)) => outputs.table(&moved.table).map(|()| (Some(moved.since), Vec::new())),
        Ok(None) => Ok((None, Vec::new())),
        Err(error) => Ok((None, vec![untold(&error)])),
    }
}

fn moved(manifest: &Value, outputs: &Outputs) -> Result<Option<RunsCompared>, RunError> {
    match outputs.replaced().zip(outputs.staged(manifest)?) {
        Some((earlier, now)) => since_earlier(earlier, now),
        None => Ok(None),
    }
}

fn untold(error: &RunError) -> Finding {
    let sentence = format!("what moved since the run that is replaced is not told: {error}");
    Finding::warning("output.since", Subject::the("run"), sentence)
}
