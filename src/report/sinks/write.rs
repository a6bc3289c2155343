//! A [`Table`] to the bytes of a [`Format`], whole or in parts.

use std::io::{self, Write};

use arrow::error::ArrowError;

use crate::report::sinks::csv::write_csv;
use crate::report::sinks::format::{Format, Stamp};
use crate::report::sinks::json::write_json;
use crate::report::sinks::parquet::write_parquet;
use crate::report::table::Table;

/// Writes `table` to `out` in `format`.
///
/// # Errors
/// What `out` failed with, its kind intact; or [`io::ErrorKind::Other`] where the encoder refuses.
pub fn write(table: &Table, format: Format, stamp: &Stamp, out: &mut (dyn Write + Send)) -> io::Result<()> {
    write_parts([Ok(table.clone())], format, stamp, out).map(|_| ())
}

/// Writes a table that comes in parts, at least one, none of which need outlive the next. Returns the rows.
///
/// # Errors
/// As [`write()`]; and with what a part failed.
pub fn write_parts(
    parts: impl IntoIterator<Item = Result<Table, ArrowError>>,
    format: Format,
    stamp: &Stamp,
    out: &mut (dyn Write + Send),
) -> io::Result<u64> {
    let mut out = Witness { inner: out, failure: None };
    let mut rows = 0;
    let batches = parts.into_iter().map(|part| part.map(Table::into_batch)).inspect(|batch| {
        rows += batch.as_ref().map_or(0, |batch| batch.num_rows() as u64);
    });
    let written = match format {
        Format::Csv => write_csv(batches, &mut out),
        Format::Json => write_json(batches, &mut out),
        Format::Parquet => write_parquet(batches, stamp, &mut out),
    };
    match (written, out.failure.take()) {
        (Ok(()), None) => out.flush().map(|()| rows),
        (_, Some(failure)) => Err(failure),
        (Err(refusal), None) => Err(io::Error::other(refusal)),
    }
}

/// Remembers why a write failed: the encoders wrap the error and lose its kind.
struct Witness<'a> {
    inner: &'a mut (dyn Write + Send),
    failure: Option<io::Error>,
}

impl Witness<'_> {
    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.inspect_err(|error| {
            self.failure = Some(match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(error.kind(), error.to_string()),
            });
        })
    }
}

impl Write for Witness<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.inner.write(bytes);
        self.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.inner.flush();
        self.note(result)
    }
}
