//! A run without training, writing and keeping: whatever would stop it stops here, and nothing is changed.

use crate::run::champion::in_use;
use crate::run::error::RunError;
use crate::run::nightly::flow::{Nightly, of_the_past, of_the_present};
use crate::run::nightly::tables::Night;
use crate::run::questions::AsOf;
use crate::run::watch::Watcher;
use crate::store::models::Registry;
use crate::store::outputs::Outputs;

/// Whether the run that is `asked` for would come to its end with `as_of`, which is what it loads.
///
/// # Errors
/// [`RunError`]: the one that would stop it.
pub(crate) fn rehearse(
    asked: &Nightly,
    registry: &Registry,
    as_of: AsOf,
    watcher: &dyn Watcher,
) -> Result<(), RunError> {
    let Nightly { inputs, model: choice, by, .. } = asked;
    let (config, mut nowhere) = (&inputs.config, Outputs::nowhere());
    let morning = as_of.morning(config);
    let model = match choice.find(registry)? {
        Some(named) => {
            named.check_knows(&as_of.tables, &as_of.timeline)?;
            Some(named)
        }
        None => in_use(choice.retrain(), registry, &morning)?,
    };
    model.map(|model| morning.score(&model, watcher)).transpose()?;
    let values = as_of.values(config, &as_of.keep_all());
    let night = Night { as_of: &as_of, morning: &morning, config, values: &values, by };
    let found = of_the_past(night, None, registry, &mut nowhere, watcher)?;
    drop(morning);
    of_the_present(&as_of.present(), config, None, &found, &values, &mut nowhere, watcher)?;
    Ok(())
}
