//! The folder single tables are written into, beside what is there: [`TableFolder`].
//!
//! Checked before the work begins, so that the answer is not lost at the end of it.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::store::error::OutputError;
use crate::store::file::{OutputFile, check_writable, remove_leftovers, write_file};
use crate::store::folder::outside_runs;
use crate::store::real_path::{is_dangling, real_path};
use crate::store::reserved::ReservedPlaces;

/// A folder tables may be written into; need not exist.
#[derive(Clone, Debug)]
pub struct TableFolder {
    folder: PathBuf,
    reserved: ReservedPlaces,
}

impl TableFolder {
    /// Checks that files may be put into `folder`, and removes what a killed process left of its own there.
    ///
    /// # Errors
    /// [`OutputError::OfARun`] in the outputs of a nightly run, whose manifest would no longer be true;
    /// [`OutputError::Overlap`], [`OutputError::Unusable`] or [`OutputError::Io`] where it can never be written.
    pub fn open(folder: PathBuf, reserved: ReservedPlaces) -> Result<Self, OutputError> {
        let unusable = |reason| Err(OutputError::Unusable { path: folder.clone(), reason });
        if is_dangling(&folder) {
            return unusable("it leads through a symbolic link to a folder that is not there");
        }
        if folder.exists() && !folder.is_dir() {
            return unusable("it is a file");
        }
        outside_runs(&folder)?;
        reserved.check_added_to(&folder)?;
        check_writable(&folder)?;
        remove_leftovers(&folder);
        Ok(Self { folder, reserved })
    }

    /// Writes the file `name`; see [`write_file`]. Where a link stands in its place, the file it leads to is written.
    ///
    /// # Errors
    /// As [`write_file`], and [`OutputError::Overlap`] where the file is one that is read.
    pub fn write(
        &self,
        name: &str,
        content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<Option<u64>>,
    ) -> Result<OutputFile, OutputError> {
        let path = self.path(name);
        if is_dangling(&path) {
            return Err(OutputError::Unusable { path, reason: "it is a symbolic link to a file that is not there" });
        }
        let real = real_path(&path).map_err(OutputError::io("resolve", &path))?;
        self.reserved.check_file(&real)?;
        outside_runs(&real)?;
        if real.exists() && !real.is_file() {
            return Err(OutputError::Unusable { path, reason: "something else than a file is there" });
        }
        write_file(&real, content).map_err(|error| error.named(&path))
    }

    /// Where the file `name` is written, as the user knows it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}
