//! One file: what kind it is, and the profile of its columns; or why it is no table.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use foldhash::fast::FixedState;

use crate::domain::spelling::key;
use crate::ingest::assumption::Assumption;
use crate::ingest::decode::any;
use crate::ingest::decode::files::{InputPath, resolve};
use crate::ingest::error::IngestError;
use crate::ingest::profile::column::ColumnProfile;

/// A table in a file.
#[derive(Clone, Debug)]
pub struct FileProfile {
    /// Where it is, as the configuration would write it.
    pub path: String,
    /// Its own name.
    pub name: String,
    /// Rows below the header.
    pub rows: u64,
    /// Lines that are no rows.
    pub ragged: u64,
    /// Its columns in order.
    pub columns: Vec<ColumnProfile>,
    /// How it was read where nobody said how.
    pub assumed: Vec<Assumption>,
    /// A number that stands for its rows, whatever their order.
    content: u64,
    /// The first column of each name, and of its letters and digits.
    places: HashMap<String, usize>,
    places_by_key: HashMap<String, usize>,
}

impl FileProfile {
    /// Whether the other file has the same columns with the same rows, in any order.
    #[must_use]
    pub fn is_copy_of(&self, other: &Self) -> bool {
        self.has_header_of(other) && self.rows == other.rows && self.content == other.content
    }

    /// Whether the other file has the same columns.
    #[must_use]
    pub fn has_header_of(&self, other: &Self) -> bool {
        self.columns.iter().map(|column| &column.name).eq(other.columns.iter().map(|column| &column.name))
    }

    /// The column with this header, in any case and spelling.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnProfile> {
        let by_key = || Some(key(name)).filter(|key| !key.is_empty()).and_then(|key| self.places_by_key.get(&key));
        self.columns.get(*self.places.get(name).or_else(by_key)?)
    }
}

/// Where each name stands first.
fn places_of(columns: &[ColumnProfile], named: impl Fn(&str) -> String) -> HashMap<String, usize> {
    let mut places = HashMap::new();
    for (at, column) in columns.iter().enumerate() {
        places.entry(named(&column.name)).or_insert(at);
    }
    places
}

/// What was found in a file.
#[derive(Clone, Debug)]
pub enum FileLook {
    /// A table.
    Table(FileProfile),
    /// None, and why.
    NoTable {
        /// Where it is.
        path: String,
        /// Why nothing is read from it.
        reason: String,
    },
}

/// Looks at the file at `path`, relative to `base`.
#[must_use]
pub fn look_at(path: &str, base: &Path) -> FileLook {
    match profile(path, base) {
        Ok(profile) => match no_table(&profile) {
            None => FileLook::Table(profile),
            Some(reason) => FileLook::NoTable { path: path.to_owned(), reason: reason.to_owned() },
        },
        Err(error) => FileLook::NoTable { path: path.to_owned(), reason: reason(path, &error) },
    }
}

/// Why a file cannot be read, without its name, which stands before.
fn reason(path: &str, error: &IngestError) -> String {
    match error {
        IngestError::NoTable { reason, .. } => reason.clone(),
        IngestError::Unreadable { reason, .. } => match error.hint() {
            Some(hint) => format!("{reason}: {hint}"),
            None => reason.clone(),
        },
        IngestError::EmptyFile { .. } => "it is empty".to_owned(),
        other => {
            let name =
                Path::new(path).file_name().map(|name| format!("{} ", name.to_string_lossy())).unwrap_or_default();
            let text = other.to_string();
            text.strip_prefix(&name).map_or_else(|| text.clone(), str::to_owned)
        }
    }
}

/// Why what was read makes no table.
fn no_table(profile: &FileProfile) -> Option<&'static str> {
    let headers = profile.columns.iter().map(|column| column.name.as_str()).filter(|name| !name.is_empty());
    let mut series: HashMap<String, usize> = HashMap::new();
    headers.clone().for_each(|name| *series.entry(letters_of(name)).or_default() += 1);
    let is_numbered = |name: &str| series.get(&letters_of(name)).is_some_and(|names| *names >= FEWEST_NUMBERED);
    let named = headers.filter(|name| !is_value(name) || !letters_of(name).is_empty() && is_numbered(name)).count();
    if profile.columns.len() < 2 {
        Some("it has one column")
    } else if named * 2 <= profile.columns.len() {
        Some("its first line holds values, not names of columns: add a header line")
    } else if profile.rows == 0 {
        Some("it has a header and no rows")
    } else {
        None
    }
}

/// So many names that differ in their numbers alone are numbered columns (`c1`, `c2`, `c3`), and no row of values.
const FEWEST_NUMBERED: usize = 3;

/// The letters of a name.
fn letters_of(name: &str) -> String {
    name.chars().filter(|c| c.is_alphabetic()).collect()
}

/// Whether a header reads like a value: a number, a date, an id.
fn is_value(header: &str) -> bool {
    let digits = header.chars().filter(char::is_ascii_digit).count();
    digits * 3 > header.chars().count() && digits > 0
}

fn profile(path: &str, base: &Path) -> Result<FileProfile, IngestError> {
    let missing = || IngestError::NotFound { path: path.to_owned() };
    let input: InputPath = resolve(path, base)?.into_iter().next().ok_or_else(missing)?;
    let mut columns: Vec<ColumnProfile> = Vec::new();
    let (mut rows, mut ragged, mut content) = (0, 0, 0_u64);
    let named = std::cell::RefCell::new(Vec::new());
    let read = any::read(
        &input,
        any::Options::default(),
        |_| (),
        |names| {
            named.borrow_mut().extend(names.iter().map(|name| ColumnProfile::new(name)));
            Ok(())
        },
        |chunk| {
            if columns.is_empty() {
                columns = std::mem::take(&mut *named.borrow_mut());
            }
            ragged += chunk.ragged.len() as u64;
            for row in 0..chunk.rows() {
                rows += 1;
                let line = chunk.line(row);
                let mut hasher = FixedState::default().build_hasher();
                for (at, column) in columns.iter_mut().enumerate() {
                    let cell = chunk.cell(row, at);
                    cell.clone().text().unwrap_or_default().hash(&mut hasher);
                    column.add(cell, line);
                }
                content = content.wrapping_add(hasher.finish());
            }
            Ok(())
        },
    )?;
    if columns.is_empty() {
        columns = named.into_inner();
    }
    let name =
        PathBuf::from(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned());
    let (places, places_by_key) = (places_of(&columns, str::to_owned), places_of(&columns, key));
    let path = path.to_owned();
    Ok(FileProfile { path, name, rows, ragged, columns, assumed: read.assumed, content, places, places_by_key })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(header: &str) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let row = vec!["5"; header.split(',').count()].join(",");
        std::fs::write(folder.path().join("deals.csv"), format!("{header}\n{row}\n")).expect("written");
        match look_at("deals.csv", folder.path()) {
            FileLook::Table(_) => None,
            FileLook::NoTable { reason, .. } => Some(reason),
        }
    }

    #[test]
    fn numbered_columns_are_names_and_a_row_of_values_is_none() {
        assert_eq!(reason("deal_id,stage,c100,c101,c102,c103,c104"), None);
        for values in ["274,2010-12-28,9,11", "D100,2025-01-02,E-200,17"] {
            assert!(reason(values).is_some_and(|told| told.contains("holds values")), "{values}");
        }
    }
}
