//! The folder of saved models: [`Registry`]. Saves, lists and finds; which model is in use is decided in
//! [`decisions`](super::decisions).

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::domain::day::Day;
use crate::model::{ModelError, WinModel};
use crate::model::{card, card_json};
use crate::store::file::{check_writable, put_text, remove_leftovers};
use crate::store::folder::outside_runs;
use crate::store::real_path::is_dangling;

/// What the stem of a card ends with; not a model.
const CARD: &str = ".card";

/// A file of so many bytes is no model.
const MOST_BYTES: u64 = 1 << 28;

/// A folder of models; need not exist before the first is saved.
#[derive(Clone, Debug)]
pub struct Registry {
    pub(super) dir: PathBuf,
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

    /// The registry in `dir`, where models are to be kept: that this can be done is checked before the long work. Removes what
    /// a killed process left of its own.
    ///
    /// # Errors
    /// [`ModelError::Unusable`], [`ModelError::Io`].
    pub fn open_to_write(dir: &Path) -> Result<Self, ModelError> {
        let registry = Self::open_to_rehearse(dir)?;
        registry.folders().iter().for_each(|folder| remove_leftovers(folder));
        Ok(registry)
    }

    /// The registry in `dir`, after the checks of [`Registry::open_to_write`]. Changes nothing.
    ///
    /// # Errors
    /// As [`Registry::open_to_write`].
    pub fn open_to_rehearse(dir: &Path) -> Result<Self, ModelError> {
        let registry = Self::open(dir);
        let unusable =
            |reason: &str| Err(ModelError::Unusable { folder: registry.folder(), reason: reason.to_owned() });
        if is_dangling(dir) {
            return unusable("leads through a symbolic link to a folder that is not there");
        }
        if dir.exists() && !dir.is_dir() {
            return unusable("is a file");
        }
        outside_runs(dir).map_err(|error| error.in_models(dir))?;
        for folder in registry.folders() {
            check_writable(&folder).map_err(|error| error.in_models(dir))?;
        }
        Ok(registry)
    }

    /// Every folder that is written into.
    fn folders(&self) -> [PathBuf; 5] {
        let kept = [self.forecasts_folder(), self.run_forecasts_folder(), self.quality_folder()];
        let [forecasts, run_forecasts, quality] = kept;
        [self.dir.clone(), self.scores_folder(), forecasts, run_forecasts, quality]
    }

    /// Saves a model with its cards; whether it is to be used is another question. Files appear whole, and the model after
    /// its cards: where it is found, they are. Saving the same again changes nothing.
    ///
    /// # Errors
    /// [`ModelError::Io`], [`ModelError::Corrupt`] for a model that would not read back as it is: one that is not
    /// sealed, or has a number that is not finite.
    pub fn save(&self, model: &WinModel) -> Result<PathBuf, ModelError> {
        let id = &model.model_id;
        let path = self.file(id, "json");
        let json = self.stored_form(model, &path)?;
        fs::create_dir_all(&self.dir).map_err(|source| self.refused("write", &self.dir, source))?;
        self.put(&format!("{id}.md"), &card(model))?;
        self.put(&format!("{id}{CARD}.json"), &card_json(model))?;
        self.put(&format!("{id}.json"), &json)?;
        Ok(path)
    }

    /// Where the forecasts of replayed days are kept.
    #[must_use]
    pub fn forecasts_folder(&self) -> PathBuf {
        self.dir.join("forecasts")
    }

    /// Where the forecasts of runs are kept.
    #[must_use]
    pub fn run_forecasts_folder(&self) -> PathBuf {
        self.dir.join("run_forecasts")
    }

    /// Where it is kept how good the input was, run by run.
    #[must_use]
    pub fn quality_folder(&self) -> PathBuf {
        self.dir.join("quality")
    }

    /// Where the scores published day by day are kept.
    #[must_use]
    pub fn scores_folder(&self) -> PathBuf {
        self.dir.join("scores")
    }

    /// Every model of the folder, newest as-of day first, then by id; files that are no usable model come last.
    ///
    /// # Errors
    /// [`ModelError::Io`] where the folder cannot be read. A folder that is not there has no models.
    pub fn list(&self) -> Result<Vec<SavedModel>, ModelError> {
        let current = self.current();
        let mut models: Vec<SavedModel> = Vec::new();
        for id in self.ids()? {
            let model = read_model(&self.file(&id, "json"));
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
    /// [`ModelError::Missing`], [`ModelError::Ambiguous`], and those of [`read_model`].
    pub fn find(&self, wanted: &str) -> Result<WinModel, ModelError> {
        if !self.has(wanted) && Path::new(wanted).is_file() {
            return read_model(Path::new(wanted));
        }
        self.find_saved(wanted)
    }

    /// The model of the folder with this id, or with the only id that starts so.
    ///
    /// # Errors
    /// As [`Registry::find`].
    pub fn find_saved(&self, wanted: &str) -> Result<WinModel, ModelError> {
        let missing = || ModelError::Missing { wanted: wanted.to_owned(), folder: self.folder() };
        let mut matching = self.ids()?;
        matching.retain(|id| id.starts_with(wanted));
        if matching.iter().any(|id| id == wanted) {
            matching.retain(|id| id == wanted);
        }
        match &matching[..] {
            [] => Err(missing()),
            _ if wanted.is_empty() => Err(missing()),
            [id] => read_model(&self.file(id, "json")),
            _ => Err(ModelError::Ambiguous { wanted: wanted.to_owned(), folder: self.folder(), matching }),
        }
    }

    /// The current model if it may score `as_of`; else the newest that may.
    ///
    /// # Errors
    /// [`ModelError::NoneUsable`] where none is from that day or before, those of [`read_model`] where the current
    /// one cannot be read.
    pub fn usable(&self, as_of: Day) -> Result<WinModel, ModelError> {
        if let Some(id) = self.current() {
            let current = read_model(&self.file(&id, "json"))?;
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

    pub(super) fn folder(&self) -> String {
        self.dir.display().to_string()
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

    /// Whether there is a model of this id. An id that leads out of the folder is none.
    pub(super) fn has(&self, id: &str) -> bool {
        is_name(id) && self.file(id, "json").is_file()
    }

    pub(super) fn file(&self, id: &str, extension: &str) -> PathBuf {
        self.dir.join(format!("{id}.{extension}"))
    }

    /// Writes the file `name` whole; nothing happens where it says the same already.
    pub(super) fn put(&self, name: &str, text: &str) -> Result<(), ModelError> {
        put_text(&self.dir, name, text).map_err(|source| self.refused("write", &self.dir.join(name), source))
    }

    pub(super) fn refused(&self, action: &'static str, path: &Path, source: io::Error) -> ModelError {
        ModelError::Io { action, file: path.display().to_string(), source }
    }
}

/// Whether `text` is a name in a folder, and no path to elsewhere.
fn is_name(text: &str) -> bool {
    Path::new(text).file_name() == Some(OsStr::new(text))
}

/// Reads the model in the file `path`.
///
/// # Errors
/// [`ModelError::Io`], and those of [`WinModel::from_json`].
pub fn read_model(path: &Path) -> Result<WinModel, ModelError> {
    let file = path.display().to_string();
    let mut bytes = Vec::new();
    match File::open(path).and_then(|model| model.take(MOST_BYTES).read_to_end(&mut bytes)) {
        Ok(read) if read as u64 == MOST_BYTES => {
            let source = io::Error::new(io::ErrorKind::InvalidData, "it is larger than any model");
            Err(ModelError::Io { action: "read", file, source })
        }
        Ok(_) => WinModel::from_json(&String::from_utf8_lossy(&bytes), &file),
        Err(source) => Err(ModelError::Io { action: "read", file, source }),
    }
}
