//! A file of any format to chunks of rows: told by its first bytes, not by its name.

use std::io::Read;

use crate::ingest::assumption::FileRead;
use crate::ingest::decode::chunk::RawChunk;
use crate::ingest::decode::csv::{self, CsvOptions};
use crate::ingest::decode::files::{InputPath, io_error, is_parquet, open};
use crate::ingest::decode::{parquet, workbook};
use crate::ingest::error::IngestError;

/// What the configuration says about text files instead of letting it be sniffed.
pub type Options = CsvOptions;

/// What a text file is that is no table, told by how it begins.
fn foreign(input: &InputPath) -> Result<Option<&'static str>, IngestError> {
    let mut head = Vec::new();
    open(input)?.take(64).read_to_end(&mut head).map_err(|source| io_error(&input.name, source))?;
    let text = String::from_utf8_lossy(&head).to_lowercase();
    let begins =
        |signs: &[&str]| signs.iter().any(|sign| text.trim_start_matches('\u{feff}').trim_start().starts_with(sign));
    let is_json = begins(&["[{", "{\"", "[\n", "[\r", "{\n", "{\r", "[ {", "{ \""]);
    Ok(match (begins(&["<!doctype", "<html", "<table", "<head", "<body"]), begins(&["<?xml"])) {
        (true, _) => Some("a web page"),
        (_, true) => Some("XML"),
        _ => is_json.then_some("JSON"),
    })
}

/// Reads `input`, calls `header` with the column names and `chunk` with the rows, and returns the checksum and what was assumed.
///
/// # Errors
/// What `header` and `chunk` return; [`IngestError`] for a file that cannot be read.
pub fn read(
    input: &InputPath,
    options: Options,
    seen: impl FnMut(u64),
    header: impl FnOnce(Vec<String>) -> Result<(), IngestError>,
    chunk: impl FnMut(RawChunk) -> Result<(), IngestError>,
) -> Result<FileRead, IngestError> {
    if is_parquet(input)? {
        parquet::read(input, seen, header, chunk)
    } else if workbook::is_workbook(input)? {
        workbook::read(input, seen, header, chunk)
    } else if let Some(kind) = foreign(input)? {
        Err(IngestError::Unreadable {
            file: input.name.clone(),
            reason: format!("it is {kind}, not a table: save it as CSV"),
        })
    } else {
        csv::read(input, options, seen, header, chunk)
    }
}
