//! Where do open deals stand still?

use crate::analyses::stagnation::columns::{backtest_table, summary_table, table};
use crate::domain::day::Day;
use crate::report::people::People;
use crate::report::sinks::Stamp;
use crate::run::answers::answer::Answer;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::questions::{DealFilter, REFERENCE_DAYS};
use crate::run::stagnation_backtest::backtest_stagnation;
use crate::run::watch::Watcher;

/// One row per open deal, or per group of each column of `by`; `since` is the morning changes are counted from.
///
/// # Errors
/// [`RunError`]; [`RunError::NotBefore`] where `since` is no earlier day.
pub fn stagnation(
    inputs: &Inputs,
    filter: &DealFilter,
    by: &[String],
    since: Option<Day>,
    watcher: &dyn Watcher,
) -> Result<Answer, RunError> {
    let as_of = inputs.load(watcher)?;
    let keep = as_of.keep(filter)?;
    let day = as_of.day();
    let previous = since.unwrap_or_else(|| day.plus(-REFERENCE_DAYS));
    if previous >= day {
        return Err(RunError::NotBefore { flag: "since", day: previous, as_of: day, what: "the as-of day" });
    }
    let stagnation = as_of.morning(&inputs.config).stagnation(&keep, Some(previous))?;
    let table = if by.is_empty() {
        table(&stagnation, &as_of.tables, &as_of.timeline, &as_of.snapshot)?
    } else {
        let values = as_of.values(&inputs.config, &keep);
        let mut summary = as_of.stagnation_summary(&stagnation, &values, by)?;
        summary.groups.retain(|(column, _)| by.contains(column));
        summary_table(&summary, &values)?
    };
    Ok(Answer::of_day(table, &as_of))
}

/// Whether stalled deals of past mornings ended lost or slipped more often than deals in a stage for long.
///
/// # Errors
/// [`RunError`].
pub fn stagnation_backtest(inputs: &Inputs, watcher: &dyn Watcher) -> Result<Answer, RunError> {
    let table = backtest_table(&backtest_stagnation(inputs, watcher)?)?;
    let stamp = Stamp { as_of: inputs.as_of.map(|day| day.to_string()), model_id: None };
    Ok(Answer { table, stamp, people: People::default() })
}
