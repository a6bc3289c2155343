//! The forecasts of earlier runs, kept beside the models: one file per day, `run_forecasts/2026-02-14.json`.
//!
//! A run reads days before its own only and writes its own, so doing a day again gives the same, whatever was done since.

use std::fs;
use std::path::PathBuf;

use crate::analyses::forecast::RunForecast;
use crate::domain::day::Day;
use crate::model::ModelError;
use crate::store::file::write_file;

/// Most runs read; the newest.
const MOST_RUNS: usize = 60;

/// The folder of forecasts; need not exist.
#[derive(Clone, Debug)]
pub struct RunForecastRecord {
    folder: PathBuf,
}

impl RunForecastRecord {
    /// The record in `folder`.
    #[must_use]
    pub fn open(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The newest forecasts of days before `day`, in time order; one that cannot be read is left out with a warning.
    #[must_use]
    pub fn before(&self, day: Day) -> Vec<RunForecast> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().filter_map(Result::ok);
        let days = entries.filter_map(|entry| entry.path().file_stem()?.to_str()?.parse::<Day>().ok());
        let mut days: Vec<Day> = days.filter(|known| *known < day).collect();
        days.sort_unstable();
        let newest = days.len().saturating_sub(MOST_RUNS);
        days[newest..].iter().filter_map(|day| self.read(*day)).collect()
    }

    fn read(&self, day: Day) -> Option<RunForecast> {
        let file = self.file(day);
        let read = fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        if read.is_none() {
            tracing::warn!(file = %file.display(), "the forecast of an earlier run cannot be read: left out");
        }
        read
    }

    /// Keeps the forecast of a run.
    ///
    /// # Errors
    /// [`ModelError::Io`], a full disk included.
    pub fn keep(&self, forecast: &RunForecast) -> Result<(), ModelError> {
        let written = write_file(&self.file(forecast.as_of), |out| {
            serde_json::to_writer(out, forecast)?;
            Ok(Some(forecast.nodes.len() as u64))
        });
        written.map(drop).map_err(|error| error.in_models(&self.folder))
    }

    fn file(&self, day: Day) -> PathBuf {
        self.folder.join(format!("{day}.json"))
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
