//! Past days replayed: at each of them the model is trained anew on what was known that morning, the forecast made, and
//! held against what was won in the end.
//!
//! What was forecast is kept ([`ForecastRecord`]) under the checksum of what it rests on, so that the nightly run and the
//! next backtest need only replay what is new.

mod history_key;

use std::collections::BTreeMap;

use tracing::info;

use crate::analyses::backtest::{Actuals, PastForecast, Replayed, ReplayedDay, Spread, cases};
use crate::analyses::forecast::{Basis, Forecast, ForecastInput, ForecastRow, forecast, stage_win_rates};
use crate::analyses::outlook::Outlook;
use crate::books::currency::CurrencyConverter;
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::Level;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::maybe::Maybe;
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};
use crate::domain::progress::{NoProgress, Progress};
use crate::features::FeatureContext;
use crate::ingest::tables::Tables;
use crate::model::{self, ModelError};
use crate::run::questions::{AsOf, PipelineError, check_day};
use crate::scoring::{Scores, score};
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;

use crate::store::forecasts::ForecastRecord;
pub(super) use history_key::HistorySums;

/// Which past days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BacktestPlan {
    /// Periods of this kind.
    pub kind: PeriodKind,
    /// The last so many that are over.
    pub periods: u32,
    /// Days into the period forecasts are made after: 0 is its first morning.
    pub days_in: Vec<u32>,
}

impl BacktestPlan {
    /// The first morning, and four and eight weeks in (of months: one and two), of each of the last eight periods.
    #[must_use]
    pub fn usual(kind: PeriodKind) -> Self {
        let days_in = if kind == PeriodKind::Month { vec![0, 7, 14] } else { vec![0, 28, 56] };
        Self { kind, periods: 8, days_in }
    }

    /// The periods and days, ascending.
    fn origins(&self, calendar: &FiscalCalendar, as_of: Day) -> Vec<(Period, Day)> {
        let running = calendar.period_of(self.kind, as_of);
        let periods = (1..=self.periods as i32).rev().map(|back| calendar.shift(&running, -back));
        let of_period = |period: Period| self.days_in.iter().map(move |&days| (period, period.first.plus(days as i32)));
        let mut origins: Vec<(Period, Day)> =
            periods.flat_map(of_period).filter(|(period, day)| period.contains(*day)).collect();
        origins.sort_unstable_by_key(|origin| origin.1);
        origins.dedup();
        origins
    }
}

/// A past day that could not be replayed, and why.
#[derive(Clone, Debug)]
pub struct Skipped {
    /// The day.
    pub cutoff: Day,
    /// In words.
    pub reason: String,
}

/// Deals as known on the morning of one day.
struct Replay<'a> {
    tables: &'a Tables,
    config: &'a Config,
    timeline: Timeline,
    snapshot: Snapshot,
}

impl<'a> Replay<'a> {
    fn of(tables: &'a Tables, config: &'a Config, day: Day) -> Result<Self, PipelineError> {
        let timeline = Timeline::build(tables, config, day)?;
        let snapshot = Snapshot::of(&timeline);
        Ok(Self { tables, config, timeline, snapshot })
    }

    /// The view of the open deals, and of what is to come, by a model that knows nothing later.
    fn scores(&self) -> Result<(Scores, Outlook), ModelError> {
        let calendar = self.config.fiscal_calendar();
        let context = FeatureContext::new(self.tables, &self.timeline, &self.snapshot.states, calendar);
        let trained = model::train(&context, self.config, &NoProgress)?;
        let scores = score(&trained.model, &context, self.config, &NoProgress)?;
        let all = vec![true; self.snapshot.states.len()];
        let outlook = self.outlook().paced(&trained.model, &context, &scores.periods, &all);
        Ok((scores, outlook))
    }

    fn outlook(&self) -> Outlook {
        let base = &self.config.money.base_currency;
        let converter = CurrencyConverter::new(self.tables, base, self.snapshot.as_of);
        let admits = vec![true; self.snapshot.states.len()];
        Outlook::learn(&self.timeline, &self.snapshot, &converter, &self.tables.owners, &admits)
    }

    fn forecast(&self, scored: Option<(&Scores, &Outlook)>, own_probability: bool) -> Result<Forecast, PipelineError> {
        let mut snapshot = self.snapshot.clone();
        if !own_probability {
            snapshot.states.iter_mut().for_each(|state| state.probability = Maybe::NONE);
        }
        let rates = stage_win_rates(&self.timeline);
        Ok(forecast(&ForecastInput {
            tables: self.tables,
            timeline: &self.timeline,
            snapshot: &snapshot,
            scores: scored.map(|(scores, _)| scores),
            outlook: scored.map(|(_, outlook)| outlook),
            config: self.config,
            stage_win_rates: &rates,
            mask: None,
            filter: &ForecastFilter::default(),
        })?)
    }
}

/// What a backtest found.
#[derive(Clone, Debug, Default)]
pub struct Backtest {
    /// Every forecaster's case for every node.
    pub cases: Vec<Replayed>,
    /// Days that could not be replayed.
    pub skipped: Vec<Skipped>,
    /// Days replayed.
    pub days: usize,
    /// Of those, days found in the record.
    pub from_record: usize,
}

/// Forecasts of past days beside what was won by `as_of`, in the base currency, for every node. Days on which no model
/// can be trained are skipped.
///
/// # Errors
/// [`PipelineError`] where the timeline or a forecast cannot be made, the calendar does not know the day, or the record
/// cannot be written.
pub fn backtest(
    tables: &Tables,
    config: &Config,
    as_of: Day,
    plan: &BacktestPlan,
    record: &ForecastRecord,
    progress: &dyn Progress,
) -> Result<Backtest, PipelineError> {
    let calendar = config.fiscal_calendar();
    check_day(&calendar, as_of)?;
    let now = Replay::of(tables, config, as_of)?;
    let origins = plan.origins(&calendar, as_of);
    let keys = HistorySums::of(tables, &now.timeline).keys(&now.timeline, config, &origins);
    progress.begin("replaying past days", origins.len() as u64);
    let (mut days, mut skipped, mut from_record) = (Vec::new(), Vec::new(), 0);
    for ((period, cutoff), key) in origins.into_iter().zip(keys) {
        let known = record.read(&period, cutoff, &key);
        let on_record = known.is_some();
        from_record += usize::from(on_record);
        let forecasts = match known {
            Some(forecasts) => Ok(forecasts),
            None => replay(tables, config, &period, cutoff)?,
        };
        progress.advance(1);
        match forecasts {
            Ok(forecasts) => {
                if !on_record {
                    record.keep(&period, cutoff, &key, &forecasts)?;
                }
                days.push(ReplayedDay { cutoff, period, forecasts });
            }
            Err(reason) => skipped.push(Skipped { cutoff, reason }),
        }
    }
    let actuals = Actuals::of(tables, &now.snapshot, config, plan.kind);
    Ok(Backtest { cases: cases(&days, &actuals, &calendar), skipped, days: days.len(), from_record })
}

/// What the record tells about the forecasts of past days.
#[derive(Clone, Debug, Default)]
pub struct PastForecasts {
    /// Every forecaster's case for every node.
    pub cases: Vec<Replayed>,
    /// How far sums of past periods were off, beside what was foretold.
    pub spread: Spread,
    /// Days found in the record.
    pub days: usize,
    /// Days that are not in it, or rest on something else by now.
    pub missing: usize,
}

impl PastForecasts {
    /// Reads what is in the record of the usual days.
    pub(super) fn read(as_of: &AsOf, config: &Config, record: &ForecastRecord) -> Self {
        let (plan, calendar) = (BacktestPlan::usual(config.calendar.score_period), config.fiscal_calendar());
        let origins = plan.origins(&calendar, as_of.day());
        if !record.any() {
            return Self { missing: origins.len(), ..Self::default() };
        }
        let keys = as_of.history.keys(&as_of.timeline, config, &origins);
        let known = origins.iter().zip(keys).filter_map(|(&(period, cutoff), key)| {
            Some(ReplayedDay { cutoff, period, forecasts: record.read(&period, cutoff, &key)? })
        });
        let days: Vec<ReplayedDay> = known.collect();
        let actuals = Actuals::of(&as_of.tables, &as_of.snapshot, config, plan.kind);
        let won = |level: Level, node: &str, period: &Period| actuals.won(level, node, period);
        Self {
            cases: cases(&days, &actuals, &calendar),
            spread: Spread::learn(&days, as_of.day(), won),
            missing: origins.len() - days.len(),
            days: days.len(),
        }
    }
}

/// What would have been forecast of `period` on the morning of `cutoff`; else why nothing could.
fn replay(
    tables: &Tables,
    config: &Config,
    period: &Period,
    cutoff: Day,
) -> Result<Result<Vec<PastForecast>, String>, PipelineError> {
    let replay = Replay::of(tables, config, cutoff)?;
    if replay.timeline.deals.is_empty() {
        return Ok(Err("no deal was there yet".to_owned()));
    }
    let (scores, outlook) = match replay.scores() {
        Ok(known) => known,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let forecasts =
        past_forecasts(&replay.forecast(Some((&scores, &outlook)), true)?, &replay.forecast(None, false)?, period);
    info!(%cutoff, %period, "past day replayed");
    Ok(Ok(forecasts))
}

/// Every node's forecast of `period`. `by_stage` weighs by past rates of the stages.
fn past_forecasts(forecast: &Forecast, by_stage: &Forecast, period: &Period) -> Vec<PastForecast> {
    let rows = |forecast: &'_ Forecast| -> Vec<ForecastRow> {
        let of_period = |row: &&ForecastRow| row.basis == Basis::Base && row.period == *period;
        forecast.rows.iter().filter(of_period).cloned().collect()
    };
    let weighted_by_stage: BTreeMap<(Level, String), Option<i64>> = rows(by_stage)
        .into_iter()
        .filter_map(|row| by_stage.nodes.get(row.node).map(|node| ((node.level, node.key.clone()), row.weighted)))
        .collect();
    let elapsed = f64::from(forecast.as_of.0 - period.first.0);
    let past = |row: ForecastRow| {
        let node = forecast.nodes.get(row.node)?;
        let by_stage = weighted_by_stage.get(&(node.level, node.key.clone())).copied().flatten().unwrap_or(0);
        let pace = row.won as f64 * f64::from(period.days()) / elapsed;
        Some(PastForecast {
            level: node.level,
            node: node.key.clone(),
            expected: row.expected(),
            stage_weighted: row.won + by_stage,
            crm_weighted: row.weighted.map(|weighted| row.won + weighted),
            run_rate: (elapsed > 0.0).then(|| pace.round() as i64),
            quota: row.quota,
            end: row.final_sum.map(|sum| sum.unstretched),
        })
    };
    rows(forecast).into_iter().filter_map(past).collect()
}
