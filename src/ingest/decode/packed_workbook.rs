//! A zipped workbook (.xlsx, .xlsb, .ods) before it is decoded: how much it unpacks to, and how many cells its sheets span.
//!
//! The decoder lays every sheet out as a rectangle, so that two cells in opposite corners fill the memory. What cannot be read
//! here is left to the decoder, which says why.

use std::io::{BufReader, Cursor, Read};

use zip::ZipArchive;

use crate::ingest::decode::sheet_span::{BinarySpan, OUT_OF_ORDER, SpanError, XmlSpan, too_many};

/// What all parts may unpack to.
const MOST_BYTES: u64 = 1 << 30;
/// What they may always unpack to; beyond, to so many times the size of the file.
const FREE_BYTES: u64 = 1 << 26;
const MOST_TIMES: u64 = 200;
/// Parts of a workbook.
const MOST_PARTS: usize = 10_000;

/// Why the workbook in `bytes` is not decoded, if it is not.
pub(super) fn too_large(bytes: &[u8]) -> Option<String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    if archive.len() > MOST_PARTS {
        return Some(format!("it has {} parts, expected at most {MOST_PARTS}", archive.len()));
    }
    let (mut unpacked, mut cells) = (0, 0_u64);
    for part in 0..archive.len() {
        let Ok(part) = archive.by_index(part) else { continue };
        let (is_binary, is_sheets) = (part.name().ends_with(".bin"), part.name() == "content.xml");
        let mut counted = Counted { inner: part, bytes: unpacked, most: most_bytes(bytes.len()) };
        let span = match (is_binary, is_sheets) {
            (true, _) => BinarySpan::of(&mut BufReader::new(&mut counted)),
            (_, true) => XmlSpan::of_sheets(&mut counted),
            _ => XmlSpan::of(&mut counted),
        };
        unpacked = counted.bytes;
        match span {
            Ok(span) => cells = cells.saturating_add(span),
            Err(SpanError::Unclosed) => return Some("it is cut short or damaged: a sheet has no end".to_owned()),
            Err(SpanError::OutOfOrder) => return Some(OUT_OF_ORDER.to_owned()),
            Err(SpanError::Unreadable) if unpacked > counted.most => {
                let (most, packed) = (counted.most >> 20, bytes.len() >> 20);
                return Some(format!("it unpacks from {packed} MiB to more than {most} MiB"));
            }
            Err(SpanError::Unreadable) => {}
        }
        if let Some(why) = too_many(cells) {
            return Some(why);
        }
    }
    None
}

fn most_bytes(packed: usize) -> u64 {
    (packed as u64).saturating_mul(MOST_TIMES).clamp(FREE_BYTES, MOST_BYTES)
}

/// Counts what comes out of a part, and ends where all together are too much.
struct Counted<R> {
    inner: R,
    bytes: u64,
    most: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.bytes > self.most {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        let n = self.inner.read(buffer)?;
        self.bytes += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).expect("begun");
            writer.write_all(content).expect("written");
        }
        writer.finish().expect("closed").into_inner()
    }

    #[test]
    fn a_small_workbook_is_decoded_and_a_wide_one_is_not() {
        let sheet =
            |last: &str| format!("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row><c r=\"{last}\"><v>1</v></c></row>");
        let of = |last: &str| packed(&[("xl/worksheets/sheet1.xml", sheet(last).as_bytes())]);
        assert_eq!(too_large(&of("C200")), None);
        assert_eq!(
            too_large(&of("XFD1048576")).as_deref(),
            Some("its sheets span 17,179,869,184 cells, expected at most 20,000,000")
        );
        assert_eq!(too_large(b"PK\x03\x04 and no more"), None, "the decoder says what is wrong with it");
    }

    #[test]
    fn what_unpacks_to_many_times_its_size_is_told() {
        let zeros = vec![b' '; 100 << 20];
        let told = too_large(&packed(&[("xl/sharedStrings.xml", &zeros)]));
        assert_eq!(told.as_deref(), Some("it unpacks from 0 MiB to more than 64 MiB"));
    }
}
