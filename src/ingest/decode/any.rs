//! A file of any format to chunks of rows: told by its first bytes, not by its name.

use std::io::Read;

use crate::ingest::assumption::FileRead;
use crate::ingest::decode::chunk::RawChunk;
use crate::ingest::decode::csv::{self, CsvOptions};
use crate::ingest::decode::files::{InputPath, decompressed, open, read_error};
use crate::ingest::decode::foreign::{HEAD, foreign};
use crate::ingest::decode::limits::check_width;
use crate::ingest::decode::signature::Signature;
use crate::ingest::decode::{parquet, records, workbook};
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
    let header = |names: Vec<String>| {
        check_width(&input.name, names.len())?;
        header(names)
    };
    match Signature::of(input)? {
        Signature::Parquet => parquet::read(input, seen, header, chunk),
        Signature::Workbook => workbook::read(input, seen, header, chunk),
        Signature::Other => {
            let head = head_of(input)?;
            if records::is_records(&head) {
                return records::read(input, seen, header, chunk);
            }
            match foreign(&head) {
                Some(reason) => Err(IngestError::NoTable { file: input.name.clone(), reason }),
                None => csv::read(input, options, seen, header, chunk),
            }
        }
    }
}

/// The first bytes of what a file holds.
fn head_of(input: &InputPath) -> Result<Vec<u8>, IngestError> {
    let mut head = Vec::new();
    let begin = decompressed(open(input)?).and_then(|text| text.take(HEAD as u64).read_to_end(&mut head));
    begin.map_err(|error| read_error(input, error))?;
    Ok(head)
}
