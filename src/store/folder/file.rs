//! One file: counted, hashed, brought to the disk; a single one under its name only once it is complete.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::store::folder::{OutputError, sync_dir};

/// A file as it was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct WrittenFile {
    /// Name in the folder.
    pub file: String,
    /// Rows, for tables.
    #[serde(skip_serializing_if = "Option::is_none")]
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
) -> Result<WrittenFile, OutputError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(OsStr::to_str)) else {
        return Err(OutputError::Unusable { path: path.to_owned(), reason: "it names no file" });
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    fs::create_dir_all(folder).map_err(OutputError::io("create", folder))?;
    let write = || {
        // Temporary files are made for their owner alone; a result is for whoever the umask says.
        let everyone = fs::Permissions::from_mode(0o666);
        let aside = tempfile::Builder::new().prefix(".dealcast-").permissions(everyone).tempfile_in(folder)?;
        let written = fill(name, aside.as_file(), content)?;
        aside.persist(path).map_err(|refused| refused.error)?;
        Ok(written)
    };
    let written = write().map_err(OutputError::io("write", path))?;
    sync_dir(folder)?;
    Ok(written)
}

/// Fills `file` with `content` and brings it to the disk.
pub(super) fn fill(
    name: &str,
    file: &fs::File,
    content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<Option<u64>>,
) -> io::Result<WrittenFile> {
    let mut out = BufWriter::with_capacity(1 << 17, Tally { inner: file, hash: blake3::Hasher::new(), bytes: 0 });
    let rows = content(&mut out)?;
    let tally = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    let blake3 = tally.hash.finalize().to_hex().to_string();
    Ok(WrittenFile { file: name.to_owned(), rows, bytes: tally.bytes, blake3 })
}

/// Counts and hashes what passes.
struct Tally<W> {
    inner: W,
    hash: blake3::Hasher,
    bytes: u64,
}

impl<W: Write> Write for Tally<W> {
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
