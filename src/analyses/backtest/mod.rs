//! How right would the forecasts of past days have been, and would a simpler one have done?
//!
//! The forecasts of past days ([`ReplayedDay`]) and what was won in the end, to [`Replayed`] cases and [`BacktestLine`]s.
//! Replays nothing itself.
//!
//! | measure | definition |
//! |---|---|
//! | `wape` | sum of absolute errors / sum of what was won |
//! | `bias` | sum of (forecast - won) / sum of what was won |
//! | `pinball` | mean loss of the 10, 50 and 90 % quantiles / mean of what was won |
//! | `crps` | twice the mean loss of the nine deciles / mean of what was won: the continuous ranked probability score |
//! | `coverage` | share of cases in which p10 to p90 held what was won |
//! | `hit_brier` | mean squared error of the chance to hit the quota |
//! | `hit_slope` | slope of the log-odds of hitting it on those of the chance given: 1 is calibrated, below 1 too sure |

mod actuals;
pub mod columns;
pub mod findings;
mod spread;

use serde::{Deserialize, Serialize};

use crate::books::hierarchy::Level;
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period};
use crate::domain::probability::logit;
use crate::model::line_through;

pub use actuals::Actuals;
pub use spread::{Spread, before_stretch, stretched};

/// What was forecast of a node on the morning of a past day. Money in minor units of the base currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastForecast {
    /// Which level.
    pub level: Level,
    /// Owner id, team, region or company.
    pub node: String,
    /// Won + expected from open + expected from new.
    pub expected: Option<i64>,
    /// Won + pipeline of the period x past share won of each stage.
    pub stage_weighted: i64,
    /// Won + pipeline of the period x the CRM's own probability.
    pub crm_weighted: Option<i64>,
    /// Won so far, at the same pace to the end; none on the first morning.
    pub run_rate: Option<i64>,
    /// The quota.
    pub quota: Option<i64>,
    /// How the period might have ended.
    pub end: Option<PastEnd>,
}

/// The distribution of a past forecast, as it was before any stretch; see [`Spread`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastEnd {
    /// Standard deviation by chance alone.
    pub sd: f64,
    /// How far one standard deviation of the common factor moves the mean.
    pub moved: f64,
    /// Quantiles at [`PastEnd::LOG_ODDS`].
    pub quantiles: [i64; 15],
    /// The chance to hit the quota.
    pub hits_quota: Option<f64>,
}

/// What was forecast on the morning of one past day.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayedDay {
    /// The first day that was not known.
    pub cutoff: Day,
    /// The period forecast.
    pub period: Period,
    /// Every node's.
    pub forecasts: Vec<PastForecast>,
}

/// Who forecasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Forecaster {
    /// Won + expected from open + expected from new.
    Dealcast,
    /// Won + pipeline of the period x past share won of each stage.
    StageWeighted,
    /// Won + pipeline of the period x the CRM's own probability.
    CrmProbability,
    /// What was won in the period before.
    LastPeriod,
    /// What was won in the same period a year before.
    LastYear,
    /// Won so far, at the same pace to the end.
    RunRate,
}

impl Forecaster {
    /// As printed in the `forecaster` column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dealcast => "dealcast",
            Self::StageWeighted => "stage weighted",
            Self::CrmProbability => "crm probability",
            Self::LastPeriod => "last period",
            Self::LastYear => "same period last year",
            Self::RunRate => "run rate",
        }
    }
}

/// A chance closer to 0 or 1 counts as this in the slope.
const SURE: f64 = 1e-4;

/// One forecast of a past day, beside what came. Money in minor units of the base currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Replayed {
    /// The first day that was not known.
    pub cutoff: Day,
    /// The period forecast.
    pub period: Period,
    /// Which level.
    pub level: Level,
    /// Owner id, team, region or company.
    pub node: String,
    /// Who forecasts.
    pub forecaster: Forecaster,
    /// The forecast of what will be won by the period's end.
    pub forecast: i64,
    /// What was won.
    pub actual: i64,
    /// The nine deciles, where the forecaster gives them.
    pub deciles: Option<[i64; 9]>,
    /// The quota.
    pub quota: Option<i64>,
    /// The chance to hit it, where the forecaster gives one.
    pub hits_quota: Option<f64>,
}

impl Replayed {
    /// Whole weeks of the period left on the cutoff's morning.
    #[must_use]
    pub fn weeks_left(&self) -> i32 {
        (self.period.last.0 - self.cutoff.0 + 1) / 7
    }

    /// The low end of the 80 % range, where the forecaster gives one.
    #[must_use]
    pub fn p10(&self) -> Option<i64> {
        self.deciles.map(|deciles| deciles[0])
    }

    /// The median, where the forecaster gives one.
    #[must_use]
    pub fn p50(&self) -> Option<i64> {
        self.deciles.map(|deciles| deciles[4])
    }

    /// The high end of the 80 % range, where the forecaster gives one.
    #[must_use]
    pub fn p90(&self) -> Option<i64> {
        self.deciles.map(|deciles| deciles[8])
    }
}

/// How right one forecaster was.
#[derive(Clone, Debug, PartialEq)]
pub struct BacktestLine {
    /// The day forecast from; none: all.
    pub cutoff: Option<Day>,
    /// Weeks left; none: all.
    pub weeks_left: Option<i32>,
    /// The level.
    pub level: Level,
    /// The forecaster.
    pub forecaster: Forecaster,
    /// Forecasts judged.
    pub cases: u64,
    /// See the module.
    pub wape: Option<f64>,
    /// See the module.
    pub bias: Option<f64>,
    /// See the module.
    pub pinball: Option<f64>,
    /// See the module.
    pub crps: Option<f64>,
    /// See the module.
    pub coverage: Option<f64>,
    /// Share of cases with a quota in which it was hit.
    pub hit: Option<f64>,
    /// Mean chance given to that.
    pub hit_chance: Option<f64>,
    /// See the module.
    pub hit_brier: Option<f64>,
    /// See the module; none where all or none were hit.
    pub hit_slope: Option<f64>,
}

/// Every forecaster's case for every node of `days`. Ranges are stretched as those of the day would have been: by what the
/// days before it tell of periods that were over.
#[must_use]
pub fn cases(days: &[ReplayedDay], actuals: &Actuals, calendar: &FiscalCalendar) -> Vec<Replayed> {
    let year_before = |period: &Period| {
        let mut before = calendar.shift(period, -1);
        while before.number != period.number {
            before = calendar.shift(&before, -1);
        }
        before
    };
    let mut cases = Vec::new();
    for day in days {
        let spread = Spread::learn(days, day.cutoff, |level, node, period| actuals.won(level, node, period));
        let (last, last_year) = (calendar.shift(&day.period, -1), year_before(&day.period));
        for past in &day.forecasts {
            let of = |period: &Period| actuals.won(past.level, &past.node, period);
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

/// Everything, by weeks left, and by cutoff; for each level and forecaster.
#[must_use]
pub fn judge(replayed: &[Replayed]) -> Vec<BacktestLine> {
    let mut lines = Vec::new();
    let mut weeks: Vec<i32> = replayed.iter().map(Replayed::weeks_left).collect();
    let mut cutoffs: Vec<Day> = replayed.iter().map(|case| case.cutoff).collect();
    let mut kinds: Vec<(Level, Forecaster)> = replayed.iter().map(|case| (case.level, case.forecaster)).collect();
    weeks.sort_unstable_by(|a, b| b.cmp(a));
    weeks.dedup();
    cutoffs.sort_unstable();
    cutoffs.dedup();
    kinds.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    kinds.dedup();
    let groups = std::iter::once((None, None))
        .chain(weeks.into_iter().map(|weeks| (Some(weeks), None)))
        .chain(cutoffs.into_iter().map(|cutoff| (None, Some(cutoff))));
    for (weeks_left, cutoff) in groups {
        for &(level, forecaster) in &kinds {
            let admits = |case: &&Replayed| {
                (case.level, case.forecaster) == (level, forecaster)
                    && weeks_left.is_none_or(|weeks| weeks == case.weeks_left())
                    && cutoff.is_none_or(|cutoff| cutoff == case.cutoff)
            };
            let cases: Vec<&Replayed> = replayed.iter().filter(admits).collect();
            if !cases.is_empty() {
                lines.push(line(&cases, cutoff, weeks_left));
            }
        }
    }
    lines
}

fn line(cases: &[&Replayed], cutoff: Option<Day>, weeks_left: Option<i32>) -> BacktestLine {
    let won: f64 = cases.iter().map(|case| case.actual as f64).sum();
    let of_won = |sum: f64| (won > 0.0).then(|| sum / won);
    let mean = |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let error = |case: &&Replayed| (case.forecast - case.actual) as f64;
    let ranges = || cases.iter().filter_map(|case| Some((case.actual, case.deciles?)));
    // Of the deciles k (0 to 8), their mean.
    let loss = |ks: &[usize]| {
        let of_decile = |actual: i64, quantile: i64, p: f64| {
            let above = (actual - quantile) as f64;
            if above >= 0.0 { p * above } else { (p - 1.0) * above }
        };
        let of_case = |(actual, deciles): (i64, [i64; 9])| {
            ks.iter().map(|&k| of_decile(actual, deciles[k], (k + 1) as f64 / 10.0)).sum::<f64>() / ks.len() as f64
        };
        (ranges().count() > 0).then(|| of_won(ranges().map(of_case).sum())).flatten()
    };
    let held = |(actual, deciles): (i64, [i64; 9])| f64::from(u8::from(deciles[0] <= actual && actual <= deciles[8]));
    let quotas = || cases.iter().filter_map(|case| Some((case.actual >= case.quota?, case.hits_quota?)));
    let (hits, log_odds): (Vec<bool>, Vec<f64>) =
        quotas().map(|(hit, chance)| (hit, logit(chance.clamp(SURE, 1.0 - SURE)))).unzip();
    BacktestLine {
        cutoff,
        weeks_left,
        level: cases[0].level,
        forecaster: cases[0].forecaster,
        cases: cases.len() as u64,
        wape: of_won(cases.iter().map(|case| error(case).abs()).sum()),
        bias: of_won(cases.iter().map(error).sum()),
        pinball: loss(&[0, 4, 8]),
        crps: loss(&[0, 1, 2, 3, 4, 5, 6, 7, 8]).map(|loss| 2.0 * loss),
        coverage: mean(ranges().map(held).collect()),
        hit: mean(quotas().map(|(hit, _)| f64::from(u8::from(hit))).collect()),
        hit_chance: mean(quotas().map(|(_, chance)| chance).collect()),
        hit_brier: mean(quotas().map(|(hit, chance)| (chance - f64::from(u8::from(hit))).powi(2)).collect()),
        hit_slope: line_through(&log_odds, &hits).map(|line| line.slope),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::period::PeriodKind;

    fn case(node: &str, forecast: i64, actual: i64, [p10, p50, p90]: [i64; 3]) -> Replayed {
        let between = |low: i64, high: i64, k: i64| low + (high - low) * k / 4;
        let period = FiscalCalendar::default().period_of(PeriodKind::Quarter, Day(20_498));
        Replayed {
            cutoff: Day(20_498),
            period,
            level: Level::Owner,
            node: node.to_owned(),
            forecaster: Forecaster::Dealcast,
            forecast,
            actual,
            deciles: Some(std::array::from_fn(|k| match k as i64 {
                k @ 0..=4 => between(p10, p50, k),
                k => between(p50, p90, k - 4),
            })),
            quota: Some(100),
            hits_quota: Some(0.75),
        }
    }

    #[test]
    fn measures_by_hand() {
        let replayed = [case("a", 90, 100, [50, 80, 120]), case("b", 130, 60, [70, 100, 150])];
        let lines = judge(&replayed);
        assert_eq!(lines.len(), 3, "all, one number of weeks, one cutoff");
        let all = &lines[0];
        assert_eq!((all.cases, all.cutoff, all.weeks_left), (2, None, None));
        // 2026-02-14 to 2026-03-31 are 46 days
        assert_eq!(lines[1].weeks_left, Some(6));
        assert_eq!((all.wape, all.bias), (Some(80.0 / 160.0), Some(60.0 / 160.0)));
        // a: .1 x 50, .5 x 20, .1 x 20; b: .9 x 10, .5 x 40, .1 x 90; each a third
        assert!(all.pinball.is_some_and(|x| (x - (17.0 + 38.0) / 3.0 / 160.0).abs() < 1e-12), "{:?}", all.pinball);
        assert_eq!((all.coverage, all.hit, all.hit_chance), (Some(0.5), Some(0.5), Some(0.75)));
        assert_eq!(all.hit_brier, Some((0.0625 + 0.5625) / 2.0));
    }
}
