//! Who may write: one process at a time. Locks end with the process that holds them, however it ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::store::error::OutputError;

/// Waits for `folder`, which is there, to be free, and holds it as long as what is returned lives. For what is read,
/// changed and written back in a moment. Leaves nothing in the folder.
pub(super) fn hold_folder(folder: &Path) -> io::Result<File> {
    let folder = File::open(folder)?;
    folder.lock()?;
    Ok(folder)
}

/// Creates and locks `path`, or says that another process holds it: a run takes long. Whoever holds a lock removes its file at the end, so a file locked here may have been
/// removed between opening and locking: then the next one is tried.
pub(super) fn lock_or_refuse(target: &Path, path: &Path) -> Result<File, OutputError> {
    loop {
        let file = File::options().create(true).truncate(false).write(true).open(path);
        let file = file.map_err(OutputError::io("create", path))?;
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

/// Whether `file` is the one that `path` names.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |m: &fs::Metadata| (m.dev(), m.ino());
    matches!((file.metadata(), fs::metadata(path)), (Ok(open), Ok(named)) if identity(&open) == identity(&named))
}
