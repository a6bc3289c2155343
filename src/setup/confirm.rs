//! What a configuration gives: loaded as a run loads it, so that what would stop a run is found before it is written.

use std::path::Path;

use crate::config::Config;
use crate::domain::progress::Progress;
use crate::ingest;
use crate::report::finding::Finding;
use crate::setup::findings::{loaded_findings, rejected};
use crate::setup::propose::SetupError;
use crate::setup::trial::timeline_of;

/// What was loaded, in sentences.
///
/// # Errors
/// [`SetupError`]: what would stop a run.
pub fn confirm(config: &Config, base: &Path, progress: &dyn Progress) -> Result<Vec<Finding>, SetupError> {
    let loaded = ingest::load(config, base, progress)?;
    let rejected = rejected(&loaded);
    let currency = loaded.tables.base_currency(&config.money.base_currency).to_owned();
    let (timeline, day) = timeline_of(loaded, config)?;
    Ok(loaded_findings(&timeline, day, &currency).into_iter().chain(rejected).collect())
}
