//! How good the input of earlier runs was, kept beside the models: one file per day, `quality/2026-02-14.json`.
//!
//! A run reads days before its own only and writes its own, so doing a day again gives the same, whatever was done since.

use std::fs;
use std::path::PathBuf;

use crate::analyses::quality::QualityRecord;
use crate::domain::day::Day;
use crate::model::ModelError;
use crate::store::file::write_file;

/// The folder of records; need not exist.
#[derive(Clone, Debug)]
pub struct QualityHistory {
    folder: PathBuf,
}

impl QualityHistory {
    /// The history in `folder`.
    #[must_use]
    pub fn open(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The record of the last run that saw no day after `day`; none where there is none, or it cannot be read.
    #[must_use]
    pub fn last_until(&self, day: Day) -> Option<QualityRecord> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().filter_map(Result::ok);
        let days = entries.filter_map(|entry| entry.path().file_stem()?.to_str()?.parse::<Day>().ok());
        let last = days.filter(|known| *known <= day).max()?;
        let file = self.file(last);
        let read = fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        if read.is_none() {
            tracing::warn!(file = %file.display(), "what the last input was like cannot be read: nothing to compare with");
        }
        read
    }

    /// The record of the last run before `day`.
    #[must_use]
    pub fn last_before(&self, day: Day) -> Option<QualityRecord> {
        self.last_until(day.plus(-1))
    }

    /// Keeps the record of a run.
    ///
    /// # Errors
    /// [`ModelError::Io`], a full disk included.
    pub fn keep(&self, record: &QualityRecord) -> Result<(), ModelError> {
        let written = write_file(&self.file(record.as_of), |out| {
            serde_json::to_writer(out, record)?;
            Ok(Some(record.columns.len() as u64))
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
    fn the_last_record_is_that_of_an_earlier_day() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = QualityHistory::open(folder.path().join("quality"));
        assert_eq!(history.last_until(Day(20_000)), None);
        for day in [20_000, 20_007] {
            let record = QualityRecord { as_of: Day(day), columns: Vec::new(), costs: Vec::new() };
            history.keep(&record).expect("kept");
        }
        let day = |record: Option<QualityRecord>| record.map(|record| record.as_of);
        assert_eq!(day(history.last_until(Day(20_007))), Some(Day(20_007)));
        assert_eq!(day(history.last_before(Day(20_007))), Some(Day(20_000)));
        std::fs::write(folder.path().join("quality/2024-10-11.json"), "{").expect("written");
        assert_eq!(day(history.last_before(Day(20_010))), None, "one that is damaged compares with nothing");
    }
}
