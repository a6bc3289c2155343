//! The folder of saved models: `ID.json` with its cards, `current`, the id of the model in use, and `log.jsonl`, how it
//! came to be that.
//!
//! [`WinModel`]s in, [`WinModel`]s out. Decides which may score a day and keeps what was decided; neither trains nor
//! judges.

mod columns;
mod records;

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::domain::day::Day;
use crate::model::card::{card, card_json};
use crate::model::{ModelError, WinModel};

pub use columns::{log_spec, log_table, models_spec, models_table};
pub use records::{LogEntry, SavedModel};

/// Holds the id of the model in use.
const CURRENT: &str = "current";
/// One decision per line, oldest first.
const LOG: &str = "log.jsonl";
/// Where it is, no training takes place: its line says why.
const PINNED: &str = "pinned";
/// What the stem of a card ends with; not a model.
const CARD: &str = ".card";

/// A folder of models; need not exist before the first is saved.
#[derive(Clone, Debug)]
pub struct Registry {
    dir: PathBuf,
}

impl Registry {
    /// The registry in `dir`.
    #[must_use]
    pub fn open(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Saves a model with its cards; whether it is to be used is another question. Files appear whole; saving the same
    /// again changes nothing.
    ///
    /// # Errors
    /// [`ModelError::Io`], [`ModelError::Corrupt`] for a model that would not read back as it is: one that is not
    /// sealed, or has a number that is not finite.
    pub fn save(&self, model: &WinModel) -> Result<PathBuf, ModelError> {
        let id = &model.model_id;
        let path = self.file(id, "json");
        let json = self.stored_form(model, &path)?;
        fs::create_dir_all(&self.dir).map_err(|source| self.refused("write", &self.dir, source))?;
        self.put(&path, &json)?;
        self.put(&self.file(id, "md"), &card(model))?;
        self.put(&self.file(&format!("{id}{CARD}"), "json"), &card_json(model))?;
        Ok(path)
    }

    /// Puts a saved model to use, and says why in the log; nothing happens where it is in use already.
    ///
    /// # Errors
    /// [`ModelError::Io`], [`ModelError::Missing`].
    pub fn promote(&self, id: &str, as_of: Option<Day>, reason: &str) -> Result<(), ModelError> {
        self.put_to_use(id, as_of, "promoted", reason)
    }

    /// Notes that a new model was not put to use.
    ///
    /// # Errors
    /// [`ModelError::Io`].
    pub fn keep(&self, rejected: &str, as_of: Day, reason: &str) -> Result<(), ModelError> {
        self.note(&LogEntry {
            as_of: Some(as_of),
            action: "kept".to_owned(),
            model_id: rejected.to_owned(),
            previous: self.current(),
            reason: reason.to_owned(),
        })
    }

    /// Puts the model to use that was in use before the current one.
    ///
    /// # Errors
    /// [`ModelError::NothingBefore`] where the log names none that is still there, [`ModelError::Io`].
    pub fn roll_back(&self) -> Result<String, ModelError> {
        let nothing = || ModelError::NothingBefore { folder: self.folder() };
        let current = self.current().ok_or_else(nothing)?;
        let log = self.log()?;
        let mut became = log.iter().rev().filter(|entry| entry.action == "promoted" && entry.model_id == current);
        let previous = became.find_map(|entry| entry.previous.clone()).filter(|id| self.file(id, "json").is_file());
        let previous = previous.ok_or_else(nothing)?;
        self.put_to_use(&previous, None, "rolled back", &format!("rolled back from {current}"))?;
        Ok(previous)
    }

    fn put_to_use(&self, id: &str, as_of: Option<Day>, action: &str, reason: &str) -> Result<(), ModelError> {
        if !self.file(id, "json").is_file() {
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
        self.put(&self.dir.join(CURRENT), &format!("{id}\n"))
    }

    /// Every decision, oldest first. Lines that cannot be read are passed over.
    ///
    /// # Errors
    /// [`ModelError::Io`].
    pub fn log(&self) -> Result<Vec<LogEntry>, ModelError> {
        let text = self.read_if_there(&self.dir.join(LOG))?.unwrap_or_default();
        Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    fn note(&self, entry: &LogEntry) -> Result<(), ModelError> {
        let path = self.dir.join(LOG);
        let mut text = self.read_if_there(&path)?.unwrap_or_default();
        let line = serde_json::to_string(entry).unwrap_or_default();
        if text.lines().next_back() != Some(&line) {
            text += &line;
            text.push('\n');
        }
        self.put(&path, &text)
    }

    /// Why no training may take place, if a person said so.
    ///
    /// # Errors
    /// [`ModelError::Io`].
    pub fn pinned(&self) -> Result<Option<String>, ModelError> {
        Ok(self.read_if_there(&self.dir.join(PINNED))?.map(|text| text.trim().to_owned()))
    }

    /// Stays with the current model until [`Registry::unpin`].
    ///
    /// # Errors
    /// [`ModelError::Io`].
    pub fn pin(&self, reason: &str) -> Result<(), ModelError> {
        self.put(&self.dir.join(PINNED), &format!("{reason}\n"))
    }

    /// Trains again when it is due; returns whether it was pinned.
    ///
    /// # Errors
    /// [`ModelError::Io`].
    pub fn unpin(&self) -> Result<bool, ModelError> {
        let path = self.dir.join(PINNED);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(self.refused("remove", &path, source)),
        }
    }

    /// Where the forecasts of replayed days are kept.
    #[must_use]
    pub fn forecasts_folder(&self) -> PathBuf {
        self.dir.join("forecasts")
    }

    /// Where the scores published day by day are kept.
    #[must_use]
    pub fn scores_folder(&self) -> PathBuf {
        self.dir.join("scores")
    }

    fn read_if_there(&self, path: &Path) -> Result<Option<String>, ModelError> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.refused("read", path, source)),
        }
    }

    /// Every model of the folder, newest as-of day first, then by id; files that are no usable model come last.
    ///
    /// # Errors
    /// [`ModelError::Io`] where the folder cannot be read. A folder that is not there has no models.
    pub fn list(&self) -> Result<Vec<SavedModel>, ModelError> {
        let current = self.current();
        let mut models: Vec<SavedModel> = Vec::new();
        for id in self.ids()? {
            let model = WinModel::load(&self.file(&id, "json"));
            models.push(SavedModel { current: current.as_ref() == Some(&id), id, model });
        }
        models.sort_by_key(|saved| {
            (std::cmp::Reverse(saved.model.as_ref().ok().map(|model| model.as_of)), saved.id.clone())
        });
        Ok(models)
    }

    /// The model of this id, of the only id that starts so, or in this file.
    ///
    /// # Errors
    /// [`ModelError::Missing`], [`ModelError::Ambiguous`], and those of [`WinModel::load`].
    pub fn find(&self, wanted: &str) -> Result<WinModel, ModelError> {
        if Path::new(wanted).is_file() {
            return WinModel::load(Path::new(wanted));
        }
        let missing = || ModelError::Missing { wanted: wanted.to_owned(), folder: self.folder() };
        let mut matching = self.ids()?;
        matching.retain(|id| id.starts_with(wanted));
        if matching.iter().any(|id| id == wanted) {
            matching.retain(|id| id == wanted);
        }
        match &matching[..] {
            [] => Err(missing()),
            _ if wanted.is_empty() => Err(missing()),
            [id] => WinModel::load(&self.file(id, "json")),
            _ => Err(ModelError::Ambiguous { wanted: wanted.to_owned(), folder: self.folder(), matching }),
        }
    }

    /// The current model if it may score `as_of`; else the newest that may.
    ///
    /// # Errors
    /// [`ModelError::NoneUsable`] where none is from that day or before, those of [`WinModel::load`] where the current
    /// one cannot be read.
    pub fn usable(&self, as_of: Day) -> Result<WinModel, ModelError> {
        if let Some(id) = self.current() {
            let current = WinModel::load(&self.file(&id, "json"))?;
            if current.as_of <= as_of {
                return Ok(current);
            }
        }
        let models = self.list()?;
        let found = models.len();
        let mut usable = models.into_iter().filter_map(|saved| saved.model.ok()).filter(|model| model.as_of <= as_of);
        let none = || ModelError::NoneUsable { folder: self.folder(), as_of, found };
        usable.next().ok_or_else(none)
    }

    /// The JSON of a model, if reading it gives the model.
    fn stored_form(&self, model: &WinModel, path: &Path) -> Result<String, ModelError> {
        let file = path.display().to_string();
        let corrupt = |reason: String| ModelError::Corrupt { file: file.clone(), reason };
        let json = model.to_json().map_err(|error| corrupt(error.to_string()))?;
        if WinModel::from_json(&json, &file)? == *model {
            Ok(json)
        } else {
            Err(corrupt("it would not read back as it is".to_owned()))
        }
    }

    fn folder(&self) -> String {
        self.dir.display().to_string()
    }

    /// The as-of day of the model in use; none where there is none that can be read.
    #[must_use]
    pub fn current_day(&self) -> Option<Day> {
        Some(WinModel::load(&self.file(&self.current()?, "json")).ok()?.as_of)
    }

    /// The id in the pointer file; none where it points nowhere.
    fn current(&self) -> Option<String> {
        let id = fs::read_to_string(self.dir.join(CURRENT)).ok()?;
        Some(id.trim().to_owned()).filter(|id| self.file(id, "json").is_file())
    }

    /// Stems of the JSON files, sorted.
    fn ids(&self) -> Result<Vec<String>, ModelError> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(self.refused("read", &self.dir, source)),
        };
        let mut ids: Vec<String> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .filter(|stem| !stem.ends_with(CARD))
            .collect();
        ids.sort();
        Ok(ids)
    }

    fn file(&self, id: &str, extension: &str) -> PathBuf {
        self.dir.join(format!("{id}.{extension}"))
    }

    /// Writes a file aside, brings it to the disk and renames it; nothing happens where it says the same already.
    fn put(&self, path: &Path, text: &str) -> Result<(), ModelError> {
        if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
            return Ok(());
        }
        let write = || {
            let mut file = tempfile::Builder::new().prefix(".dealcast-").tempfile_in(&self.dir)?;
            file.write_all(text.as_bytes())?;
            file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)?;
            File::open(&self.dir)?.sync_all()
        };
        write().map_err(|source| self.refused("write", path, source))
    }

    fn refused(&self, action: &'static str, path: &Path, source: io::Error) -> ModelError {
        ModelError::Io { action, file: path.display().to_string(), source }
    }
}

#[cfg(test)]
mod tests;
