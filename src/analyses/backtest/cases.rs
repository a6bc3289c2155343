//! Past forecasts and actuals to cases: every forecaster's forecast of every node, beside what was won.

use crate::analyses::backtest::actuals::Actuals;
use crate::analyses::backtest::past::{PastEnd, ReplayedDay};
use crate::analyses::backtest::rows::{Forecaster, Replayed};
use crate::analyses::backtest::spread::{Spread, stretched};
use crate::domain::period::{FiscalCalendar, Period};

/// Every forecaster's case for every node of `days`. Ranges are stretched as those of the day would have been: by what the
/// days before it tell of periods that were over.
#[must_use]
pub fn cases(days: &[ReplayedDay], actuals: &Actuals, calendar: &FiscalCalendar) -> Vec<Replayed> {
    let mut cases = Vec::new();
    for day in days {
        let spread = Spread::learn(days, day.cutoff, |past, period| actuals.won(past, period));
        let (last, last_year) = (calendar.shift(&day.period, -1), year_before(&day.period, calendar));
        for past in &day.forecasts {
            let of = |period: &Period| actuals.won(past, period);
            let forecasts = [
                (Forecaster::Dealcast, past.expected),
                (Forecaster::StageWeighted, Some(past.stage_weighted)),
                (Forecaster::CrmProbability, past.crm_weighted),
                (Forecaster::LastPeriod, Some(of(&last))),
                (Forecaster::LastYear, Some(of(&last_year))),
                (Forecaster::RunRate, past.run_rate),
            ];
            for (forecaster, forecast) in forecasts.into_iter().filter_map(|(who, value)| Some((who, value?))) {
                let end = past.end.as_ref().filter(|_| forecaster == Forecaster::Dealcast);
                let stretch = end.map_or(1.0, |end| spread.stretch(past.level, end.sd, end.moved));
                let decile = |end: &PastEnd, k: usize| end.quantile((k + 1) as f64 / 10.0, stretch);
                cases.push(Replayed {
                    cutoff: day.cutoff,
                    period: day.period,
                    level: past.level,
                    node: past.node.clone(),
                    currency: past.currency.clone(),
                    forecaster,
                    forecast,
                    actual: of(&day.period),
                    deciles: end.map(|end| std::array::from_fn(|k| decile(end, k))),
                    quota: past.quota,
                    hits_quota: end.and_then(|end| end.hits_quota).map(|chance| stretched(chance, stretch)),
                });
            }
        }
    }
    cases
}

/// The same period a year before.
fn year_before(period: &Period, calendar: &FiscalCalendar) -> Period {
    let mut before = calendar.shift(period, -1);
    while before.number != period.number {
        before = calendar.shift(&before, -1);
    }
    before
}
