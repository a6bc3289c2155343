//! The part of a workbook as it is unpacked to the cells its sheet spans: the rectangle around the filled ones.
//!
//! Reads just enough of the three ways sheets are written: rows and cells in XML (.xlsx), repeated cells in XML (.ods),
//! records (.xlsb). A part that holds no sheet spans nothing.

use std::io::{self, BufRead, Read};

use crate::report::words::thousands;

/// Why a part cannot be measured.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SpanError {
    /// A row stands before an earlier one.
    OutOfOrder,
    /// It cannot be unpacked.
    Unreadable,
    /// Its XML ends inside an element: a reader that waits for the end tag waits forever.
    Unclosed,
}

impl From<io::Error> for SpanError {
    fn from(_: io::Error) -> Self {
        Self::Unreadable
    }
}

/// What is said of [`SpanError::OutOfOrder`].
pub(super) const OUT_OF_ORDER: &str = "the rows of a sheet do not stand in their order";

/// Cells all sheets may span.
const MOST_CELLS: u64 = 20_000_000;

/// That a workbook spans more cells than are read, if it does.
pub(super) fn too_many(cells: u64) -> Option<String> {
    let told = || {
        format!("its sheets span {} cells, expected at most {}", thousands(cells.into()), thousands(MOST_CELLS.into()))
    };
    (cells > MOST_CELLS).then(told)
}

/// The rectangle around the filled cells of one sheet.
#[derive(Debug, Default)]
pub(super) struct Rectangle {
    rows: Option<(u64, u64)>,
    columns: (u64, u64),
}

impl Rectangle {
    pub(super) fn add(&mut self, row: u64, column: u64) -> Result<(), SpanError> {
        let Some((first, last)) = self.rows else {
            (self.rows, self.columns) = (Some((row, row)), (column, column));
            return Ok(());
        };
        if row < last {
            return Err(SpanError::OutOfOrder);
        }
        self.rows = Some((first, row));
        self.columns = (self.columns.0.min(column), self.columns.1.max(column));
        Ok(())
    }

    pub(super) fn cells(&self) -> u64 {
        let rows = self.rows.map_or(0, |(first, last)| (last - first).saturating_add(1));
        rows.saturating_mul((self.columns.1 - self.columns.0).saturating_add(1))
    }
}

/// Longest beginning of a tag that is looked at.
const TAG: usize = 512;

/// A part in XML, read tag by tag.
#[derive(Debug, Default)]
pub(super) struct XmlSpan {
    tag: Vec<u8>,
    inside: bool,
    rectangle: Rectangle,
    row: u64,
    column: u64,
    /// Whether the cell of the last tag is still without a value.
    pending: bool,
    /// Of a sheet that repeats cells: the row.
    repeated: RepeatedRow,
    /// Cells of the sheets before.
    before: u64,
    /// Elements that are open.
    depth: i64,
    /// Last byte of the tag.
    last: u8,
}

/// A row that counts several times, of cells that do.
#[derive(Debug, Default)]
struct RepeatedRow {
    times: u64,
    cells: u64,
    /// Cells up to the last filled one.
    filled: u64,
}

impl XmlSpan {
    /// The cells the part spans.
    pub(super) fn of(part: &mut impl Read) -> Result<u64, SpanError> {
        Self::read(part).map(|span| span.cells())
    }

    /// The same of a part that holds every sheet of a workbook, each of which must end.
    pub(super) fn of_sheets(part: &mut impl Read) -> Result<u64, SpanError> {
        let span = Self::read(part)?;
        if span.depth == 0 { Ok(span.cells()) } else { Err(SpanError::Unclosed) }
    }

    fn read(part: &mut impl Read) -> Result<Self, SpanError> {
        let (mut span, mut piece) = (Self::default(), vec![0; 1 << 16]);
        loop {
            let n = part.read(&mut piece)?;
            if n == 0 {
                return Ok(span);
            }
            span.piece(&piece[..n])?;
        }
    }

    fn cells(&self) -> u64 {
        self.before.saturating_add(self.rectangle.cells())
    }

    fn piece(&mut self, piece: &[u8]) -> Result<(), SpanError> {
        for &byte in piece {
            match byte {
                b'<' => {
                    self.tag.clear();
                    self.inside = true;
                }
                b'>' if self.inside => {
                    self.inside = false;
                    self.depth += match (self.tag.first(), self.last) {
                        (Some(b'/'), _) => -1,
                        (Some(b'?' | b'!') | None, _) | (_, b'/') => 0,
                        _ => 1,
                    };
                    let tag = std::mem::take(&mut self.tag);
                    self.tag(&tag)?;
                    self.tag = tag;
                }
                _ if self.inside => {
                    self.last = byte;
                    if self.tag.len() < TAG {
                        self.tag.push(byte);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn tag(&mut self, tag: &[u8]) -> Result<(), SpanError> {
        match local_name(tag) {
            b"row" => {
                self.row = attribute(tag, b"r").and_then(number).unwrap_or(self.row.saturating_add(1));
                self.column = 0;
            }
            b"c" => {
                let place = attribute(tag, b"r").and_then(place);
                (self.row, self.column) = place.unwrap_or((self.row, self.column.saturating_add(1)));
                self.pending = true;
            }
            b"v" | b"is" if self.pending => {
                self.pending = false;
                self.rectangle.add(self.row, self.column)?;
            }
            b"table" => {
                self.before = self.before.saturating_add(std::mem::take(&mut self.rectangle).cells());
                self.row = 0;
            }
            b"table-row" => {
                let times = repeats(tag, b"table:number-rows-repeated");
                self.repeated = RepeatedRow { times, ..RepeatedRow::default() };
                if tag.ends_with(b"/") {
                    self.row = self.row.saturating_add(times);
                }
            }
            b"table-cell" | b"covered-table-cell" => {
                let times = repeats(tag, b"table:number-columns-repeated");
                self.repeated.cells = self.repeated.cells.saturating_add(times);
                let is_filled = |name: &[u8]| attribute(tag, name).is_some();
                if is_filled(b"office:value-type") || is_filled(b"table:formula") {
                    self.repeated.filled = self.repeated.cells;
                }
            }
            b"/table-row" => {
                let RepeatedRow { times, filled, .. } = std::mem::take(&mut self.repeated);
                let last = self.row.saturating_add(times);
                if filled > 0 {
                    self.rectangle.add(self.row.saturating_add(1), 1)?;
                    self.rectangle.add(last, filled)?;
                }
                self.row = last;
            }
            _ => {}
        }
        Ok(())
    }
}

/// The name of a tag without its namespace, with the slash of one that ends.
fn local_name(tag: &[u8]) -> &[u8] {
    let end = tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len());
    let name = tag[..end].strip_suffix(b"/").unwrap_or(&tag[..end]);
    if name == b"/table:table-row" {
        return b"/table-row";
    }
    name.iter().position(|byte| *byte == b':').map_or(name, |colon| &name[colon + 1..])
}

/// The value of an attribute.
fn attribute<'t>(tag: &'t [u8], name: &[u8]) -> Option<&'t [u8]> {
    let mut rest = tag;
    while let Some(at) = rest.windows(name.len() + 1).position(|part| part.starts_with(name) && part.ends_with(b"=")) {
        let is_whole = at > 0 && rest[at - 1].is_ascii_whitespace();
        let value = &rest[at + name.len() + 1..];
        if is_whole {
            let quote = value.first().filter(|quote| matches!(quote, b'"' | b'\''))?;
            let end = value[1..].iter().position(|byte| byte == quote)?;
            return Some(&value[1..=end]);
        }
        rest = value;
    }
    None
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn repeats(tag: &[u8], name: &[u8]) -> u64 {
    attribute(tag, name).map_or(1, |text| number(text).unwrap_or(u64::MAX))
}

/// `BC12` as row 12 and column 55.
fn place(text: &[u8]) -> Option<(u64, u64)> {
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let digit = |column: u64, letter: &u8| {
        column.saturating_mul(26).saturating_add(u64::from(letter.to_ascii_uppercase() - b'A') + 1)
    };
    let column = text[..letters].iter().fold(0, digit);
    Some((number(&text[letters..])?, column)).filter(|_| letters > 0)
}

/// A part of records: their kind, their length, what they hold.
pub(super) struct BinarySpan;

impl BinarySpan {
    /// Kinds of records that are cells with a value.
    const CELLS: std::ops::RangeInclusive<u64> = 2..=11;

    /// The cells the part spans.
    pub(super) fn of(part: &mut impl BufRead) -> Result<u64, SpanError> {
        let (mut rectangle, mut row) = (Rectangle::default(), 0);
        while !part.fill_buf()?.is_empty() {
            let kind = Self::number(part, 2)?;
            let length = Self::number(part, 4)?;
            let mut first = [0; 4];
            let read = length.min(4);
            part.read_exact(&mut first[..read as usize])?;
            io::copy(&mut part.take(length - read), &mut io::sink())?;
            let first = u64::from(u32::from_le_bytes(first));
            match kind {
                0 => row = first,
                kind if Self::CELLS.contains(&kind) => rectangle.add(row, first)?,
                _ => {}
            }
        }
        Ok(rectangle.cells())
    }

    /// A number of at most `most` bytes, seven bits in each; a byte with the eighth is followed by another.
    fn number(part: &mut impl Read, most: u32) -> Result<u64, SpanError> {
        let mut number = 0;
        for at in 0..most {
            let mut byte = [0];
            part.read_exact(&mut byte)?;
            number |= u64::from(byte[0] & 0x7f) << (7 * at);
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(text: &str) -> Result<u64, SpanError> {
        XmlSpan::of(&mut text.as_bytes())
    }

    #[test]
    fn filled_cells_span_a_rectangle() {
        let sheet = "<x:row r=\"2\"><x:c r=\"B2\" s=\"1\"><x:v>1</x:v></x:c><x:c r=\"ZZ2\" s=\"1\"/></x:row>\
                     <row r='5'><c><is><t>a</t></is></c><c r=\"D5\" t=\"s\"><v>0</v></c></row>";
        assert_eq!(xml(sheet), Ok(4 * 4), "rows 2 to 5, columns A to D; a cell that is only styled spans nothing");
        assert_eq!(xml("<sst><si><t>a</t></si></sst>"), Ok(0));
        let upside_down = "<row r=\"9\"><c r=\"A9\"><v>1</v></c></row><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>";
        assert_eq!(xml(upside_down), Err(SpanError::OutOfOrder));
    }

    #[test]
    fn repeated_cells_count_as_often_as_they_are_repeated() {
        let cell = |repeats: &str, kind: &str| {
            format!("<table:table-cell table:number-columns-repeated=\"{repeats}\"{kind}/>")
        };
        let filled = " office:value-type=\"float\"";
        let row = |repeats: &str, cells: &str| {
            format!("<table:table-row table:number-rows-repeated=\"{repeats}\">{cells}</table:table-row>")
        };
        assert_eq!(xml(&row("3", &(cell("2", "") + &cell("1", filled) + &cell("9", "")))), Ok(9));
        assert_eq!(xml(&row("1048576", &cell("16384", ""))), Ok(0), "nothing stands there");
        assert_eq!(xml(&row("1048576", &cell("16384", filled))), Ok(1_048_576 * 16_384));
        assert_eq!(xml(&row("9", &cell("99999999999999999999", filled))), Ok(u64::MAX));
    }

    #[test]
    fn records_are_read_to_their_end() {
        let record = |kind: u8, first: u32| [&[kind, 8][..], &first.to_le_bytes(), &[0; 4]].concat();
        let sheet = [record(0, 1), record(2, 3), record(0, 4), record(7, 5), record(0, 8), record(1, 900)].concat();
        assert_eq!(BinarySpan::of(&mut &sheet[..]), Ok(4 * 3), "an empty cell spans nothing");
        assert_eq!(BinarySpan::of(&mut &sheet[..5]), Err(SpanError::Unreadable));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = XmlSpan::of(&mut &bytes[..]);
            let _ = BinarySpan::of(&mut &bytes[..]);
        }
    }

    #[test]
    fn a_sheet_that_never_ends_is_told() {
        let whole = "<?xml version=\"1.0\"?><table:table a=\"1\"><table:table-row/></table:table>";
        assert!(XmlSpan::of_sheets(&mut whole.as_bytes()).is_ok());
        for cut in ["<table:table><table:table-row/>", "<table:table></table:table></x>", "<table:table><text:p>"] {
            assert_eq!(XmlSpan::of_sheets(&mut cut.as_bytes()), Err(SpanError::Unclosed), "{cut}");
        }
    }
}
