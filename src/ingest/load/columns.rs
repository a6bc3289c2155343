//! Growing columns, and their way into a polars frame.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use polars::prelude::{
    Column, Float64Chunked, Int32Chunked, Int64Chunked, IntoColumn, NewChunkedArray, StringChunked, UInt32Chunked,
};

use crate::domain::code::{Dictionary, NO_AMOUNT, NO_CODE, NO_DAY};

/// Many texts in one allocation. Empty text stands for none.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    data: String,
    ends: Vec<usize>,
}

impl Texts {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.data.push_str(text);
        self.ends.push(self.data.len());
    }

    pub(crate) fn get(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.data[start..self.ends[i]]
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i))
    }
}

/// Row number by the id of a deal or lead.
#[derive(Debug, Default)]
pub(crate) struct IdIndex {
    ids: Texts,
    rows: HashTable<u32>,
    hasher: FixedState,
}

impl IdIndex {
    pub(crate) fn row(&self, id: &str) -> Option<u32> {
        self.rows.find(self.hasher.hash_one(id), |row| self.ids.get(*row as usize) == id).copied()
    }

    /// Gives `id` the next row number; `false` if it has one already.
    pub(crate) fn add(&mut self, id: &str) -> bool {
        if self.row(id).is_some() {
            return false;
        }
        let row = self.ids.len() as u32;
        self.ids.push(id);
        let (ids, hasher) = (&self.ids, &self.hasher);
        self.rows.insert_unique(hasher.hash_one(id), row, |row| hasher.hash_one(ids.get(*row as usize)));
        true
    }

    pub(crate) fn ids(&self) -> &Texts {
        &self.ids
    }
}

/// Names with codes of their own: of one chunk until it is appended, or of a whole column.
#[derive(Debug, Default)]
pub(crate) struct Codes {
    pub names: Dictionary,
    pub codes: Vec<u32>,
}

impl Codes {
    /// Appends a name.
    pub(crate) fn push(&mut self, name: Option<&str>) {
        self.codes.push(name.map_or(NO_CODE, |name| self.names.intern(name)));
    }

    /// Appends the kept rows of a chunk's codes.
    pub(crate) fn append(&mut self, part: &Self, keep: &[bool]) {
        let translation = translation(&part.names, |name| self.names.intern(name));
        self.codes.extend(kept(&part.codes, keep).map(|code| translate(&translation, code)));
    }
}

/// The codes that names of `from` have in `to`, adding what is new.
pub(crate) fn translation(from: &Dictionary, mut to: impl FnMut(&str) -> u32) -> Vec<u32> {
    from.names().map(&mut to).collect()
}

/// `code` through a [`translation`]; no code stays no code.
pub(crate) fn translate(translation: &[u32], code: u32) -> u32 {
    translation.get(code as usize).copied().unwrap_or(NO_CODE)
}

/// The kept ones of a part's values.
pub(crate) fn kept<'a, T: Copy>(values: &'a [T], keep: &'a [bool]) -> impl Iterator<Item = T> + 'a {
    values.iter().zip(keep).filter(|(_, keep)| **keep).map(|(value, _)| *value)
}

/// A column the contract does not know.
#[derive(Debug)]
pub(crate) enum Extra {
    Text(Codes),
    Numbers(Vec<f64>),
}

impl Extra {
    pub(crate) fn empty_like(other: &Self) -> Self {
        match other {
            Self::Text(_) => Self::Text(Codes::default()),
            Self::Numbers(_) => Self::Numbers(Vec::new()),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Text(codes) => codes.codes.len(),
            Self::Numbers(numbers) => numbers.len(),
        }
    }

    /// Fills up with nulls.
    pub(crate) fn pad(&mut self, rows: usize) {
        match self {
            Self::Text(codes) => codes.codes.resize(rows.max(codes.codes.len()), NO_CODE),
            Self::Numbers(numbers) => numbers.resize(rows.max(numbers.len()), f64::NAN),
        }
    }

    /// Appends a part. Where one file has numbers and another text, all becomes text.
    pub(crate) fn append(&mut self, part: Self, keep: &[bool]) {
        match (&mut *self, part) {
            (Self::Text(own), Self::Text(part)) => own.append(&part, keep),
            (Self::Numbers(own), Self::Numbers(part)) => own.extend(kept(&part, keep)),
            (Self::Text(own), Self::Numbers(part)) => own.append(&as_text(&part), keep),
            (Self::Numbers(own), Self::Text(part)) => {
                let mut all = as_text(own);
                all.append(&part, keep);
                *self = Self::Text(all);
            }
        }
    }

    /// The column and, for text, its dictionary.
    pub(crate) fn into_column(mut self, name: &str, rows: usize) -> (Column, Option<Dictionary>) {
        debug_assert!(self.len() <= rows);
        self.pad(rows);
        match self {
            Self::Text(codes) => (code_column(name, codes.codes), Some(codes.names)),
            Self::Numbers(numbers) => (number_column(name, numbers), None),
        }
    }
}

fn as_text(numbers: &[f64]) -> Codes {
    let mut codes = Codes::default();
    for number in numbers {
        let text = (!number.is_nan()).then(|| number.to_string());
        codes.push(text.as_deref());
    }
    codes
}

pub(crate) fn code_column(name: &str, codes: Vec<u32>) -> Column {
    let column = if codes.contains(&NO_CODE) {
        UInt32Chunked::from_iter_options(name.into(), codes.into_iter().map(|code| (code != NO_CODE).then_some(code)))
    } else {
        UInt32Chunked::from_vec(name.into(), codes)
    };
    column.into_column()
}

pub(crate) fn integer_column(name: &str, values: Vec<i64>) -> Column {
    let column = if values.contains(&NO_AMOUNT) {
        Int64Chunked::from_iter_options(
            name.into(),
            values.into_iter().map(|value| (value != NO_AMOUNT).then_some(value)),
        )
    } else {
        Int64Chunked::from_vec(name.into(), values)
    };
    column.into_column()
}

pub(crate) fn day_column(name: &str, days: Vec<i32>) -> Column {
    Int32Chunked::from_iter_options(name.into(), days.into_iter().map(|day| (day != NO_DAY).then_some(day)))
        .into_column()
}

pub(crate) fn number_column(name: &str, numbers: Vec<f64>) -> Column {
    let numbers = numbers.into_iter().map(|number| (!number.is_nan()).then_some(number));
    Float64Chunked::from_iter_options(name.into(), numbers).into_column()
}

pub(crate) fn text_column(name: &str, texts: &Texts) -> Column {
    let texts = texts.iter().map(|text| (!text.is_empty()).then_some(text));
    StringChunked::from_iter_options(name.into(), texts).into_column()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_get_consecutive_rows_and_keep_them() {
        let mut index = IdIndex::default();
        assert!((0..1000).all(|i| index.add(&format!("d{i}"))));
        assert!(!index.add("d7"));
        assert_eq!((index.row("d999"), index.row("d1000")), (Some(999), None));
    }

    #[test]
    fn numbers_and_text_of_one_column_meet_as_text() {
        let mut text = Codes::default();
        text.push(Some("x"));
        text.push(None);
        let mut extra = Extra::Numbers(vec![1.5, f64::NAN]);
        extra.append(Extra::Text(text), &[true, true]);
        extra.append(Extra::Numbers(vec![1.5]), &[true]);
        let Extra::Text(codes) = extra else { panic!("text") };
        let names: Vec<_> = codes.codes.iter().map(|code| codes.names.name(*code)).collect();
        assert_eq!(names, [Some("1.5"), None, Some("x"), None, Some("1.5")]);
    }
}
