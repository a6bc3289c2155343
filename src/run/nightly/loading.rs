//! What a run loads.

use crate::analyses::waterfall::running_spans;
use crate::domain::day::Day;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::questions::AsOf;
use crate::run::watch::Watcher;
use crate::store::scores::ScoreHistory;

/// The inputs with everything a run needs of earlier days, that of the run before included where `history` knows of one.
///
/// # Errors
/// As [`AsOf::load`].
pub(crate) fn load(inputs: &Inputs, history: Option<&ScoreHistory>, watcher: &dyn Watcher) -> Result<AsOf, RunError> {
    let days = |day| {
        let mut days: Vec<Day> = running_spans(&inputs.config, day).into_iter().map(|span| span.from).collect();
        let last = history.and_then(|history| history.last_before(day));
        days.extend(last.filter(|last| !days.contains(last)));
        days
    };
    inputs.load_with_earlier(days, watcher)
}
