//! A file's header and a source's mapping to a [`Layout`]: where each canonical column comes from in this file.

mod draft;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::config::{Condition, TableSource};
use crate::domain::inputs::InputSpec;
use crate::ingest::decode::{Cell, Chunk};
use crate::ingest::error::IngestError;
use crate::ingest::lookup::LookupTable;
use draft::Draft;

/// Text that means "no value" in any export.
const NULLS: [&str; 5] = ["NULL", "null", "\\N", "#N/A", "NaN"];

/// Where the canonical columns of a table come from in one file.
#[derive(Debug)]
pub struct Layout {
    /// Name of the file, for messages.
    pub file: String,
    /// By position in the table's spec; `None` where the file has no such column.
    fields: Vec<Option<Mapping>>,
    /// Columns the contract does not name.
    extras: Vec<(String, Mapping)>,
    headers: Vec<String>,
    width: usize,
    joins: Vec<Join>,
    filters: Vec<Test>,
    nulls: BTreeSet<String>,
}

/// How one canonical column is made.
#[derive(Debug, Default)]
struct Mapping {
    slots: Vec<usize>,
    /// Nothing but a column; set once all else is known.
    plain: bool,
    joined: Option<String>,
    except: Vec<String>,
    when: Option<Test>,
    values: BTreeMap<String, String>,
    constant: Option<String>,
}

impl Mapping {
    /// Whether a cell is the cell of one column, as it stands.
    fn is_plain(&self) -> bool {
        self.slots.len() == 1
            && self.joined.is_none()
            && self.except.is_empty()
            && self.when.is_none()
            && self.values.is_empty()
            && self.constant.is_none()
    }

    /// Whether any row can have a value, and not only translations are given.
    fn is_filled(&self) -> bool {
        !self.slots.is_empty() || self.constant.is_some()
    }
}

#[derive(Debug)]
struct Test {
    slot: usize,
    condition: Condition,
}

/// A lookup at work: its columns stand behind the file's own.
#[derive(Debug)]
struct Join {
    table: Arc<LookupTable>,
    first_slot: usize,
    key: KeyColumn,
}

#[derive(Clone, Copy, Debug)]
enum KeyColumn {
    Field(usize),
    Slot(usize),
}

impl Layout {
    /// Lays out a file with these `headers`.
    ///
    /// # Errors
    /// A required column that is missing, a column that stands there twice, a mapping that names no column of the file.
    pub fn new(
        file: &str,
        headers: Vec<String>,
        spec: &InputSpec,
        source: &TableSource,
        lookups: &[Arc<LookupTable>],
    ) -> Result<Self, IngestError> {
        let draft = Draft::new(file, headers, spec, source, lookups)?;
        draft.finish()
    }

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

    /// Columns of the file.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Names of the columns the contract does not know.
    pub fn extras(&self) -> impl ExactSizeIterator<Item = &str> {
        self.extras.iter().map(|(name, _)| name.as_str())
    }

    /// Whether extra column `i` holds numbers by its type.
    #[must_use]
    pub fn extra_is_number(&self, chunk: &Chunk, i: usize) -> bool {
        let mapping = &self.extras[i].1;
        let plain = mapping.values.is_empty() && mapping.constant.is_none();
        matches!(mapping.slots.as_slice(), [slot] if plain && *slot < self.width && chunk.is_number(*slot))
    }

    /// The cell of a canonical column, with mapping, translation and constants applied.
    #[must_use]
    pub fn cell<'a>(&'a self, chunk: &'a Chunk, row: usize, field: usize) -> Cell<'a> {
        match self.fields.get(field) {
            Some(Some(mapping)) => self.mapped(chunk, row, mapping),
            _ => Cell::Empty,
        }
    }

    /// The cell of extra column `i`.
    #[must_use]
    pub fn extra<'a>(&'a self, chunk: &'a Chunk, row: usize, i: usize) -> Cell<'a> {
        self.mapped(chunk, row, &self.extras[i].1)
    }

    /// `text` as the `values` of the canonical column at `field` translate it.
    #[must_use]
    pub fn translate<'a>(&'a self, field: usize, cell: Cell<'a>) -> Cell<'a> {
        match self.fields.get(field) {
            Some(Some(mapping)) => translated(mapping, cell),
            _ => cell,
        }
    }

    /// The first filter the row does not pass: column, cell.
    #[must_use]
    pub fn filtered<'a>(&'a self, chunk: &'a Chunk, row: usize) -> Option<(&'a str, Cell<'a>)> {
        let test = self.filters.iter().find(|test| !self.holds(chunk, row, test))?;
        Some((&self.headers[test.slot], self.raw(chunk, row, test.slot)))
    }

    fn mapped<'a>(&'a self, chunk: &'a Chunk, row: usize, mapping: &'a Mapping) -> Cell<'a> {
        // nearly every column of nearly every file
        if let (true, [slot]) = (mapping.plain, mapping.slots.as_slice()) {
            return self.raw(chunk, row, *slot);
        }
        let mut cell = Cell::Empty;
        if mapping.when.as_ref().is_none_or(|test| self.holds(chunk, row, test)) {
            cell = match &mapping.joined {
                None => self.first_filled(chunk, row, mapping),
                Some(with) => self.joined(chunk, row, mapping, with),
            };
        }
        if !mapping.values.is_empty() {
            cell = translated(mapping, cell);
        }
        match (&cell, &mapping.constant) {
            (Cell::Empty, Some(constant)) => Cell::Text(Cow::Borrowed(constant)),
            _ => cell,
        }
    }

    fn first_filled<'a>(&'a self, chunk: &'a Chunk, row: usize, mapping: &'a Mapping) -> Cell<'a> {
        for &slot in &mapping.slots {
            let cell = self.raw(chunk, row, slot);
            if !cell.is_empty() && !is_one_of(&cell, &mapping.except) {
                return cell;
            }
        }
        Cell::Empty
    }

    fn joined<'a>(&'a self, chunk: &'a Chunk, row: usize, mapping: &'a Mapping, with: &str) -> Cell<'a> {
        let parts = mapping.slots.iter().map(|&slot| self.raw(chunk, row, slot));
        let parts: Vec<Cow<'a, str>> =
            parts.filter(|cell| !is_one_of(cell, &mapping.except)).filter_map(Cell::text).collect();
        if parts.is_empty() { Cell::Empty } else { Cell::Text(Cow::Owned(parts.join(with))) }
    }

    fn raw<'a>(&'a self, chunk: &'a Chunk, row: usize, slot: usize) -> Cell<'a> {
        let cell = if slot < self.width { chunk.cell(row, slot) } else { self.looked_up(chunk, row, slot) };
        match &cell {
            Cell::Text(text) if self.is_null(text) => Cell::Empty,
            _ => cell,
        }
    }

    fn is_null(&self, text: &str) -> bool {
        (text.len() <= 4 && NULLS.contains(&text)) || (!self.nulls.is_empty() && self.nulls.contains(text))
    }

    fn looked_up<'a>(&'a self, chunk: &'a Chunk, row: usize, slot: usize) -> Cell<'a> {
        let Some(join) = self.joins.iter().rev().find(|join| join.first_slot <= slot) else { return Cell::Empty };
        let key = match join.key {
            KeyColumn::Field(field) => self.cell(chunk, row, field),
            KeyColumn::Slot(slot) => self.raw(chunk, row, slot),
        };
        let found = key.text().and_then(|key| join.table.get(&key, slot - join.first_slot));
        found.map_or(Cell::Empty, Cell::of)
    }

    fn holds(&self, chunk: &Chunk, row: usize, test: &Test) -> bool {
        let cell = self.raw(chunk, row, test.slot);
        let condition = &test.condition;
        condition.filled.is_none_or(|filled| filled != cell.is_empty())
            && condition.any_of.as_ref().is_none_or(|any| is_one_of(&cell, any))
            && !is_one_of(&cell, &condition.none_of)
    }
}

fn is_one_of(cell: &Cell<'_>, words: &[String]) -> bool {
    !words.is_empty()
        && cell.clone().text().is_some_and(|text| words.iter().any(|word| word.eq_ignore_ascii_case(&text)))
}

fn translated<'a>(mapping: &'a Mapping, cell: Cell<'a>) -> Cell<'a> {
    if mapping.values.is_empty() {
        return cell;
    }
    let meant = cell.clone().text().and_then(|text| mapping.values.get(&text.to_lowercase()));
    meant.map_or(cell, |meant| Cell::of(meant))
}
