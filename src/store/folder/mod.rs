//! The output folder: written aside, swapped in whole, never half.
//!
//! [`OutputFolder::open`] checks the destination *before* the long work and takes a lock beside it; files go to a
//! hidden folder next to the destination; [`OutputFolder::commit`] exchanges the two in one step. Whatever happens
//! before that step (error, full disk, interrupt, power loss) leaves the earlier outputs as they were.
//! [`write_file`] does the same for one file. Knows nothing of what the files mean, except that `manifest.json` lists
//! them under `files`.

mod file;
mod place;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use thiserror::Error;

use file::fill;
pub use file::{WrittenFile, write_file};
use place::{check_replaceable, listed, lock, resolve};

/// The file that lists the others; a folder without it was not written by us.
pub const MANIFEST: &str = "manifest.json";

/// Why an output folder could not be opened or completed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OutputError {
    /// Another process writes to the same folder.
    #[error("another run is writing to {}: {} is locked", dir.display(), lock.display())]
    Locked {
        /// The output folder.
        dir: PathBuf,
        /// The locked file.
        lock: PathBuf,
    },
    /// The folder holds things no run of ours wrote; replacing it would lose them.
    #[error("{} holds {entry:?}, which was not written by this command; it replaces the whole folder", dir.display())]
    Foreign {
        /// The output folder.
        dir: PathBuf,
        /// The first thing found that its manifest does not list.
        entry: OsString,
    },
    /// The path cannot be a folder of outputs.
    #[error("{} cannot be an output folder: {reason}", path.display())]
    Unusable {
        /// The path given.
        path: PathBuf,
        /// Why not.
        reason: &'static str,
    },
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried: `write`, `replace`…
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// The folder was given up through [`Abandon`].
    #[error("interrupted")]
    Abandoned,
}

impl OutputError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}

/// Lets another thread (the one that hears an interrupt) give the folder up.
#[derive(Clone, Debug)]
pub struct Abandon(Arc<Mutex<Held>>);

/// What stands beside the destination while it is being written.
#[derive(Debug)]
struct Held {
    /// The folder of what is written so far; none once it was swapped in or given up.
    partial: Option<PathBuf>,
    /// The locked file; none once it was removed.
    lock: Option<PathBuf>,
}

impl Abandon {
    /// Removes what was written so far and gives up the lock. Waits for a swap in progress; removes nothing after it.
    pub fn abandon(&self) {
        let mut held = self.hold();
        if let Some(partial) = held.partial.take() {
            // Moved first, so that a writer at work cannot put new files where we are removing.
            let doomed = partial.with_extension("abandoned");
            let gone = if fs::rename(&partial, &doomed).is_ok() { doomed } else { partial };
            let _ = fs::remove_dir_all(gone);
        }
        // Still locked by the handle: whoever opened the file meanwhile sees that it is no longer the one in place.
        if let Some(lock) = held.lock.take() {
            let _ = fs::remove_file(lock);
        }
    }

    fn hold(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An output folder being written. Dropping it without [`OutputFolder::commit`] removes what was written.
#[derive(Debug)]
pub struct OutputFolder {
    target: PathBuf,
    parent: PathBuf,
    partial: PathBuf,
    previous: PathBuf,
    abandon: Abandon,
    // The lock lives as long as this handle.
    _lock: File,
}

impl OutputFolder {
    /// Opens a folder of outputs that a manifest lists; see [`OutputFolder::open_for`].
    ///
    /// # Errors
    /// As [`OutputFolder::open_for`].
    pub fn open(dir: &Path) -> Result<Self, OutputError> {
        Self::open_for(dir, listed)
    }

    /// Checks that `dir` can be written and replaced, locks it and removes what a killed run left beside it.
    /// Parent folders are made. `ours` names what an earlier run put into a folder; everything in it will be replaced.
    ///
    /// # Errors
    /// [`OutputError::Locked`] if another process holds it, [`OutputError::Foreign`] if it holds anything that is not
    /// `ours`, [`OutputError::Unusable`] or [`OutputError::Io`] if it can never be written.
    pub fn open_for(dir: &Path, ours: impl Fn(&Path) -> BTreeSet<String>) -> Result<Self, OutputError> {
        let target = resolve(dir)?;
        let (Some(parent), Some(name)) = (target.parent().map(Path::to_owned), target.file_name()) else {
            return Err(OutputError::Unusable { path: target, reason: "it has no parent folder" });
        };
        let beside = |prefix: &str, suffix: &str| {
            let mut sibling = OsString::from(prefix);
            sibling.push(name);
            sibling.push(suffix);
            parent.join(sibling)
        };
        let lock_path = beside("", ".lock");
        let lock = lock(&target, &lock_path)?;
        let (partial, previous) = (beside(".", ".partial"), beside(".", ".previous"));
        let held = Held { partial: None, lock: Some(lock_path) };
        let folder =
            Self { target, parent, partial, previous, abandon: Abandon(Arc::new(Mutex::new(held))), _lock: lock };
        folder.prepare(ours)?;
        Ok(folder)
    }

    fn prepare(&self, ours: impl Fn(&Path) -> BTreeSet<String>) -> Result<(), OutputError> {
        let Self { target, parent, partial, previous, .. } = self;
        if !target.exists() && previous.exists() {
            fs::rename(previous, target).map_err(OutputError::io("restore", target))?;
        }
        check_replaceable(target, parent, &ours(target))?;
        for leftover in [partial, previous, &partial.with_extension("abandoned")] {
            remove_dir(leftover)?;
        }
        fs::create_dir(partial).map_err(OutputError::io("create", partial))?;
        self.abandon.hold().partial = Some(partial.clone());
        Ok(())
    }

    /// The folder to be swapped in, for what writes its files itself.
    #[must_use]
    pub fn staging(&self) -> &Path {
        &self.partial
    }

    /// Where the outputs will be.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// A handle for the thread that hears interrupts.
    #[must_use]
    pub fn abandon_handle(&self) -> Abandon {
        self.abandon.clone()
    }

    /// Writes one file and brings it to the disk. `content` fills it and returns its rows, if it is a table.
    ///
    /// # Errors
    /// [`OutputError::Io`], a full disk included.
    pub fn write(
        &self,
        file: &str,
        content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<Option<u64>>,
    ) -> Result<WrittenFile, OutputError> {
        let path = self.partial.join(file);
        // The destination is named, not the hidden folder: that is what the user knows.
        let named = self.target.join(file);
        File::create(&path).and_then(|out| fill(file, &out, content)).map_err(OutputError::io("write", &named))
    }

    /// Puts the written folder in place of the earlier one and removes that.
    ///
    /// # Errors
    /// [`OutputError::Io`] (the earlier outputs are then still there), [`OutputError::Abandoned`].
    pub fn commit(self) -> Result<PathBuf, OutputError> {
        let mut held = self.abandon.hold();
        if held.partial.is_none() {
            return Err(OutputError::Abandoned);
        }
        sync_dir(&self.partial)?;
        self.swap()?;
        held.partial = None;
        drop(held);
        sync_dir(&self.parent)?;
        // What is left beside the new outputs is the earlier run; the next run would remove it too.
        let _ = remove_dir(&self.partial).and_then(|()| remove_dir(&self.previous));
        Ok(self.target.clone())
    }

    fn swap(&self) -> Result<(), OutputError> {
        let replace = OutputError::io("replace", &self.target);
        if !self.target.exists() {
            return fs::rename(&self.partial, &self.target).map_err(replace);
        }
        if renameat_with(CWD, &self.partial, CWD, &self.target, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
        // No exchange on this file system: two steps, and `open` undoes the first if the second never comes.
        fs::rename(&self.target, &self.previous).map_err(replace)?;
        fs::rename(&self.partial, &self.target).map_err(|source| {
            let _ = fs::rename(&self.previous, &self.target);
            OutputError::Io { action: "replace", path: self.target.clone(), source }
        })
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        self.abandon.abandon();
    }
}

fn remove_dir(path: &Path) -> Result<(), OutputError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(OutputError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

fn sync_dir(path: &Path) -> Result<(), OutputError> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(OutputError::io("sync", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(folder: &OutputFolder, file: &str, text: &str) -> WrittenFile {
        folder.write(file, |out| out.write_all(text.as_bytes()).map(|()| None)).expect("written")
    }

    fn publish(dir: &Path, text: &str) {
        let folder = OutputFolder::open(dir).expect("opens");
        put(&folder, "a.csv", text);
        put(&folder, MANIFEST, r#"{"files":[{"file":"a.csv"}]}"#);
        folder.commit().expect("committed");
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .expect("reads")
            .map(|e| e.expect("entry").file_name().into_string().expect("text"))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_run_replaces_the_earlier_one_and_leaves_nothing_else() {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("deep/out");
        publish(&dir, "one");
        publish(&dir, "two");
        assert_eq!(fs::read_to_string(dir.join("a.csv")).expect("there"), "two");
        assert_eq!(names(&home.path().join("deep")), ["out"]);
    }

    #[test]
    fn dropping_or_abandoning_leaves_the_earlier_run() {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("out");
        publish(&dir, "one");
        let folder = OutputFolder::open(&dir).expect("opens");
        put(&folder, "a.csv", "half");
        drop(folder);
        let folder = OutputFolder::open(&dir).expect("opens again");
        put(&folder, "a.csv", "half");
        folder.abandon_handle().abandon();
        assert!(matches!(folder.commit(), Err(OutputError::Abandoned)));
        assert_eq!(fs::read_to_string(dir.join("a.csv")).expect("there"), "one");
        assert_eq!(names(home.path()), ["out"]);
    }

    #[test]
    fn one_run_at_a_time() {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("out");
        let first = OutputFolder::open(&dir).expect("opens");
        assert!(matches!(OutputFolder::open(&dir), Err(OutputError::Locked { .. })));
        drop(first);
        OutputFolder::open(&dir).expect("free again");
    }

    #[test]
    fn what_others_put_there_is_never_replaced() {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("out");
        publish(&dir, "one");
        fs::write(dir.join("notes.txt"), "mine").expect("written");
        let error = OutputFolder::open(&dir).expect_err("foreign");
        assert!(matches!(&error, OutputError::Foreign { entry, .. } if entry == "notes.txt"), "{error}");
        assert!(matches!(OutputFolder::open(Path::new("/")), Err(OutputError::Unusable { .. })));
    }

    #[test]
    fn leftovers_of_killed_runs_are_cleaned_or_restored() {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("out");
        publish(&dir, "one");
        fs::rename(&dir, home.path().join(".out.previous")).expect("killed between the two steps");
        fs::create_dir(home.path().join(".out.partial")).expect("made");
        fs::write(home.path().join(".out.partial/x"), "half").expect("written");
        drop(OutputFolder::open(&dir).expect("opens"));
        assert_eq!(fs::read_to_string(dir.join("a.csv")).expect("restored"), "one");
        assert_eq!(names(home.path()), ["out"]);
    }
}
