//! Files of one table that do not have the same columns: a part of an older export, a column renamed from one to the next.
//!
//! The columns read from each file in; of each file what it lacks, with the likely new name, out.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::spelling::nearest;
use crate::ingest::assumption::Assumption;

/// What is read from one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileColumns {
    /// The file.
    pub file: String,
    /// Columns that are read, with what the file calls them.
    pub read: BTreeMap<String, String>,
    /// Columns of the file that the contract does not name.
    pub own: BTreeSet<String>,
}

/// Of each file, that it lacks columns others have, if it does.
pub(crate) fn lacking(files: &[FileColumns]) -> Vec<Option<Assumption>> {
    let mut first: BTreeMap<&str, &FileColumns> = BTreeMap::new();
    for file in files {
        for column in file.read.keys().chain(&file.own) {
            first.entry(column).or_insert(file);
        }
    }
    files.iter().map(|file| lacking_in(file, &first, files)).collect()
}

fn lacking_in(file: &FileColumns, first: &BTreeMap<&str, &FileColumns>, files: &[FileColumns]) -> Option<Assumption> {
    if file.read.is_empty() && file.own.is_empty() {
        // a copy without a table lacks everything, and is told of as such
        return None;
    }
    let has = |column: &str| file.read.contains_key(column) || file.own.contains(column);
    // a column of their own that later files alone have is no loss
    let counts =
        |column: &str, other: &FileColumns| !has(column) && (!other.own.contains(column) || *other == files[0]);
    let lost: Vec<(&str, &FileColumns)> =
        first.iter().map(|(column, other)| (*column, *other)).filter(|(column, other)| counts(column, other)).collect();
    let new: Vec<&str> = file
        .own
        .iter()
        .map(String::as_str)
        .filter(|column| files.iter().any(|other| other.file != file.file && !other.own.contains(*column)))
        .collect();
    let (&(column, other), rest) = lost.split_first()?;
    let called = other.read.get(column).map_or(column, String::as_str);
    let more = if rest.is_empty() {
        String::new()
    } else {
        format!(" and {}", rest.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(", "))
    };
    let likely = nearest(called, new.iter().copied()).or(match (&new[..], rest) {
        ([only], []) => Some(*only),
        _ => None,
    });
    let instead = match likely {
        Some(likely) => format!(": is it {likely:?} now?"),
        None if new.is_empty() => String::new(),
        None => format!(", but with {}", new.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")),
    };
    let what = format!("no {column}{more}, which {} has as {called:?}{instead}", other.file);
    Some(Assumption::doubtful("columns", what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, read: &[&str], own: &[&str]) -> FileColumns {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let read = names(read).into_iter().map(|name| (name.clone(), name.to_uppercase())).collect();
        FileColumns { file: name.to_owned(), read, own: names(own) }
    }

    fn said(files: &[FileColumns]) -> Vec<String> {
        lacking(files).into_iter().map(|one| one.map(|one| one.what).unwrap_or_default()).collect()
    }

    #[test]
    fn a_renamed_column_is_named_with_its_likely_new_name() {
        let files = [file("a.csv", &["amount", "stage"], &["Zone"]), file("b.csv", &["stage"], &["Zone", "Betrag"])];
        let told = "no amount, which a.csv has as \"AMOUNT\": is it \"Betrag\" now?";
        assert_eq!(said(&files), ["", told]);
    }

    #[test]
    fn files_of_the_same_columns_say_nothing() {
        assert_eq!(said(&[file("a", &["stage"], &["x"]), file("b", &["stage"], &["x"])]), ["", ""]);
        assert_eq!(said(&[file("a", &["stage"], &["x"])]), [""]);
    }
}
