//! How right were the forecasts of past days?

use crate::analyses::backtest::columns::{cases_table, table};
use crate::analyses::backtest::{findings, judge};
use crate::domain::money;
use crate::ingest;
use crate::run::answers::answer::Answer;
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::replay::{self, BacktestPlan};
use crate::run::watch::Watcher;
use crate::store::forecasts::ForecastRecord;
use crate::store::models::Registry;

/// One row per level, forecaster and distance, or every forecast beside what was won (`cases`). Past forecasts are kept
/// beside the models, and only days that are new are replayed.
///
/// # Errors
/// [`RunError`].
pub fn backtest(
    inputs: &Inputs,
    plan: &BacktestPlan,
    registry: &Registry,
    cases: bool,
    watcher: &dyn Watcher,
) -> Result<Answer, RunError> {
    let config = &inputs.config;
    let record = ForecastRecord::open(registry.forecasts_folder());
    let tables = ingest::load(config, &inputs.base, watcher)?.tables;
    let as_of = inputs.as_of.or(tables.day_after_newest_event()).ok_or(RunError::NoDate)?;
    let found = replay::backtest(&tables, config, as_of, plan, &record, watcher)?;
    watcher.end();
    found.skipped.iter().for_each(|day| watcher.tell(&findings::skipped(day.cutoff, &day.reason)));
    watcher.tell(&findings::replayed(as_of, found.days, found.from_record));
    let table = if cases {
        cases_table(&found.cases, money::exponent(&tables.base_currency(&config.money.base_currency)))?
    } else {
        table(&judge(&found.cases))?
    };
    Ok(Answer::of(table, as_of))
}
