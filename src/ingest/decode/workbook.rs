//! A workbook (.xlsx, .xls, .xlsb, .ods) to chunks of rows: the sheet with the most cells.
//!
//! A workbook is told by its first bytes: a file that a spreadsheet program saved under `.csv` is one all the same.

use std::io::{Cursor, Read};

use calamine::{Data, DataType, ExcelDateTime, ExcelDateTimeType, Range, Reader, open_workbook_auto_from_rs};

use crate::ingest::assumption::{Assumption, FileRead, lines_left_out};
use crate::ingest::decode::chunk::{Body, RawCell, RawChunk};
use crate::ingest::decode::files::{InputPath, checksum, io_error, open};
use crate::ingest::decode::guard::decoded;
use crate::ingest::decode::limits::check_cell;
use crate::ingest::decode::{compound, packed_workbook, record_span};
use crate::ingest::error::IngestError;

/// A workbook is held whole: larger ones are refused.
const MOST_BYTES: u64 = 1 << 28;
/// Rows of a chunk.
const CHUNK_ROWS: usize = 1 << 14;
/// The day number of 1970-01-01.
const FIRST_DAY: f64 = 25_569.0;
/// Days from 1900-01-01 to 1904-01-01, where workbooks of the first spreadsheets for the Mac begin to count.
const LATER_START: f64 = 1462.0;
/// A text of so many words is a remark, no name.
const REMARK_WORDS: usize = 6;
/// A text of so many words is a remark where it ends as a sentence does.
const SENTENCE_WORDS: usize = 4;
/// What the lines below a table begin with.
const FOOTER_STARTS: [&str; 10] =
    ["total", "summe", "gesamt", "sum", "somme", "totale", "suma", "copyright", "confidential", "generated"];

/// Reads `input`, calls `header` with the column names and `chunk` with the rows, and returns the checksum and what was assumed.
///
/// # Errors
/// What `header` and `chunk` return; [`IngestError::Unreadable`] for a damaged file, or one that is too large.
pub fn read(
    input: &InputPath,
    mut seen: impl FnMut(u64),
    header: impl FnOnce(Vec<String>) -> Result<(), IngestError>,
    mut chunk: impl FnMut(RawChunk) -> Result<(), IngestError>,
) -> Result<FileRead, IngestError> {
    let Sheet { sheet, mut assumed } = sheet_of(input)?;
    seen(input.bytes);
    let first = sheet.start().map_or(1, |(row, _)| u64::from(row) + 1);
    let titles: Vec<&[Data]> = sheet.rows().take_while(|row| !is_header(row, sheet.width())).collect();
    assumed.extend(left_out("above the header", &titles));
    let mut rows = (first..).zip(sheet.rows()).skip(titles.len());
    let Some((header_line, names)) = rows.next() else {
        return Err(IngestError::EmptyFile { file: input.name.clone() });
    };
    let width = names.len();
    header(names.iter().map(|name| name.to_string().trim().to_owned()).collect())?;
    let mut filled: Vec<(u64, &[Data])> = rows.filter(|(_, row)| filled_cells(row) > 0).collect();
    let table = if width > 2 { table_end(&filled, header_line) } else { filled.len() };
    let below: Vec<&[Data]> = filled.split_off(table).into_iter().map(|(_, row)| row).collect();
    assumed.extend(left_out("below the table", &below));
    for part in filled.chunks(CHUNK_ROWS) {
        for (line, row) in part {
            row.iter().try_for_each(|cell| check_cell(&input.name, *line, cell.get_string().map_or(0, str::len)))?;
        }
        let lines = part.iter().map(|(line, _)| *line).collect();
        let cells = part.iter().flat_map(|(_, row)| row.iter().map(to_cell)).collect();
        chunk(RawChunk { body: Body::Cells { cells, lines, width }, ragged: Vec::new(), undecodable: false })?;
    }
    Ok(FileRead { blake3: checksum(input)?, assumed })
}

/// Whether a row is the header: most of its cells are filled. Titles above it have one or two.
fn is_header(row: &[Data], width: usize) -> bool {
    filled_cells(row) * 2 >= width.max(1)
}

/// How many of the rows are the table's: those behind it have one text, and stand behind a blank row or read like a remark.
fn table_end(rows: &[(u64, &[Data])], header_line: u64) -> usize {
    let is_lone = |row: &[Data]| filled_cells(row) == 1 && !words(row).is_empty();
    let lone = rows.iter().rposition(|(_, row)| !is_lone(row)).map_or(0, |last| last + 1);
    let before = |at: usize| at.checked_sub(1).map_or(header_line, |above| rows[above].0);
    let cut = (lone..rows.len()).find(|at| rows[*at].0 > before(*at) + 1).unwrap_or(rows.len());
    rows[lone..cut].iter().rposition(|(_, row)| !is_remark(&words(row))).map_or(lone, |last| lone + last + 1)
}

/// Whether a text is a sum's title, a notice or a sentence, not the name of something.
fn is_remark(text: &str) -> bool {
    let first = text.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or("").to_lowercase();
    let count = text.split_whitespace().count();
    let is_sentence = count >= SENTENCE_WORDS && text.ends_with(['.', '!', '?']);
    FOOTER_STARTS.contains(&first.as_str()) || is_sentence || count >= REMARK_WORDS
}

fn filled_cells(row: &[Data]) -> usize {
    row.iter().filter(|cell| **cell != Data::Empty).count()
}

/// The words of a row, one behind the other; nothing where its only cell is a number.
fn words(row: &[Data]) -> String {
    let words = row.iter().filter_map(|cell| if let Data::String(text) = cell { Some(text.trim()) } else { None });
    words.collect::<Vec<_>>().join(" ")
}

/// That rows which are no part of the table were passed over, where there are any.
fn left_out(place: &str, rows: &[&[Data]]) -> Option<Assumption> {
    let told: Vec<String> = rows.iter().map(|row| words(row)).filter(|words| !words.is_empty()).collect();
    lines_left_out(place, &told)
}

/// The sheet that is read, and why that one.
struct Sheet {
    sheet: Range<Data>,
    assumed: Vec<Assumption>,
}

/// The sheet with the most cells.
fn sheet_of(input: &InputPath) -> Result<Sheet, IngestError> {
    let unreadable = |reason: String| IngestError::Unreadable { file: input.name.clone(), reason };
    if input.bytes > MOST_BYTES {
        return Err(unreadable(format!("workbooks of more than {} MB are not read: save it as CSV", MOST_BYTES >> 20)));
    }
    let mut bytes = Vec::new();
    open(input)?.read_to_end(&mut bytes).map_err(|source| io_error(&input.name, source))?;
    let (packed, is_sound) = decoded(|| Ok((packed_workbook::too_large(&bytes), compound::is_sound(&bytes))))
        .map_err(|error| unreadable(error.to_string()))?;
    let too_large = |why: String| {
        let what = format!("is too large to be read: {why}");
        IngestError::TooLarge { file: input.name.clone(), what, hint: "save it as CSV" }
    };
    if let Some(why) = packed {
        return Err(too_large(why));
    }
    if !is_sound {
        return Err(unreadable("its parts run in a circle, or beyond its end: save it as CSV".to_owned()));
    }
    if let Some(why) = record_span::too_large(&bytes) {
        return Err(too_large(why));
    }
    let sheets = decoded(|| {
        let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(std::io::Error::other)?;
        Ok(workbook.worksheets())
    });
    let sheets = sheets.map_err(|error| {
        unreadable(format!("it begins as a workbook (.xlsx, .xls or .ods), but is cut short or damaged ({error})"))
    })?;
    let filled: Vec<_> = sheets.into_iter().filter(|(_, sheet)| !sheet.is_empty()).collect();
    let count = filled.len();
    let largest = filled.into_iter().max_by_key(|(_, sheet)| sheet.used_cells().count());
    let (name, sheet) = largest.ok_or_else(|| IngestError::EmptyFile { file: input.name.clone() })?;
    let what = format!("the sheet {name:?}, the largest of {count}");
    Ok(Sheet { sheet, assumed: (count > 1).then(|| Assumption::doubtful("path", what)).into_iter().collect() })
}

/// A cell of a sheet as a cell of ours.
fn to_cell(cell: &Data) -> RawCell<'static> {
    match cell {
        Data::Int(value) => RawCell::Integer(*value),
        Data::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => RawCell::Integer(*value as i64),
        Data::Float(value) => RawCell::Float(*value),
        Data::Bool(value) => RawCell::Flag(*value),
        Data::DateTime(at) => time(day_number(at)),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => RawCell::owned(text),
        Data::Error(_) | Data::Empty => RawCell::Empty,
    }
}

/// The day number as workbooks count that begin in 1900.
fn day_number(at: &ExcelDateTime) -> f64 {
    let of_1904 = |kind| *at == ExcelDateTime::new(at.as_f64(), kind, true);
    let is_later = of_1904(ExcelDateTimeType::DateTime) || of_1904(ExcelDateTimeType::TimeDelta);
    at.as_f64() + if is_later { LATER_START } else { 0.0 }
}

/// A sheet's day number, with the time of day behind the point, as microseconds.
fn time(days: f64) -> RawCell<'static> {
    let seconds = ((days - FIRST_DAY) * 86_400.0).round();
    if seconds.abs() > 1e12 { RawCell::Empty } else { RawCell::Time(seconds as i64 * 1_000_000, false) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of a table whose header is in line 1, of rows given as line and cells.
    fn end_of(rows: &[(u64, [&str; 4])]) -> usize {
        let cell = |text: &&str| if text.is_empty() { Data::Empty } else { Data::String((*text).to_owned()) };
        let rows: Vec<(u64, Vec<Data>)> =
            rows.iter().map(|(line, cells)| (*line, cells.iter().map(cell).collect())).collect();
        table_end(&rows.iter().map(|(line, cells)| (*line, cells.as_slice())).collect::<Vec<_>>(), 1)
    }

    #[test]
    fn a_last_row_with_one_short_text_directly_beneath_is_a_row() {
        let ann = (2, ["ann", "bob", "North", "x"]);
        assert_eq!(end_of(&[ann, (3, ["bob", "", "", ""])]), 2);
        assert_eq!(end_of(&[ann, (3, ["bob", "", "", ""]), (4, ["Summers, Eve", "", "", ""])]), 3);
        assert_eq!(end_of(&[(2, ["ann", "", "", ""]), (3, ["bob", "", "", ""])]), 2);
        assert_eq!(end_of(&[ann, (3, ["bob", "", "", ""]), (4, ["Total", "", "", ""])]), 2);
        assert_eq!(end_of(&[ann, (3, ["Total Energies", "", "", ""]), (4, ["bob", "", "", ""])]), 3);
        assert_eq!(end_of(&[]), 0);
    }

    #[test]
    fn what_stands_behind_a_blank_row_or_reads_like_a_remark_is_no_row() {
        let ann = (2, ["ann", "bob", "North", "x"]);
        assert_eq!(end_of(&[ann, (4, ["bob", "", "", ""]), (5, ["eve", "", "", ""])]), 1);
        assert_eq!(end_of(&[ann, (3, ["bob", "", "", ""]), (5, ["Source: CRM", "", "", ""])]), 2);
        assert_eq!(end_of(&[ann, (4, ["eve", "ann", "", ""])]), 2);
        for text in [
            "Total:",
            "SUMME",
            "Gesamt 12",
            "Copyright 2026 Acme",
            "Confidential Information - Do Not Distribute",
            "Generated by Acme",
            "All rights are reserved.",
            "Filtered by owner and by closing date",
        ] {
            assert_eq!(end_of(&[ann, (3, [text, "", "", ""])]), 1, "{text}");
        }
    }
}
