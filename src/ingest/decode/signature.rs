//! What a file is, told by how it begins and not by its name.

use std::io::Read;

use crate::ingest::decode::files::{InputPath, io_error, open};
use crate::ingest::error::IngestError;

/// Bytes that are looked at.
const HEAD: u64 = 64;
/// How workbooks begin that programs of the last century wrote, and those since.
const OLD_WORKBOOK: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
const WORKBOOK: &[u8] = b"PK\x03\x04";
const PARQUET: &[u8] = b"PAR1";

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    Parquet,
    Workbook,
    /// A text, or nothing that is read.
    Other,
}

impl Signature {
    /// That of `input`. A file called `.parquet` that does not begin as one is a damaged one.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn of(input: &InputPath) -> Result<Self, IngestError> {
        let mut head = Vec::new();
        open(input)?.take(HEAD).read_to_end(&mut head).map_err(|source| io_error(&input.name, source))?;
        let is_named = input.path.extension().is_some_and(|end| end == "parquet" || end == "pq");
        Ok(match head.as_slice() {
            head if head.starts_with(PARQUET) || is_named && !head.is_empty() => Self::Parquet,
            head if head.starts_with(OLD_WORKBOOK) || head.starts_with(WORKBOOK) => Self::Workbook,
            _ => Self::Other,
        })
    }
}
