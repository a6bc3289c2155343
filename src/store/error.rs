//! Why something could not be brought to the disk: [`OutputError`].

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

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
    /// The folder holds no finished run, or not one of this version.
    #[error("{} holds no finished run that can be checked: {reason}", dir.display())]
    NoRun {
        /// The folder.
        dir: PathBuf,
        /// What its manifest is.
        reason: String,
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
    /// The folder was given up through [`Abandon`](crate::store::folder::Abandon).
    #[error("interrupted")]
    Abandoned,
}

impl OutputError {
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}
