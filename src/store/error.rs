//! Why something could not be brought to the disk: [`OutputError`].

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::model::ModelError;

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
        entry: PathBuf,
    },
    /// The folder would replace, or be put into, something that is needed.
    #[error("{} {relation} {}, {what}", path.display(), other.display())]
    Overlap {
        /// The output.
        path: PathBuf,
        /// `is`, `contains` or `lies in`.
        relation: &'static str,
        /// What is needed.
        other: PathBuf,
        /// What that is.
        what: &'static str,
    },
    /// The output would lie in those of a nightly run.
    #[error("{} lies in {}, which holds the outputs of a nightly run and nothing else", path.display(), run.display())]
    OfARun {
        /// The output.
        path: PathBuf,
        /// The folder of the run.
        run: PathBuf,
    },
    /// The path cannot be written to.
    #[error("{} cannot be written to: {reason}", path.display())]
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
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    /// The same, of the path the user knows.
    pub(super) fn named(self, path: &Path) -> Self {
        match self {
            Self::Io { action, source, .. } => Self::Io { action, path: path.to_owned(), source },
            other => other,
        }
    }

    /// The same, met in the folder of models `folder`.
    pub(super) fn in_models(self, folder: &Path) -> ModelError {
        match self {
            Self::Io { action, path, source } => ModelError::Io { action, file: path.display().to_string(), source },
            Self::OfARun { run, .. } => {
                let reason = format!("lies in {}, which holds the outputs of a nightly run", run.display());
                ModelError::Unusable { folder: folder.display().to_string(), reason }
            }
            other => {
                let reason = format!("cannot be written to: {other}");
                ModelError::Unusable { folder: folder.display().to_string(), reason }
            }
        }
    }
}
