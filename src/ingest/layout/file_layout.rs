//! Where each canonical column comes from in one file, and its cells with mapping, translation and constants applied.
//!
//! Made by `draft`; changes nothing about the file.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::domain::day::Day;
use crate::domain::inputs::InputSpec;
use crate::ingest::assumption::Assumption;
use crate::ingest::cells::escapes::without_html;
use crate::ingest::cells::nothing::is_null;
use crate::ingest::decode::chunk::{RawCell, RawChunk};
use crate::ingest::file_columns::FileColumns;
use crate::ingest::layout::mapping::{CellTest, Join, KeyColumn, Mapping};

/// Where the canonical columns of a table come from in one file.
#[derive(Debug)]
pub struct FileLayout {
    /// Name of the file, for messages.
    pub file: String,
    /// By position in the table's spec; `None` where the file has no such column.
    pub(super) fields: Vec<Option<Mapping>>,
    /// Columns the contract does not name.
    pub(super) extras: Vec<(String, Mapping)>,
    pub(super) headers: Vec<String>,
    pub(super) width: usize,
    pub(super) joins: Vec<Join>,
    pub(super) filters: Vec<CellTest>,
    pub(super) nulls: BTreeSet<String>,
    /// Columns of the file that are read into nothing, where rows are told apart by all of their cells.
    pub(super) unread: Vec<usize>,
    /// Columns that hold the day a deal entered a stage, with the stage.
    pub(super) entered: Vec<(usize, String)>,
    /// The column with the moment a row was last changed.
    pub(super) newest_by: Option<usize>,
    /// Columns without a name.
    pub(super) unnamed: Vec<usize>,
    /// Canonical columns found under one of their other names, with the name.
    pub(super) found_as: Vec<(&'static str, String)>,
    /// The day of the copy, where the file is one and its rows do not say it.
    pub(super) copied_on: Option<Day>,
}

impl FileLayout {
    /// Whether the file has the canonical column at `field`.
    #[must_use]
    pub fn has(&self, field: usize) -> bool {
        self.fields.get(field).and_then(Option::as_ref).is_some_and(Mapping::is_filled)
    }

    /// What the file calls the canonical column at `field`; `canonical` where it is made of several.
    #[must_use]
    pub fn name_of<'a>(&'a self, field: usize, canonical: &'a str) -> &'a str {
        match self.fields.get(field).and_then(Option::as_ref).map(|mapping| mapping.slots.as_slice()) {
            Some([slot]) => self.headers.get(*slot).map_or(canonical, String::as_str),
            _ => canonical,
        }
    }

    /// Canonical columns that were recognised by one of their other names, if any.
    #[must_use]
    pub fn assumed_columns(&self) -> Option<Assumption> {
        let told = self.found_as.iter().map(|(column, header)| format!("{header:?} as {column}"));
        let told: Vec<String> = told.collect();
        (!told.is_empty()).then(|| Assumption::plain("columns", told.join(", ")))
    }

    /// Names of the columns that are read into nothing.
    #[must_use]
    pub fn unread_columns(&self) -> Vec<String> {
        let is_tested = |slot: &usize| self.filters.iter().any(|test| test.slot == *slot);
        let unread = self.unread.iter().filter(|slot| !is_tested(slot));
        unread.map(|slot| self.headers[*slot].clone()).filter(|header| !header.is_empty()).collect()
    }

    /// The stages with a column of their own, and the cell that says when the deal of a row entered it.
    pub fn entered<'a>(&'a self, chunk: &'a RawChunk, row: usize) -> impl Iterator<Item = (&'a str, RawCell<'a>)> {
        self.entered.iter().map(move |(slot, stage)| (stage.as_str(), self.raw(chunk, row, *slot)))
    }

    /// The cell that says when a row was last changed, where the mapping names its column.
    pub fn newest<'a>(&'a self, chunk: &'a RawChunk, row: usize) -> Option<RawCell<'a>> {
        self.newest_by.map(|slot| self.raw(chunk, row, slot))
    }

    /// Whether the mapping names a column with the moment a row was last changed.
    #[must_use]
    pub fn has_newest(&self) -> bool {
        self.newest_by.is_some()
    }

    /// Columns that are read, with what the file calls them, and the file's own.
    #[must_use]
    pub(crate) fn columns(&self, spec: &InputSpec) -> FileColumns {
        let read = spec.column_names().enumerate().filter(|(field, _)| self.has(*field));
        let read = read.map(|(field, name)| (name.to_owned(), self.name_of(field, name).to_owned()));
        let own = if spec.further_columns { self.extras().map(str::to_owned).collect() } else { BTreeSet::new() };
        FileColumns { file: self.file.clone(), read: read.collect(), own }
    }

    /// Whether rows are deals, with a column for every stage.
    #[must_use]
    pub fn has_entered(&self) -> bool {
        !self.entered.is_empty()
    }

    /// Positions of the columns without a name.
    pub fn unnamed(&self) -> &[usize] {
        &self.unnamed
    }

    /// The day of the copy, where the file is one and its rows do not say it.
    #[must_use]
    pub fn copied_on(&self) -> Option<Day> {
        self.copied_on
    }

    /// Columns of the file.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Names of the columns of the file itself.
    #[must_use]
    pub fn own_headers(&self) -> &[String] {
        &self.headers[..self.width]
    }

    /// Names of the columns the contract does not know.
    pub fn extras(&self) -> impl ExactSizeIterator<Item = &str> {
        self.extras.iter().map(|(name, _)| name.as_str())
    }

    /// Whether extra column `i` holds numbers by its type.
    #[must_use]
    pub fn extra_is_number(&self, chunk: &RawChunk, i: usize) -> bool {
        let mapping = &self.extras[i].1;
        let plain = mapping.values.is_empty() && mapping.constant.is_none();
        matches!(mapping.slots.as_slice(), [slot] if plain && *slot < self.width && chunk.is_number(*slot))
    }

    /// The cell of a canonical column, with mapping, translation and constants applied.
    #[must_use]
    pub fn cell<'a>(&'a self, chunk: &'a RawChunk, row: usize, field: usize) -> RawCell<'a> {
        match self.fields.get(field) {
            Some(Some(mapping)) => self.mapped(chunk, row, mapping),
            _ => RawCell::Empty,
        }
    }

    /// A number for the cells of a row that are read into nothing, whatever the order of their columns; 0 where there is none.
    #[must_use]
    pub fn unread(&self, chunk: &RawChunk, row: usize) -> u64 {
        if self.unread.is_empty() {
            return 0;
        }
        let hasher = FixedState::default();
        let cells =
            self.unread.iter().filter_map(|&slot| Some((&self.headers[slot], self.raw(chunk, row, slot).text()?)));
        cells.fold(0, |sum, cell| sum.wrapping_add(hasher.hash_one(cell)))
    }

    /// The cells of a row that are read into nothing, with the names of their columns.
    pub fn unread_cells<'a>(&'a self, chunk: &'a RawChunk, row: usize) -> impl Iterator<Item = (&'a str, RawCell<'a>)> {
        self.unread.iter().map(move |&slot| (self.headers[slot].as_str(), self.raw(chunk, row, slot)))
    }

    /// The cell of extra column `i`.
    #[must_use]
    pub fn extra<'a>(&'a self, chunk: &'a RawChunk, row: usize, i: usize) -> RawCell<'a> {
        self.mapped(chunk, row, &self.extras[i].1)
    }

    /// `text` as the `values` of the canonical column at `field` translate it.
    #[must_use]
    pub fn translate<'a>(&'a self, field: usize, cell: RawCell<'a>) -> RawCell<'a> {
        match self.fields.get(field) {
            Some(Some(mapping)) => translated(mapping, cell),
            _ => cell,
        }
    }

    /// The first filter the row does not pass: column, cell.
    #[must_use]
    pub fn filtered<'a>(&'a self, chunk: &'a RawChunk, row: usize) -> Option<(&'a str, RawCell<'a>)> {
        let test = self.filters.iter().find(|test| !self.holds(chunk, row, test))?;
        Some((&self.headers[test.slot], self.raw(chunk, row, test.slot)))
    }

    fn mapped<'a>(&'a self, chunk: &'a RawChunk, row: usize, mapping: &'a Mapping) -> RawCell<'a> {
        // nearly every column of nearly every file
        if let (true, [slot]) = (mapping.plain, mapping.slots.as_slice()) {
            return self.raw(chunk, row, *slot);
        }
        let mut cell = RawCell::Empty;
        if mapping.when.as_ref().is_none_or(|test| self.holds(chunk, row, test)) {
            cell = match &mapping.joined {
                None => self.first_filled(chunk, row, mapping),
                Some(with) => self.joined(chunk, row, mapping, with),
            };
        }
        if !mapping.json.is_empty() {
            cell = of_json(cell, &mapping.json);
        }
        if let Some(mark) = &mapping.behind {
            cell = behind(cell, mark);
        }
        if !mapping.values.is_empty() {
            cell = translated(mapping, cell);
        }
        match (&cell, &mapping.constant) {
            (RawCell::Empty, Some(constant)) => RawCell::Text(Cow::Borrowed(constant)),
            _ => cell,
        }
    }

    fn first_filled<'a>(&'a self, chunk: &'a RawChunk, row: usize, mapping: &'a Mapping) -> RawCell<'a> {
        for &slot in &mapping.slots {
            let cell = self.raw(chunk, row, slot);
            if !cell.is_empty() && !is_one_of(&cell, &mapping.except) {
                return cell;
            }
        }
        RawCell::Empty
    }

    fn joined<'a>(&'a self, chunk: &'a RawChunk, row: usize, mapping: &'a Mapping, with: &str) -> RawCell<'a> {
        let parts = mapping.slots.iter().map(|&slot| self.raw(chunk, row, slot));
        let parts: Vec<Cow<'a, str>> =
            parts.filter(|cell| !is_one_of(cell, &mapping.except)).filter_map(RawCell::text).collect();
        if parts.is_empty() { RawCell::Empty } else { RawCell::Text(Cow::Owned(parts.join(with))) }
    }

    fn raw<'a>(&'a self, chunk: &'a RawChunk, row: usize, slot: usize) -> RawCell<'a> {
        let cell = if slot < self.width { chunk.cell(row, slot) } else { self.looked_up(chunk, row, slot) };
        match cell {
            RawCell::Text(text) if self.is_null(&text) => RawCell::Empty,
            RawCell::Text(text) => RawCell::Text(without_html(text)),
            _ => cell,
        }
    }

    fn is_null(&self, text: &str) -> bool {
        is_null(text) || is_zero_date(text) || (!self.nulls.is_empty() && self.nulls.contains(text))
    }

    fn looked_up<'a>(&'a self, chunk: &'a RawChunk, row: usize, slot: usize) -> RawCell<'a> {
        let Some(join) = self.joins.iter().rev().find(|join| join.first_slot <= slot) else { return RawCell::Empty };
        let key = match join.key {
            KeyColumn::Field(field) => self.cell(chunk, row, field),
            KeyColumn::Slot(slot) => self.raw(chunk, row, slot),
        };
        let found = key.text().and_then(|key| join.table.get(&key, slot - join.first_slot));
        found.map_or(RawCell::Empty, RawCell::of)
    }

    fn holds(&self, chunk: &RawChunk, row: usize, test: &CellTest) -> bool {
        let cell = self.raw(chunk, row, test.slot);
        let condition = &test.condition;
        condition.filled.is_none_or(|filled| filled != cell.is_empty())
            && condition.any_of.as_ref().is_none_or(|any| is_one_of(&cell, any))
            && !is_one_of(&cell, &condition.none_of)
    }
}

/// `0000-00-00`, `00/00/0000`, alone or with midnight: how databases write a date that was never set.
fn is_zero_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() < 10 || bytes[0] != b'0' || bytes[1] != b'0' {
        return false;
    }
    let (date, clock) = bytes.split_at(10);
    let is_mark = |b: &&u8| matches!(b, b'-' | b'/' | b'.');
    date.iter().all(|b| *b == b'0' || is_mark(&b))
        && date.iter().filter(is_mark).count() == 2
        && clock.iter().all(|b| matches!(b, b'0' | b':' | b'.' | b' ' | b'T' | b'Z'))
}

fn is_one_of(cell: &RawCell<'_>, words: &[String]) -> bool {
    !words.is_empty()
        && cell.clone().text().is_some_and(|text| words.iter().any(|word| word.eq_ignore_ascii_case(&text)))
}

/// What stands behind the first `mark`; the whole cell where there is none.
fn behind<'a>(cell: RawCell<'a>, mark: &str) -> RawCell<'a> {
    let rest = cell.clone().text().and_then(|text| text.split_once(mark).map(|(_, rest)| rest.to_owned()));
    rest.map_or(cell, |rest| RawCell::owned(&rest))
}

/// What a JSON object says under the first of `keys` it has a plain value for.
fn of_json<'a>(cell: RawCell<'_>, keys: &[String]) -> RawCell<'a> {
    use serde_json::Value;
    let Some(text) = cell.text() else { return RawCell::Empty };
    let Ok(object) = serde_json::from_str::<Value>(&text) else { return RawCell::Empty };
    let plain = |key: &String| match object.get(key)? {
        Value::String(text) => Some(RawCell::owned(text)),
        value @ (Value::Number(_) | Value::Bool(_)) => Some(RawCell::owned(&value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    keys.iter().find_map(plain).unwrap_or(RawCell::Empty)
}

fn translated<'a>(mapping: &'a Mapping, cell: RawCell<'a>) -> RawCell<'a> {
    if mapping.values.is_empty() {
        return cell;
    }
    let meant = cell.clone().text().and_then(|text| mapping.values.get(&text.to_lowercase()));
    meant.map_or(cell, |meant| RawCell::of(meant))
}
