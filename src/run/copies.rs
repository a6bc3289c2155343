//! The copies of the deals table that runs keep: one more, and reading them in the table's place.
//!
//! [`Inputs`] in; a file more in the folder `keep_in` names, or [`Inputs`] that read that folder.

use std::path::{Path, PathBuf};

use crate::config::{ColumnNames, Config, Copies, Rule, RuleSeverity};
use crate::domain::day::Day;
use crate::domain::inputs::InputTable;
use crate::ingest::{RawDeals, load_raw_deals};
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::sections;
use crate::run::watch::Watcher;
use crate::store::deal_copies::{
    AddedCopy, BorrowedCopies, GONE, PATTERN, add, borrow, check_can_add, days, deals_in, hold, name_of,
};

/// Keeps a copy of the deals table, as it is on `day`, in `folder`.
///
/// # Errors
/// [`RunError::OldCopy`] where the folder has a copy of a later day, [`RunError::ShrunkenExport`] where the table holds less
/// than half of the deals, [`RunError::Ingest`] where the table or a copy cannot be
/// read, [`RunError::Output`] where the copy cannot be written.
pub fn keep(inputs: &Inputs, folder: &Path, day: Day, watcher: &dyn Watcher) -> Result<AddedCopy, RunError> {
    let folder = &std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let today = exported(inputs, folder, watcher)?;
    // Another copy made meanwhile would not be known to this one.
    let held = hold(folder)?;
    let PreparedCopy { copies, table } = PreparedCopy::of(inputs, folder, day, today, watcher)?;
    if let Some(before) = copies.last() {
        sections::changed_columns(&before.headers, &table.headers).iter().for_each(|finding| watcher.tell(finding));
    }
    let added = add(&held, day, &copies, &table)?;
    watcher.tell(&sections::kept_copy(&added, folder));
    Ok(added)
}

/// What a run would read after keeping its copy, as long as this is there.
#[derive(Debug)]
pub struct RehearsedCopy {
    /// The inputs.
    pub inputs: Inputs,
    _copies: BorrowedCopies,
}

/// Keeps a copy where nobody sees it: what a run would read once it had kept its own. Changes nothing.
///
/// # Errors
/// As [`keep`].
pub fn rehearse(inputs: &Inputs, folder: &Path, day: Day, watcher: &dyn Watcher) -> Result<RehearsedCopy, RunError> {
    let folder = &std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let today = exported(inputs, folder, watcher)?;
    check_can_add(folder)?;
    let PreparedCopy { copies, table } = PreparedCopy::of(inputs, folder, day, today, watcher)?;
    let borrowed = borrow(folder)?;
    add(&borrowed.held, day, &copies, &table)?;
    Ok(RehearsedCopy { inputs: inputs.clone().reading_copies(borrowed.folder())?, _copies: borrowed })
}

/// The table as it was exported: one file, or none where there are copies to compare its emptiness with.
fn exported(inputs: &Inputs, folder: &Path, watcher: &dyn Watcher) -> Result<Vec<RawDeals>, RunError> {
    let today = load_raw_deals(&inputs.config, &inputs.base, watcher)?;
    if today.len() > 1 || today.is_empty() && days(folder)?.is_empty() {
        return Err(RunError::SeveralFiles { files: today.len() });
    }
    Ok(today)
}

/// A copy about to be kept.
struct PreparedCopy {
    /// The copies of earlier days.
    copies: Vec<RawDeals>,
    table: RawDeals,
}

impl PreparedCopy {
    fn of(
        inputs: &Inputs,
        folder: &Path,
        day: Day,
        mut today: Vec<RawDeals>,
        watcher: &dyn Watcher,
    ) -> Result<Self, RunError> {
        let known = days(folder)?;
        if let Some(later) = known.last().copied().filter(|last| *last > day) {
            return Err(RunError::OldCopy { folder: folder.display().to_string(), day, later });
        }
        let mut copies = Vec::with_capacity(known.len());
        for earlier in known.into_iter().filter(|earlier| *earlier < day) {
            let config = reading(&inputs.config, &folder.join(name_of(earlier)));
            copies.extend(load_raw_deals(&config, &inputs.base, watcher)?);
        }
        let Some(table) = today.pop() else {
            return Err(RunError::ShrunkenExport { now: 0, known: deals_in(&copies) });
        };
        check_size(&inputs.config, &copies, &table)?;
        Ok(Self { copies, table })
    }
}

/// An export that was cut off would end the deals it lacks.
fn check_size(config: &Config, before: &[RawDeals], today: &RawDeals) -> Result<(), RunError> {
    let (known, now) = (deals_in(before), deals_in(std::slice::from_ref(today)));
    let bearable = config.rules.severity_of(Rule::ShrunkenCopy) == RuleSeverity::Warn;
    if !bearable && 2 * now < known { Err(RunError::ShrunkenExport { now, known }) } else { Ok(()) }
}

/// The configuration that reads the copies at `path` in the place of the deals table: as `store` writes them, with the columns
/// of the export.
fn reading(config: &Config, path: &Path) -> Config {
    let mut config = config.clone();
    let source = config.sources.get_or_default(InputTable::Deals);
    source.path = path.display().to_string();
    source.copies = Some(Copies::Changes);
    source.separator = Some(',');
    source.encoding = Some("utf-8".to_owned());
    if let Some(names) = source.columns.get_mut(GONE) {
        let mut recipe = names.recipe();
        recipe.first_filled.insert(0, GONE.to_owned());
        *names = ColumnNames::Recipe(recipe);
    }
    config
}

impl Inputs {
    /// The folder of kept copies, if the configuration names one.
    #[must_use]
    pub fn copies_folder(&self) -> Option<PathBuf> {
        let source = self.config.sources.get(InputTable::Deals)?;
        source.keep_in.as_ref().map(|folder| self.base.join(folder))
    }

    /// The same inputs, with the kept copies in the place of the deals table where there are any.
    ///
    /// # Errors
    /// [`RunError::Output`] where the folder cannot be listed.
    pub fn from_copies(self) -> Result<Self, RunError> {
        match self.copies_folder() {
            Some(folder) => self.reading_copies(&folder),
            None => Ok(self),
        }
    }

    /// The same inputs, with the copies in `folder` in the place of the deals table where there are any.
    fn reading_copies(self, folder: &Path) -> Result<Self, RunError> {
        if days(folder)?.is_empty() {
            return Ok(self);
        }
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        Ok(Self { config: reading(&self.config, &folder.join(PATTERN)), ..self })
    }
}
