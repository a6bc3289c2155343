//! How wide, how many and how large files may be: what no export is, and what would fill the memory.
//!
//! Every limit here is fixed, stands on the page of inputs, and ends in [`IngestError::TooLarge`]. A row of text has its own
//! in `csv`, JSON in `records`, what a workbook unpacks to in `workbook`.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use crate::ingest::error::IngestError;
use crate::report::words::thousands;

/// Columns of a file.
const MOST_COLUMNS: usize = 10_000;
/// Files of a source.
const MOST_FILES: usize = 10_000;
/// Bytes of a cell of a Parquet file or a workbook; the longest row of a text file.
pub(super) const MOST_CELL_BYTES: usize = 1 << 22;
/// What is packed may always unpack to this much.
const FREE_BYTES: u64 = 1 << 30;
/// Beyond that, to so many times its size.
const MOST_TIMES: u64 = 200;

/// Whether a file of so many columns is read.
pub(super) fn check_width(file: &str, columns: usize) -> Result<(), IngestError> {
    if columns <= MOST_COLUMNS {
        return Ok(());
    }
    let what = format!("has {} columns, expected at most {}", number(columns), number(MOST_COLUMNS));
    Err(IngestError::TooLarge {
        file: file.to_owned(),
        what,
        hint: "is the separator right? else export fewer columns",
    })
}

/// Whether a source of so many files is read.
pub(super) fn check_number(path: &str, files: usize) -> Result<(), IngestError> {
    if files <= MOST_FILES {
        return Ok(());
    }
    let what = format!("names {} files, expected at most {}", number(files), number(MOST_FILES));
    Err(IngestError::TooLarge { file: path.to_owned(), what, hint: "join some of them, or name fewer by a pattern" })
}

/// Whether a cell of so many bytes is read.
pub(super) fn check_cell(file: &str, line: u64, bytes: usize) -> Result<(), IngestError> {
    if bytes <= MOST_CELL_BYTES {
        return Ok(());
    }
    let what = format!("has a cell of {} MiB in row {line}, expected at most {}", bytes >> 20, MOST_CELL_BYTES >> 20);
    Err(IngestError::TooLarge { file: file.to_owned(), what, hint: "leave its column out of the export" })
}

fn number(count: usize) -> String {
    thousands(count as i128)
}

/// The error of a packed file from which too much comes.
pub(super) fn unpacks_to_too_much(file: &str) -> IngestError {
    let what = format!("unpacks to more than {} GiB and {MOST_TIMES} times its size", FREE_BYTES >> 30);
    IngestError::TooLarge { file: file.to_owned(), what, hint: "if that is right, unpack it first" }
}

/// Counts what is read of a packed file.
pub(super) struct Packed<R> {
    inner: R,
    bytes: Rc<Cell<u64>>,
}

impl<R> Packed<R> {
    /// `inner`, and the count of what was read of it.
    pub(super) fn new(inner: R) -> (Self, Rc<Cell<u64>>) {
        let bytes = Rc::new(Cell::new(0));
        (Self { inner, bytes: Rc::clone(&bytes) }, bytes)
    }
}

impl<R: Read> Read for Packed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.bytes.set(self.bytes.get() + n as u64);
        Ok(n)
    }
}

/// What comes out of a packed file, up to the limit: then [`io::ErrorKind::FileTooLarge`].
pub(super) struct Unpacked<R> {
    pub(super) inner: R,
    pub(super) packed: Rc<Cell<u64>>,
    pub(super) bytes: u64,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.bytes += n as u64;
        if is_too_much(self.bytes, self.packed.get()) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(n)
    }
}

/// Whether so much comes out of so much.
pub(super) fn is_too_much(unpacked: u64, packed: u64) -> bool {
    unpacked > FREE_BYTES && unpacked > packed.saturating_mul(MOST_TIMES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_export_is_is_told_with_numbers() {
        let told = |result: Result<(), IngestError>| result.expect_err("too large").to_string();
        assert!(check_width("a.csv", 10_000).is_ok() && check_number("a/*", 10_000).is_ok());
        assert_eq!(told(check_width("a.csv", 1_000_000)), "a.csv has 1,000,000 columns, expected at most 10,000");
        assert_eq!(told(check_number("a/*", 10_001)), "a/* names 10,001 files, expected at most 10,000");
        assert_eq!(
            told(check_cell("a.xlsx", 7, 1 << 30)),
            "a.xlsx has a cell of 1024 MiB in row 7, expected at most 4"
        );
    }

    #[test]
    fn a_gibibyte_is_free_and_then_the_size_counts() {
        assert!(!is_too_much(1 << 30, 1));
        assert!(is_too_much((1 << 30) + 1, 1 << 20));
        assert!(!is_too_much((1 << 30) + 1, 1 << 23));
    }
}
