//! A column that says of what sort a deal is: words or numbers, whose names only the input knows.
//!
//! Words come with the dictionary behind them, so that the ids of one column are never looked up in another's.

use polars::prelude::{Float64Chunked, UInt32Chunked};

use crate::domain::code::Dictionary;
use crate::domain::ids::{RowIx, WordId};
use crate::domain::maybe::Maybe;

/// A column of the deals table that describes them.
#[derive(Clone, Copy, Debug)]
pub enum Attribute<'a> {
    /// Words.
    Words(Words<'a>),
    /// Numbers.
    Numbers(Numbers<'a>),
}

/// A column of words.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    cells: &'a UInt32Chunked,
    names: &'a Dictionary,
}

/// A column of numbers.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<'a> {
    cells: &'a Float64Chunked,
}

impl<'a> Words<'a> {
    pub(super) fn of(cells: &'a UInt32Chunked, names: &'a Dictionary) -> Self {
        Self { cells, names }
    }

    /// The words there are.
    #[must_use]
    pub fn names(self) -> &'a Dictionary {
        self.names
    }

    /// The word in `row`.
    #[must_use]
    pub fn name(self, row: RowIx) -> Option<&'a str> {
        self.names.name(self.id(row))
    }

    /// The word in `row`, by its id in [`Words::names`].
    #[must_use]
    pub fn id(self, row: RowIx) -> Maybe<WordId> {
        let cell = if row.index() < self.cells.len() { self.cells.get(row.index()) } else { None };
        id_of(cell)
    }

    /// The words of all rows, by id.
    #[must_use]
    pub fn ids(self) -> Vec<Maybe<WordId>> {
        self.cells.iter().map(id_of).collect()
    }
}

fn id_of(cell: Option<u32>) -> Maybe<WordId> {
    cell.map(|code| WordId::at(code as usize)).into()
}

impl<'a> Numbers<'a> {
    pub(super) fn of(cells: &'a Float64Chunked) -> Self {
        Self { cells }
    }

    /// The number in `row`.
    #[must_use]
    pub fn get(self, row: RowIx) -> Option<f64> {
        if row.index() < self.cells.len() { self.cells.get(row.index()) } else { None }
    }

    /// The numbers of all rows.
    pub fn iter(self) -> impl Iterator<Item = Option<f64>> + use<'a> {
        self.cells.iter()
    }
}
