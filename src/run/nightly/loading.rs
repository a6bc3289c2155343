//! What a run loads.

use crate::analyses::waterfall::running_spans;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::questions::AsOf;
use crate::run::watch::Watcher;

/// The inputs with everything a run needs of earlier days.
///
/// # Errors
/// As [`AsOf::load`].
pub(crate) fn load(inputs: &Inputs, watcher: &dyn Watcher) -> Result<AsOf, RunError> {
    let days = |day| running_spans(&inputs.config, day).into_iter().map(|span| span.from).collect();
    inputs.load_with_earlier(days, watcher)
}
