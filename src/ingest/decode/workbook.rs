//! A workbook (.xlsx, .xls, .xlsb, .ods) to chunks of rows: the sheet with the most cells.
//!
//! A workbook is told by its first bytes: a file that a spreadsheet program saved under `.csv` is one all the same.

use std::io::{Cursor, Read};

use calamine::{Data, Range, Reader, open_workbook_auto_from_rs};

use crate::ingest::assumption::FileRead;
use crate::ingest::decode::chunk::{Body, RawCell, RawChunk};
use crate::ingest::decode::files::{InputPath, checksum, io_error, open};
use crate::ingest::decode::guard::decoded;
use crate::ingest::error::IngestError;

/// A workbook is held whole: larger ones are refused.
const MOST_BYTES: u64 = 1 << 28;
/// Rows of a chunk.
const CHUNK_ROWS: usize = 1 << 14;
/// The day number of 1970-01-01.
const FIRST_DAY: f64 = 25_569.0;
/// How files begin that programs of the last century wrote.
const OLD: [u8; 4] = [0xd0, 0xcf, 0x11, 0xe0];

/// Whether the file begins as workbooks do.
///
/// # Errors
/// Where it cannot be read.
pub fn is_workbook(input: &InputPath) -> Result<bool, IngestError> {
    let mut head = Vec::new();
    open(input)?.take(4).read_to_end(&mut head).map_err(|source| io_error(&input.name, source))?;
    Ok(head == OLD || head == *b"PK\x03\x04")
}

/// Reads `input`, calls `header` with the column names and `chunk` with the rows, and returns the checksum and what was assumed.
///
/// # Errors
/// What `header` and `chunk` return; [`IngestError::Unreadable`] for a damaged file, or one that is too large.
pub fn read(
    input: &InputPath,
    mut seen: impl FnMut(u64),
    header: impl FnOnce(Vec<String>) -> Result<(), IngestError>,
    mut chunk: impl FnMut(RawChunk) -> Result<(), IngestError>,
) -> Result<FileRead, IngestError> {
    let sheet = sheet_of(input)?;
    seen(input.bytes);
    let first = sheet.start().map_or(1, |(row, _)| u64::from(row) + 1);
    let mut rows = (first..).zip(sheet.rows()).skip_while(|(_, row)| !is_header(row, sheet.width()));
    let Some((_, names)) = rows.next() else { return Err(IngestError::EmptyFile { file: input.name.clone() }) };
    let width = names.len();
    header(names.iter().map(|name| name.to_string().trim().to_owned()).collect())?;
    let filled: Vec<(u64, &[Data])> = rows.filter(|(_, row)| row.iter().any(|cell| *cell != Data::Empty)).collect();
    for part in filled.chunks(CHUNK_ROWS) {
        let lines = part.iter().map(|(line, _)| *line).collect();
        let cells = part.iter().flat_map(|(_, row)| row.iter().map(to_cell)).collect();
        chunk(RawChunk { body: Body::Cells { cells, lines, width }, ragged: Vec::new(), undecodable: false })?;
    }
    Ok(FileRead { blake3: checksum(input)?, assumed: Vec::new() })
}

/// Whether a row is the header: most of its cells are filled. Titles above it have one or two.
fn is_header(row: &[Data], width: usize) -> bool {
    let filled = row.iter().filter(|cell| **cell != Data::Empty).count();
    filled * 2 >= width.max(1)
}

/// The sheet with the most cells.
fn sheet_of(input: &InputPath) -> Result<Range<Data>, IngestError> {
    let unreadable = |reason: String| IngestError::Unreadable { file: input.name.clone(), reason };
    if input.bytes > MOST_BYTES {
        return Err(unreadable(format!("workbooks of more than {} MB are not read: save it as CSV", MOST_BYTES >> 20)));
    }
    let mut bytes = Vec::new();
    open(input)?.read_to_end(&mut bytes).map_err(|source| io_error(&input.name, source))?;
    let sheets = decoded(|| {
        let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(std::io::Error::other)?;
        Ok(workbook.worksheets())
    });
    let sheets = sheets.map_err(|error| unreadable(format!("it begins as a workbook, but {error}: save it as CSV")))?;
    let largest = sheets.into_iter().map(|(_, sheet)| sheet).max_by_key(|sheet| sheet.used_cells().count());
    largest.ok_or_else(|| IngestError::EmptyFile { file: input.name.clone() })
}

/// A cell of a sheet as a cell of ours.
fn to_cell(cell: &Data) -> RawCell<'static> {
    match cell {
        Data::Int(value) => RawCell::Integer(*value),
        Data::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => RawCell::Integer(*value as i64),
        Data::Float(value) => RawCell::Float(*value),
        Data::Bool(value) => RawCell::Flag(*value),
        Data::DateTime(at) => time(at.as_f64()),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => RawCell::owned(text),
        Data::Error(_) | Data::Empty => RawCell::Empty,
    }
}

/// A sheet's day number, with the time of day behind the point, as microseconds.
fn time(days: f64) -> RawCell<'static> {
    let seconds = ((days - FIRST_DAY) * 86_400.0).round();
    if seconds.abs() > 1e12 { RawCell::Empty } else { RawCell::Time(seconds as i64 * 1_000_000, false) }
}
