//! What a world consists of, with lengths and checksums: how a later one knows which files it may replace.
//!
//! The files of a world to `truth/files.json`, and that list to the files that are still as they were made.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::simulate::error::SimulateError;

/// The list, by its path in the world.
const FILE_LIST: &str = "truth/files.json";

/// A file of a world, as it was made.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ListedFile {
    /// Path in the world.
    file: PathBuf,
    /// Length.
    bytes: u64,
    /// BLAKE3 of the content, hexadecimal.
    blake3: String,
}

/// Writes the list of `files`, which lie in the world at `out`.
pub(super) fn write_file_list(out: &Path, files: &[PathBuf]) -> Result<(), SimulateError> {
    let list = files.par_iter().map(|path| {
        let file = path.strip_prefix(out).unwrap_or(path).to_owned();
        let (bytes, blake3) = measured(path).map_err(|source| SimulateError::io(path, source))?;
        Ok(ListedFile { file, bytes, blake3 })
    });
    let mut list = list.collect::<Result<Vec<ListedFile>, SimulateError>>()?;
    list.sort_by(|one, other| one.file.cmp(&other.file));
    let path = out.join(FILE_LIST);
    let text = serde_json::to_string_pretty(&list).unwrap_or_default() + "\n";
    fs::write(&path, text).map_err(|source| SimulateError::io(&path, source))
}

/// What an earlier world put into `folder` and is as it was made, by paths within it: files somebody has changed since, or
/// put in the place of one, are theirs.
#[must_use]
pub fn earlier_world(folder: &Path) -> BTreeSet<PathBuf> {
    let text = fs::read(folder.join(FILE_LIST)).unwrap_or_default();
    let list: Vec<ListedFile> = serde_json::from_slice(&text).unwrap_or_default();
    let unchanged = list.into_par_iter().filter(|listed| is_unchanged(folder, listed)).map(|listed| listed.file);
    let mut ours: BTreeSet<PathBuf> = unchanged.collect();
    if !ours.is_empty() {
        ours.insert(PathBuf::from(FILE_LIST));
    }
    ours
}

fn is_unchanged(folder: &Path, listed: &ListedFile) -> bool {
    let path = folder.join(&listed.file);
    let has_length = fs::symlink_metadata(&path).is_ok_and(|found| found.is_file() && found.len() == listed.bytes);
    has_length && measured(&path).is_ok_and(|(_, blake3)| blake3 == listed.blake3)
}

/// Length and checksum of a file.
fn measured(path: &Path) -> io::Result<(u64, String)> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok((hasher.count(), hasher.finalize().to_hex().to_string()))
}
