//! A row as it was understood, cell by cell in the order of its table's columns, and where it stands.
//!
//! Cells have an order of their own, which rests on what they say and on nothing else. Which of several rows counts is
//! decided in `settling`.

use rust_decimal::Decimal;

use crate::domain::day::Moment;

/// Where a row stands: file by its position among the table's files, then line (CSV) or row (Parquet).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowPlace {
    pub file: u32,
    pub line: u32,
}

/// What a cell says. Smaller numbers, earlier dates and earlier words come first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ClaimCell {
    Empty,
    Number(i128),
    Rate(Decimal),
    Word(String),
}

impl ClaimCell {
    /// A number, if there is one.
    pub(crate) fn number(number: Option<impl Into<i128>>) -> Self {
        number.map_or(Self::Empty, |number| Self::Number(number.into()))
    }

    /// A word, if there is one.
    pub(crate) fn word(word: Option<&str>) -> Self {
        word.map_or(Self::Empty, |word| Self::Word(word.to_owned()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// As it is quoted in messages; numbers stand for dates and amounts and are not.
    pub(super) fn quoted(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Empty | Self::Number(_) | Self::Rate(_) => None,
        }
    }
}

/// A number with the order of `number`; not-a-number comes last.
pub(crate) fn ordered_bits(number: f64) -> i64 {
    let bits = number.to_bits() as i64;
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

/// A row that claims to say how something is.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub cells: Vec<ClaimCell>,
    pub place: RowPlace,
    /// When the row was last changed, where the mapping says so: the latest counts.
    pub changed: Option<Moment>,
}

/// A row of a table of few rows.
pub(crate) trait TableRow {
    /// Its cells, in the order of the table's columns.
    fn cells(&self) -> Vec<ClaimCell>;
}
