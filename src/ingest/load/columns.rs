//! Growing columns, and their way into a polars frame.

use std::borrow::Cow;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use polars::prelude::{
    Column, Float64Chunked, Int32Chunked, Int64Chunked, IntoColumn, NewChunkedArray, StringChunked, UInt32Chunked,
};

use crate::domain::code::Dictionary;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{Id, WordId};
use crate::domain::maybe::{Compact, Maybe};
use crate::ingest::cells::ids::other_form;
use crate::ingest::cells::own_value::{UsualStyle, ValueStyle};
use crate::ingest::tables::code;
use crate::ingest::twice::{ClaimCell, ordered_bits};

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

    /// Appends the texts of later rows.
    pub(crate) fn append(&mut self, later: &Self) {
        let before = self.data.len();
        self.data.push_str(&later.data);
        self.ends.extend(later.ends.iter().map(|end| before + end));
    }

    /// Leaves the texts at `rows`, in that order.
    pub(crate) fn take_rows(&mut self, rows: &[u32]) {
        let mut taken = Self::default();
        rows.iter().for_each(|&row| taken.push(self.get(row as usize)));
        *self = taken;
    }
}

/// Leaves the values at `rows`, in that order.
pub(crate) fn take_rows<T: Copy>(values: &mut Vec<T>, rows: &[u32]) {
    *values = rows.iter().map(|&row| values[row as usize]).collect();
}

/// Row number by the id of a deal or lead.
#[derive(Debug)]
pub(crate) struct IdIndex<T> {
    ids: Texts,
    rows: HashTable<T>,
    hasher: FixedState,
}

impl<T> Default for IdIndex<T> {
    fn default() -> Self {
        Self { ids: Texts::default(), rows: HashTable::new(), hasher: FixedState::default() }
    }
}

impl<T: Id> IdIndex<T> {
    /// The row of `id`, or of the same id as other programs write it.
    pub(crate) fn row(&self, id: &str) -> Option<T> {
        self.written(id).or_else(|| self.written(&other_form(id)?))
    }

    fn written(&self, id: &str) -> Option<T> {
        self.rows.find(self.hasher.hash_one(id), |row| self.ids.get(row.index()) == id).copied()
    }

    /// The rows of `ids`, each of which is there once.
    pub(crate) fn of(ids: Texts) -> Self {
        let (mut rows, hasher) = (HashTable::with_capacity(ids.len()), FixedState::default());
        let hash = |row: &T| hasher.hash_one(ids.get(row.index()));
        for row in (0..ids.len()).map(T::at) {
            rows.insert_unique(hash(&row), row, hash);
        }
        Self { ids, rows, hasher }
    }

    pub(crate) fn ids(&self) -> &Texts {
        &self.ids
    }
}

/// Names with ids of their own: of one chunk until it is appended, or of a whole column.
#[derive(Debug)]
pub(crate) struct Codes<T: Compact = WordId> {
    pub names: Dictionary<T>,
    pub codes: Vec<Maybe<T>>,
}

impl<T: Compact> Default for Codes<T> {
    fn default() -> Self {
        Self { names: Dictionary::default(), codes: Vec::new() }
    }
}

impl<T: Id + Compact> Codes<T> {
    /// Appends a name.
    pub(crate) fn push(&mut self, name: Option<&str>) {
        self.codes.push(name.map(|name| self.names.intern(name)).into());
    }

    /// Appends a chunk's codes.
    pub(crate) fn append(&mut self, part: &Self) {
        let translation = translation(&part.names, |name| self.names.intern(name));
        self.codes.extend(part.codes.iter().map(|code| translate(&translation, *code)));
    }

    /// Leaves out the names for which `is_none` holds: their rows name nothing.
    pub(crate) fn forget(&mut self, is_none: impl Fn(&str) -> bool) {
        if !self.names.names().any(&is_none) {
            return;
        }
        let mut names: Dictionary<T> = Dictionary::default();
        let ids: Vec<Option<T>> = self.names.names().map(|name| (!is_none(name)).then(|| names.intern(name))).collect();
        self.codes.iter_mut().for_each(|code| *code = code.get().and_then(|code| ids[code.index()]).into());
        self.names = names;
    }

    /// Writes every name as `plain` does; where it says nothing, the name stays.
    pub(crate) fn rewrite(&mut self, plain: impl Fn(&str) -> Option<String>) {
        let mut names: Dictionary<T> = Dictionary::default();
        let ids = translation(&self.names, |name| names.intern(plain(name).as_deref().unwrap_or(name)));
        self.codes.iter_mut().for_each(|code| *code = translate(&ids, *code));
        self.names = names;
    }

    /// The name in `row`.
    pub(crate) fn name(&self, row: usize) -> Option<&str> {
        self.names.name(self.codes[row])
    }

    /// Leaves the codes at `rows`, in that order, and gives the names ids in their own order.
    pub(crate) fn take_rows(&mut self, rows: &[u32]) {
        take_rows(&mut self.codes, rows);
        let (names, ids) = self.names.in_name_order();
        self.names = names;
        self.codes.iter_mut().for_each(|code| *code = translate(&ids, *code));
    }
}

/// The ids that names of `from` have in `to`, adding what is new.
pub(crate) fn translation<F: Id + Compact, T>(from: &Dictionary<F>, mut to: impl FnMut(&str) -> T) -> Vec<T> {
    from.names().map(&mut to).collect()
}

/// `id` through a [`translation`]; none stays none.
pub(crate) fn translate<F: Id + Compact, T: Compact>(translation: &[T], id: Maybe<F>) -> Maybe<T> {
    id.get().and_then(|id| translation.get(id.index()).copied()).into()
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

    /// Writes numbers and dates of a text column as later stages read them; returns how they stood there.
    pub(crate) fn make_plain(&mut self, usual: UsualStyle) -> Option<ValueStyle> {
        match self {
            Self::Numbers(_) => Some(ValueStyle::Number('.')),
            Self::Text(codes) => {
                let style = ValueStyle::of(&codes.names.names().collect::<Vec<&str>>(), usual)?;
                codes.rewrite(|name| style.plain(name));
                Some(style)
            }
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
            Self::Text(codes) => codes.codes.resize(rows.max(codes.codes.len()), Maybe::NONE),
            Self::Numbers(numbers) => numbers.resize(rows.max(numbers.len()), f64::NAN),
        }
    }

    /// Appends a part. Where one file has numbers and another text, all becomes text.
    pub(crate) fn append(&mut self, part: Self) {
        match (&mut *self, part) {
            (Self::Text(own), Self::Text(part)) => own.append(&part),
            (Self::Numbers(own), Self::Numbers(part)) => own.extend(part),
            (Self::Text(own), Self::Numbers(part)) => own.append(&as_text(&part)),
            (Self::Numbers(own), Self::Text(part)) => {
                let mut all = as_text(own);
                all.append(&part);
                *self = Self::Text(all);
            }
        }
    }

    /// Leaves the cells at `rows`, in that order.
    pub(crate) fn take_rows(&mut self, rows: &[u32]) {
        match self {
            Self::Text(codes) => codes.take_rows(rows),
            Self::Numbers(numbers) => take_rows(numbers, rows),
        }
    }

    /// The cell in `row`.
    pub(crate) fn cell(&self, row: usize) -> ClaimCell {
        match self {
            Self::Text(codes) => ClaimCell::word(codes.name(row)),
            Self::Numbers(numbers) => {
                let number = Some(numbers[row]).filter(|number| !number.is_nan());
                ClaimCell::number(number.map(ordered_bits))
            }
        }
    }

    /// The cell in `row` as text; none where it is empty.
    pub(crate) fn text(&self, row: usize) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(codes) => codes.name(row).map(Cow::Borrowed),
            Self::Numbers(numbers) => Some(numbers[row]).filter(|of| !of.is_nan()).map(|of| of.to_string().into()),
        }
    }

    /// The column and, for text, its dictionary.
    pub(crate) fn into_column(mut self, name: &str, rows: usize) -> (Column, Option<Dictionary>) {
        debug_assert!(self.len() <= rows);
        self.pad(rows);
        match self {
            Self::Text(codes) => (code_column(name, &codes.codes), Some(codes.names)),
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

pub(crate) fn code_column<T: Id + Compact>(name: &str, ids: &[Maybe<T>]) -> Column {
    optional_code_column(name, ids.iter().map(|id| id.get().map(code)))
}

/// A column without nulls has no bitmap: it is smaller, and read faster.
pub(crate) fn optional_code_column(name: &str, codes: impl Iterator<Item = Option<u32>> + Clone) -> Column {
    let column = if codes.clone().all(|code| code.is_some()) {
        UInt32Chunked::from_vec(name.into(), codes.flatten().collect())
    } else {
        UInt32Chunked::from_iter_options(name.into(), codes)
    };
    column.into_column()
}

pub(crate) fn moment_column(name: &str, moments: &[Maybe<Moment>]) -> Column {
    integer_column(name, moments.iter().map(|at| at.get().map(|at| at.0)))
}

pub(crate) fn amount_column(name: &str, amounts: &[Maybe<i64>]) -> Column {
    integer_column(name, amounts.iter().map(|minor| minor.get()))
}

fn integer_column(name: &str, values: impl Iterator<Item = Option<i64>> + Clone) -> Column {
    let column = if values.clone().all(|value| value.is_some()) {
        Int64Chunked::from_vec(name.into(), values.flatten().collect())
    } else {
        Int64Chunked::from_iter_options(name.into(), values)
    };
    column.into_column()
}

pub(crate) fn day_column(name: &str, days: &[Maybe<Day>]) -> Column {
    Int32Chunked::from_iter_options(name.into(), days.iter().map(|day| day.get().map(|day| day.0))).into_column()
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
    use crate::domain::ids::RowIx;

    #[test]
    fn ids_get_consecutive_rows_and_keep_them() {
        let mut ids = Texts::default();
        (0..1000).for_each(|i| ids.push(&format!("d{i}")));
        let index: IdIndex<RowIx> = IdIndex::of(ids);
        assert_eq!((index.row("d999"), index.row("d1000")), (Some(RowIx::at(999)), None));
    }

    #[test]
    fn numbers_and_text_of_one_column_meet_as_text() {
        let mut text: Codes = Codes::default();
        text.push(Some("x"));
        text.push(None);
        let mut extra = Extra::Numbers(vec![1.5, f64::NAN]);
        extra.append(Extra::Text(text));
        extra.append(Extra::Numbers(vec![1.5]));
        let Extra::Text(codes) = extra else { panic!("text") };
        let names: Vec<_> = codes.codes.iter().map(|code| codes.names.name(*code)).collect();
        assert_eq!(names, [Some("1.5"), None, Some("x"), None, Some("1.5")]);
    }
}
