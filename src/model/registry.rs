//! The folder of saved models: `ID.json`, `ID.md` (the card) and `current`, the id of the model last saved.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{ModelError, WinModel};
use crate::domain::day::Day;

/// Holds the id of the model in use.
const CURRENT: &str = "current";

/// A folder of models; need not exist before the first is saved.
#[derive(Clone, Debug)]
pub struct Registry {
    dir: PathBuf,
}

/// A file of the folder.
#[derive(Debug)]
pub struct SavedModel {
    /// The file's stem: the id of the model, if it is one.
    pub id: String,
    /// Whether `current` names it.
    pub current: bool,
    /// The model, or why it cannot be used.
    pub model: Result<WinModel, ModelError>,
}

impl Registry {
    /// The registry in `dir`.
    #[must_use]
    pub fn open(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// Saves a model with its card and makes it the current one. Files appear whole, the pointer last.
    ///
    /// # Errors
    /// [`ModelError::Io`], [`ModelError::Corrupt`] for a model with a number that is not finite.
    pub fn save(&self, model: &WinModel, card: &str) -> Result<PathBuf, ModelError> {
        fs::create_dir_all(&self.dir).map_err(|source| self.refused("write", &self.dir, source))?;
        let path = self.file(&model.model_id, "json");
        let json = model
            .to_json()
            .map_err(|error| ModelError::Corrupt { file: path.display().to_string(), reason: error.to_string() })?;
        let files = [(path.clone(), json.as_str()), (self.file(&model.model_id, "md"), card)];
        for (path, text) in files.iter().map(|(path, text)| (path, *text)) {
            self.put(path, text)?;
        }
        self.put(&self.dir.join(CURRENT), &format!("{}\n", model.model_id))?;
        Ok(path)
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
    /// [`ModelError::Missing`], and those of [`WinModel::load`].
    pub fn find(&self, wanted: &str) -> Result<WinModel, ModelError> {
        if Path::new(wanted).is_file() {
            return WinModel::load(Path::new(wanted));
        }
        let ids = self.ids()?;
        let mut matching: Vec<&String> = ids.iter().filter(|id| id.starts_with(wanted)).collect();
        if matching.iter().any(|id| *id == wanted) {
            matching.retain(|id| *id == wanted);
        }
        match matching[..] {
            [id] => WinModel::load(&self.file(id, "json")),
            _ => Err(ModelError::Missing { wanted: wanted.to_owned(), folder: self.dir.display().to_string() }),
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
        let none = || ModelError::NoneUsable { folder: self.dir.display().to_string(), as_of, found };
        usable.next().ok_or_else(none)
    }

    /// The id in the pointer file.
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
