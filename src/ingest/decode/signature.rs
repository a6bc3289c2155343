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
    /// A text that is no table: what it is, in words.
    Foreign(&'static str),
    Text,
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
            head => foreign(&String::from_utf8_lossy(head).to_lowercase()).map_or(Self::Text, Self::Foreign),
        })
    }
}

/// What a text in lower case is that is no table.
fn foreign(text: &str) -> Option<&'static str> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let begins = |signs: &[&str]| signs.iter().any(|sign| text.starts_with(sign));
    let is_json = || {
        let rest = text.strip_prefix(['[', '{']).map(str::trim_start);
        rest.is_some_and(|rest| {
            text.starts_with('[') && rest.starts_with('{') || rest.starts_with('"') && text.contains("\":")
        })
    };
    if begins(&["<!doctype", "<html", "<table", "<head", "<body"]) {
        Some("a web page")
    } else if begins(&["<?xml"]) {
        Some("XML")
    } else {
        is_json().then_some("JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_no_tables() {
        for text in ["[{\"id\": 1}]", "{\"id\": 1}", "[\n  {\n"] {
            assert_eq!(foreign(text), Some("JSON"), "{text}");
        }
        assert_eq!(foreign("\u{feff} <!doctype html>"), Some("a web page"));
        for text in ["id,stage\n", "[id],stage\n", "{id},x\n", "<id>;x\n", ""] {
            assert_eq!(foreign(text), None, "{text}");
        }
    }
}
