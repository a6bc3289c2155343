//! Names in the configuration that nothing in the data has: told before anything rests on them.

use crate::config::Config;
use crate::domain::spelling::nearest;
use crate::features::FeatureContext;
use crate::features::findings::unknown_names;
use crate::ingest::tables::Tables;
use crate::run::error::RunError;
use crate::timeline::Timeline;

/// An error for the first name of a stage or of a field that there is not.
///
/// # Errors
/// [`RunError::Misspelt`].
pub(super) fn check_names<'a>(
    config: &Config,
    tables: &Tables,
    timeline: &Timeline,
    context: impl FnOnce() -> FeatureContext<'a>,
) -> Result<(), RunError> {
    check_stages(config, tables, timeline)?;
    if config.features.exclude.is_empty() && config.features.force.is_empty() {
        return Ok(());
    }
    match unknown_names(&config.features, &context()).into_iter().next() {
        Some(unknown) => {
            Err(RunError::Misspelt { sentence: unknown.sentence, hint: unknown.remedy.unwrap_or_default() })
        }
        None => Ok(()),
    }
}

/// Thresholds of stages; of a stage that only a later day has they wait.
fn check_stages(config: &Config, tables: &Tables, timeline: &Timeline) -> Result<(), RunError> {
    let stages = &timeline.stages;
    let named = || stages.names().iter().map(String::as_str).chain(stages.stages().iter().map(|stage| &*stage.name));
    let all = || named().chain(tables.stage_names.names());
    let thresholds = [
        ("stagnation.slow_after_days", &config.stagnation.slow_after_days),
        ("stagnation.stalled_after_days", &config.stagnation.stalled_after_days),
    ];
    for (key, names) in thresholds {
        if let Some(name) = names.keys().find(|name| !all().any(|known| known == name.as_str())) {
            let hint = match nearest(name, all()) {
                Some(guess) => format!("did you mean {guess:?}?"),
                None => format!("stages are {}", stages.names().join(", ")),
            };
            return Err(RunError::Misspelt { sentence: format!("`{key}` names {name:?}, which is no stage"), hint });
        }
    }
    Ok(())
}
