//! Past days replayed: at each of them the model is trained anew on what was known that morning, the forecast made, and
//! held against what was won in the end.

use std::collections::BTreeMap;

use tracing::info;

use super::{PipelineError, check_day};
use crate::analytics::backtest::{Forecaster, Replayed};
use crate::analytics::currency::CurrencyConverter;
use crate::analytics::forecast::{
    Basis, Forecast, ForecastFilter, ForecastInput, ForecastRow, forecast, stage_win_rates,
};
use crate::analytics::outlook::Outlook;
use crate::analytics::structure::Level;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::progress::{NoProgress, Progress};
use crate::features::FeatureContext;
use crate::ingest::tables::Tables;
use crate::model::{self, ModelError};
use crate::scoring::{Scores, score};
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;

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
            snapshot.states.iter_mut().for_each(|state| state.probability = f32::NAN);
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

/// Forecasts of past days beside what was won by `as_of`, in the base currency, for every node. Days on which no model
/// can be trained are skipped.
///
/// # Errors
/// [`PipelineError`] where the timeline or a forecast cannot be made, or the calendar does not know the day.
pub fn backtest(
    tables: &Tables,
    config: &Config,
    as_of: Day,
    plan: &BacktestPlan,
    progress: &dyn Progress,
) -> Result<(Vec<Replayed>, Vec<Skipped>), PipelineError> {
    let calendar = config.fiscal_calendar();
    check_day(&calendar, as_of)?;
    let won = won_by_period(&Replay::of(tables, config, as_of)?.forecast(None, true)?);
    let running = calendar.period_of(plan.kind, as_of);
    let periods: Vec<Period> = (1..=plan.periods as i32).rev().map(|back| calendar.shift(&running, -back)).collect();
    let day_of = |period: &Period, days: u32| (*period, period.first.plus(days as i32));
    let origins: Vec<(Period, Day)> =
        periods.iter().flat_map(|period| plan.days_in.iter().map(|&days| day_of(period, days))).collect();
    progress.begin("replaying past days", origins.len() as u64);
    let (mut replayed, mut skipped) = (Vec::new(), Vec::new());
    for (period, cutoff) in origins.into_iter().filter(|(period, day)| period.contains(*day)) {
        let replay = Replay::of(tables, config, cutoff)?;
        progress.advance(1);
        if replay.timeline.deals.is_empty() {
            skipped.push(Skipped { cutoff, reason: "no deal was there yet".to_owned() });
            continue;
        }
        let (scores, outlook) = match replay.scores() {
            Ok(known) => known,
            Err(error) => {
                skipped.push(Skipped { cutoff, reason: error.to_string() });
                continue;
            }
        };
        let forecasts = [replay.forecast(Some((&scores, &outlook)), true)?, replay.forecast(None, false)?];
        replayed.extend(cases(&forecasts, &won, period, calendar.shift(&period, -1), year_before(&period, config)));
        info!(%cutoff, %period, "past day replayed");
    }
    Ok((replayed, skipped))
}

fn year_before(period: &Period, config: &Config) -> Period {
    let calendar = config.fiscal_calendar();
    let mut before = calendar.shift(period, -1);
    while before.number != period.number {
        before = calendar.shift(&before, -1);
    }
    before
}

type Won = BTreeMap<(Level, String, Day, Day), i64>;

fn key(forecast: &Forecast, row: &ForecastRow, period: &Period) -> Option<(Level, String, Day, Day)> {
    let node = forecast.nodes.get(row.node)?;
    Some((node.level, node.key.clone(), period.first, period.last))
}

fn won_by_period(forecast: &Forecast) -> Won {
    let base = forecast.rows.iter().filter(|row| row.basis == Basis::Base);
    base.filter_map(|row| Some((key(forecast, row, &row.period)?, row.won))).collect()
}

/// Every forecaster's case for every node of `period`. The second forecast weighs by past rates of the stages.
fn cases(forecasts: &[Forecast; 2], won: &Won, period: Period, last: Period, last_year: Period) -> Vec<Replayed> {
    let [forecast, by_stage] = forecasts;
    let rows = |forecast: &'_ Forecast| -> Vec<ForecastRow> {
        let of_period = |row: &&ForecastRow| row.basis == Basis::Base && row.period == period;
        forecast.rows.iter().filter(of_period).cloned().collect()
    };
    let weighted_by_stage: BTreeMap<(Level, String), Option<i64>> = rows(by_stage)
        .into_iter()
        .filter_map(|row| by_stage.nodes.get(row.node).map(|node| ((node.level, node.key.clone()), row.weighted)))
        .collect();
    let mut cases = Vec::new();
    for row in rows(forecast) {
        let Some(node) = forecast.nodes.get(row.node) else { continue };
        let of = |period: &Period| key(forecast, &row, period).and_then(|key| won.get(&key).copied()).unwrap_or(0);
        let actual = of(&period);
        let cutoff = forecast.as_of;
        let elapsed = f64::from(cutoff.0 - period.first.0);
        let pace = (elapsed > 0.0).then(|| (row.won as f64 * f64::from(period.days()) / elapsed).round() as i64);
        let by_stage = weighted_by_stage.get(&(node.level, node.key.clone())).copied().flatten().unwrap_or(0);
        let forecasts = [
            (Forecaster::Dealcast, row.expected()),
            (Forecaster::StageWeighted, Some(row.won + by_stage)),
            (Forecaster::CrmProbability, row.weighted.map(|weighted| row.won + weighted)),
            (Forecaster::LastPeriod, Some(of(&last))),
            (Forecaster::LastYear, Some(of(&last_year))),
            (Forecaster::RunRate, pace),
        ];
        for (forecaster, value) in forecasts {
            let own = row.final_sum.filter(|_| forecaster == Forecaster::Dealcast);
            cases.extend(value.map(|value| Replayed {
                cutoff,
                period,
                level: node.level,
                node: node.key.clone(),
                forecaster,
                forecast: value,
                actual,
                quantiles: own.map(|sum| sum.quantiles),
                quota: row.quota,
                hits_quota: own.and_then(|sum| sum.hits_quota),
            }));
        }
    }
    cases
}
