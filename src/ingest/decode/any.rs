//! A file of any format to chunks of rows: told by its first bytes, not by its name.

use crate::ingest::assumption::FileRead;
use crate::ingest::decode::chunk::RawChunk;
use crate::ingest::decode::csv::{self, CsvOptions};
use crate::ingest::decode::files::InputPath;
use crate::ingest::decode::signature::Signature;
use crate::ingest::decode::{parquet, workbook};
use crate::ingest::error::IngestError;

/// What the configuration says about text files instead of letting it be sniffed.
pub type Options = CsvOptions;

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
    match Signature::of(input)? {
        Signature::Parquet => parquet::read(input, seen, header, chunk),
        Signature::Workbook => workbook::read(input, seen, header, chunk),
        Signature::Text => csv::read(input, options, seen, header, chunk),
        Signature::Foreign(kind) => {
            let reason = format!("it is {kind}, not a table: save it as CSV");
            Err(IngestError::Unreadable { file: input.name.clone(), reason })
        }
    }
}
