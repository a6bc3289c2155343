//! `quality.json` and `rejects.csv`: what was wrong with the input, and what had to be assumed.

use std::io::Write;

use crate::analyses::forecast::Forecast;
use crate::config::Config;
use crate::run::error::RunError;
use crate::run::questions::Present;
use crate::store::outputs::Outputs;

/// Writes both.
pub(super) fn write_quality(
    present: &Present,
    config: &Config,
    forecast: &Forecast,
    outputs: &mut Outputs,
) -> Result<(), RunError> {
    let issues = present.issues();
    let rejects = |out: &mut (dyn Write + Send)| issues.write_rejects(out).map(|()| Some(issues.rejects()));
    outputs.document("rejects.csv", rejects)?;
    let quality =
        present.quality(config.sources.absent().map(|(table, cost)| (table.name(), cost)).collect(), forecast);
    outputs.text("quality.json", &format!("{}\n", serde_json::to_string_pretty(&quality)?))?;
    Ok(())
}
