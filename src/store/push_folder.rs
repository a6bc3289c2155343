//! The folder in which a target's pushes are kept: the plan, the ledger, the files made for imports.
//!
//! The ledger is a file of lines that is only ever appended to, each time brought to the disk before anything rests on it.
//! Knows nothing of what the lines mean.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::store::error::OutputError;
use crate::store::file::{read_if_there, write_file};
use crate::store::folder::outside_runs;
use crate::store::lock::lock_or_refuse;

/// The file of lines.
pub const LEDGER: &str = "ledger.jsonl";
/// The plan that was saved last.
pub const PLAN: &str = "plan.json";
/// That a plan newer than the saved one was begun, and why it came to nothing.
pub const PLANNING: &str = "planning.json";
/// Why nothing more is sent until one record was tried.
pub const HELD: &str = "held.txt";
/// What became of the last night.
const NIGHT: &str = "night.json";
/// The folder of receipts, one file a plan.
const RECEIPTS: &str = "receipts";
/// What is locked as long as a push works on the folder.
const LOCK: &str = ".lock";

/// A folder no other process writes to.
#[derive(Debug)]
pub struct PushFolder {
    folder: PathBuf,
    ledger: File,
    /// Held until the folder is given up; the file goes with it.
    _lock: File,
}

impl PushFolder {
    /// Makes the folder where it is not there, and locks it. Half a line that a crash left in the ledger is ended.
    ///
    /// # Errors
    /// [`OutputError::Locked`] where another push holds it; [`OutputError::OfARun`] in the outputs of a run;
    /// [`OutputError::Io`].
    pub fn open(folder: &Path) -> Result<Self, OutputError> {
        outside_runs(folder)?;
        fs::create_dir_all(folder).map_err(OutputError::io("create", folder))?;
        let lock = lock_or_refuse(folder, &folder.join(LOCK))?;
        let path = folder.join(LEDGER);
        let ledger = open_ledger(&path).map_err(OutputError::io("write", &path))?;
        Ok(Self { folder: folder.to_owned(), ledger, _lock: lock })
    }

    /// Appends `lines`, which end with a line break, and brings them to the disk: all of them or none.
    ///
    /// # Errors
    /// [`OutputError::Io`], a full disk included.
    pub fn append(&mut self, lines: impl AsRef<[u8]>) -> Result<(), OutputError> {
        append_or_undo(&mut self.ledger, lines.as_ref()).map_err(OutputError::io("write", &self.folder.join(LEDGER)))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Writes a file, whole or not at all; gives back where it is.
    ///
    /// # Errors
    /// As [`write_file`].
    pub fn save(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<PathBuf, OutputError> {
        let path = self.folder.join(name);
        write_file(&path, |out| write(out).map(|()| None))?;
        Ok(path)
    }

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// [`OutputError::Io`].
    pub fn remove(&self, name: &str) -> Result<(), OutputError> {
        let path = self.folder.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(OutputError::io("remove", &path)),
        }
    }
}

impl Drop for PushFolder {
    fn drop(&mut self) {
        // Still locked: nobody else holds it. A file that stays is taken over by the next one.
        let _ = fs::remove_file(self.folder.join(LOCK));
    }
}

/// Gives the lines of the ledger of `folder` to `take`, one after the other; none where there is no ledger.
///
/// # Errors
/// [`OutputError::Io`].
pub fn each_line(folder: &Path, mut take: impl FnMut(&str)) -> Result<(), OutputError> {
    let path = folder.join(LEDGER);
    let mut lines = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => BufReader::new(opened.map_err(OutputError::io("read", &path))?),
    };
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).map_err(OutputError::io("read", &path))? > 0 {
        // A crash can leave half a letter: that line counts as damaged, the others are read.
        take(String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line)).as_ref());
        line.clear();
    }
    Ok(())
}

/// The plan saved in `folder`, if there is one.
///
/// # Errors
/// [`OutputError::Io`].
pub fn plan_of(folder: &Path) -> Result<Option<String>, OutputError> {
    let path = folder.join(PLAN);
    read_if_there(&path).map_err(OutputError::io("read", &path))
}

/// What is noted in `folder` of a plan newer than the saved one, if anything is.
///
/// # Errors
/// [`OutputError::Io`].
pub fn planning_of(folder: &Path) -> Result<Option<String>, OutputError> {
    let path = folder.join(PLANNING);
    read_if_there(&path).map_err(OutputError::io("read", &path))
}

/// Why nothing more is sent from `folder` until one record was tried; nothing where all may be.
///
/// # Errors
/// [`OutputError::Io`].
pub fn held_of(folder: &Path) -> Result<Option<String>, OutputError> {
    let path = folder.join(HELD);
    read_if_there(&path).map_err(OutputError::io("read", &path))
}

/// The receipt of `plan` kept in `folder`, if there is one.
///
/// # Errors
/// [`OutputError::Io`].
pub fn receipt_of(folder: &Path, plan: &str) -> Result<Option<String>, OutputError> {
    let path = folder.join(receipt_name(plan));
    read_if_there(&path).map_err(OutputError::io("read", &path))
}

/// The name of the receipt of `plan` in the folder of its target.
#[must_use]
pub fn receipt_name(plan: &str) -> String {
    format!("{RECEIPTS}/{plan}.json")
}

/// Keeps what became of a night of pushes beside the folders of its targets, in `state`; gives back where it is.
///
/// # Errors
/// As [`write_file`].
pub fn save_night(state: &Path, text: &str) -> Result<PathBuf, OutputError> {
    outside_runs(state)?;
    let path = state.join(NIGHT);
    write_file(&path, |out| out.write_all(text.as_bytes()).map(|()| None))?;
    Ok(path)
}

/// The content of a small file that a push is given: certificates, the first line of which may be a secret.
///
/// # Errors
/// [`OutputError::Io`].
pub fn given_text(path: &Path) -> Result<String, OutputError> {
    const MOST_BYTES: u64 = 1 << 20;
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text))
        .map_err(OutputError::io("read", path))?;
    Ok(text)
}

/// The ledger, whose last line is a whole one.
fn open_ledger(path: &Path) -> io::Result<File> {
    let mut ledger = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    if ledger.metadata()?.len() > 0 {
        let mut last = [0];
        ledger.seek(SeekFrom::End(-1))?;
        ledger.read_exact(&mut last)?;
        if last != *b"\n" {
            append_or_undo(&mut ledger, b"\n")?;
        }
    }
    Ok(ledger)
}

/// Appends `bytes`; half of them, on a full disk say, are none.
fn append_or_undo(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    let length = file.metadata()?.len();
    file.write_all(bytes).and_then(|()| file.sync_data()).or_else(|error| {
        file.set_len(length)?;
        Err(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_push_at_a_time_and_half_a_line_is_ended() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("crm");
        let mut first = PushFolder::open(&folder).expect("opens");
        assert!(matches!(PushFolder::open(&folder), Err(OutputError::Locked { .. })));
        first.append("{\"a\":1}\n").expect("appends");
        drop(first);
        fs::write(folder.join(LEDGER), "{\"a\":1}\n{\"b\"").expect("a crash");
        let mut second = PushFolder::open(&folder).expect("opens again");
        second.append("{\"c\":3}\n").expect("appends");
        let lines = || {
            let mut lines = Vec::new();
            each_line(&folder, |line| lines.push(line.to_owned())).expect("lines");
            lines
        };
        assert_eq!(lines(), ["{\"a\":1}", "{\"b\"", "{\"c\":3}"]);
        fs::write(folder.join(LEDGER), b"{\"a\":1}\n{\"b\":\"\xc3").expect("a crash within a letter");
        assert_eq!(lines().len(), 2);
    }
}
