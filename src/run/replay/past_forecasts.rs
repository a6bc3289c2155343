//! What the record tells about the forecasts of past days: [`PastForecasts`]. Replays nothing.

use crate::analyses::backtest::{Actuals, Replayed, ReplayedDay, Spread, cases};
use crate::run::morning::Morning;
use crate::run::replay::history_sums::HistorySums;
use crate::run::replay::plan::BacktestPlan;
use crate::store::forecasts::ForecastRecord;

/// What the record tells about the forecasts of past days.
#[derive(Clone, Debug, Default)]
pub struct PastForecasts {
    /// Every forecaster's case for every node.
    pub cases: Vec<Replayed>,
    /// How far sums of past periods were off, beside what was forecast.
    pub spread: Spread,
    /// Days found in the record.
    pub days: usize,
    /// Days that are not in it, or rest on something else by now.
    pub missing: usize,
}

impl PastForecasts {
    /// Reads what is in the record of the usual days before `morning`; `history` are the sums of its raw log.
    pub(crate) fn read(morning: &Morning<'_>, history: &HistorySums, record: &ForecastRecord) -> Self {
        let (config, calendar, as_of) = (morning.config, morning.calendar, morning.day());
        let plan = BacktestPlan::usual(config.calendar.score_period);
        let origins = plan.origins(calendar, as_of);
        if !record.any() {
            return Self { missing: origins.len(), ..Self::default() };
        }
        let keys = history.keys(morning.timeline, config, &origins);
        let known = origins.iter().zip(keys).filter_map(|(&(period, cutoff), key)| {
            Some(ReplayedDay { cutoff, period, forecasts: record.read(&period, cutoff, &key)? })
        });
        let days: Vec<ReplayedDay> = known.collect();
        let actuals = Actuals::of(morning.tables, morning.snapshot, config, plan.kind);
        Self {
            cases: cases(&days, &actuals, calendar),
            spread: Spread::learn(&days, as_of, |past, period| actuals.won(past, period)),
            missing: origins.len() - days.len(),
            days: days.len(),
        }
    }
}
