//! The output folder: written aside, swapped in whole, never half.
//!
//! [`OutputFolder::open`] checks the destination *before* the long work and takes a lock beside it; files go to a
//! hidden folder next to the destination; [`OutputFolder::commit`] exchanges the two in one step. Whatever happens
//! before that step (error, full disk, interrupt, power loss) leaves the earlier outputs as they were.
//! Knows nothing of what the files mean, except that `manifest.json` lists them.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use thiserror::Error;

/// The file that lists the others; a folder without it was not written by us.
pub const MANIFEST: &str = "manifest.json";

/// Files that desktops leave in every folder they show.
const DESKTOP_LITTER: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

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
    #[error("{} holds {entry:?}, which no earlier run wrote; a run replaces the whole folder", dir.display())]
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
    /// The folder was given up through [`Abandon`].
    #[error("interrupted")]
    Abandoned,
}

impl OutputError {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}

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

/// Lets another thread (the one that hears an interrupt) give the folder up.
#[derive(Clone, Debug)]
pub struct Abandon(Arc<Mutex<Option<PathBuf>>>);

impl Abandon {
    /// Removes what was written so far. Waits for a swap in progress; does nothing after it.
    pub fn abandon(&self) {
        if let Some(partial) = self.hold().take() {
            // Moved first, so that a writer at work cannot put new files where we are removing.
            let doomed = partial.with_extension("abandoned");
            let gone = if fs::rename(&partial, &doomed).is_ok() { doomed } else { partial };
            let _ = fs::remove_dir_all(gone);
        }
    }

    fn hold(&self) -> MutexGuard<'_, Option<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An output folder being written. Dropping it without [`OutputFolder::commit`] removes what was written.
#[derive(Debug)]
pub struct OutputFolder {
    target: PathBuf,
    parent: PathBuf,
    partial: PathBuf,
    previous: PathBuf,
    abandon: Abandon,
    // The lock lives as long as this handle. The file stays: removing it would race with a run that just opened it.
    _lock: File,
}

impl OutputFolder {
    /// Checks that `dir` can be written and replaced, locks it and removes what a killed run left beside it.
    /// Parent folders are made.
    ///
    /// # Errors
    /// [`OutputError::Locked`] if another process holds it, [`OutputError::Foreign`] if it holds anything its own
    /// manifest does not list, [`OutputError::Unusable`] or [`OutputError::Io`] if it can never be written.
    pub fn open(dir: &Path) -> Result<Self, OutputError> {
        let target = resolve(dir)?;
        let (Some(parent), Some(name)) = (target.parent().map(Path::to_owned), target.file_name()) else {
            return Err(OutputError::Unusable { path: target, reason: "it has no parent folder" });
        };
        let beside = |prefix: &str, suffix: &str| {
            let mut sibling = OsString::from(prefix);
            sibling.push(name);
            sibling.push(suffix);
            parent.join(sibling)
        };
        let lock = lock(&target, beside("", ".lock"))?;
        let (partial, previous) = (beside(".", ".partial"), beside(".", ".previous"));
        if !target.exists() && previous.exists() {
            fs::rename(&previous, &target).map_err(OutputError::io("restore", &target))?;
        }
        check_replaceable(&target, &parent)?;
        for leftover in [&partial, &previous, &partial.with_extension("abandoned")] {
            remove_dir(leftover)?;
        }
        fs::create_dir(&partial).map_err(OutputError::io("create", &partial))?;
        let abandon = Abandon(Arc::new(Mutex::new(Some(partial.clone()))));
        Ok(Self { target, parent, partial, previous, abandon, _lock: lock })
    }

    /// Where the outputs will be.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
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
    ) -> Result<WrittenFile, OutputError> {
        let path = self.partial.join(file);
        let fill = || {
            let mut out = BufWriter::with_capacity(1 << 17, Tally::new(File::create(&path)?));
            let rows = content(&mut out)?;
            let tally = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            tally.inner.sync_all()?;
            let blake3 = tally.hash.finalize().to_hex().to_string();
            Ok(WrittenFile { file: file.to_owned(), rows, bytes: tally.bytes, blake3 })
        };
        // The destination is named, not the hidden folder: that is what the user knows.
        fill().map_err(OutputError::io("write", &self.target.join(file)))
    }

    /// Puts the written folder in place of the earlier one and removes that. The folder must hold a manifest.
    ///
    /// # Errors
    /// [`OutputError::Io`] (the earlier outputs are then still there), [`OutputError::Abandoned`].
    pub fn commit(self) -> Result<PathBuf, OutputError> {
        let mut held = self.abandon.hold();
        if held.is_none() {
            return Err(OutputError::Abandoned);
        }
        sync_dir(&self.partial)?;
        self.swap()?;
        *held = None;
        drop(held);
        sync_dir(&self.parent)?;
        // What is left beside the new outputs is the earlier run; the next run would remove it too.
        let _ = remove_dir(&self.partial).and_then(|()| remove_dir(&self.previous));
        Ok(self.target.clone())
    }

    fn swap(&self) -> Result<(), OutputError> {
        let replace = OutputError::io("replace", &self.target);
        if !self.target.exists() {
            return fs::rename(&self.partial, &self.target).map_err(replace);
        }
        if renameat_with(CWD, &self.partial, CWD, &self.target, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
        // No exchange on this file system: two steps, and `open` undoes the first if the second never comes.
        fs::rename(&self.target, &self.previous).map_err(replace)?;
        fs::rename(&self.partial, &self.target).map_err(|source| {
            let _ = fs::rename(&self.previous, &self.target);
            OutputError::Io { action: "replace", path: self.target.clone(), source }
        })
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        self.abandon.abandon();
    }
}

/// `dir` as an absolute path without symbolic links, its parents made.
fn resolve(dir: &Path) -> Result<PathBuf, OutputError> {
    if dir.exists() {
        if !dir.is_dir() {
            return Err(OutputError::Unusable { path: dir.to_owned(), reason: "it is a file" });
        }
        return dir.canonicalize().map_err(OutputError::io("resolve", dir));
    }
    let Some(name) = dir.file_name() else {
        return Err(OutputError::Unusable { path: dir.to_owned(), reason: "it does not end in a folder name" });
    };
    let absolute = std::path::absolute(dir).map_err(OutputError::io("resolve", dir))?;
    let parent = absolute.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent).map_err(OutputError::io("create", parent))?;
    Ok(parent.canonicalize().map_err(OutputError::io("resolve", parent))?.join(name))
}

fn lock(target: &Path, path: PathBuf) -> Result<File, OutputError> {
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(OutputError::io("create", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OutputError::Locked { dir: target.to_owned(), lock: path }),
        Err(TryLockError::Error(source)) => Err(OutputError::Io { action: "lock", path, source }),
    }
}

/// The folder may be absent, empty, or hold nothing but what its own manifest lists.
fn check_replaceable(target: &Path, parent: &Path) -> Result<(), OutputError> {
    if !target.exists() {
        return Ok(());
    }
    let device = |path: &Path| fs::metadata(path).map(|m| m.dev()).map_err(OutputError::io("read", path));
    if device(target)? != device(parent)? {
        let reason = "it is a mount point, which cannot be replaced as a whole; name a folder inside it";
        return Err(OutputError::Unusable { path: target.to_owned(), reason });
    }
    let ours = listed(target);
    for entry in fs::read_dir(target).map_err(OutputError::io("read", target))? {
        let entry = entry.map_err(OutputError::io("read", target))?.file_name();
        if !entry.to_str().is_some_and(|name| ours.contains(name) || DESKTOP_LITTER.contains(&name)) {
            return Err(OutputError::Foreign { dir: target.to_owned(), entry });
        }
    }
    Ok(())
}

/// The files the manifest in `dir` lists, and the manifest; nothing where there is no readable manifest.
fn listed(dir: &Path) -> BTreeSet<String> {
    #[derive(serde::Deserialize)]
    struct Listing {
        outputs: Vec<Entry>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        file: String,
    }
    let text = fs::read(dir.join(MANIFEST)).unwrap_or_default();
    let Ok(listing) = serde_json::from_slice::<Listing>(&text) else {
        return BTreeSet::new();
    };
    listing.outputs.into_iter().map(|entry| entry.file).chain([MANIFEST.to_owned()]).collect()
}

fn remove_dir(path: &Path) -> Result<(), OutputError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(OutputError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

fn sync_dir(path: &Path) -> Result<(), OutputError> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(OutputError::io("sync", path))
}

/// Counts and hashes what passes.
struct Tally<W> {
    inner: W,
    hash: blake3::Hasher,
    bytes: u64,
}

impl<W> Tally<W> {
    fn new(inner: W) -> Self {
        Self { inner, hash: blake3::Hasher::new(), bytes: 0 }
    }
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

    fn put(folder: &OutputFolder, file: &str, text: &str) -> WrittenFile {
        folder.write(file, |out| out.write_all(text.as_bytes()).map(|()| None)).expect("written")
    }

    fn publish(dir: &Path, text: &str) {
        let folder = OutputFolder::open(dir).expect("opens");
        put(&folder, "a.csv", text);
        put(&folder, MANIFEST, r#"{"outputs":[{"file":"a.csv"}]}"#);
        folder.commit().expect("committed");
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .expect("reads")
            .map(|e| e.expect("entry").file_name().into_string().expect("text"))
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_run_replaces_the_earlier_one_and_leaves_nothing_else() {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("deep/out");
        publish(&dir, "one");
        publish(&dir, "two");
        assert_eq!(fs::read_to_string(dir.join("a.csv")).expect("there"), "two");
        assert_eq!(names(&home.path().join("deep")), ["out", "out.lock"]);
    }

    #[test]
    fn dropping_or_abandoning_leaves_the_earlier_run() {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("out");
        publish(&dir, "one");
        let folder = OutputFolder::open(&dir).expect("opens");
        put(&folder, "a.csv", "half");
        drop(folder);
        let folder = OutputFolder::open(&dir).expect("opens again");
        put(&folder, "a.csv", "half");
        folder.abandon_handle().abandon();
        assert!(matches!(folder.commit(), Err(OutputError::Abandoned)));
        assert_eq!(fs::read_to_string(dir.join("a.csv")).expect("there"), "one");
        assert_eq!(names(home.path()), ["out", "out.lock"]);
    }

    #[test]
    fn one_run_at_a_time() {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("out");
        let first = OutputFolder::open(&dir).expect("opens");
        assert!(matches!(OutputFolder::open(&dir), Err(OutputError::Locked { .. })));
        drop(first);
        OutputFolder::open(&dir).expect("free again");
    }

    #[test]
    fn what_others_put_there_is_never_replaced() {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("out");
        publish(&dir, "one");
        fs::write(dir.join("notes.txt"), "mine").expect("written");
        let error = OutputFolder::open(&dir).expect_err("foreign");
        assert!(matches!(&error, OutputError::Foreign { entry, .. } if entry == "notes.txt"), "{error}");
        assert!(matches!(OutputFolder::open(Path::new("/")), Err(OutputError::Unusable { .. })));
    }

    #[test]
    fn leftovers_of_killed_runs_are_cleaned_or_restored() {
        let home = tempfile::tempdir().expect("a folder");
        let dir = home.path().join("out");
        publish(&dir, "one");
        fs::rename(&dir, home.path().join(".out.previous")).expect("killed between the two steps");
        fs::create_dir(home.path().join(".out.partial")).expect("made");
        fs::write(home.path().join(".out.partial/x"), "half").expect("written");
        drop(OutputFolder::open(&dir).expect("opens"));
        assert_eq!(fs::read_to_string(dir.join("a.csv")).expect("restored"), "one");
        assert_eq!(names(home.path()), ["out", "out.lock"]);
    }

    #[test]
    fn a_written_file_knows_its_length_and_checksum() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = OutputFolder::open(&home.path().join("out")).expect("opens");
        let written = put(&folder, "a.csv", "abc");
        // b3sum 1.5 of "abc"
        assert_eq!(written.blake3, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
        assert_eq!(written.bytes, 3);
    }
}
