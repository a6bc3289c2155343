//! The forecasts of earlier runs, kept beside the models in `run_forecasts`.

use std::path::PathBuf;

use crate::analyses::forecast::RunForecast;
use crate::domain::day::Day;
use crate::model::ModelError;
use crate::store::day_records::DayRecords;

/// Most runs read; the newest.
const MOST_RUNS: usize = 60;

/// The folder of forecasts; need not exist.
#[derive(Clone, Debug)]
pub struct RunForecastRecord(DayRecords<RunForecast>);

impl RunForecastRecord {
    /// The record in `folder`.
    #[must_use]
    pub fn open(folder: PathBuf) -> Self {
        Self(DayRecords::open(folder))
    }

    /// The newest forecasts of days before `day`, in time order; one that cannot be read is left out with a warning.
    #[must_use]
    pub fn before(&self, day: Day) -> Vec<RunForecast> {
        let days = self.0.days_until(day.plus(-1));
        let newest = days.len().saturating_sub(MOST_RUNS);
        days[newest..].iter().filter_map(|day| self.0.read(*day)).collect()
    }

    /// Keeps the forecast of a run.
    ///
    /// # Errors
    /// [`ModelError::Io`], a full disk included.
    pub fn keep(&self, forecast: &RunForecast) -> Result<(), ModelError> {
        self.0.keep(forecast.as_of, forecast, forecast.nodes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_days_come_back_in_order_and_a_damaged_one_is_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let record = RunForecastRecord::open(folder.path().join("run_forecasts"));
        assert_eq!(record.before(Day(20_000)), []);
        for day in [20_007, 20_000, 20_014] {
            record.keep(&RunForecast { as_of: Day(day), period: String::new(), nodes: Vec::new() }).expect("kept");
        }
        let days = |day| record.before(Day(day)).iter().map(|run| run.as_of.0).collect::<Vec<_>>();
        assert_eq!(days(20_014), [20_000, 20_007]);
        std::fs::write(folder.path().join("run_forecasts/2024-10-11.json"), "{").expect("written");
        assert_eq!(days(20_014), [20_000], "the damaged one is 20,007");
    }
}
