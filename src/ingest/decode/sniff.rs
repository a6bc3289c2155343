//! The first bytes of a text file to its dialect: encoding, separator, line ends, escapes.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How a text file is written.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Encoding; UTF-8 means "UTF-8 unless a byte proves Windows-1252".
    pub encoding: &'static Encoding,
    /// Bytes of the byte order mark.
    pub bom: usize,
    /// Separator.
    pub separator: u8,
    /// Whether lines end in a lone carriage return.
    pub cr_only: bool,
    /// Whether quotes inside cells are written `\"` instead of `""`.
    pub backslash: bool,
}

impl Dialect {
    /// The dialect of a file that starts with `head`; what is given is not sniffed.
    #[must_use]
    pub fn sniff(head: &[u8], encoding: Option<&'static Encoding>, separator: Option<u8>) -> Self {
        let (sniffed, bom) = encoding_of(head);
        let encoding = encoding.unwrap_or(sniffed);
        let (text, _) = encoding.decode_without_bom_handling(&head[bom..]);
        let cr_only = text.contains('\r') && !text.contains('\n');
        let text = if cr_only { text.replace('\r', "\n") } else { text.into_owned() };
        let backslash = text.contains("\\\"") && !text.contains("\"\"") && escapes(&text);
        let separator = separator.unwrap_or_else(|| separator_of(&text));
        Self { encoding, bom, separator, cr_only, backslash }
    }
}

fn encoding_of(head: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, length)) = Encoding::for_bom(head) {
        return (encoding, length);
    }
    // Latin text in UTF-16 has a zero in every other byte
    let pairs = head.chunks_exact(2).take(512);
    let (total, zeros) = pairs.fold((0, [0, 0]), |(total, zeros), pair| {
        (total + 1, [zeros[0] + usize::from(pair[0] == 0), zeros[1] + usize::from(pair[1] == 0)])
    });
    if total >= 4 && zeros[1] * 2 > total && zeros[0] * 4 < total {
        return (UTF_16LE, 0);
    }
    if total >= 4 && zeros[0] * 2 > total && zeros[1] * 4 < total {
        return (UTF_16BE, 0);
    }
    match std::str::from_utf8(head) {
        // the head may end in the middle of a character
        Err(error) if error.error_len().is_some() => (WINDOWS_1252, 0),
        _ => (UTF_8, 0),
    }
}

/// Whether `\"` stands inside quoted cells: something other than a separator follows it.
fn escapes(text: &str) -> bool {
    text.match_indices("\\\"").any(|(at, _)| {
        text[at + 2..].chars().next().is_some_and(|next| !matches!(next, ',' | ';' | '\t' | '|' | '\n' | '\r'))
    })
}

/// The candidate that cuts the first lines into the most cells, the same number on every line.
fn separator_of(text: &str) -> u8 {
    // the first of equals wins: order of preference
    b",;\t|".iter().rev().copied().max_by_key(|separator| score(text, *separator)).unwrap_or(b',')
}

/// How well a separator cuts the lines: whether they agree, how many do, and into how many cells.
fn score(text: &str, separator: u8) -> (bool, usize, usize) {
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let mut records = reader.records().map_while(Result::ok);
    let width = records.next().map_or(1, |record| record.len());
    let (same, all) =
        records.take(50).fold((0, 0), |(same, all), record| (same + usize::from(record.len() == width), all + 1));
    // the last record may be cut off
    if width > 1 { (same + 1 >= all, same, width) } else { (false, 0, 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators() {
        for (text, expected) in [
            ("a,b,c\n1,2,3\n", b','),
            ("a;b;c\n1,5;2,5;3\n", b';'),
            ("a\tb\n1\t2\n", b'\t'),
            ("a|b\n1|2,5\n", b'|'),
            ("a,b;c\n\"x;y\",2\n\"z;w\",3\n", b','),
            ("only\n1\n", b','),
            ("", b','),
        ] {
            assert_eq!(Dialect::sniff(text.as_bytes(), None, None).separator as char, expected as char);
        }
    }

    #[test]
    fn encodings() {
        let utf16: Vec<u8> = "deal_id,stage\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(Dialect::sniff(&utf16, None, None).encoding, UTF_16BE);
        assert_eq!(Dialect::sniff(b"caf\xe9,b\n", None, None).encoding, WINDOWS_1252);
        assert_eq!(Dialect::sniff("café,b\n".as_bytes(), None, None).encoding, UTF_8);
        assert_eq!(Dialect::sniff(b"\xef\xbb\xbfa,b\n", None, None).bom, 3);
        assert!(Dialect::sniff(b"a,b\r1,2\r", None, None).cr_only);
        assert!(!Dialect::sniff(b"a,b\r\n1,2\r\n", None, None).cr_only);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(head in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = Dialect::sniff(&head, None, None);
        }
    }
}
