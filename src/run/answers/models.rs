//! How do two saved models differ?

use crate::model::findings::not_comparable;
use crate::model::{self, WinModel, side_by_side, side_by_side_table};
use crate::report::table::Table;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::watch::Watcher;

/// Two models side by side, and, where `inputs` are given, on the deals of these that are new to both.
///
/// # Errors
/// [`RunError`].
pub fn compare(pair: &[WinModel; 2], inputs: Option<&Inputs>, watcher: &dyn Watcher) -> Result<Table, RunError> {
    let duel = match inputs {
        Some(inputs) => {
            let as_of = inputs.load(watcher)?;
            let duel = model::duel(&pair[0], &pair[1], &as_of.context(), &inputs.config);
            if duel.is_none() {
                watcher.tell(&not_comparable());
            }
            duel
        }
        None => None,
    };
    Ok(side_by_side_table(&side_by_side(pair, duel.as_ref()), pair)?)
}
