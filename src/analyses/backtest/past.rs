//! What was forecast on the mornings of past days, as it is kept on record.

use serde::{Deserialize, Serialize};

use crate::books::hierarchy::Level;
use crate::domain::day::Day;
use crate::domain::period::Period;
use crate::domain::probability::logit;

/// What was forecast of a node on the morning of a past day, in one money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastForecast {
    /// Which level.
    pub level: Level,
    /// Owner id, team, region or company.
    pub node: String,
    /// Code of the currency whose deals these are, in minor units of it; none: all deals, in the base currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
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

/// The distribution of a past forecast, as it was before any stretch; see `Spread`.
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

impl PastEnd {
    /// Log-odds at which the quantiles of a past forecast are kept: 1.5 to 98.5 %.
    pub const LOG_ODDS: [f64; 15] = [-4.2, -3.6, -3.0, -2.4, -1.8, -1.2, -0.6, 0.0, 0.6, 1.2, 1.8, 2.4, 3.0, 3.6, 4.2];

    /// The value at `p` of the stretched distribution, between the quantiles kept.
    pub(super) fn quantile(&self, p: f64, stretch: f64) -> i64 {
        let at = (logit(p) * stretch + 4.2) / 0.6;
        let at = at.clamp(0.0, (self.quantiles.len() - 1) as f64);
        let below = (at.floor() as usize).min(self.quantiles.len() - 2);
        let (low, high) = (self.quantiles[below] as f64, self.quantiles[below + 1] as f64);
        (low + (high - low) * (at - below as f64)).round_ties_even() as i64
    }
}
