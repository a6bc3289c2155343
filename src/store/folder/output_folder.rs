//! [`OutputFolder`]: opened before the long work, filled beside its place, put there in one step.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::store::error::OutputError;
use crate::store::file::{OutputFile, fill, sync_folder};
use crate::store::folder::abandon::Abandon;
use crate::store::folder::place::{check_replaceable, listed, resolve};
use crate::store::lock::lock_or_refuse;

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
        let lock = lock_or_refuse(&target, &lock_path)?;
        let (partial, previous) = (beside(".", ".partial"), beside(".", ".previous"));
        let folder = Self { target, parent, partial, previous, abandon: Abandon::of(lock_path), _lock: lock };
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
    ) -> Result<OutputFile, OutputError> {
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
        let mut unfinished = self.abandon.hold();
        if unfinished.partial.is_none() {
            return Err(OutputError::Abandoned);
        }
        sync_folder(&self.partial).map_err(OutputError::io("sync", &self.partial))?;
        self.swap()?;
        unfinished.partial = None;
        drop(unfinished);
        sync_folder(&self.parent).map_err(OutputError::io("sync", &self.parent))?;
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
