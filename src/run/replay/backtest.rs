//! Forecasts of past days beside what was won in the end: a [`BacktestPlan`] to a [`Backtest`].

use crate::analyses::backtest::{Actuals, Replayed, ReplayedDay, cases};
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period};
use crate::domain::progress::Progress;
use crate::ingest::tables::Tables;
use crate::run::error::{RunError, check_day};
use crate::run::replay::history_sums::HistorySums;
use crate::run::replay::past_day::{PastDay, replay};
use crate::run::replay::plan::BacktestPlan;
use crate::snapshot::Snapshot;
use crate::store::forecasts::ForecastRecord;
use crate::timeline::Timeline;

/// A past day that could not be replayed, and why.
#[derive(Clone, Debug)]
pub struct SkippedDay {
    /// The day.
    pub cutoff: Day,
    /// In words.
    pub reason: String,
}

/// What a backtest found.
#[derive(Clone, Debug, Default)]
pub struct Backtest {
    /// Every forecaster's case for every node.
    pub cases: Vec<Replayed>,
    /// Days that could not be replayed.
    pub skipped: Vec<SkippedDay>,
    /// Days replayed.
    pub days: usize,
    /// Of those, days found in the record.
    pub from_record: usize,
}

/// Forecasts of past days beside what was won by `as_of`, for every node. Days on which no model
/// can be trained are skipped.
///
/// # Errors
/// [`RunError`] where the timeline or a forecast cannot be made, the calendar does not know the day, or the record cannot
/// be written.
pub fn backtest(
    tables: &Tables,
    config: &Config,
    as_of: Day,
    plan: &BacktestPlan,
    record: &ForecastRecord,
    progress: &dyn Progress,
) -> Result<Backtest, RunError> {
    let calendar = config.fiscal_calendar();
    check_day(&calendar, as_of)?;
    let now = Timeline::build(tables, config, as_of)?;
    let origins = plan.origins(&calendar, as_of);
    let keys = HistorySums::of(tables, &now).keys(&now, config, &origins);
    progress.begin("replaying past days", origins.len() as u64);
    let replayer = Replayer { tables, config, calendar: &calendar, record };
    let mut found = Backtest::default();
    let mut days = Vec::new();
    for ((period, cutoff), key) in origins.into_iter().zip(keys) {
        match replayer.forecasts(&period, cutoff, &key, &mut found)? {
            PastDay::Forecast(forecasts) => days.push(ReplayedDay { cutoff, period, forecasts }),
            PastDay::Impossible(reason) => found.skipped.push(SkippedDay { cutoff, reason }),
        }
        progress.advance(1);
    }
    let actuals = Actuals::of(tables, &Snapshot::of(&now), config, plan.kind);
    Ok(Backtest { cases: cases(&days, &actuals, &calendar), days: days.len(), ..found })
}

/// Where the forecasts of past days come from.
struct Replayer<'a> {
    tables: &'a Tables,
    config: &'a Config,
    calendar: &'a FiscalCalendar,
    record: &'a ForecastRecord,
}

impl Replayer<'_> {
    /// What was forecast of `period` on `cutoff`: as the record has it under `key`, else made anew and kept.
    fn forecasts(&self, period: &Period, cutoff: Day, key: &str, found: &mut Backtest) -> Result<PastDay, RunError> {
        if let Some(known) = self.record.read(period, cutoff, key) {
            found.from_record += 1;
            return Ok(PastDay::Forecast(known));
        }
        let day = replay(self.tables, self.config, self.calendar, period, cutoff)?;
        if let PastDay::Forecast(forecasts) = &day {
            self.record.keep(period, cutoff, key, forecasts)?;
        }
        Ok(day)
    }
}
