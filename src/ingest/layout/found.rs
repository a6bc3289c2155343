//! Which columns of a file a [`LayoutDraft`] may take, by which of their names, and which it must leave.

use std::collections::BTreeSet;

use crate::config::ColumnNames;
use crate::domain::inputs::{deals, stage_history};
use crate::domain::spelling::{key as spelling_key, nearest};
use crate::domain::stage::outcome_of_name;
use crate::ingest::error::IngestError;
use crate::ingest::layout::aliases::aliases_of;
use crate::ingest::layout::draft::{CHANGED_AT, LayoutDraft};
use crate::ingest::layout::entered::stage_entered;
use crate::ingest::layout::mapping::Mapping;

/// Open stages with a column of their own that make a history.
const FEWEST_STAGES: usize = 2;

impl LayoutDraft<'_> {
    /// Columns the mapping names, and those with a canonical name.
    pub(super) fn claimed_slots(&self) -> BTreeSet<usize> {
        let recipes = self.source.columns.values().map(ColumnNames::recipe);
        let named = recipes.flat_map(|recipe| recipe.first_filled.into_iter().chain(recipe.join));
        let named = named.filter_map(|name| self.slot(&name));
        let canonical: BTreeSet<String> = self.spec.column_names().map(spelling_key).collect();
        let headers = self.layout.headers.iter().enumerate();
        named
            .chain(headers.filter(|(_, header)| canonical.contains(&spelling_key(header))).map(|(slot, _)| slot))
            .collect()
    }

    /// Whether a column of the file is left unread. Where several have the name, the first of them stays.
    pub(super) fn is_ignored(&self, slot: usize) -> bool {
        self.names.is_ignored(slot)
    }

    /// Whether another column of the file before it, or before one that is looked up, has its name.
    pub(super) fn is_again(&self, slot: usize) -> bool {
        let header = &self.layout.headers[slot];
        let is_same = |other: &String| other.eq_ignore_ascii_case(header);
        self.names.is_again(slot) || slot >= self.layout.width && self.layout.headers[..slot].iter().any(is_same)
    }

    /// Translations of a column that nobody names.
    pub(super) fn check_values(&self) -> Result<(), IngestError> {
        let source = self.source;
        let known = |name: &str| {
            self.spec.position(name).is_some()
                || source.columns.contains_key(name)
                || source.constants.contains_key(name)
                || self.layout.headers.iter().any(|header| header == name)
        };
        let Some(name) = source.values.keys().find(|name| !known(name)) else { return Ok(()) };
        let own = nearest(name, self.spec.column_names());
        let hint = match own.or_else(|| nearest(name, self.layout.headers.iter().map(String::as_str))) {
            Some(guess) => format!("did you mean `{guess}`?"),
            None => format!("the file has: {}", self.layout.headers.join(", ")),
        };
        Err(IngestError::Config {
            key: format!("sources.{}.values.{name}", self.spec.name),
            problem: format!("is no column of {}, nor of {}", self.spec.name, self.layout.file),
            hint: Some(hint),
        })
    }

    /// The columns that hold the day a deal entered a stage: those the mapping names, else those an export calls so, where
    /// the history has no moments of changes. Of deals they are known, and read as their history.
    pub(super) fn entered(&self) -> Result<Vec<(usize, String)>, IngestError> {
        if ![stage_history::SPEC.name, deals::SPEC.name].contains(&self.spec.name) {
            return Ok(Vec::new());
        }
        if self.source.entered.is_empty() {
            let is_log = self.source.columns.contains_key(CHANGED_AT) || self.source.columns.contains_key("field");
            let headers = self.layout.headers[..self.layout.width].iter().enumerate();
            let stages = headers.filter_map(|(slot, header)| Some((slot, stage_entered(header)?.to_owned())));
            let stages: Vec<(usize, String)> = stages.collect();
            // the days deals were closed on alone are no history
            let open = stages.iter().filter(|(_, stage)| outcome_of_name(stage).is_none()).count();
            return Ok(if is_log || open < FEWEST_STAGES { Vec::new() } else { stages });
        }
        let named = self.source.entered.iter().map(|(header, stage)| {
            let slot = self.slot(header).ok_or_else(|| self.no_such_column("entered", header))?;
            Ok((slot, stage.clone()))
        });
        let mut entered: Vec<(usize, String)> = named.collect::<Result<_, IngestError>>()?;
        entered.sort_unstable();
        Ok(entered)
    }

    /// The column that bears one of the other names `name` has in exports.
    pub(super) fn by_alias(&mut self, name: &str) -> Option<Mapping> {
        let column = self.spec.columns.iter().find(|column| column.name == name)?;
        let free = |slot: &usize| !self.claimed.contains(slot) && !self.taken.contains(slot) && !self.is_ignored(*slot);
        let keys = &self.keys;
        let slot = aliases_of(self.spec.name, name).iter().find_map(|alias| {
            let wanted = spelling_key(alias);
            (0..self.layout.width).find(|slot| keys[*slot] == wanted && free(slot))
        })?;
        self.taken.insert(slot);
        self.layout.found_as.push((column.name, self.layout.headers[slot].clone()));
        Some(Mapping { slots: vec![slot], ..Mapping::default() })
    }

    /// That no other column of the file has the name of one that is needed.
    pub(super) fn check_only(&self, slot: usize) -> Result<(), IngestError> {
        if slot >= self.layout.width {
            return Ok(());
        }
        match self.names.other(slot).filter(|other| !self.is_ignored(*other)) {
            None => Ok(()),
            Some(other) => Err(IngestError::DuplicateColumn {
                file: self.layout.file.clone(),
                column: self.layout.headers[slot].clone(),
                first: slot.min(other) + 1,
                second: slot.max(other) + 1,
            }),
        }
    }
}
