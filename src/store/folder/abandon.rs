//! How an output folder is given up: by its own end, or by whoever hears an interrupt.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Lets another thread (the one that hears an interrupt) give the folder up.
#[derive(Clone, Debug)]
pub struct Abandon(Arc<Mutex<Unfinished>>);

/// What stands beside the destination while it is being written.
#[derive(Debug)]
pub(super) struct Unfinished {
    /// The folder of what is written so far; none once it was swapped in or given up.
    pub(super) partial: Option<PathBuf>,
    /// The locked file; none once it was removed.
    lock: Option<PathBuf>,
    /// Where what was written is moved to be removed.
    doomed: PathBuf,
}

impl Abandon {
    /// Of a folder of which nothing is written yet, under the file that is locked for it; `doomed` is the name it gets
    /// while it is removed.
    pub(super) fn of(lock: PathBuf, doomed: PathBuf) -> Self {
        Self(Arc::new(Mutex::new(Unfinished { partial: None, lock: Some(lock), doomed })))
    }

    /// Removes what was written so far and gives up the lock. Waits for a swap in progress; removes nothing after it.
    pub fn abandon(&self) {
        let mut held = self.hold();
        if let Some(partial) = held.partial.take() {
            // Moved first, so that a writer at work cannot put new files where we are removing.
            let doomed = &held.doomed;
            let gone = if fs::rename(&partial, doomed).is_ok() { doomed } else { &partial };
            let _ = fs::remove_dir_all(gone);
        }
        // Still locked by the handle: whoever opened the file meanwhile sees that it is no longer the one in place.
        if let Some(lock) = held.lock.take() {
            let _ = fs::remove_file(lock);
        }
    }

    pub(super) fn hold(&self) -> MutexGuard<'_, Unfinished> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
