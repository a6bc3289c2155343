//! Which model of the folder is in use, and how it came to be that: `current`, `log.jsonl` and `pinned`.

use std::fs::{self, File};
use std::io;

use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::model::ModelError;
use crate::store::file::read_if_there;
use crate::store::lock::hold_folder;
use crate::store::models::registry::{Registry, read_model};

/// Holds the id of the model in use.
pub(super) const CURRENT: &str = "current";
/// One decision per line, oldest first.
pub(super) const LOG: &str = "log.jsonl";
/// Where it is, no training takes place: its line says why.
const PINNED: &str = "pinned";

/// A decision about which model is in use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The day the data were of; none where a person decided.
    pub as_of: Option<Day>,
    /// `promoted`, `kept` (a newer one was worse) or `rolled back`.
    pub action: String,
    /// The model decided about: now in use, or, where the old one was kept, not.
    pub model_id: String,
    /// The model that was in use before.
    pub previous: Option<String>,
    /// Why.
    pub reason: String,
}

impl Registry {
    /// Puts a saved model to use, and says why in the log; nothing happens where it is in use already. Whether it is in use
    /// now: not where the one in use is of a later day than `as_of`.
    ///
    /// # Errors
    /// [`ModelError::Io`], [`ModelError::Missing`].
    pub fn promote(&self, id: &str, as_of: Option<Day>, reason: &str) -> Result<bool, ModelError> {
        let _held = self.hold()?;
        // A model of a past day never takes the place of one from a later day. Looked at under the lock: another run may have
        // put that to use meanwhile.
        if self.current_day().zip(as_of).is_some_and(|(current, day)| current > day) {
            return Ok(false);
        }
        self.put_to_use(id, as_of, "promoted", reason)?;
        Ok(true)
    }

    /// Puts a saved model to use by hand and stays with it until [`Registry::unpin`].
    ///
    /// # Errors
    /// As [`Registry::promote`].
    pub fn promote_and_pin(&self, id: &str, reason: &str, pin: &str) -> Result<(), ModelError> {
        let _held = self.hold()?;
        self.put_to_use(id, None, "promoted", reason)?;
        self.put(PINNED, &format!("{pin}\n"))
    }

    /// Notes that a new model was not put to use.
    ///
    /// # Errors
    /// [`ModelError::Io`].
    pub fn keep(&self, rejected: &str, as_of: Day, reason: &str) -> Result<(), ModelError> {
        let _held = self.hold()?;
        self.note(&LogEntry {
            as_of: Some(as_of),
            action: "kept".to_owned(),
            model_id: rejected.to_owned(),
            previous: self.current(),
            reason: reason.to_owned(),
        })
    }

    /// Puts the model to use that was in use before the current one, and stays with it until [`Registry::unpin`].
    ///
    /// # Errors
    /// [`ModelError::NothingBefore`] where the log names none that is still there, [`ModelError::Io`].
    pub fn roll_back(&self) -> Result<String, ModelError> {
        let _held = self.hold()?;
        let nothing = || ModelError::NothingBefore { folder: self.folder() };
        let current = self.current().ok_or_else(nothing)?;
        let log = self.log()?;
        let mut became = log.iter().rev().filter(|entry| entry.action == "promoted" && entry.model_id == current);
        let previous = became.find_map(|entry| entry.previous.clone()).filter(|id| self.has(id));
        let previous = previous.ok_or_else(nothing)?;
        self.put_to_use(&previous, None, "rolled back", &format!("rolled back from {current}"))?;
        self.put(PINNED, &format!("rolled back to {previous}\n"))?;
        Ok(previous)
    }

    fn put_to_use(&self, id: &str, as_of: Option<Day>, action: &str, reason: &str) -> Result<(), ModelError> {
        if !self.has(id) {
            return Err(ModelError::Missing { wanted: id.to_owned(), folder: self.folder() });
        }
        let previous = self.current();
        if previous.as_deref() == Some(id) {
            return Ok(());
        }
        self.note(&LogEntry {
            as_of,
            action: action.to_owned(),
            model_id: id.to_owned(),
            previous,
            reason: reason.to_owned(),
        })?;
        self.put(CURRENT, &format!("{id}\n"))
    }

    /// Every decision, oldest first. Lines that cannot be read are passed over.
    ///
    /// # Errors
    /// [`ModelError::Io`].
    pub fn log(&self) -> Result<Vec<LogEntry>, ModelError> {
        let text = self.read_text(LOG)?.unwrap_or_default();
        Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    fn note(&self, entry: &LogEntry) -> Result<(), ModelError> {
        let mut text = self.read_text(LOG)?.unwrap_or_default();
        let line = serde_json::to_string(entry).unwrap_or_default();
        if text.lines().next_back() != Some(&line) {
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            text = format!("{text}{end}{line}\n");
        }
        self.put(LOG, &text)
    }

    /// Why no training may take place, if a person said so.
    ///
    /// # Errors
    /// [`ModelError::Io`].
    pub fn pinned(&self) -> Result<Option<String>, ModelError> {
        Ok(self.read_text(PINNED)?.map(|text| text.trim().to_owned()))
    }

    /// Trains again when it is due; returns whether it was pinned.
    ///
    /// # Errors
    /// [`ModelError::Io`].
    pub fn unpin(&self) -> Result<bool, ModelError> {
        let _held = self.hold()?;
        let path = self.dir.join(PINNED);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(self.refused("remove", &path, source)),
        }
    }

    /// The as-of day of the model in use; none where there is none that can be read.
    #[must_use]
    pub(super) fn current_day(&self) -> Option<Day> {
        Some(read_model(&self.file(&self.current()?, "json")).ok()?.as_of)
    }

    /// The id in the pointer file; none where it points nowhere, or out of the folder.
    #[must_use]
    pub fn current(&self) -> Option<String> {
        let id = fs::read_to_string(self.dir.join(CURRENT)).ok()?;
        Some(id.trim().to_owned()).filter(|id| self.has(id))
    }

    /// Holds the folder while a decision is read, made and written; there is nothing to hold where there is no folder.
    fn hold(&self) -> Result<Option<File>, ModelError> {
        match hold_folder(&self.dir) {
            Ok(held) => Ok(Some(held)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.refused("write", &self.dir, source)),
        }
    }

    fn read_text(&self, name: &str) -> Result<Option<String>, ModelError> {
        let path = self.dir.join(name);
        read_if_there(&path).map_err(|source| self.refused("read", &path, source))
    }
}
