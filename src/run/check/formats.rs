//! The files of one table say the same: each is what the table would be written as.

use std::io;

use csv::ByteRecord;

use crate::report::invariants::Violation;
use crate::report::sinks::{Format, Stamp, write};
use crate::report::table::Table;
use crate::store::finished_run::FinishedRun;
use crate::store::outputs::FORMATS;

/// Most differing cells that are named of one file.
pub(super) const MOST: usize = 100;

/// Where the files beside the Parquet file, which `table` was read from, say something else.
pub(super) fn formats_agree(run: &FinishedRun, table: &Table) -> Vec<Violation> {
    let beside = FORMATS.into_iter().filter(|format| *format != Format::Parquet);
    beside.flat_map(|format| agrees(run, table, format)).collect()
}

fn agrees(run: &FinishedRun, table: &Table, format: Format) -> Vec<Violation> {
    let file = format!("{}.{}", table.name(), format.extension());
    let Ok(there) = run.bytes(&file) else {
        return vec![Violation::of_file(&file, "no file", format!("the rows of {}.parquet", table.name()))];
    };
    let mut expected = Vec::new();
    if write(table, format, &Stamp::default(), &mut expected).is_err() || there == expected {
        return Vec::new();
    }
    let differing = match format {
        Format::Csv => cells_that_differ(&file, &there, &expected).unwrap_or_default(),
        Format::Json | Format::Parquet => Vec::new(),
    };
    if differing.is_empty() {
        return vec![Violation::of_file(&file, "other bytes", format!("the rows of {}.parquet", table.name()))];
    }
    differing
}

/// The cells of two CSV files that differ; an error where one is none.
fn cells_that_differ(file: &str, there: &[u8], expected: &[u8]) -> io::Result<Vec<Violation>> {
    let mut reader = csv::Reader::from_reader(expected);
    let header = reader.byte_headers()?.clone();
    let others = csv::ReaderBuilder::new().flexible(true).from_reader(there).into_byte_records();
    let mut violations = Vec::new();
    for (row, (expected, got)) in reader.into_byte_records().zip(others).enumerate() {
        let (expected, got) = (expected?, got?);
        for (column, name) in header.iter().enumerate().filter(|(column, _)| expected.get(*column) != got.get(*column))
        {
            let violation = Violation::of_file(file, shown(&got, column), shown(&expected, column) + ", as in Parquet");
            let row = format!("row {}: {} {}", row + 1, text(&header, 0), text(&expected, 0));
            violations.push(violation.column(String::from_utf8_lossy(name)).row(row));
            if violations.len() == MOST {
                return Ok(violations);
            }
        }
    }
    Ok(violations)
}

fn text(record: &ByteRecord, column: usize) -> String {
    String::from_utf8_lossy(record.get(column).unwrap_or_default()).into_owned()
}

/// A cell, or that there is nothing in it.
fn shown(record: &ByteRecord, column: usize) -> String {
    let text = text(record, column);
    if text.is_empty() { "nothing".to_owned() } else { text }
}
