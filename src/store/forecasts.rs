//! Forecasts of past days, kept beside the models: one file per day and kind of period, named by the day and by the
//! checksum of what the forecast rests on.

use std::fs;
use std::path::{Path, PathBuf};

use crate::analyses::backtest::PastForecast;
use crate::domain::day::Day;
use crate::domain::period::Period;
use crate::model::ModelError;
use crate::store::file::write_file;

/// The folder of past forecasts; need not exist.
#[derive(Clone, Debug)]
pub struct ForecastRecord {
    folder: PathBuf,
}

impl ForecastRecord {
    /// The record in `folder`.
    #[must_use]
    pub fn open(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Whether anything was ever kept.
    pub(crate) fn any(&self) -> bool {
        fs::read_dir(&self.folder).is_ok_and(|mut entries| entries.next().is_some())
    }

    fn prefix(period: &Period, day: Day) -> String {
        format!("{day}-{}-", period.kind.name())
    }

    fn file(&self, period: &Period, day: Day, key: &str) -> PathBuf {
        self.folder.join(format!("{}{key}.json", Self::prefix(period, day)))
    }

    /// What was forecast of `period` on the morning of `day`, if that rests on what `key` says.
    pub(crate) fn read(&self, period: &Period, day: Day, key: &str) -> Option<Vec<PastForecast>> {
        let file = self.file(period, day, key);
        let text = fs::read(&file).ok()?;
        let read = serde_json::from_slice(&text);
        if let Err(error) = &read {
            tracing::warn!(file = %file.display(), %error, "a past forecast cannot be read: as if it were not there");
        }
        read.ok()
    }

    /// Keeps a forecast, in place of those of the same day that rest on something else.
    pub(crate) fn keep(
        &self,
        period: &Period,
        day: Day,
        key: &str,
        forecasts: &[PastForecast],
    ) -> Result<(), ModelError> {
        let file = self.file(period, day, key);
        write_file(&file, |out| {
            serde_json::to_writer(out, forecasts)?;
            Ok(Some(forecasts.len() as u64))
        })
        .map_err(|error| error.in_models(&self.folder))?;
        let prefix = Self::prefix(period, day);
        let is_older = |path: &Path| {
            path != file && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
        };
        let entries = fs::read_dir(&self.folder).into_iter().flatten().filter_map(Result::ok);
        // One that stays is never read again: nothing is lost if it cannot be removed.
        entries.map(|entry| entry.path()).filter(|path| is_older(path)).for_each(|path| drop(fs::remove_file(path)));
        Ok(())
    }
}
