//! Parquet, with the [`Stamp`] as key-value metadata: written, and read back to be checked.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::report::cell::{Cell, TableCells};
use crate::report::sinks::encoded::{Encoded, Part};
use crate::report::sinks::format::{SCHEMA_VERSION, Stamp};
use crate::report::table::Table;

/// Rows of a row group.
const ROWS_PER_GROUP: usize = 131_072;

/// Writes the rows with Snappy compression.
pub(super) fn write_parquet(
    batches: impl Iterator<Item = Part>,
    stamp: &Stamp,
    out: &mut (dyn Write + Send),
) -> Encoded {
    let mut batches = batches.peekable();
    let schema = match batches.peek() {
        Some(Ok(first)) => first.schema(),
        _ => Arc::new(Schema::empty()),
    };
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .set_created_by(concat!("dealcast ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let mut writer = ArrowWriter::try_new(out, schema, Some(properties))?;
    let mut rows = 0;
    for batch in batches {
        let batch = batch?;
        rows += batch.num_rows();
        writer.write(&batch)?;
    }
    pairs(stamp, rows).into_iter().for_each(|pair| writer.append_key_value_metadata(pair));
    writer.close()?;
    Ok(())
}

/// What the file says of itself.
fn pairs(stamp: &Stamp, rows: usize) -> Vec<KeyValue> {
    let own = [
        ("dealcast.version", Some(env!("CARGO_PKG_VERSION").to_owned())),
        ("dealcast.schema_version", Some(SCHEMA_VERSION.to_string())),
        ("dealcast.rows", Some(rows.to_string())),
        ("dealcast.as_of", stamp.as_of.clone()),
        ("dealcast.model_id", stamp.model_id.clone()),
    ];
    let known = own.into_iter().filter_map(|(key, value)| value.map(|value| KeyValue::new(key.to_owned(), value)));
    known.collect()
}

/// The table `name` that `file` holds, and what it says of its origin.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] where it is no Parquet file, or a damaged one.
pub fn read_parquet(name: &str, file: File) -> io::Result<(Table, Stamp)> {
    let refused = |error: ArrowError| io::Error::new(io::ErrorKind::InvalidData, error);
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| refused(error.into()))?;
    let pairs = reader.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
    let schema = Arc::clone(reader.schema());
    let batches: Result<Vec<_>, ArrowError> = reader.build().map_err(|error| refused(error.into()))?.collect();
    let batch = batches.and_then(|batches| concat_batches(&schema, &batches)).map_err(refused)?;
    let stamp = Stamp { as_of: value_of(&pairs, "dealcast.as_of"), model_id: value_of(&pairs, "dealcast.model_id") };
    Ok((Table::of_batch(name, batch), stamp))
}

/// Of the table `name` that `file` holds, the rows whose `column` has `text`, in `columns` and that one. No more than a
/// batch of the others is in memory.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] where it is no Parquet file, or a damaged one.
pub fn read_parquet_rows(name: &str, file: File, columns: &[&str], column: &str, text: &str) -> io::Result<Table> {
    let refused = |error: ArrowError| io::Error::new(io::ErrorKind::InvalidData, error);
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| refused(error.into()))?;
    let fields = reader.schema().fields().iter().enumerate();
    let wanted = fields.filter(|(_, field)| field.name() == column || columns.contains(&field.name().as_str()));
    let wanted: Vec<usize> = wanted.map(|(place, _)| place).collect();
    let schema = Arc::new(reader.schema().project(&wanted).map_err(refused)?);
    let mask = ProjectionMask::roots(reader.parquet_schema(), wanted);
    let batches = reader.with_projection(mask).build().map_err(|error| refused(error.into()))?;
    let kept: Result<Vec<RecordBatch>, ArrowError> =
        batches.map(|batch| batch.and_then(|batch| rows_with(&batch, column, text))).collect();
    let batch = kept.and_then(|batches| concat_batches(&schema, &batches)).map_err(refused)?;
    Ok(Table::of_batch(name, batch))
}

/// The rows of `batch` whose `column` has `text`.
fn rows_with(batch: &RecordBatch, column: &str, text: &str) -> Result<RecordBatch, ArrowError> {
    let cells = TableCells(batch);
    let kept: Vec<bool> = (0..batch.num_rows()).map(|row| cells.at(column, row) == Cell::Text(text)).collect();
    filter_record_batch(batch, &BooleanArray::from(kept))
}

fn value_of(pairs: &[KeyValue], key: &str) -> Option<String> {
    pairs.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone())
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Int64Array, StringArray};

    use super::*;

    #[test]
    fn rows_of_one_status_are_read_with_the_columns_that_are_asked_for() {
        let columns: [(&str, ArrayRef); 3] = [
            ("deal_id", Arc::new(StringArray::from(vec!["a", "b", "c"]))),
            ("status", Arc::new(StringArray::from(vec!["open", "won", "open"]))),
            ("days", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let file = tempfile::tempfile().expect("a file");
        let copy = file.try_clone().expect("the same file");
        let mut writer = ArrowWriter::try_new(copy, batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("written");
        writer.close().expect("closed");
        let table = read_parquet_rows("deals", file, &["days", "no_such"], "status", "open").expect("a table");
        let cells = TableCells(table.batch());
        let found: Vec<Cell<'_>> = (0..cells.rows()).map(|row| cells.at("days", row)).collect();
        assert_eq!((found, cells.at("deal_id", 0)), (vec![Cell::Whole(1), Cell::Whole(3)], Cell::Empty));
    }
}
