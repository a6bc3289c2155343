//! The first bytes of a text file to its dialect: encoding, separator, line ends, escapes, and what stands above the header.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::ingest::decode::guess::{self, EncodingGuess};

/// Records that are looked at.
const RECORDS: usize = 50;
/// A title has no more filled cells than this.
const TITLE_CELLS: usize = 2;

/// How a text file is written.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// Encoding; UTF-8 means "UTF-8 unless a byte proves that it is another".
    pub encoding: &'static Encoding,
    /// Set where the encoding had to be guessed.
    pub guess: Option<EncodingGuess>,
    /// Bytes of the byte order mark.
    pub bom: usize,
    /// Separator.
    pub separator: u8,
    /// Whether lines end in a lone carriage return.
    pub cr_only: bool,
    /// Whether quotes inside cells are written `\"` instead of `""`.
    pub backslash: bool,
    /// Lines above the header that are not blank: titles, and the separator as spreadsheets write it (`sep=;`).
    pub titles: Vec<String>,
    /// Whether the first line names the separator: nothing is guessed then.
    pub names_separator: bool,
}

impl Dialect {
    /// The dialect of a file that starts with `head`; what is given is not sniffed.
    #[must_use]
    pub fn sniff(head: &[u8], encoding: Option<&'static Encoding>, separator: Option<u8>) -> Self {
        let (sniffed, bom) = encoding_of(head);
        let is_guessed = encoding.is_none() && bom == 0 && ![UTF_8, UTF_16LE, UTF_16BE].contains(&sniffed);
        let encoding = encoding.unwrap_or(sniffed);
        let (text, _) = encoding.decode_without_bom_handling(&head[bom..]);
        let cr_only = text.contains('\r') && !text.contains('\n');
        let text = if cr_only { text.replace('\r', "\n") } else { text.into_owned() };
        let guess = is_guessed.then(|| guess::sample_of(&text)).flatten();
        let guess = guess.map(|sample| EncodingGuess { encoding, sample });
        let backslash = text.contains("\\\"") && !text.contains("\"\"") && escapes(&text);
        let written = written_separator(&text);
        let separator = separator.or(written).unwrap_or_else(|| separator_of(&text));
        let titles = titles(&text, separator, written.is_some());
        Self { encoding, guess, bom, separator, cr_only, backslash, titles, names_separator: written.is_some() }
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
        Err(error) if error.error_len().is_some() => (guess::encoding_of(head), 0),
        _ => (UTF_8, 0),
    }
}

/// The separator a first line `sep=;` names, as spreadsheets write and read it.
fn written_separator(text: &str) -> Option<u8> {
    let line = text.trim_start().lines().next()?.trim_matches(['"', '\r']);
    let sign = line.get(..4).filter(|key| key.eq_ignore_ascii_case("sep=")).and_then(|_| line.get(4..))?;
    match sign.as_bytes() {
        [sign] if sign.is_ascii() && !sign.is_ascii_alphanumeric() && *sign != b'"' => Some(*sign),
        _ => None,
    }
}

/// The records above the header: a first line that names the separator, then lines with a cell or two where the table has
/// more.
fn titles(text: &str, separator: u8, names_separator: bool) -> Vec<String> {
    let records = first_records(text, separator);
    let widths: Vec<usize> = records.iter().map(filled_width).collect();
    let mut titles = usize::from(names_separator);
    let table = usual(widths.get(titles..).unwrap_or_default());
    let filled = |record: &::csv::StringRecord| record.iter().filter(|cell| !cell.trim().is_empty()).count();
    // A table of few columns may have as few filled cells in its header.
    let most = if table > 2 * TITLE_CELLS { TITLE_CELLS } else { 1 };
    let first = (titles..records.len()).find(|&at| filled(&records[at]) > most && widths[at] * 2 > table);
    if let Some(first) = first.filter(|_| table > most) {
        titles = first;
    }
    let line = |record: &::csv::StringRecord| {
        record.iter().filter(|cell| !cell.trim().is_empty()).collect::<Vec<_>>().join(" ").trim().to_owned()
    };
    records.iter().take(titles).map(line).collect()
}

/// The first records, blank ones left out.
fn first_records(text: &str, separator: u8) -> Vec<::csv::StringRecord> {
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let records = reader.records().map_while(Result::ok);
    records
        .filter(|record| record.len() > 1 || record.iter().any(|cell| !cell.trim().is_empty()))
        .take(RECORDS)
        .collect()
}

/// Cells up to the last filled one.
fn filled_width(record: &::csv::StringRecord) -> usize {
    let filled = record.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty());
    filled.last().map_or(0, |(last, _)| last + 1)
}

/// The most frequent of `widths`, the larger of two.
fn usual(widths: &[usize]) -> usize {
    let times = |width: usize| widths.iter().filter(|&&other| other == width).count();
    widths.iter().copied().max_by_key(|&width| (times(width), width)).unwrap_or(0)
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

/// How well a separator cuts the lines: whether they agree but for titles above them, how many do, and into how many cells.
fn score(text: &str, separator: u8) -> (bool, usize, usize) {
    let widths: Vec<usize> = first_records(text, separator).iter().map(::csv::StringRecord::len).collect();
    let width = usual(&widths);
    let titles = widths.iter().take_while(|&&other| other != width).count();
    let same = widths.iter().filter(|&&other| other == width).count();
    // the last record may be cut off
    if width > 1 { (same + titles + 1 >= widths.len(), same, width) } else { (false, 0, 0) }
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;

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

    #[test]
    fn what_stands_above_the_header_is_told() {
        let titles = |text: &str| Dialect::sniff(text.as_bytes(), None, None).titles;
        let rows = "id;stage;created;amount;owner\n1;A;2025-01-01;5;Ann\n2;B;2025-01-02;6;Bob\n";
        assert_eq!(titles(rows), [""; 0]);
        assert_eq!(titles(&format!("sep=;\n{rows}")), ["sep="]);
        assert_eq!(Dialect::sniff(format!("sep=;\n{rows}").as_bytes(), None, None).separator, b';');
        assert_eq!(
            titles(&format!("Pipeline report\nAs of;2025-12-01\n\n{rows}")),
            ["Pipeline report", "As of 2025-12-01"]
        );
        assert_eq!(titles(&format!("Pipeline report;;;;\n{rows}")), ["Pipeline report"]);
        for text in ["a,b\n1\n1,2,,\n1,2,3\n4,5\n", "key,value\n1,x\n", "only\n1\n", "a,b,c,d,,,\n1,2,3,4\n", ""] {
            assert_eq!(titles(text), [""; 0], "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(head in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = Dialect::sniff(&head, None, None);
        }
    }
}
