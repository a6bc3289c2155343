//! Records of runs, kept beside the models: one JSON file per day, `FOLDER/2026-02-14.json`.
//!
//! A run reads days before its own only and writes its own, so doing a day again gives the same, whatever was done since.

use std::fs;
use std::marker::PhantomData;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::day::Day;
use crate::model::ModelError;
use crate::store::file::write_file;

/// A folder of records; need not exist.
#[derive(Clone, Debug)]
pub(super) struct DayRecords<T> {
    folder: PathBuf,
    record: PhantomData<T>,
}

impl<T: Serialize + DeserializeOwned> DayRecords<T> {
    pub(super) fn open(folder: PathBuf) -> Self {
        Self { folder, record: PhantomData }
    }

    /// The days with a record up to `last`, in time order.
    pub(super) fn days_until(&self, last: Day) -> Vec<Day> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().filter_map(Result::ok);
        let days = entries.filter_map(|entry| entry.path().file_stem()?.to_str()?.parse::<Day>().ok());
        let mut days: Vec<Day> = days.filter(|known| *known <= last).collect();
        days.sort_unstable();
        days
    }

    /// The record of a day; none, with a warning, where it cannot be read.
    pub(super) fn read(&self, day: Day) -> Option<T> {
        let file = self.file(day);
        let read = fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok());
        if read.is_none() {
            tracing::warn!(file = %file.display(), "what an earlier run kept cannot be read: left out");
        }
        read
    }

    /// Keeps the record of a day, which has so many rows.
    pub(super) fn keep(&self, day: Day, record: &T, rows: usize) -> Result<(), ModelError> {
        let written = write_file(&self.file(day), |out| {
            serde_json::to_writer(out, record)?;
            Ok(Some(rows as u64))
        });
        written.map(drop).map_err(|error| error.in_models(&self.folder))
    }

    fn file(&self, day: Day) -> PathBuf {
        self.folder.join(format!("{day}.json"))
    }
}
