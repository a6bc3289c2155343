//! Consecutive rows of a file as [`RawChunk`]s of [`RawCell`]s: CSV text and Parquet arrays behind one face.
//!
//! Does not know what a column means.

use std::borrow::Cow;

use arrow::array::TimestampMicrosecondArray;
use arrow::array::{Array, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray};

use crate::domain::day::MICROS_PER_DAY;
use crate::ingest::cells::escapes::without_formula;

/// What stands in one row and column.
#[derive(Clone, Debug, PartialEq)]
pub enum RawCell<'a> {
    /// Nothing.
    Empty,
    /// Text, trimmed and not empty.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Mantissa and scale of a decimal number.
    Decimal(i128, i8),
    /// Microseconds since 1970-01-01T00:00; an instant in UTC if `true`, else a wall-clock time.
    Time(i64, bool),
    /// A truth value.
    Flag(bool),
}

impl<'a> RawCell<'a> {
    /// The trimmed text, [`RawCell::Empty`] if nothing is left.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        // white space is rarely there, and then usually ASCII
        let bare = |b: Option<&u8>| b.is_none_or(u8::is_ascii_graphic);
        let text = if bare(text.as_bytes().first()) && bare(text.as_bytes().last()) { text } else { trimmed(text) };
        let text = if text.starts_with('=') { without_formula(text) } else { text };
        if text.is_empty() { Self::Empty } else { Self::Text(Cow::Borrowed(text)) }
    }

    /// The same of a text nobody else holds on to.
    #[must_use]
    pub fn owned(text: &str) -> RawCell<'static> {
        let text = without_formula(trimmed(text));
        if text.is_empty() { RawCell::Empty } else { RawCell::Text(Cow::Owned(text.to_owned())) }
    }

    /// Whether nothing stands there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The cell as text, `None` if empty.
    #[must_use]
    pub fn text(self) -> Option<Cow<'a, str>> {
        Some(match self {
            Self::Empty => return None,
            Self::Text(text) => text,
            Self::Integer(value) => value.to_string().into(),
            Self::Float(value) => value.to_string().into(),
            Self::Decimal(mantissa, scale) => decimal_text(mantissa, scale).into(),
            Self::Time(micros, _) => time_text(micros).into(),
            Self::Flag(value) => if value { "true" } else { "false" }.into(),
        })
    }
}

/// Text without blanks and marks nobody sees at its ends.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}'))
}

fn decimal_text(mantissa: i128, scale: i8) -> String {
    let Ok(scale) = usize::try_from(scale) else {
        return format!("{mantissa}{}", "0".repeat(usize::from(scale.unsigned_abs())));
    };
    let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let sign = if mantissa < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

fn time_text(micros: i64) -> String {
    let Ok(at) = jiff::Timestamp::from_microsecond(micros) else { return format!("{micros} microseconds after 1970") };
    let civil = at.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    if civil.time() == jiff::civil::Time::midnight() { civil.date().to_string() } else { civil.to_string() }
}

/// A line whose number of cells is not the header's.
#[derive(Clone, Debug)]
pub struct Ragged {
    /// Line it starts on.
    pub line: u64,
    /// Cells found.
    pub cells: usize,
    /// Its beginning.
    pub text: String,
}

/// Some consecutive rows of one file.
#[derive(Debug)]
pub struct RawChunk {
    pub(super) body: Body,
    /// Lines that could not be rows, in file order.
    pub ragged: Vec<Ragged>,
    /// Whether bytes were not text in the file's encoding.
    pub undecodable: bool,
}

/// The cells of a chunk, as its file stores them.
#[derive(Debug)]
pub(super) enum Body {
    Text {
        data: String,
        ends: Vec<u32>,
        lines: Vec<u64>,
        width: usize,
    },
    Arrays {
        columns: Vec<ArrayColumn>,
        first_row: u64,
        rows: usize,
    },
    /// Row by row; what a workbook holds may differ from cell to cell.
    Cells {
        cells: Vec<RawCell<'static>>,
        lines: Vec<u64>,
        width: usize,
    },
}

/// A Parquet column in one of the types cells come in.
#[derive(Debug)]
pub(super) enum ArrayColumn {
    Text(StringArray),
    Integer(Int64Array),
    Float(Float64Array),
    Decimal(Decimal128Array, i8),
    Time(TimestampMicrosecondArray, bool),
    Day(Date32Array),
    Flag(BooleanArray),
    Unread,
}

impl RawChunk {
    /// Number of rows, ragged ones left out.
    #[must_use]
    pub fn rows(&self) -> usize {
        match &self.body {
            Body::Text { lines, .. } | Body::Cells { lines, .. } => lines.len(),
            Body::Arrays { rows, .. } => *rows,
        }
    }

    /// Line (CSV) or row number (Parquet) in the file, from 1.
    #[must_use]
    pub fn line(&self, row: usize) -> u64 {
        match &self.body {
            Body::Text { lines, .. } | Body::Cells { lines, .. } => lines[row],
            Body::Arrays { first_row, .. } => first_row + row as u64,
        }
    }

    /// The line of the first row, 0 if there is none.
    #[must_use]
    pub fn first_line(&self) -> u64 {
        if self.rows() == 0 { 0 } else { self.line(0) }
    }

    /// The cell of `row` in the file's column `column`.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> RawCell<'_> {
        match &self.body {
            Body::Text { data, ends, width, .. } => {
                let i = row * width + column;
                let start = if i == 0 { 0 } else { ends[i - 1] as usize };
                RawCell::of(&data[start..ends[i] as usize])
            }
            Body::Arrays { columns, .. } => columns[column].cell(row),
            Body::Cells { cells, width, .. } => cells[row * width + column].clone(),
        }
    }

    /// Whether `column` holds numbers by its type (never in CSV).
    #[must_use]
    pub fn is_number(&self, column: usize) -> bool {
        use ArrayColumn::{Decimal, Float, Integer};
        match &self.body {
            Body::Text { .. } | Body::Cells { .. } => false,
            Body::Arrays { columns, .. } => matches!(columns[column], Integer(_) | Float(_) | Decimal(..)),
        }
    }
}

impl ArrayColumn {
    fn cell(&self, row: usize) -> RawCell<'_> {
        let array: &dyn Array = match self {
            Self::Text(array) => array,
            Self::Integer(array) => array,
            Self::Float(array) => array,
            Self::Decimal(array, _) => array,
            Self::Time(array, _) => array,
            Self::Day(array) => array,
            Self::Flag(array) => array,
            Self::Unread => return RawCell::Empty,
        };
        if array.is_null(row) {
            return RawCell::Empty;
        }
        match self {
            Self::Text(array) => RawCell::of(array.value(row)),
            Self::Integer(array) => RawCell::Integer(array.value(row)),
            Self::Float(array) if array.value(row).is_nan() => RawCell::Empty,
            Self::Float(array) => RawCell::Float(array.value(row)),
            Self::Decimal(array, scale) => RawCell::Decimal(array.value(row), *scale),
            Self::Time(array, zoned) => RawCell::Time(array.value(row), *zoned),
            Self::Day(array) => RawCell::Time(i64::from(array.value(row)).saturating_mul(MICROS_PER_DAY), false),
            Self::Flag(array) => RawCell::Flag(array.value(row)),
            Self::Unread => RawCell::Empty,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_as_people_write_them() {
        assert_eq!(decimal_text(-1205, 2), "-12.05");
        assert_eq!(decimal_text(5, 3), "0.005");
        assert_eq!(decimal_text(12, -2), "1200");
        assert_eq!(RawCell::Float(123.0).text().as_deref(), Some("123"));
        assert_eq!(
            RawCell::Time(i64::MAX, false).text().as_deref(),
            Some("9223372036854775807 microseconds after 1970")
        );
        assert_eq!(RawCell::Time(1_771_027_200_000_000, false).text().as_deref(), Some("2026-02-14"));
    }
}
