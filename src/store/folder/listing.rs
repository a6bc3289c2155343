//! What an earlier run put into a folder, told from what others did: [`Listing`].

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The file that lists the others; a folder without it was not written by us.
pub const MANIFEST: &str = "manifest.json";

/// Files that desktops leave in every folder they show.
const DESKTOP_LITTER: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// The files of ours in a folder, by their paths in it.
#[derive(Debug, Default)]
pub(super) struct Listing(pub BTreeSet<PathBuf>);

impl Listing {
    /// The first thing in `folder` that is not ours.
    pub(super) fn foreign_in(&self, folder: &Path) -> io::Result<Option<PathBuf>> {
        self.foreign_below(folder, Path::new(""))
    }

    fn foreign_below(&self, folder: &Path, within: &Path) -> io::Result<Option<PathBuf>> {
        for entry in fs::read_dir(folder.join(within))? {
            let entry = entry?;
            let path = within.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() && self.0.iter().any(|ours| ours != &path && ours.starts_with(&path)) {
                if let Some(foreign) = self.foreign_below(folder, &path)? {
                    return Ok(Some(foreign));
                }
            } else if !kind.is_file() || !(self.0.contains(&path) || is_litter(&entry.file_name())) {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }

    /// Removes what is ours from `folder`, and the folder if nothing else is in it. Returns whether it is gone.
    pub(super) fn remove_from(&self, folder: &Path) -> bool {
        let folders: BTreeSet<&Path> = self.0.iter().flat_map(|ours| ours.ancestors().skip(1)).collect();
        self.0.iter().for_each(|ours| drop(fs::remove_file(folder.join(ours))));
        // The deepest first. One that holds more than ours stays; so do those around it.
        for inner in folders.into_iter().rev().chain([Path::new("")]) {
            DESKTOP_LITTER.iter().for_each(|litter| drop(fs::remove_file(folder.join(inner).join(litter))));
            let _ = fs::remove_dir(folder.join(inner));
        }
        !folder.exists()
    }
}

fn is_litter(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| DESKTOP_LITTER.contains(&name))
}

/// The files the manifest of a nightly run in `folder` lists, and the manifest; nothing where there is none.
pub(super) fn listed(folder: &Path) -> BTreeSet<PathBuf> {
    /// `dealcast` tells it from the manifests of other programs.
    #[derive(serde::Deserialize)]
    struct ManifestFiles {
        #[serde(rename = "dealcast")]
        _version: String,
        files: Vec<ManifestFile>,
    }
    #[derive(serde::Deserialize)]
    struct ManifestFile {
        file: String,
    }
    let manifest = folder.join(MANIFEST);
    let text = if manifest.is_file() { fs::read(manifest).unwrap_or_default() } else { Vec::new() };
    let Ok(manifest) = serde_json::from_slice::<ManifestFiles>(&text) else { return BTreeSet::new() };
    let names = manifest.files.into_iter().map(|listed| listed.file).chain([MANIFEST.to_owned()]);
    // A run writes into its folder and nowhere else.
    names.map(PathBuf::from).filter(|path| path.file_name() == Some(path.as_os_str())).collect()
}

/// Gives what is in `new` the modes, and where that is allowed the owners, of what has the same name in `old`; the folder
/// itself too.
pub(super) fn carry_modes(old: &Path, new: &Path) -> io::Result<()> {
    let (was, is) = (fs::symlink_metadata(old)?, fs::symlink_metadata(new)?);
    if was.is_dir() && is.is_dir() {
        for entry in fs::read_dir(new)? {
            let name = entry?.file_name();
            if old.join(&name).exists() {
                carry_modes(&old.join(&name), &new.join(&name))?;
            }
        }
    }
    if was.file_type() == is.file_type() && !is.is_symlink() {
        carry_mode(&was, new)?;
    }
    Ok(())
}

/// Gives `path` the mode, and where that is allowed the owner, of what was there before.
fn carry_mode(was: &fs::Metadata, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let is = fs::metadata(path)?;
    if (is.uid(), is.gid()) != (was.uid(), was.gid()) {
        // Only a privileged user may give files away; others keep what they made.
        let _ = std::os::unix::fs::chown(path, Some(was.uid()), Some(was.gid()));
    }
    fs::set_permissions(path, fs::Permissions::from_mode(was.mode() & 0o7777))
}
