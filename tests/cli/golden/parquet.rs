//! The Parquet file of a table holds what its CSV holds.

use std::fs::File;
use std::path::Path;

use arrow::array::{Array, ArrayRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::harness::Table;

/// Asserts that the Parquet file at `path` has the columns, rows and values of `csv`.
pub fn assert_holds(path: &Path, csv: &Table) {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let batches: Vec<_> =
        ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().map(Result::unwrap).collect();
    let rows: usize = batches.iter().map(arrow::array::RecordBatch::num_rows).sum();
    assert_eq!(rows, csv.rows(), "rows of {}", path.display());
    let mut written = csv.iter();
    for batch in &batches {
        let names: Vec<String> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
        assert_eq!(names, csv.names().collect::<Vec<_>>(), "columns of {}", path.display());
        for at in 0..batch.num_rows() {
            let row = written.next().unwrap();
            for (name, column) in names.iter().zip(batch.columns()) {
                let (stored, text) = (cell(column, at), row.get(name));
                assert!(is_same(&stored, text), "{} row {}, {name}: {stored:?}, CSV {text:?}", path.display(), at + 1);
            }
        }
    }
}

/// A cell as text, empty where nothing is known.
fn cell(column: &ArrayRef, at: usize) -> String {
    if column.is_null(at) {
        return String::new();
    }
    ArrayFormatter::try_new(column, &FormatOptions::default()).unwrap().value(at).to_string()
}

/// The same text, or the same number written another way.
fn is_same(stored: &str, text: &str) -> bool {
    stored == text || stored.parse::<f64>().ok().is_some_and(|number| text.parse() == Ok(number))
}
