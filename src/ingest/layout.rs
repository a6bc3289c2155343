//! A file's header and a source's mapping to a [`Layout`]: where each canonical column comes from in this file.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::error::IngestError;
use super::lookup::LookupTable;
use super::parse::words::{key, nearest};
use super::read::{Cell, Chunk};
use super::schema::TableSpec;
use crate::config::{ColumnRecipe, Condition, Source};

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
    joined: Option<String>,
    except: Vec<String>,
    when: Option<Test>,
    values: BTreeMap<String, String>,
    constant: Option<String>,
}

impl Mapping {
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
        spec: &TableSpec,
        source: &Source,
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
            if cell != Cell::Empty && !is_one_of(&cell, &mapping.except) {
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
            Cell::Text(text) if NULLS.contains(&text.as_ref()) || self.nulls.contains(text.as_ref()) => Cell::Empty,
            _ => cell,
        }
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
        condition.filled.is_none_or(|filled| filled == (cell != Cell::Empty))
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

/// A layout in the making.
struct Draft<'a> {
    layout: Layout,
    spec: &'a TableSpec,
    source: &'a Source,
    taken: BTreeSet<usize>,
}

impl<'a> Draft<'a> {
    fn new(
        file: &str,
        mut headers: Vec<String>,
        spec: &'a TableSpec,
        source: &'a Source,
        lookups: &[Arc<LookupTable>],
    ) -> Result<Self, IngestError> {
        check_duplicates(file, &headers, &source.ignore)?;
        let width = headers.len();
        let mut joins = Vec::new();
        for table in lookups {
            joins.push(Join { table: Arc::clone(table), first_slot: headers.len(), key: KeyColumn::Slot(0) });
            headers.extend(table.columns().map(str::to_owned));
        }
        let nulls = source.null_values.iter().cloned().collect();
        let (fields, extras, filters) = (Vec::new(), Vec::new(), Vec::new());
        let layout = Layout { file: file.to_owned(), fields, extras, headers, width, joins, filters, nulls };
        Ok(Self { layout, spec, source, taken: BTreeSet::new() })
    }

    fn finish(mut self) -> Result<Layout, IngestError> {
        self.check_names()?;
        for field in self.spec.fields {
            let mapping = self.field(field.name)?;
            if field.required && !mapping.as_ref().is_some_and(Mapping::is_filled) {
                return Err(self.missing(field.name));
            }
            self.layout.fields.push(mapping);
        }
        for filter in &self.source.filters {
            let test = self.test(filter, "filters")?;
            self.layout.filters.push(test);
        }
        self.join_keys()?;
        if self.spec.extras {
            self.extras()?;
        }
        Ok(self.layout)
    }

    /// Names a table without extra columns does not know are misspelt.
    fn check_names(&self) -> Result<(), IngestError> {
        let known = |name: &&String| self.spec.extras || self.spec.fields.iter().any(|field| field.name == **name);
        let source = self.source;
        let named = [
            ("columns", source.columns.keys().collect::<Vec<_>>()),
            ("constants", source.constants.keys().collect()),
            ("values", source.values.keys().collect()),
        ];
        for (section, names) in named {
            if let Some(name) = names.into_iter().find(|name| !known(name)) {
                let guess = nearest(name, self.spec.fields.iter().map(|field| field.name));
                let all = || self.spec.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
                return Err(IngestError::Config {
                    key: format!("sources.{}.{section}.{name}", self.spec.name),
                    problem: format!("is no column of {}", self.spec.name),
                    hint: Some(
                        guess.map_or_else(
                            || format!("columns are {}", all()),
                            |guess| format!("did you mean `{guess}`?"),
                        ),
                    ),
                });
            }
        }
        Ok(())
    }

    fn field(&mut self, name: &str) -> Result<Option<Mapping>, IngestError> {
        let mut mapping = match self.source.columns.get(name) {
            Some(columns) => Some(self.recipe(&columns.recipe(), name)?),
            None => self.automatic(name)?,
        };
        if let Some(constant) = self.source.constants.get(name) {
            mapping.get_or_insert_default().constant = Some(constant.clone());
        }
        if let Some(values) = self.source.values.get(name) {
            // a field-change log translates values of columns it does not have
            let mapping = mapping.get_or_insert_default();
            mapping.values = values.iter().map(|(from, to)| (from.trim().to_lowercase(), to.clone())).collect();
        }
        Ok(mapping)
    }

    /// The column that bears the canonical name, in any spelling.
    fn automatic(&mut self, name: &str) -> Result<Option<Mapping>, IngestError> {
        let wanted = key(name);
        let free = |slot: &usize| !is_ignored(&self.layout.headers[*slot], &self.source.ignore);
        let mut found =
            (0..self.layout.headers.len()).filter(|&slot| key(&self.layout.headers[slot]) == wanted).filter(free);
        let Some(first) = found.next() else { return Ok(None) };
        if let Some(second) = found.next().filter(|second| *second < self.layout.width) {
            return Err(IngestError::DuplicateColumn {
                file: self.layout.file.clone(),
                column: name.to_owned(),
                first: first + 1,
                second: second + 1,
            });
        }
        self.taken.insert(first);
        Ok(Some(Mapping { slots: vec![first], ..Mapping::default() }))
    }

    fn recipe(&mut self, recipe: &ColumnRecipe, name: &str) -> Result<Mapping, IngestError> {
        let joins = !recipe.join.is_empty();
        let names = if joins { &recipe.join } else { &recipe.first_filled };
        let found: Vec<Option<usize>> = names.iter().map(|name| self.slot(name)).collect();
        let slots: Vec<usize> = found.iter().copied().flatten().collect();
        if slots.is_empty() || (joins && slots.len() < names.len()) {
            let absent =
                names.iter().zip(&found).find(|(_, slot)| slot.is_none()).map_or("", |(name, _)| name.as_str());
            return Err(self.no_such_column(&format!("columns.{name}"), absent));
        }
        self.taken.extend(&slots);
        let when =
            recipe.when.as_ref().map(|condition| self.test(condition, &format!("columns.{name}.when"))).transpose()?;
        let joined = joins.then(|| recipe.with.clone().unwrap_or_else(|| " ".to_owned()));
        Ok(Mapping { slots, joined, except: recipe.except.clone(), when, ..Mapping::default() })
    }

    fn test(&self, condition: &Condition, place: &str) -> Result<Test, IngestError> {
        let slot = self.slot(&condition.column).ok_or_else(|| self.no_such_column(place, &condition.column))?;
        Ok(Test { slot, condition: condition.clone() })
    }

    /// The column called `name`: as written, else in any case, else in any spelling.
    fn slot(&self, name: &str) -> Option<usize> {
        let headers = &self.layout.headers;
        let name = name.trim();
        headers
            .iter()
            .position(|header| header == name)
            .or_else(|| headers.iter().position(|header| header.eq_ignore_ascii_case(name)))
            .or_else(|| headers.iter().position(|header| !key(name).is_empty() && key(header) == key(name)))
    }

    fn join_keys(&mut self) -> Result<(), IngestError> {
        for i in 0..self.layout.joins.len() {
            let left = &self.source.lookups[i].left;
            let first_slot = self.layout.joins[i].first_slot;
            let field = self.spec.fields.iter().position(|field| field.name == left);
            let field = field.filter(|&field| {
                // a key made from this lookup's own columns would go round in circles
                self.layout.fields[field]
                    .as_ref()
                    .is_some_and(|mapping| mapping.slots.iter().all(|&slot| slot < first_slot))
            });
            let slot = self.slot(left).filter(|&slot| slot < first_slot);
            self.layout.joins[i].key = match (field, slot) {
                (Some(field), _) => KeyColumn::Field(field),
                (None, Some(slot)) => KeyColumn::Slot(slot),
                (None, None) => return Err(self.no_such_column("lookups.left", left)),
            };
        }
        Ok(())
    }

    /// Columns asked for under other names, then every column nobody asked for.
    fn extras(&mut self) -> Result<(), IngestError> {
        let canonical: BTreeSet<&str> = self.spec.fields.iter().map(|field| field.name).collect();
        let source = self.source;
        for name in
            source.columns.keys().chain(source.constants.keys()).filter(|name| !canonical.contains(name.as_str()))
        {
            if self.layout.extras.iter().any(|(known, _)| known == name) {
                continue;
            }
            if let Some(mapping) = self.field(name)? {
                self.layout.extras.push((name.clone(), mapping));
            }
        }
        for slot in 0..self.layout.headers.len() {
            let header = self.layout.headers[slot].clone();
            if header.is_empty() || self.taken.contains(&slot) || is_ignored(&header, &source.ignore) {
                continue;
            }
            let reserved = canonical.contains(header.as_str()) || header == "amount_minor";
            let known = self.layout.extras.iter().any(|(known, _)| *known == header);
            let name = if reserved || known { format!("{header} (file)") } else { header.clone() };
            let values = source
                .values
                .get(&header)
                .map(|values| values.iter().map(|(from, to)| (from.trim().to_lowercase(), to.clone())).collect());
            self.layout
                .extras
                .push((name, Mapping { slots: vec![slot], values: values.unwrap_or_default(), ..Mapping::default() }));
        }
        Ok(())
    }

    fn missing(&self, column: &str) -> IngestError {
        let found: Vec<String> = self.layout.headers[..self.layout.width].to_vec();
        let guess = nearest(column, found.iter().map(String::as_str)).map(str::to_owned);
        IngestError::MissingColumn {
            file: self.layout.file.clone(),
            table: self.spec.name,
            column: column.to_owned(),
            found,
            guess,
        }
    }

    fn no_such_column(&self, place: &str, name: &str) -> IngestError {
        let headers = &self.layout.headers;
        let hint = match nearest(name, headers.iter().map(String::as_str)) {
            Some(guess) => format!("did you mean \"{guess}\"?"),
            None => format!("the file has: {}", headers.join(", ")),
        };
        IngestError::Config {
            key: format!("sources.{}.{place}", self.spec.name),
            problem: format!("names the column \"{name}\", which {} does not have", self.layout.file),
            hint: Some(hint),
        }
    }
}

fn is_ignored(header: &str, ignore: &[String]) -> bool {
    ignore.iter().any(|name| name.trim().eq_ignore_ascii_case(header))
}

fn check_duplicates(file: &str, headers: &[String], ignore: &[String]) -> Result<(), IngestError> {
    let mut seen = BTreeMap::new();
    for (at, header) in
        headers.iter().enumerate().filter(|(_, header)| !header.is_empty() && !is_ignored(header, ignore))
    {
        if let Some(first) = seen.insert(header.to_lowercase(), at) {
            return Err(IngestError::DuplicateColumn {
                file: file.to_owned(),
                column: header.clone(),
                first: first + 1,
                second: at + 1,
            });
        }
    }
    Ok(())
}
