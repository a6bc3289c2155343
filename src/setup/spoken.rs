//! Columns whose headers people made up in their own language, and those a person named.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::ColumnNames;
use crate::ingest::profile::{ColumnProfile, FileProfile};
use crate::presets::{SpokenColumn, TableRole, spoken_columns};
use crate::setup::answers::Answers;
use crate::setup::fits::can_be;
use crate::setup::made_of::parts;

/// The canonical columns found so far, and which columns of the file they are made of.
#[derive(Default)]
pub(super) struct FoundColumns {
    pub columns: BTreeMap<&'static str, ColumnNames>,
    pub taken: BTreeSet<String>,
}

impl FoundColumns {
    /// Takes the columns of a table a person named: those that are answered if the file has all of them, and those of an
    /// earlier configuration that the file has.
    pub fn take_named(&mut self, file: &FileProfile, role: TableRole, answers: &Answers) {
        let is_whole = |names: &ColumnNames| parts(names).iter().all(|part| file.column(part).is_some());
        let answered = answers.columns_of(role);
        if answered.iter().all(|(_, names)| is_whole(names)) {
            answered.iter().for_each(|(column, names)| self.take(column, names));
        }
        for (column, names) in answers.written_before(role).filter(|(_, names)| is_whole(names)) {
            if !self.columns.contains_key(column) {
                self.take(column, names);
            }
        }
    }

    fn take(&mut self, column: &'static str, names: &ColumnNames) {
        self.taken.extend(parts(names));
        self.columns.insert(column, names.clone());
    }

    /// Takes the columns whose headers speak of what is missing still, those first that say most. Says by which languages.
    pub fn take_spoken(&mut self, file: &FileProfile, role: TableRole) -> Vec<&'static str> {
        let mut spoken: Vec<(&ColumnProfile, SpokenColumn)> = Vec::new();
        for column in file.columns.iter().filter(|column| column.filled > 0 && !self.taken.contains(&column.name)) {
            spoken.extend(spoken_columns(role, &column.name).into_iter().map(|of| (column, of)));
        }
        spoken.sort_by_key(|(_, of)| std::cmp::Reverse(of.letters));
        let mut languages = Vec::new();
        for (column, of) in spoken {
            let is_free = !self.columns.contains_key(of.column) && !self.taken.contains(&column.name);
            if is_free && can_be(role, of.column, column, file) {
                self.columns.insert(of.column, ColumnNames::One(column.name.clone()));
                self.taken.insert(column.name.clone());
                languages.push(of.language);
            }
        }
        languages
    }
}
