//! [`OutputFolder`]: opened before the long work, filled beside its place, put there in one step.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::store::error::OutputError;
use crate::store::file::{OutputFile, fill, sync_folder};
use crate::store::folder::abandon::Abandon;
use crate::store::folder::listing::{Listing, carry_modes, listed};
use crate::store::folder::place::Place;
use crate::store::lock::{check_place_of_lock, lock_or_refuse};
use crate::store::reserved::ReservedPlaces;

/// Names what an earlier run put into a folder, by paths within it.
pub type NamesOurs = fn(&Path) -> BTreeSet<PathBuf>;

/// An output folder being written. Dropping it without [`OutputFolder::commit`] removes what was written.
#[derive(Debug)]
pub struct OutputFolder {
    place: Place,
    partial: PathBuf,
    previous: PathBuf,
    ours: NamesOurs,
    abandon: Abandon,
    // The lock lives as long as this handle.
    _lock: File,
}

impl OutputFolder {
    /// Opens a folder of outputs that a manifest lists; see [`OutputFolder::open_for`].
    ///
    /// # Errors
    /// As [`OutputFolder::open_for`].
    pub fn open(dir: &Path, reserved: &ReservedPlaces) -> Result<Self, OutputError> {
        Self::open_for(dir, listed, reserved)
    }

    /// Checks that `dir` can be written and replaced, locks it and removes what a killed run left beside it.
    /// Parent folders are made. `ours` names what an earlier run put into a folder; everything in it will be replaced.
    ///
    /// # Errors
    /// [`OutputError::Locked`] if another process holds it, [`OutputError::Foreign`] if it holds anything that is not
    /// `ours`, [`OutputError::Overlap`] if it contains or is anything `reserved`, [`OutputError::OfARun`],
    /// [`OutputError::Unusable`] or [`OutputError::Io`] if it can never be written.
    pub fn open_for(dir: &Path, ours: NamesOurs, reserved: &ReservedPlaces) -> Result<Self, OutputError> {
        reserved.check_replaced(dir)?;
        let place = Place::of(dir)?;
        let lock_path = place.beside("lock");
        let lock = lock_or_refuse(&place.target, &lock_path)?;
        let (partial, previous) = (place.beside("partial"), place.beside("previous"));
        let abandon = Abandon::of(lock_path, place.beside("abandoned"));
        let folder = Self { place, partial, previous, ours, abandon, _lock: lock };
        folder.prepare()?;
        Ok(folder)
    }

    /// Checks that a run could write `dir`, and changes nothing.
    ///
    /// # Errors
    /// As [`OutputFolder::open`], but for a folder that another process holds.
    pub fn rehearse(dir: &Path, reserved: &ReservedPlaces) -> Result<(), OutputError> {
        reserved.check_replaced(dir)?;
        let place = Place::found(dir)?;
        check_place_of_lock(&place.beside("lock"))?;
        place.check_replaceable(&within(listed(&place.target)))
    }

    fn prepare(&self) -> Result<(), OutputError> {
        let Self { place, partial, previous, .. } = self;
        let target = &place.target;
        if !target.exists() && previous.exists() {
            fs::rename(previous, target).map_err(OutputError::io("restore", target))?;
        }
        place.check_replaceable(&self.earlier(target))?;
        for leftover in [partial, previous, &place.beside("abandoned")] {
            self.remove_leftover(leftover)?;
        }
        fs::create_dir(partial).map_err(OutputError::io("create", partial))?;
        self.abandon.hold().partial = Some(partial.clone());
        Ok(())
    }

    fn earlier(&self, folder: &Path) -> Listing {
        within((self.ours)(folder))
    }

    /// The folder to be swapped in, for what writes its files itself.
    #[must_use]
    pub fn staging(&self) -> &Path {
        &self.partial
    }

    /// Where the outputs will be.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.place.target
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
        let named = self.target().join(file);
        File::create(&path).and_then(|out| fill(file, &out, content)).map_err(OutputError::io("write", &named))
    }

    /// Puts the written folder in place of the earlier one and removes that. Looks at it again first: others may have put
    /// something there meanwhile.
    ///
    /// # Errors
    /// [`OutputError::Foreign`] or [`OutputError::Io`] (the earlier outputs are then still there),
    /// [`OutputError::Abandoned`].
    pub fn commit(self) -> Result<PathBuf, OutputError> {
        let Self { place, partial, previous, .. } = &self;
        let mut unfinished = self.abandon.hold();
        if unfinished.partial.is_none() {
            return Err(OutputError::Abandoned);
        }
        let earlier = self.earlier(&place.target);
        place.check_replaceable(&earlier)?;
        if place.target.is_dir() {
            carry_modes(&place.target, partial).map_err(OutputError::io("set the mode of", &place.target))?;
        }
        sync_folder(partial).map_err(OutputError::io("sync", &place.target))?;
        self.swap()?;
        unfinished.partial = None;
        sync_folder(&place.parent).map_err(OutputError::io("sync", &place.parent))?;
        drop(unfinished);
        // What is left beside the new outputs is the earlier run.
        // If that fails, the next run tries again.
        let _ = self.remove_or_keep(&earlier, partial);
        let _ = self.remove_or_keep(&earlier, previous);
        Ok(place.target.clone())
    }

    fn swap(&self) -> Result<(), OutputError> {
        let target = self.target();
        let replace = OutputError::io("replace", target);
        if !target.exists() {
            return fs::rename(&self.partial, target).map_err(replace);
        }
        if renameat_with(CWD, &self.partial, CWD, target, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
        // No exchange on this file system: two steps, and `open` undoes the first if the second never comes.
        fs::rename(target, &self.previous).map_err(replace)?;
        fs::rename(&self.partial, target).map_err(|source| {
            let _ = fs::rename(&self.previous, target);
            OutputError::Io { action: "replace", path: target.to_owned(), source }
        })
    }

    /// Removes what a killed run left: the half of a new one, or an earlier one, which is listed.
    fn remove_leftover(&self, leftover: &Path) -> Result<(), OutputError> {
        let earlier = self.earlier(leftover);
        if !earlier.0.is_empty() {
            return self.remove_or_keep(&earlier, leftover);
        }
        match fs::remove_dir_all(leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(OutputError::io("remove", leftover)(error)),
            _ => Ok(()),
        }
    }

    /// Removes the files of an earlier run. A folder in which somebody has put something at the last moment is kept, beside
    /// the destination.
    fn remove_or_keep(&self, earlier: &Listing, folder: &Path) -> Result<(), OutputError> {
        let is_gone = !folder.exists() || earlier.remove_from(folder);
        // What is ours and cannot be removed is no reason: the next run tries again.
        if is_gone || matches!(earlier.foreign_in(folder), Ok(None)) {
            return Ok(());
        }
        for number in 1.. {
            let mut name = self.target().as_os_str().to_owned();
            name.push(format!(".kept-{number}"));
            match renameat_with(CWD, folder, CWD, &name, RenameFlags::NOREPLACE) {
                Err(rustix::io::Errno::EXIST | rustix::io::Errno::NOTEMPTY) => {}
                Err(error) => return Err(OutputError::io("keep", folder)(error.into())),
                Ok(()) => {
                    let kept = Path::new(&name).display();
                    tracing::warn!(folder = %kept, "the folder that was replaced held something else, which is kept");
                    break;
                }
            }
        }
        Ok(())
    }
}

/// What a list names. Whatever it says, what lies outside is not ours.
fn within(mut ours: BTreeSet<PathBuf>) -> Listing {
    ours.retain(|path| path.components().all(|part| matches!(part, Component::Normal(_))));
    Listing(ours)
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        self.abandon.abandon();
    }
}
