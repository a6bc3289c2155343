//! Who may write: one process at a time. Locks end with the process that holds them, however it ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

use crate::store::error::OutputError;

/// Why a lock cannot be where it has to be.
const IN_THE_WAY: &str = "it is in the way: a lock goes there";

/// Waits for `folder`, which is there, to be free, and holds it as long as what is returned lives. For what is read,
/// changed and written back in a moment. Leaves nothing in the folder.
pub(super) fn hold_folder(folder: &Path) -> io::Result<File> {
    let folder = File::open(folder)?;
    folder.lock()?;
    Ok(folder)
}

/// Creates and locks `path`, or says that another process holds it: a run takes long. Whoever holds a lock removes its
/// file at the end, so a file locked here may have been removed between opening and locking: then the next one is tried.
/// What stands there and is no lock of ours, which are empty files, is left alone.
pub(super) fn lock_or_refuse(target: &Path, path: &Path) -> Result<File, OutputError> {
    loop {
        let file = open_no_link(path).map_err(OutputError::io("create", path))?;
        let metadata = file.metadata().map_err(OutputError::io("read", path))?;
        if !metadata.is_file() || metadata.len() > 0 {
            return Err(OutputError::Unusable { path: path.to_owned(), reason: IN_THE_WAY });
        }
        match file.try_lock() {
            Ok(()) if is_at(&file, path) => return Ok(file),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OutputError::Locked { dir: target.to_owned(), lock: path.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(OutputError::io("lock", path)(source)),
        }
    }
}

/// Whether a lock could be put at `path`: nothing is there, or a lock.
pub(super) fn check_place_of_lock(path: &Path) -> Result<(), OutputError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() || metadata.len() > 0 => {
            Err(OutputError::Unusable { path: path.to_owned(), reason: IN_THE_WAY })
        }
        _ => Ok(()),
    }
}

/// Opens `path`, making it where it is not there; a link is refused.
fn open_no_link(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    File::options().create(true).truncate(false).write(true).custom_flags(flags.bits().cast_signed()).open(path)
}

/// Locks `path` where it is a file that nobody holds; none where somebody does.
pub(super) fn lock_if_free(path: &Path) -> Option<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path).ok()?;
    let is_free = file.metadata().is_ok_and(|metadata| metadata.is_file()) && file.try_lock().is_ok();
    (is_free && is_at(&file, path)).then_some(file)
}

/// Whether `file` is the one that `path` names.
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    let identity = |m: &fs::Metadata| (m.dev(), m.ino());
    matches!((file.metadata(), fs::symlink_metadata(path)), (Ok(open), Ok(named)) if identity(&open) == identity(&named))
}
