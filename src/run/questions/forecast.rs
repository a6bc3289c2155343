//! What of the forecast needs the past: what is to come, how past forecasts went, and the deals behind a row.

use crate::analyses::forecast::{ForecastDeals, forecast_deals};
use crate::analyses::gaps::GapHistory;
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::Level;
use crate::books::segment::Segment;
use crate::config::Config;
use crate::run::error::RunError;
use crate::run::morning::{Foreseen, Morning};
use crate::run::questions::as_of::AsOf;
use crate::run::replay::PastForecasts;
use crate::store::forecasts::ForecastRecord;

impl AsOf {
    /// What the record tells about the forecasts of past days.
    #[must_use]
    pub fn past_forecasts(&self, config: &Config, record: &ForecastRecord) -> PastForecasts {
        PastForecasts::read(&self.morning(config), self.history_sums(), record)
    }

    /// What taking the gaps apart needs of the history, and the deals by column.
    #[must_use]
    pub fn gap_history(&self, config: &Config, segments: Vec<Segment>) -> GapHistory {
        GapHistory::gather(&self.timeline, &self.snapshot, config, segments)
    }

    /// The open deals behind the rows of `levels`.
    ///
    /// # Errors
    /// [`RunError::Forecast`].
    pub fn forecast_deals<'a>(
        &'a self,
        morning: &'a Morning<'a>,
        foreseen: Foreseen<'a>,
        levels: &[Level],
        filter: &'a ForecastFilter,
    ) -> Result<ForecastDeals<'a>, RunError> {
        Ok(forecast_deals(&morning.forecast_input(self.stage_win_rates(), foreseen, filter), levels)?)
    }
}
