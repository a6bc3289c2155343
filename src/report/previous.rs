//! The scores of an earlier run, for the trend of today's.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::writer::MANIFEST;
use crate::domain::day::Day;

/// Score by deal id in the last run of an earlier day in `folder`; empty where there is none, or none that can be read.
///
/// Where the run there is of this very day its own previous scores are passed on, so that doing it again gives the
/// same.
#[must_use]
pub fn scores(folder: &Path, as_of: Day) -> BTreeMap<String, u8> {
    let column = match day_of(folder) {
        Some(day) if day < as_of => "score",
        Some(day) if day == as_of => "previous_score",
        _ => return BTreeMap::new(),
    };
    read(&folder.join("scores.parquet"), column).unwrap_or_default()
}

/// The day of the run in `folder`.
fn day_of(folder: &Path) -> Option<Day> {
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(folder.join(MANIFEST)).ok()?).ok()?;
    manifest.get("as_of")?.as_str()?.parse().ok()
}

fn read(path: &Path, column: &str) -> Option<BTreeMap<String, u8>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).ok()?).ok()?.build().ok()?;
    let mut scores = BTreeMap::new();
    for batch in reader {
        add(&batch.ok()?, column, &mut scores)?;
    }
    Some(scores)
}

fn add(batch: &RecordBatch, column: &str, scores: &mut BTreeMap<String, u8>) -> Option<()> {
    let ids = batch.column_by_name("deal_id")?.as_string_opt::<i32>()?;
    let values = batch.column_by_name(column)?.as_primitive_opt::<Int64Type>()?;
    for row in (0..batch.num_rows()).filter(|&row| values.is_valid(row)) {
        scores.insert(ids.value(row).to_owned(), u8::try_from(values.value(row)).ok()?);
    }
    Some(())
}
