//! A CSV file to chunks of rows.

use std::io::{self, Cursor, Read};

use encoding_rs::Encoding;

use crate::ingest::assumption::{Assumption, FileRead, lines_left_out};
use crate::ingest::decode::chunk::{Body, Ragged, RawChunk};
use crate::ingest::decode::encoding::Utf8Reader;
use crate::ingest::decode::files::{InputPath, Metered, decompressed, io_error, open, read_error};
use crate::ingest::decode::footer::{LastRow, footer_start};
use crate::ingest::decode::guess::EncodingGuess;
use crate::ingest::decode::sniff::Dialect;
use crate::ingest::error::IngestError;

/// Text of a chunk: large enough to spread the cost of a hand-over, small enough to keep several in flight.
const CHUNK_BYTES: usize = 1 << 20;
const CHUNK_ROWS: usize = 1 << 15;
/// A row longer than this is none: a quote was never closed, or the file is no table.
const MAX_RECORD_BYTES: usize = 1 << 22;
const HEAD: u64 = 1 << 16;
/// What every file is made to end in, on a line of its own: where it is found inside a cell, the cell's quote is open. Bytes
/// no text in UTF-8 holds.
const END: &[u8] = b"\n\xff\xfe\xff";

/// What the configuration says about the file instead of letting it be sniffed.
#[derive(Clone, Copy, Debug, Default)]
pub struct CsvOptions {
    /// Text encoding.
    pub encoding: Option<&'static Encoding>,
    /// Separator.
    pub separator: Option<u8>,
}

/// Reads `input`, calls `header` with the column names and `chunk` with the rows, and returns the checksum and what was
/// assumed.
///
/// # Errors
/// What `header` and `chunk` return; [`IngestError`] for a file that cannot be read, is empty, or ends in a quote.
pub fn read(
    input: &InputPath,
    options: CsvOptions,
    seen: impl FnMut(u64),
    header: impl FnOnce(Vec<String>) -> Result<(), IngestError>,
    mut chunk: impl FnMut(RawChunk) -> Result<(), IngestError>,
) -> Result<FileRead, IngestError> {
    let unreadable = |error: io::Error| read_error(input, error);
    let mut metered = Metered::new(open(input)?, seen);
    let assumed;
    {
        let mut bytes = decompressed(&mut metered).map_err(unreadable)?;
        let mut head = Vec::new();
        bytes.by_ref().take(HEAD).read_to_end(&mut head).map_err(unreadable)?;
        let dialect = Dialect::sniff(&head, options.encoding, options.separator);
        let rest = Cursor::new(head.split_off(dialect.bom)).chain(bytes);
        let mut reader = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // the crate's own CRLF ending counts lines one too low; the carriage return is trimmed with the cell
            .terminator(::csv::Terminator::Any(b'\n'))
            .delimiter(dialect.separator)
            .escape(dialect.backslash.then_some(b'\\'))
            .double_quote(!dialect.backslash)
            .buffer_capacity(1 << 17)
            .from_reader(Utf8Reader::new(rest, dialect.encoding, dialect.cr_only).chain(END));
        let mut record = ::csv::ByteRecord::new();
        for _ in 0..=dialect.titles.len() {
            record.clear();
            while is_blank(&record) {
                if !next(&mut reader, &mut record, input)? {
                    return Err(IngestError::EmptyFile { file: input.name.clone() });
                }
            }
        }
        let names: Vec<String> = record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        let width = names.len();
        header(names)?;
        let below = read_rows(&mut reader, &mut record, width, input, &mut chunk)?;
        let guess = dialect.guess.as_ref().or(reader.get_ref().get_ref().0.guess());
        assumed = assumptions(&dialect, guess, options)
            .into_iter()
            .chain(lines_left_out("below the table", &below))
            .collect();
    }
    let blake3 = metered.finish().map_err(|source| io_error(&input.name, source))?;
    Ok(FileRead { blake3, assumed })
}

/// How the file was read where nobody said how: what is not UTF-8 with commas, and what was passed over.
fn assumptions(dialect: &Dialect, guess: Option<&EncodingGuess>, options: CsvOptions) -> Vec<Assumption> {
    let mut assumed = Vec::new();
    if let Some(EncodingGuess { encoding, sample }) = guess {
        let name = encoding.name().to_lowercase();
        assumed.push(Assumption::doubtful("encoding", format!("encoding {name} ({sample:?})")).written(name));
    }
    if options.separator.is_none() && !dialect.names_separator && dialect.separator != b',' {
        let sign = match dialect.separator {
            b'\t' => "a tab".to_owned(),
            sign => format!("{:?}", char::from(sign)),
        };
        assumed
            .push(Assumption::plain("separator", format!("separator {sign}")).written(char::from(dialect.separator)));
    }
    assumed.extend(lines_left_out(
        "above the header",
        dialect.titles.get(usize::from(dialect.names_separator)..).unwrap_or_default(),
    ));
    assumed
}

type CsvReader<R> = ::csv::Reader<io::Chain<Utf8Reader<R>, &'static [u8]>>;

fn read_rows<R: Read>(
    reader: &mut CsvReader<R>,
    record: &mut ::csv::ByteRecord,
    width: usize,
    input: &InputPath,
    chunk: &mut impl FnMut(RawChunk) -> Result<(), IngestError>,
) -> Result<Vec<String>, IngestError> {
    let mut below = Vec::new();
    let mut rows = CsvRows::new(width);
    loop {
        let more = next(reader, record, input)?;
        let ended = reader.position().line();
        if !more || rows.is_full() {
            rows.undecodable = reader.get_ref().get_ref().0.replaced();
            if !more {
                below = rows.take_footer();
            }
            let full = std::mem::replace(&mut rows, CsvRows::new(width));
            chunk(full.finish().map_err(|error| read_error(input, io::Error::other(error)))?)?;
        }
        if !more {
            return Ok(below);
        }
        if !is_blank(record) {
            rows.push(record, start_of(record, ended));
        }
    }
}

/// A line of nothing but white space is no row.
fn is_blank(record: &::csv::ByteRecord) -> bool {
    record.len() <= 1 && record.as_slice().trim_ascii().is_empty()
}

/// The line a record starts on, not counting empty lines the reader passed on its way; `ended` is the line behind it.
fn start_of(record: &::csv::ByteRecord, ended: u64) -> u64 {
    let from = record.position().map_or(0, ::csv::Position::line);
    if ended.saturating_sub(from) <= 1 {
        return from;
    }
    let inside = record.as_slice().iter().filter(|b| **b == b'\n').count() as u64;
    from.max(ended.saturating_sub(inside + 1))
}

/// The next record; `false` at the end of the file.
fn next<R: Read>(
    reader: &mut CsvReader<R>,
    record: &mut ::csv::ByteRecord,
    input: &InputPath,
) -> Result<bool, IngestError> {
    reader.get_mut().get_mut().0.allow(MAX_RECORD_BYTES);
    let from = reader.position().line();
    let file = || input.name.clone();
    match reader.read_byte_record(record) {
        Err(_) if reader.get_ref().get_ref().0.exhausted() => Err(IngestError::EndlessRow { file: file(), line: from }),
        Err(error) => Err(read_error(input, into_io(error))),
        Ok(_) if record.as_slice() == &END[1..] => Ok(false),
        Ok(_) if record.as_slice().ends_with(&END[1..]) => {
            // No line end closes the record.
            let line = start_of(record, reader.position().line() + 1);
            Err(IngestError::UnclosedQuote { file: file(), line })
        }
        Ok(more) => Ok(more),
    }
}

fn into_io(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// CsvRows gathered for a chunk.
struct CsvRows {
    data: Vec<u8>,
    ends: Vec<u32>,
    lines: Vec<u64>,
    ragged: Vec<Ragged>,
    width: usize,
    undecodable: bool,
}

impl CsvRows {
    fn new(width: usize) -> Self {
        let data = Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 8);
        Self { data, ends: Vec::new(), lines: Vec::new(), ragged: Vec::new(), width, undecodable: false }
    }

    fn is_full(&self) -> bool {
        self.data.len() >= CHUNK_BYTES || self.lines.len() + self.ragged.len() >= CHUNK_ROWS
    }

    /// Takes a record in, as a row or as a ragged line.
    fn push(&mut self, record: &::csv::ByteRecord, line: u64) {
        let width = self.width;
        let spare_are_empty = || record.iter().skip(width).all(|cell| cell.trim_ascii().is_empty());
        if record.len() < width || (record.len() > width && !spare_are_empty()) {
            let start = &record.as_slice()[..record.as_slice().len().min(200)];
            // the carriage return of a line end is none of the words
            let text = String::from_utf8_lossy(start).trim_end().to_owned();
            self.ragged.push(Ragged { line, cells: record.len(), text });
            return;
        }
        let start = self.data.len();
        for i in 0..width {
            let end = record.range(i).map_or(0, |range| range.end);
            self.ends.push((start + end) as u32);
        }
        let used = self.ends.last().map_or(start, |end| *end as usize) - start;
        self.data.extend_from_slice(&record.as_slice()[..used]);
        self.lines.push(line);
    }

    /// Takes out the lines below the last row that are no part of the table.
    fn take_footer(&mut self) -> Vec<String> {
        let starts = self.lines.last().copied().unwrap_or(0);
        let last = LastRow { starts, ends: self.last_line(), width: self.width };
        let from = footer_start(&self.ragged, last);
        self.ragged.drain(from..).map(|ragged| ragged.text.trim().to_owned()).collect()
    }

    /// The line the last row ends on: its cells may hold line ends.
    fn last_line(&self) -> u64 {
        let before = self.ends.len().checked_sub(self.width + 1).and_then(|at| self.ends.get(at));
        let row = self.data.get(before.map_or(0, |end| *end as usize)..).unwrap_or_default();
        let inside = row.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.lines.last().map_or(0, |line| line + inside)
    }

    fn finish(self) -> Result<RawChunk, std::string::FromUtf8Error> {
        let body =
            Body::Text { data: String::from_utf8(self.data)?, ends: self.ends, lines: self.lines, width: self.width };
        Ok(RawChunk { body, ragged: self.ragged, undecodable: self.undecodable })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::ingest::decode::chunk::RawCell;

    /// Column names, rows with their lines, ragged lines.
    type Contents = (Vec<String>, Vec<(u64, Vec<String>)>, Vec<Ragged>);

    fn rows(bytes: &[u8]) -> Result<Contents, IngestError> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(bytes).expect("written");
        let input = crate::ingest::decode::files::resolve(&file.path().to_string_lossy(), std::path::Path::new(""))?;
        let (mut names, mut out, mut ragged) = (Vec::new(), Vec::new(), Vec::new());
        read(
            &input[0],
            CsvOptions::default(),
            |_| (),
            |header| {
                names = header;
                Ok(())
            },
            |chunk| {
                for row in 0..chunk.rows() {
                    let width = match &chunk.body {
                        Body::Text { width, .. } => *width,
                        Body::Arrays { .. } | Body::Cells { .. } => 0,
                    };
                    let text = |column| match chunk.cell(row, column) {
                        RawCell::Text(text) => text.into_owned(),
                        _ => String::new(),
                    };
                    out.push((chunk.line(row), (0..width).map(text).collect()));
                }
                ragged.extend(chunk.ragged);
                Ok(())
            },
        )?;
        Ok((names, out, ragged))
    }

    #[test]
    fn lines_are_counted_with_any_line_end() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "1,2", "3,4", "5,6", ""].join(end);
            let (_, rows, _) = rows(text.as_bytes()).expect("reads");
            assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [2, 3, 4], "{end:?}");
        }
    }

    #[test]
    fn blank_lines_are_no_rows_but_count_as_lines() {
        let (_, rows, ragged) = rows(b"a,b\r\n\r\n1,2\r\n\r\n  \r\n3,4").expect("reads");
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [3, 6]);
        assert!(ragged.is_empty());
    }

    #[test]
    fn quoted_newlines_and_separators_stay_in_their_cell() {
        let (names, rows, _) = rows(b"a,b\r\n\"x\r\ny\",\"1,5\"\r\nz,\"say \"\"hi\"\"\"\r\n").expect("reads");
        assert_eq!(names, ["a", "b"]);
        assert_eq!(rows[0], (2, vec!["x\r\ny".to_owned(), "1,5".to_owned()]));
        assert_eq!(rows[1], (4, vec!["z".to_owned(), "say \"hi\"".to_owned()]));
    }

    #[test]
    fn ragged_lines_are_rejected_but_not_trailing_blanks() {
        let (_, rows, ragged) = rows(b"a,b\n1\n1,2,,\n1,2,3\n4,5\n").expect("reads");
        assert_eq!(rows.len(), 2);
        assert_eq!(ragged.iter().map(|r| (r.line, r.cells)).collect::<Vec<_>>(), [(2, 1), (4, 3)]);
    }

    /// The lines of five below a report, each behind these line ends.
    fn below(ends: [&str; 5]) -> String {
        let lines =
            ["Open deals", "Copyright (c) 2026 Maker, inc.", "Confidential", "Generated By: Ann Li 2/2/2026", "Acme"];
        ends.iter().zip(lines).map(|(end, line)| format!("{end}\"{line}\"")).collect()
    }

    #[test]
    fn the_lines_below_a_report_are_no_rows_cut_short() {
        for end in ["\n", "\r\n"] {
            let blank = end.repeat(3);
            for ends in [[end; 5], [&blank, end, end, end, end], [&blank, end, &blank, end, &blank]] {
                let text = format!("a,b,c{end}1,2,3{end}4,5,\"6{end}7\"{}{end}", below(ends));
                let (_, rows, ragged) = rows(text.as_bytes()).expect("reads");
                assert_eq!((rows.len(), ragged.len()), (2, 0), "{text:?}");
            }
        }
        let (_, _, ragged) = rows(b"a,b,c\r\n1,2,\"3\n4\"\r\nD5\r\nMade by Ann\r\nAcme\r\n").expect("reads");
        let told: Vec<(u64, &str)> = ragged.iter().map(|ragged| (ragged.line, ragged.text.as_str())).collect();
        assert_eq!(told, [(4, "D5")], "a row cut short, without its carriage return");
        let many = format!("a,b,c\n1,2,3\n\n{}", "Made by Ann\n".repeat(13));
        assert_eq!(rows(many.as_bytes()).expect("reads").2.len(), 13, "too many for a footer");
    }

    #[test]
    fn a_quote_that_never_closes_is_told_with_its_line() {
        let error = rows(b"a,b\n1,2\n\"3,4\n5,6\n7,8\n").expect_err("unclosed");
        assert!(matches!(error, IngestError::UnclosedQuote { line: 3, .. }), "{error}");
    }

    #[test]
    fn an_early_quote_does_not_swallow_a_large_file() {
        let mut bytes = b"a,b\n1,2\n\"3,4\n".to_vec();
        bytes.extend(b"5,6\n".repeat(3 << 20));
        let error = rows(&bytes).expect_err("unclosed");
        assert!(matches!(error, IngestError::EndlessRow { line: 3, .. }), "{error}");
    }

    #[test]
    fn a_quote_that_never_closes_is_told_in_the_last_column_and_in_the_header_too() {
        for (text, line) in [
            ("a,b\n1,2\n3,\"4\n5,6\n", 3),
            ("a,b\n1,2\n3,\"4", 3),
            ("a,b\n\n\n3,\"4\n5,6\n", 4),
            ("a,\"b\n1,2\n", 1),
            ("a,b\n1,\"say \\\"hi\\\" now\n2,3\n", 2),
        ] {
            let error = rows(text.as_bytes()).expect_err(text);
            assert!(matches!(error, IngestError::UnclosedQuote { line: told, .. } if told == line), "{text}: {error}");
        }
    }

    #[test]
    fn any_number_of_blank_lines_is_no_row_and_no_open_quote() {
        let blanks = "\n".repeat(9 << 20);
        let text = format!("{blanks}a,b\n1,2{blanks}3,4\n{blanks}");
        let (_, rows, ragged) = rows(text.as_bytes()).expect("reads");
        assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [(9 << 20) + 2, (18 << 20) + 2]);
        assert!(ragged.is_empty());
        for text in ["", "\n", &blanks, "  \r\n \r\n"] {
            let error = super::tests::rows(text.as_bytes()).expect_err("nothing there");
            assert!(matches!(error, IngestError::EmptyFile { .. }), "{error}");
        }
    }

    #[test]
    fn backslash_escapes_are_understood() {
        let (_, rows, _) = rows(b"a,b\n\"say \\\"hi\\\" now\",2\n").expect("reads");
        assert_eq!(rows[0].1, ["say \"hi\" now", "2"]);
    }
}
