//! One past day: what would have been forecast that morning.
//!
//! The same flow as today's ([`Morning`]), with a model trained on what was known then.

use std::collections::BTreeMap;

use tracing::info;

use crate::analyses::backtest::{PastForecast, Spread};
use crate::analyses::forecast::{Forecast, ForecastRow, RowBasis, RowsOfMoney, stage_win_rates};
use crate::analyses::outlook::Outlook;
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::Level;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::maybe::Maybe;
use crate::domain::period::{FiscalCalendar, Period};
use crate::domain::progress::NoProgress;
use crate::ingest::tables::Tables;
use crate::model::ModelError;
use crate::run::error::RunError;
use crate::run::morning::{Foreseen, Morning, Scored};
use crate::scoring::Scores;
use crate::snapshot::Snapshot;
use crate::timeline::Timeline;

/// What a past day gave.
pub(super) enum PastDay {
    /// What would have been forecast.
    Forecast(Vec<PastForecast>),
    /// Why nothing could be.
    Impossible(String),
}

/// What would have been forecast of `period` on the morning of `cutoff`.
pub(super) fn replay(
    tables: &Tables,
    config: &Config,
    calendar: &FiscalCalendar,
    period: &Period,
    cutoff: Day,
) -> Result<PastDay, RunError> {
    let timeline = Timeline::build(tables, config, cutoff)?;
    let snapshot = Snapshot::of(&timeline);
    if timeline.deals.is_empty() {
        return Ok(PastDay::Impossible("no deal was there yet".to_owned()));
    }
    if timeline.undated {
        return Ok(PastDay::Impossible("the closing days of the deals are not known".to_owned()));
    }
    let morning = Morning::new(tables, &timeline, &snapshot, calendar, config);
    let (scores, outlook) = match foresee(&morning) {
        Ok(foreseen) => foreseen,
        Err(error) => return Ok(PastDay::Impossible(error.to_string())),
    };
    let (rates, filter) = (stage_win_rates(&timeline), ForecastFilter::default());
    let foreseen = Foreseen { scores: Some(&scores), outlook: Some(&outlook) };
    let forecast = morning.forecast(&rates, foreseen, &filter)?;
    let nameless = without_own_probability(&snapshot);
    let by_stage = Morning::new(tables, &timeline, &nameless, calendar, config);
    let by_stage = by_stage.forecast(&rates, Foreseen::default(), &filter)?;
    info!(%cutoff, %period, "past day replayed");
    Ok(PastDay::Forecast(past_forecasts(tables, &forecast, &by_stage, period)))
}

/// The view of the open deals, and of what is to come, by a model that knows nothing later.
fn foresee(morning: &Morning<'_>) -> Result<(Scores, Outlook), ModelError> {
    let model = morning.train(&NoProgress)?.model;
    let scores = morning.score(&model, &NoProgress)?;
    let scored = Scored { model: &model, scores: &scores };
    let outlook = morning.outlook(Some(scored), Spread::default(), &ForecastFilter::default());
    Ok((scores, outlook))
}

/// The deals without the chances the CRM gives them: they are then weighed by their stages.
fn without_own_probability(snapshot: &Snapshot) -> Snapshot {
    let mut snapshot = snapshot.clone();
    snapshot.states.iter_mut().for_each(|state| state.probability = Maybe::NONE);
    snapshot
}

/// Every node's forecast of `period`, in every money it takes to tell of all deals. `by_stage` weighs by past rates of the
/// stages.
fn past_forecasts(tables: &Tables, forecast: &Forecast, by_stage: &Forecast, period: &Period) -> Vec<PastForecast> {
    let weighted_by_stage: BTreeMap<_, Option<i64>> = by_stage
        .rows
        .iter()
        .filter(|row| row.period == *period)
        .filter_map(|row| Some((named(by_stage, row)?, row.weighted)))
        .collect();
    let elapsed = f64::from(forecast.as_of.0 - period.first.0);
    let past = |row: &ForecastRow| {
        let node = forecast.nodes.get(row.node)?;
        let by_stage = weighted_by_stage.get(&named(forecast, row)?).copied().flatten().unwrap_or(0);
        let pace = row.won as f64 * f64::from(period.days()) / elapsed;
        let currency = || Some(forecast.currencies.get(row.currency)?.code.clone());
        Some(PastForecast {
            level: node.level,
            node: node.key.clone(),
            currency: if row.basis == RowBasis::Native { currency() } else { None },
            expected: row.expected(),
            stage_weighted: row.won + by_stage,
            crm_weighted: row.weighted.map(|weighted| row.won + weighted),
            run_rate: (elapsed > 0.0).then(|| pace.round() as i64),
            quota: row.quota,
            end: row.final_sum.as_ref().map(|sum| sum.unstretched.clone()),
        })
    };
    let complete = RowsOfMoney::complete(forecast, tables);
    let counts = |row: &&ForecastRow| row.period == *period && complete.iter().any(|of_money| of_money.hold(row));
    forecast.rows.iter().filter(counts).filter_map(past).collect()
}

/// What a row is called in any forecast: its level, node, basis and currency.
fn named<'f>(forecast: &'f Forecast, row: &ForecastRow) -> Option<(Level, &'f str, RowBasis, &'f str)> {
    let (node, currency) = (forecast.nodes.get(row.node)?, forecast.currencies.get(row.currency)?);
    Some((node.level, &node.key, row.basis, &currency.code))
}
