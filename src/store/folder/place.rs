//! May this folder be replaced, and is nobody else at it?

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::store::error::OutputError;

/// The file that lists the others; a folder without it was not written by us.
pub const MANIFEST: &str = "manifest.json";

/// Files that desktops leave in every folder they show.
const DESKTOP_LITTER: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// `dir` as an absolute path without symbolic links, its parents made.
pub(super) fn resolve(dir: &Path) -> Result<PathBuf, OutputError> {
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

/// The folder may be absent, empty, or hold nothing but what is `ours`.
pub(super) fn check_replaceable(target: &Path, parent: &Path, ours: &BTreeSet<String>) -> Result<(), OutputError> {
    if !target.exists() {
        return Ok(());
    }
    let device = |path: &Path| fs::metadata(path).map(|m| m.dev()).map_err(OutputError::io("read", path));
    if device(target)? != device(parent)? {
        let reason = "it is a mount point, which cannot be replaced as a whole; name a folder inside it";
        return Err(OutputError::Unusable { path: target.to_owned(), reason });
    }
    for entry in fs::read_dir(target).map_err(OutputError::io("read", target))? {
        let entry = entry.map_err(OutputError::io("read", target))?.file_name();
        if !entry.to_str().is_some_and(|name| ours.contains(name) || DESKTOP_LITTER.contains(&name)) {
            return Err(OutputError::Foreign { dir: target.to_owned(), entry });
        }
    }
    Ok(())
}

/// The files the manifest in `dir` lists, and the manifest; nothing where there is no readable manifest.
pub(super) fn listed(dir: &Path) -> BTreeSet<String> {
    #[derive(serde::Deserialize)]
    struct ManifestFiles {
        files: Vec<ManifestFile>,
    }
    #[derive(serde::Deserialize)]
    struct ManifestFile {
        file: String,
    }
    let text = fs::read(dir.join(MANIFEST)).unwrap_or_default();
    let Ok(manifest) = serde_json::from_slice::<ManifestFiles>(&text) else {
        return BTreeSet::new();
    };
    manifest.files.into_iter().map(|listed| listed.file).chain([MANIFEST.to_owned()]).collect()
}
