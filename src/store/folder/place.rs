//! May this folder be replaced, and where are the things of its run kept meanwhile?

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::store::error::OutputError;
use crate::store::file::check_writable;
use crate::store::folder::listing::{Listing, listed};
use crate::store::real_path::{is_dangling, real_path};

/// The longest ending of a hidden name beside the folder, with the dot before it.
const LONGEST_ENDING: usize = ".".len() + ".dealcast-abandoned".len();
/// The longest name file systems take.
const LONGEST_NAME: usize = 255;

/// A destination, and the hidden names beside it that belong to its runs.
#[derive(Debug)]
pub(super) struct Place {
    /// Absolute, without symbolic links.
    pub target: PathBuf,
    /// Its folder.
    pub parent: PathBuf,
}

impl Place {
    /// The destination `dir`, its parents made.
    pub(super) fn of(dir: &Path) -> Result<Self, OutputError> {
        let place = Self::found(dir)?;
        fs::create_dir_all(&place.parent).map_err(OutputError::io("create", &place.parent))?;
        Ok(place)
    }

    /// The destination `dir`, its parents not yet made.
    pub(super) fn found(dir: &Path) -> Result<Self, OutputError> {
        let unusable = |reason| OutputError::Unusable { path: dir.to_owned(), reason };
        if is_dangling(dir) {
            return Err(unusable("it leads through a symbolic link to a folder that is not there"));
        }
        if dir.exists() && !dir.is_dir() {
            return Err(unusable("it is a file"));
        }
        let target = real_path(dir).map_err(OutputError::io("resolve", dir))?;
        let (Some(parent), Some(name)) = (target.parent().map(Path::to_owned), target.file_name()) else {
            return Err(unusable("it has no parent folder"));
        };
        if name.len() + LONGEST_ENDING > LONGEST_NAME {
            return Err(unusable("its name is too long: hidden names with a longer ending are made beside it"));
        }
        outside_runs(&parent)?;
        check_writable(&parent).map_err(|error| error.named(dir))?;
        Ok(Self { target, parent })
    }

    /// The name of this ending beside the destination: `.out.dealcast-lock`. Nobody else's file is called so.
    pub(super) fn beside(&self, ending: &str) -> PathBuf {
        let mut hidden = OsString::from(".");
        hidden.push(self.target.file_name().unwrap_or(OsStr::new("")));
        hidden.push(".dealcast-");
        hidden.push(ending);
        self.parent.join(hidden)
    }

    /// The destination may be absent, empty, or hold nothing but what is `ours`.
    pub(super) fn check_replaceable(&self, ours: &Listing) -> Result<(), OutputError> {
        let Self { target, parent } = self;
        let read = |path: &Path| fs::symlink_metadata(path).map_err(OutputError::io("read", path));
        let unusable = |reason| Err(OutputError::Unusable { path: target.clone(), reason });
        if !target.exists() && !target.is_symlink() {
            return Ok(());
        }
        let metadata = read(target)?;
        if !metadata.is_dir() {
            return unusable("it is no folder");
        }
        if metadata.dev() != read(parent)?.dev() {
            return unusable("it is a mount point, which cannot be replaced as a whole; name a folder inside it");
        }
        if rustix::fs::access(target, rustix::fs::Access::WRITE_OK).is_err() {
            return unusable("it is write-protected");
        }
        match ours.foreign_in(target).map_err(OutputError::io("read", target))? {
            Some(entry) => Err(OutputError::Foreign { dir: target.clone(), entry }),
            None => Ok(()),
        }
    }
}

/// Whether `path` lies outside the outputs of every nightly run: what is put there makes their manifest untrue, is lost when
/// they are replaced, or keeps them from being replaced.
///
/// # Errors
/// [`OutputError::OfARun`].
pub fn outside_runs(path: &Path) -> Result<(), OutputError> {
    let real = real_path(path).map_err(OutputError::io("resolve", path))?;
    match real.ancestors().find(|folder| !listed(folder).is_empty()) {
        Some(run) => Err(OutputError::OfARun { path: path.to_owned(), run: run.to_owned() }),
        None => Ok(()),
    }
}
