//! Building a [`FileLayout`]: finding the columns the contract and the mapping name, or saying which is missing.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::config::{ColumnRecipe, Condition, TableSource};
use crate::domain::day::Day;
use crate::domain::inputs::{InputSpec, deals, stage_history};
use crate::domain::spelling::{key as spelling_key, nearest};
use crate::ingest::error::IngestError;
use crate::ingest::layout::copy_day::day_in_name;
use crate::ingest::layout::file_layout::FileLayout;
use crate::ingest::layout::header_names::HeaderNames;
use crate::ingest::layout::mapping::{CellTest, Join, KeyColumn, Mapping};
use crate::ingest::lookup_table::LookupTable;

/// Lays out a file with these `headers`.
///
/// # Errors
/// A required column that is missing, a column that stands there twice, a mapping that names no column of the file.
pub(crate) fn lay_out(
    file: &str,
    headers: Vec<String>,
    spec: &InputSpec,
    source: &TableSource,
    lookups: &[Arc<LookupTable>],
) -> Result<FileLayout, IngestError> {
    LayoutDraft::new(file, headers, spec, source, lookups)?.finish()
}

/// A layout in the making.
pub(super) struct LayoutDraft<'a> {
    pub(super) layout: FileLayout,
    pub(super) spec: &'a InputSpec,
    pub(super) source: &'a TableSource,
    pub(super) taken: BTreeSet<usize>,
    /// Columns of the file that the mapping names or that bear a canonical name: they stand for no other by an alias.
    pub(super) claimed: BTreeSet<usize>,
    pub(super) names: HeaderNames,
    /// The letters and digits of each name.
    pub(super) keys: Vec<String>,
}

/// The column a history of one row per change cannot do without.
pub(super) const CHANGED_AT: &str = "changed_at";
/// The column of the stage a deal is in; columns with the days of all stages say it too.
const STAGE: &str = "stage";

/// Whether a header reads like the day something was created.
fn is_day_of_creation(header: &str) -> bool {
    let letters: String = header.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let rest = ["created", "creation", "create"].iter().find_map(|word| letters.strip_prefix(word));
    letters == "datecreated"
        || rest.is_some_and(|rest| ["", "at", "on", "date", "day", "time", "datetime"].contains(&rest))
}

impl<'a> LayoutDraft<'a> {
    fn new(
        file: &str,
        mut headers: Vec<String>,
        spec: &'a InputSpec,
        source: &'a TableSource,
        lookups: &[Arc<LookupTable>],
    ) -> Result<Self, IngestError> {
        let width = headers.len();
        let mut joins = Vec::new();
        for table in lookups {
            joins.push(Join { table: Arc::clone(table), first_slot: headers.len(), key: KeyColumn::Slot(0) });
            headers.extend(table.columns().map(str::to_owned));
        }
        let nulls = source.null_values.iter().cloned().collect();
        let (fields, extras, filters) = (Vec::new(), Vec::new(), Vec::new());
        let layout = FileLayout {
            file: file.to_owned(),
            fields,
            extras,
            headers,
            width,
            joins,
            filters,
            nulls,
            unread: Vec::new(),
            entered: Vec::new(),
            newest_by: None,
            unnamed: Vec::new(),
            found_as: Vec::new(),
            copied_on: None,
        };
        let keys = layout.headers.iter().map(|header| spelling_key(header)).collect();
        let names = HeaderNames::of(&layout.headers, width, &source.ignore);
        let mut draft = Self { layout, spec, source, taken: BTreeSet::new(), claimed: BTreeSet::new(), names, keys };
        draft.layout.unnamed = (0..width).filter(|slot| draft.layout.headers[*slot].is_empty()).collect();
        draft.claimed = draft.claimed_slots();
        Ok(draft)
    }

    fn finish(mut self) -> Result<FileLayout, IngestError> {
        self.check_names()?;
        self.layout.entered = self.entered()?;
        if let Some(name) = &self.source.newest_by {
            let slot = self.slot(name).ok_or_else(|| self.no_such_column("newest_by", name))?;
            self.layout.newest_by = Some(slot);
        }
        self.taken.extend(self.layout.entered.iter().map(|(slot, _)| *slot));
        for column in self.spec.columns {
            let mapping = self.field(column.name)?;
            let is_absent = !mapping.as_ref().is_some_and(Mapping::is_filled);
            let by_days = self.layout.has_entered() && [CHANGED_AT, STAGE].contains(&column.name);
            let is_needed = column.required && !by_days;
            if is_absent && (is_needed || self.seems_there(column.name)) {
                return Err(self.missing(column.name));
            }
            self.layout.fields.push(mapping);
        }
        self.check_history()?;
        self.layout.copied_on = self.copied_on()?;
        for filter in &self.source.filters {
            let test = self.test(filter, "filters")?;
            self.layout.filters.push(test);
        }
        self.join_keys()?;
        if self.spec.further_columns {
            self.extras()?;
        } else {
            let is_unread = |slot: &usize| !self.taken.contains(slot) && !self.is_ignored(*slot);
            self.layout.unread = (0..self.layout.width).filter(is_unread).collect();
        }
        let layout = &mut self.layout;
        for mapping in layout.fields.iter_mut().flatten().chain(layout.extras.iter_mut().map(|(_, mapping)| mapping)) {
            mapping.plain = mapping.is_plain();
        }
        Ok(self.layout)
    }

    /// Names a table without extra columns does not know are misspelt.
    fn check_names(&self) -> Result<(), IngestError> {
        let known = |name: &&String| self.spec.further_columns || self.spec.position(name).is_some();
        let source = self.source;
        let named = [
            ("columns", source.columns.keys().collect::<Vec<_>>()),
            ("constants", source.constants.keys().collect()),
            ("values", source.values.keys().collect()),
        ];
        for (section, names) in named {
            if let Some(name) = names.into_iter().find(|name| !known(name)) {
                let guess = nearest(name, self.spec.column_names());
                return Err(IngestError::Config {
                    key: format!("sources.{}.{section}.{name}", self.spec.name),
                    problem: format!("is no column of {}", self.spec.name),
                    hint: Some(guess.map_or_else(
                        || format!("columns are {}", self.spec.column_names().collect::<Vec<_>>().join(", ")),
                        |guess| format!("did you mean `{guess}`?"),
                    )),
                });
            }
        }
        self.check_values()
    }

    /// A change log without any change in it is a mapping forgotten.
    fn check_history(&self) -> Result<(), IngestError> {
        if self.spec.name != stage_history::SPEC.name {
            return Ok(());
        }
        if self.layout.has_entered() {
            return Ok(());
        }
        let has = |field| self.layout.has(field);
        if has(stage_history::FIELD) {
            return if has(stage_history::NEW_VALUE) { Ok(()) } else { Err(self.missing("new_value")) };
        }
        if (stage_history::STAGE..stage_history::FIELD).any(has) { Ok(()) } else { Err(self.missing("stage")) }
    }

    /// The day of a dated copy, if the file is one and has no column with it.
    fn copied_on(&self) -> Result<Option<Day>, IngestError> {
        if self.source.copies.is_none() || self.layout.has(deals::COPIED_AT) {
            return Ok(None);
        }
        let file = &self.layout.file;
        day_in_name(file).map(Some).ok_or_else(|| IngestError::Config {
            key: format!("sources.{}.copies", self.spec.name),
            problem: format!("asks for the day of every copy, and the name of {file} does not have one"),
            hint: Some(
                "name the file like deals_2026-01-05.csv, or give the column of the day as `copied_at`".to_owned(),
            ),
        })
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
        let wanted = spelling_key(name);
        // a column that is mapped by hand means that and nothing else
        let mapped = |header: &str| self.source.columns.values().any(|names| names.is_column(header));
        let free = |slot: &usize| !self.is_ignored(*slot) && !mapped(&self.layout.headers[*slot]);
        let mut found = (0..self.layout.headers.len()).filter(|&slot| self.keys[slot] == wanted).filter(free);
        let Some(first) = found.next() else { return Ok(self.by_alias(name)) };
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
        for &slot in &slots {
            self.check_only(slot)?;
        }
        self.taken.extend(&slots);
        let when =
            recipe.when.as_ref().map(|condition| self.test(condition, &format!("columns.{name}.when"))).transpose()?;
        let joined = joins.then(|| recipe.with.clone().unwrap_or_else(|| " ".to_owned()));
        Ok(Mapping {
            slots,
            joined,
            except: recipe.except.clone(),
            json: recipe.json.clone(),
            behind: recipe.behind.clone(),
            when,
            ..Mapping::default()
        })
    }

    fn test(&self, condition: &Condition, key: &str) -> Result<CellTest, IngestError> {
        let slot = self.slot(&condition.column).ok_or_else(|| self.no_such_column(key, &condition.column))?;
        Ok(CellTest { slot, condition: condition.clone() })
    }

    /// The column called `name`: as written, else in any case, else in any spelling.
    pub(super) fn slot(&self, name: &str) -> Option<usize> {
        let headers = &self.layout.headers;
        let name = name.trim();
        headers
            .iter()
            .position(|header| header == name)
            .or_else(|| headers.iter().position(|header| header.eq_ignore_ascii_case(name)))
            .or_else(|| {
                Some(spelling_key(name))
                    .filter(|key| !key.is_empty())
                    .and_then(|key| self.keys.iter().position(|other| *other == key))
            })
    }

    fn join_keys(&mut self) -> Result<(), IngestError> {
        for i in 0..self.layout.joins.len() {
            let left = &self.source.lookups[i].left;
            let first_slot = self.layout.joins[i].first_slot;
            let field = self.spec.position(left);
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
        let canonical: BTreeSet<&str> = self.spec.column_names().collect();
        let source = self.source;
        let mut known: HashSet<String> = self.layout.extras.iter().map(|(name, _)| name.clone()).collect();
        for name in
            source.columns.keys().chain(source.constants.keys()).filter(|name| !canonical.contains(name.as_str()))
        {
            if known.contains(name) {
                continue;
            }
            if let Some(mapping) = self.field(name)? {
                known.insert(name.clone());
                self.layout.extras.push((name.clone(), mapping));
            }
        }
        for slot in 0..self.layout.headers.len() {
            let header = self.layout.headers[slot].clone();
            if header.is_empty() || self.taken.contains(&slot) || self.is_ignored(slot) {
                continue;
            }
            let reserved = canonical.contains(header.as_str()) || header == "amount_minor";
            // several columns of one name that nothing else needs are numbered
            let numbered = || (2..).map(|n| format!("{header} ({n})")).find(|name| !known.contains(name));
            let name = match (self.is_again(slot), reserved || known.contains(&header)) {
                (true, _) => numbered().unwrap_or_default(),
                (false, true) => format!("{header} (file)"),
                (false, false) => header.clone(),
            };
            known.insert(name.clone());
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

    /// Whether the day deals were created stands in a column of another name: lists need none, but histories do.
    fn seems_there(&self, column: &str) -> bool {
        let headers = self.layout.headers[..self.layout.width].iter();
        let own = self.spec.name == deals::SPEC.name && column == deals::SPEC.columns[deals::CREATED_AT].name;
        own && headers
            .enumerate()
            .any(|(slot, header)| is_day_of_creation(header) && !self.taken.contains(&slot) && !self.is_ignored(slot))
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

    pub(super) fn no_such_column(&self, key: &str, name: &str) -> IngestError {
        let headers = &self.layout.headers;
        let hint = match nearest(name, headers.iter().map(String::as_str)) {
            Some(guess) => format!("did you mean \"{guess}\"?"),
            None => format!("the file has: {}", headers.join(", ")),
        };
        IngestError::Config {
            key: format!("sources.{}.{key}", self.spec.name),
            problem: format!("names the column \"{name}\", which {} does not have", self.layout.file),
            hint: Some(hint),
        }
    }
}
