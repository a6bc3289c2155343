//! How good the input of earlier runs was, kept beside the models in `quality`.

use std::path::PathBuf;

use crate::analyses::quality::QualityRecord;
use crate::domain::day::Day;
use crate::model::ModelError;
use crate::store::day_records::DayRecords;

/// The folder of records; need not exist.
#[derive(Clone, Debug)]
pub struct QualityHistory(DayRecords<QualityRecord>);

impl QualityHistory {
    /// The history in `folder`.
    #[must_use]
    pub fn open(folder: PathBuf) -> Self {
        Self(DayRecords::open(folder))
    }

    /// The record of the last run that saw no day after `day`; none where there is none, or it cannot be read.
    #[must_use]
    pub fn last_until(&self, day: Day) -> Option<QualityRecord> {
        self.0.read(*self.0.days_until(day).last()?)
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
        self.0.keep(record.as_of, record, record.columns.len())
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
