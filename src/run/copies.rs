//! The copies of the deals table that runs keep: one more, and reading them in the table's place.
//!
//! [`Inputs`] in; a file more in the folder `keep_in` names, or [`Inputs`] that read that folder.

use std::path::{Path, PathBuf};

use crate::config::{Config, Copies};
use crate::domain::day::Day;
use crate::domain::inputs::InputTable;
use crate::ingest::{RawDeals, load_raw_deals};
use crate::run::error::RunError;
use crate::run::inputs::Inputs;
use crate::run::sections;
use crate::run::watch::Watcher;
use crate::store::deal_copies::{AddedCopy, PATTERN, add, days};

/// Keeps a copy of the deals table, as it is on `day`, in `folder`.
///
/// # Errors
/// [`RunError::OldCopy`] where the folder has a copy of a later day, [`RunError::Ingest`] where the table or a copy cannot be
/// read, [`RunError::Output`] where the copy cannot be written.
pub fn keep(inputs: &Inputs, folder: &Path, day: Day, watcher: &dyn Watcher) -> Result<AddedCopy, RunError> {
    let known = days(folder)?;
    if let Some(later) = known.last().copied().filter(|last| *last > day) {
        return Err(RunError::OldCopy { folder: folder.display().to_string(), day, later });
    }
    let mut today = load_raw_deals(&inputs.config, &inputs.base, watcher)?;
    let [table] = &mut today[..] else {
        return Err(RunError::SeveralFiles { files: today.len() });
    };
    let before = known.iter().filter(|known| **known < day).count();
    let copies = if before == 0 {
        Vec::new()
    } else {
        let mut copies = load_raw_deals(&reading(&inputs.config, folder), Path::new(""), watcher)?;
        copies.retain(|copy| copy.file < before);
        copies
    };
    let added = add(folder, day, &copies, &std::mem::take::<RawDeals>(table))?;
    watcher.tell(&sections::kept_copy(&added, folder));
    Ok(added)
}

/// The configuration that reads the copies in `folder` in the place of the deals table.
fn reading(config: &Config, folder: &Path) -> Config {
    let mut config = config.clone();
    let source = config.sources.get_or_default(InputTable::Deals);
    source.path = folder.join(PATTERN).display().to_string();
    source.copies = Some(Copies::Changes);
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
        let Some(folder) = self.copies_folder() else { return Ok(self) };
        if days(&folder)?.is_empty() {
            return Ok(self);
        }
        let folder = std::path::absolute(&folder).unwrap_or(folder);
        Ok(Self { config: reading(&self.config, &folder), ..self })
    }
}
