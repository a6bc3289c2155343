//! The rows of a backtest: forecasts of past days beside their actuals, and how right each forecaster was.

use crate::books::hierarchy::Level;
use crate::domain::day::Day;
use crate::domain::period::Period;

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

/// One forecast of a past day, beside its actual.
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
    /// Code of the currency whose deals these are, in minor units of it; none: all deals, in the base currency.
    pub currency: Option<String>,
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
    /// The currency whose deals are judged; none: all deals, in the base currency.
    pub currency: Option<String>,
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
