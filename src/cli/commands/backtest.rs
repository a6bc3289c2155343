//! `dealcast backtest`: were the forecasts of past days right?

use dealcast::analyses::backtest::{findings, judge};
use dealcast::domain::money;
use dealcast::domain::period::PeriodKind;
use dealcast::ingest;
use dealcast::report::format::Stamp;
use dealcast::run::replay::{self, BacktestPlan};
use dealcast::store::forecasts::ForecastRecord;

use crate::cli::Session;
use crate::cli::args::BacktestArgs;
use crate::cli::error::CliError;
use crate::cli::inputs::{emit, registry};
use crate::cli::settings::Inputs;

pub(crate) fn backtest(args: BacktestArgs, session: &Session) -> Result<(), CliError> {
    let BacktestArgs { inputs, table, kind, periods, weeks, cases, models } = args;
    let inputs = Inputs::resolve(inputs, session.printer)?;
    let config = &inputs.config;
    let named = |kind: String| PeriodKind::ALL.into_iter().find(|of| of.name() == kind);
    let kind = kind.and_then(named).unwrap_or(config.calendar.score_period);
    if !config.calendar.periods.contains(&kind) {
        let message = format!("`{}` is not among calendar.periods, so nothing is forecast for one", kind.name());
        return Err(CliError::usage(message));
    }
    let record = ForecastRecord::open(registry(&models)?.forecasts_folder());
    let loaded = ingest::load(config, &inputs.base, &session.progress)?;
    let newest = loaded.tables.day_after_newest_event();
    let as_of = inputs.as_of.or(newest).ok_or_else(|| CliError::usage("no row has a date: name a day with --as-of"))?;
    let mut plan = BacktestPlan { periods, ..BacktestPlan::usual(kind) };
    if !weeks.is_empty() {
        plan.days_in = weeks.iter().map(|week| 7 * (week - 1)).collect();
    }
    let found = replay::backtest(&loaded.tables, config, as_of, &plan, &record, &session.progress)?;
    session.progress.finish();
    for skipped in &found.skipped {
        session.printer.finding(&findings::skipped(skipped.cutoff, &skipped.reason));
    }
    session.printer.finding(&findings::replayed(as_of, found.days, found.from_record));
    let result = if cases {
        dealcast::analyses::backtest::columns::cases_table(
            &found.cases,
            money::exponent(&config.money.base_currency.to_uppercase()),
        )?
    } else {
        dealcast::analyses::backtest::columns::table(&judge(&found.cases))?
    };
    let stamp = Stamp { as_of: Some(as_of.to_string()), model_id: None };
    emit(&result, &table, &stamp, session)
}
