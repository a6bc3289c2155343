//! One file: counted, hashed, brought to the disk; a single one under its name only once it is complete.
//!
//! Knows nothing of what the file means.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::store::error::OutputError;
use crate::store::lock::{is_at, lock_if_free};
use crate::store::real_path::real_path;

/// How the hidden names of files begin that are being written.
const ASIDE: &str = ".dealcast-";

/// A file as it was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OutputFile {
    /// Name in the folder.
    pub file: String,
    /// Rows, for tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Length.
    pub bytes: u64,
    /// BLAKE3 of the content, hexadecimal.
    pub blake3: String,
}

/// Writes the single file `path`, making its folder; an earlier file of that name stays whole until this one is.
///
/// # Errors
/// [`OutputError::Io`], a full disk included; [`OutputError::Unusable`] where `path` names no file.
pub fn write_file(
    path: &Path,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<Option<u64>>,
) -> Result<OutputFile, OutputError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(OsStr::to_str)) else {
        return Err(OutputError::Unusable { path: path.to_owned(), reason: "it names no file" });
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    fs::create_dir_all(folder).map_err(OutputError::io("create", folder))?;
    replace_file(folder, name, content).map_err(OutputError::io("write", path))
}

/// Writes `text` to the file `name` of `folder`, which is there; nothing happens where it says the same already.
pub(super) fn put_text(folder: &Path, name: &str, text: &str) -> io::Result<()> {
    if fs::read(folder.join(name)).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    replace_file(folder, name, |out| out.write_all(text.as_bytes()).map(|()| None)).map(drop)
}

/// Writes the file `name` of `folder` aside, brings it to the disk and renames it. It keeps the mode of an earlier one.
fn replace_file(
    folder: &Path,
    name: &str,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<Option<u64>>,
) -> io::Result<OutputFile> {
    let (aside, place) = (locked_aside(folder)?, folder.join(name));
    let written = fill(name, aside.as_file(), content)?;
    if let Some(was) = fs::symlink_metadata(&place).ok().filter(fs::Metadata::is_file) {
        aside.as_file().set_permissions(fs::Permissions::from_mode(was.mode() & 0o7777))?;
    }
    aside.persist(place).map_err(|refused| refused.error)?;
    sync_folder(folder)?;
    Ok(written)
}

/// A new hidden file in `folder`, locked as long as it is written: what is not locked was left by a killed process.
fn locked_aside(folder: &Path) -> io::Result<NamedTempFile> {
    loop {
        // Temporary files are made for their owner alone; a result is for whoever the umask says.
        let everyone = fs::Permissions::from_mode(0o666);
        let aside = tempfile::Builder::new().prefix(ASIDE).permissions(everyone).tempfile_in(folder)?;
        aside.as_file().lock()?;
        // Somebody who cleans up may have taken it for a leftover in the moment before it was locked.
        if is_at(aside.as_file(), aside.path()) {
            return Ok(aside);
        }
    }
}

/// Removes the files that killed processes were writing aside in `folder`. What cannot be removed stays.
pub(super) fn remove_leftovers(folder: &Path) {
    let is_aside = |name: &str| {
        name.strip_prefix(ASIDE).is_some_and(|end| end.len() == 6 && end.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        if entry.file_name().to_str().is_some_and(is_aside) {
            let path = entry.path();
            if let Some(_held) = lock_if_free(&path) {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

/// Whether files can be made in `folder`, or, where it is not there, in the folder it would be made in.
pub(super) fn check_writable(folder: &Path) -> Result<(), OutputError> {
    let real = real_path(folder).map_err(OutputError::io("resolve", folder))?;
    let there = real.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    // A file without a name: nothing is left, whatever happens.
    tempfile::tempfile_in(there).map(drop).map_err(OutputError::io("write", folder))
}

/// The text of `path`; none where there is no such file.
pub(super) fn read_if_there(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Brings the names in `folder` to the disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Fills `file` with `content` and brings it to the disk.
pub(super) fn fill(
    name: &str,
    file: &File,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<Option<u64>>,
) -> io::Result<OutputFile> {
    let mut out =
        BufWriter::with_capacity(1 << 17, TallyingWriter { inner: file, hash: blake3::Hasher::new(), bytes: 0 });
    let rows = content(&mut out)?;
    let written = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    let blake3 = written.hash.finalize().to_hex().to_string();
    Ok(OutputFile { file: name.to_owned(), rows, bytes: written.bytes, blake3 })
}

/// The file `name` of `folder`, as [`OutputFile`] describes one; of its rows nothing is known.
pub(super) fn describe(folder: &Path, name: &str) -> io::Result<OutputFile> {
    let mut hash = blake3::Hasher::new();
    let bytes = io::copy(&mut File::open(folder.join(name))?, &mut hash)?;
    Ok(OutputFile { file: name.to_owned(), rows: None, bytes, blake3: hash.finalize().to_hex().to_string() })
}

/// Counts and hashes what passes.
struct TallyingWriter<W> {
    inner: W,
    hash: blake3::Hasher,
    bytes: u64,
}

impl<W: Write> Write for TallyingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).expect("reads");
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect()
    }

    #[test]
    fn a_file_knows_its_length_and_checksum() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("deep/a.csv");
        let written = write_file(&path, |out| out.write_all(b"abc").map(|()| Some(1))).expect("written");
        // b3sum 1.5 of "abc"
        assert_eq!(written.blake3, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
        assert_eq!((written.bytes, written.rows, written.file.as_str()), (3, Some(1), "a.csv"));
    }

    #[test]
    fn a_failed_write_leaves_the_earlier_file_and_nothing_else() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("a.csv");
        write_file(&path, |out| out.write_all(b"one").map(|()| None)).expect("written");
        let failed = write_file(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        });
        assert!(matches!(failed, Err(OutputError::Io { action: "write", .. })));
        assert_eq!(fs::read(&path).expect("there"), b"one");
        assert_eq!(names(home.path()), ["a.csv"]);
    }
}
