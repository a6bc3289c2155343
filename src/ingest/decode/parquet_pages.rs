//! The pages of a Parquet file before any is unpacked: how much all of them would be.
//!
//! The decoder makes room for what the header of a page claims, whatever the footer says. Reads the headers alone (Thrift's
//! compact protocol) and hops over the pages. What cannot be read here is left to the decoder, which says why.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};

/// A page's header is looked for in so many bytes; longer ones hold long statistics, and are looked for in more.
const HEADER_BYTES: [usize; 2] = [256, 1 << 20];
/// Pages that are looked at; no table has more.
const MOST_PAGES: u64 = 5_000_000;
/// Structures within structures of a header.
const DEEPEST: usize = 16;

/// What all pages would unpack to, as far as their headers can be read.
pub(super) fn unpacked_bytes(file: &File, metadata: &ParquetMetaData) -> u64 {
    let columns = metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
    let (mut pages, mut unpacked) = (MOST_PAGES, 0_u64);
    for (start, length) in columns.map(ColumnChunkMetaData::byte_range) {
        unpacked = unpacked.saturating_add(of_column(file, start, start.saturating_add(length), &mut pages));
    }
    unpacked
}

/// The pages between two places of the file; `pages` are those that may be looked at still.
fn of_column(file: &File, start: u64, end: u64, pages: &mut u64) -> u64 {
    let (mut at, mut unpacked) = (start, 0_u64);
    while at < end && *pages > 0 {
        *pages -= 1;
        let Some(page) = HEADER_BYTES.into_iter().find_map(|bytes| header_at(file, at, bytes)) else { break };
        unpacked = unpacked.saturating_add(page.unpacked);
        at = at.saturating_add(page.header).saturating_add(page.packed);
    }
    unpacked
}

/// What the header of a page says.
#[derive(Debug, PartialEq, Eq)]
struct PageSize {
    header: u64,
    unpacked: u64,
    packed: u64,
}

fn header_at(mut file: &File, at: u64, bytes: usize) -> Option<PageSize> {
    let mut head = Vec::with_capacity(bytes.min(1 << 12));
    file.seek(SeekFrom::Start(at)).ok()?;
    file.take(bytes as u64).read_to_end(&mut head).ok()?;
    page_size(&head)
}

/// Fields 2 and 3 of a page's header: its size unpacked and packed.
fn page_size(head: &[u8]) -> Option<PageSize> {
    let mut rest = head;
    let (mut unpacked, mut packed, mut field) = (None, None, 0);
    while let Some(kind) = next_field(&mut rest, &mut field)? {
        match (field, kind) {
            (2, 5) => unpacked = Some(number(&mut rest)?),
            (3, 5) => packed = Some(number(&mut rest)?),
            _ => skip(&mut rest, kind, 0)?,
        }
    }
    let size = |number: Option<i64>| u64::try_from(number?).ok();
    Some(PageSize { header: (head.len() - rest.len()) as u64, unpacked: size(unpacked)?, packed: size(packed)? })
}

/// The kind of the next field, whose number is put into `field`; nothing inside at the end of a structure.
fn next_field(rest: &mut &[u8], field: &mut i64) -> Option<Option<u8>> {
    let byte = take(rest, 1)?[0];
    if byte == 0 {
        return Some(None);
    }
    *field = if byte >> 4 == 0 { number(rest)? } else { *field + i64::from(byte >> 4) };
    Some(Some(byte & 15))
}

/// Passes over a value.
fn skip(rest: &mut &[u8], kind: u8, depth: usize) -> Option<()> {
    if depth > DEEPEST {
        return None;
    }
    match kind {
        1 | 2 => {}
        3 => _ = take(rest, 1)?,
        4..=6 => _ = varint(rest)?,
        7 => _ = take(rest, 8)?,
        8 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            take(rest, length)?;
        }
        9 | 10 => {
            let head = take(rest, 1)?[0];
            let (items, of) = (u64::from(head >> 4), head & 15);
            let items = if items == 15 { varint(rest)? } else { items };
            // truth values of a list take a byte each
            for _ in 0..items {
                if of <= 2 { _ = take(rest, 1)? } else { skip(rest, of, depth + 1)? }
            }
        }
        12 => {
            let mut field = 0;
            while let Some(kind) = next_field(rest, &mut field)? {
                skip(rest, kind, depth + 1)?;
            }
        }
        _ => return None,
    }
    Some(())
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)?[0];
        value |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return Some(value);
        }
    }
    None
}

/// A whole number with its sign in the last digit.
fn number(rest: &mut &[u8]) -> Option<i64> {
    let written = varint(rest)?;
    Some((written >> 1) as i64 ^ -((written & 1) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_a_page_says_its_sizes() {
        // kind 0, 1000 bytes unpacked, 20 packed, a data page of 3 values with encodings, the end
        let head = [0x15, 0, 0x15, 0xd0, 0x0f, 0x15, 40, 0x2c, 0x15, 6, 0x15, 0, 0x15, 6, 0x15, 6, 0, 0, 99];
        assert_eq!(page_size(&head), Some(PageSize { header: 18, unpacked: 1000, packed: 20 }));
        assert_eq!(page_size(&head[..9]), None, "cut short");
        assert_eq!(page_size(&[0x15, 0, 0x15, 1, 0x15, 2, 0]), None, "less than nothing");
        assert_eq!(page_size(&[0x1c; 64]), None, "structures without an end");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = page_size(&bytes);
        }
    }
}
