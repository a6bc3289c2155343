//! The folder of saved models: `ID.json` with its cards, `current`, the id of the model in use, and `log.jsonl`, how it
//! came to be that.
//!
//! [`WinModel`]s in, [`WinModel`]s out. Decides which may score a day and keeps what was decided; neither trains nor
//! judges.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::card::{card, card_json};
use super::{ModelError, WinModel};
use crate::domain::day::Day;

/// Holds the id of the model in use.
const CURRENT: &str = "current";
/// One decision per line, oldest first.
const LOG: &str = "log.jsonl";
/// Where it is, no training takes place: its line says why.
const PINNED: &str = "pinned";
/// What the stem of a card ends with; not a model.
const CARD: &str = ".card";

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
mod tests {
    use super::*;
    use crate::model::stored_fixtures::{TRAINED, model, model_of};

    /// A registry in a folder that does not exist yet.
    fn empty() -> (tempfile::TempDir, Registry) {
        let parent = tempfile::tempdir().unwrap();
        let registry = Registry::open(&parent.path().join("deep/models"));
        (parent, registry)
    }

    fn with(models: &[&WinModel]) -> (tempfile::TempDir, Registry) {
        let (parent, registry) = empty();
        for model in models {
            registry.save(model).unwrap();
            registry.promote(&model.model_id, None, "by hand").unwrap();
        }
        (parent, registry)
    }

    fn names(registry: &Registry) -> Vec<String> {
        let entries = fs::read_dir(&registry.dir).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn ids(registry: &Registry) -> Vec<String> {
        registry.list().unwrap().into_iter().map(|saved| saved.id).collect()
    }

    fn usable(registry: &Registry, as_of: Day) -> String {
        registry.usable(as_of).unwrap().model_id
    }

    #[test]
    fn what_is_saved_is_found_and_nothing_else_is_left_there() {
        let model = model();
        let (_parent, registry) = with(&[&model]);
        let id = &model.model_id;
        assert_eq!(
            names(&registry),
            [format!("{id}.card.json"), format!("{id}.json"), format!("{id}.md"), CURRENT.to_owned(), LOG.to_owned()]
        );
        assert_eq!(fs::read_to_string(registry.file(id, "md")).unwrap(), card(&model));
        assert_eq!(fs::read_to_string(registry.dir.join(CURRENT)).unwrap(), format!("{id}\n"));
        let path = registry.file(id, "json");
        for wanted in [id.as_str(), &id[..12], path.to_str().unwrap()] {
            assert_eq!(registry.find(wanted).unwrap(), model, "{wanted}");
        }
    }

    #[test]
    fn saving_the_same_again_changes_nothing() {
        let model = model();
        let (_parent, registry) = with(&[&model]);
        // A file that is replaced has another inode.
        let inodes = || -> Vec<u64> {
            use std::os::unix::fs::MetadataExt;
            names(&registry).iter().map(|name| fs::metadata(registry.dir.join(name)).unwrap().ino()).collect()
        };
        let before = inodes();
        registry.save(&model).unwrap();
        assert_eq!(inodes(), before);
    }

    #[test]
    fn a_model_that_would_not_read_back_is_not_saved() {
        let cases: [fn(&mut WinModel); 3] = [
            |m| m.model_id = "../elsewhere".to_owned(),
            |m| m.base_rate = f64::NAN,
            |m| m.evaluation.rows[0].auc = Some(f64::NAN),
        ];
        for change in cases {
            let (_parent, registry) = empty();
            let mut model = model();
            change(&mut model);
            let model = if model.model_id.starts_with('.') { model } else { model.sealed() };
            let error = registry.save(&model).unwrap_err();
            assert!(matches!(error, ModelError::Corrupt { .. }), "{error}");
            assert!(!registry.dir.exists());
        }
    }

    #[test]
    fn the_list_is_newest_first_and_hides_no_broken_file() {
        let (old, new) = (model_of(TRAINED.plus(-30), 0), model_of(TRAINED, 0));
        let (_parent, registry) = with(&[&new, &old]);
        fs::write(registry.dir.join("broken.json"), "{").unwrap();
        fs::write(registry.dir.join("notes.txt"), "not a model").unwrap();
        assert_eq!(ids(&registry), [new.model_id.as_str(), old.model_id.as_str(), "broken"]);
        let saved = registry.list().unwrap();
        assert_eq!(saved.iter().map(|saved| saved.current).collect::<Vec<_>>(), [false, true, false]);
        assert!(matches!(saved[2].model, Err(ModelError::Corrupt { .. })));
        assert_eq!(saved[0].model.as_ref().unwrap(), &new);
    }

    #[test]
    fn a_beginning_must_belong_to_one_id() {
        let (one, two) = (model_of(TRAINED, 1), model_of(TRAINED, 2));
        let (_parent, registry) = with(&[&one, &two]);
        let day = TRAINED.to_string();
        match registry.find(&day).unwrap_err() {
            ModelError::Ambiguous { wanted, matching, .. } => assert_eq!((wanted, matching), (day, ids(&registry))),
            other => panic!("{other}"),
        }
        for wanted in ["", "1999", "no/such.json"] {
            assert!(matches!(registry.find(wanted), Err(ModelError::Missing { .. })), "{wanted:?}");
        }
        // An id that another one begins with is still that id.
        fs::copy(registry.file(&one.model_id, "json"), registry.file(&format!("{}-copy", one.model_id), "json"))
            .unwrap();
        assert_eq!(registry.find(&one.model_id).unwrap(), one);
    }

    #[test]
    fn a_day_is_scored_by_the_current_model_or_the_newest_that_does_not_know_it() {
        let [old, middle, new] = [-60, -30, 0].map(|days| model_of(TRAINED.plus(days), 0));
        let (_parent, registry) = with(&[&new, &middle, &old]);
        assert_eq!(usable(&registry, TRAINED), old.model_id, "the current one, saved last");
        registry.promote(&new.model_id, None, "newer").unwrap();
        assert_eq!(usable(&registry, TRAINED), new.model_id);
        assert_eq!(usable(&registry, TRAINED.plus(-1)), middle.model_id);
        assert_eq!(usable(&registry, TRAINED.plus(-60)), old.model_id);
        match registry.usable(TRAINED.plus(-61)).unwrap_err() {
            ModelError::NoneUsable { as_of, found, .. } => assert_eq!((as_of, found), (TRAINED.plus(-61), 3)),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_pointer_that_points_nowhere_is_no_pointer() {
        let [old, new] = [-30, 0].map(|days| model_of(TRAINED.plus(days), 0));
        let (_parent, registry) = with(&[&new, &old]);
        for text in ["", "gone\n", "../../etc/passwd\n"] {
            fs::write(registry.dir.join(CURRENT), text).unwrap();
            assert_eq!(usable(&registry, TRAINED), new.model_id, "{text:?}");
            assert!(registry.list().unwrap().iter().all(|saved| !saved.current));
        }
    }

    #[test]
    fn a_current_model_that_cannot_be_used_is_not_passed_over() {
        let [old, new] = [-30, 0].map(|days| model_of(TRAINED.plus(days), 0));
        let (_parent, registry) = with(&[&old, &new]);
        let path = registry.file(&new.model_id, "json");
        let json = fs::read_to_string(&path).unwrap();
        let other_version = json.replace("\"format_version\": 2", "\"format_version\": 99");
        let other_layout = json.replace("\"layout\": 2", "\"layout\": 99");
        for (text, expected) in [(other_version, "format_version"), (other_layout, "feature layout")] {
            fs::write(&path, text).unwrap();
            let error = registry.usable(TRAINED).unwrap_err();
            assert!(matches!(error, ModelError::OtherVersion { what, got: 99, .. } if what == expected), "{error}");
        }
        fs::write(&path, &json[..json.len() / 2]).unwrap();
        assert!(matches!(registry.usable(TRAINED), Err(ModelError::Corrupt { .. })));
    }

    #[test]
    fn every_change_of_the_model_in_use_is_logged_and_can_be_taken_back() {
        let [old, middle, new] = [-60, -30, 0].map(|days| model_of(TRAINED.plus(days), 0));
        let (_parent, registry) = with(&[&old, &middle]);
        registry.save(&new).unwrap();
        assert_eq!(usable(&registry, TRAINED), middle.model_id, "saved is not promoted");
        registry.keep(&new.model_id, TRAINED, "worse").unwrap();
        registry.keep(&new.model_id, TRAINED, "worse").unwrap();
        let log = registry.log().unwrap();
        let actions: Vec<&str> = log.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["promoted", "promoted", "kept"], "the same again is said once");
        assert_eq!((&log[1].previous, &log[2].previous), (&Some(old.model_id.clone()), &Some(middle.model_id.clone())));
        registry.promote(&new.model_id, Some(TRAINED), "better").unwrap();
        registry.promote(&new.model_id, Some(TRAINED), "better").unwrap();
        for expected in [&middle, &old] {
            assert_eq!(registry.roll_back().unwrap(), expected.model_id);
            assert_eq!(usable(&registry, TRAINED), expected.model_id);
        }
        assert!(matches!(registry.roll_back(), Err(ModelError::NothingBefore { .. })));
        assert_eq!(registry.log().unwrap().len(), 6);
        assert!(matches!(registry.promote("gone", None, ""), Err(ModelError::Missing { .. })));
    }

    #[test]
    fn a_pin_holds_until_it_is_taken_out() {
        let (_parent, registry) = with(&[&model()]);
        assert_eq!(registry.pinned().unwrap(), None);
        registry.pin("rolled back").unwrap();
        assert_eq!(registry.pinned().unwrap(), Some("rolled back".to_owned()));
        assert!(registry.unpin().unwrap() && !registry.unpin().unwrap());
    }

    #[test]
    fn no_folder_has_no_models() {
        let (_parent, registry) = empty();
        assert!(registry.list().unwrap().is_empty());
        assert!(matches!(registry.find("2026"), Err(ModelError::Missing { .. })));
        assert!(matches!(registry.usable(TRAINED), Err(ModelError::NoneUsable { found: 0, .. })));
    }

    #[test]
    fn a_file_in_the_place_of_the_folder_is_an_error() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("models");
        fs::write(&path, "a file").unwrap();
        let registry = Registry::open(&path);
        assert!(matches!(registry.list(), Err(ModelError::Io { action: "read", .. })));
        assert!(matches!(registry.save(&model()), Err(ModelError::Io { action: "write", .. })));
    }
}
