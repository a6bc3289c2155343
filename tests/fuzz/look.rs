//! What lies in a folder, to be compared with what lies there later.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A file as it was seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Seen {
    pub content: Vec<u8>,
    mode: u32,
}

impl Seen {
    /// A file of everyone with this content.
    #[cfg(test)]
    pub fn of(content: &[u8]) -> Self {
        Self { content: content.to_vec(), mode: 0o644 }
    }
}

/// Every file below a folder, by its path in it.
pub type Files = BTreeMap<String, Seen>;

/// All files below `folder`. A link counts as a file that holds where it leads.
pub fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    add(folder, "", &mut found);
    found
}

fn add(folder: &Path, prefix: &str, found: &mut Files) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.map(Result::unwrap) {
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let meta = path.symlink_metadata().unwrap();
        if meta.is_dir() {
            add(&path, &format!("{name}/"), found);
            continue;
        }
        let content = if meta.is_file() {
            fs::read(&path).unwrap()
        } else {
            fs::read_link(&path).map(|to| to.into_os_string().into_encoded_bytes()).unwrap_or_default()
        };
        found.insert(name, Seen { content, mode: meta.permissions().mode() });
    }
}

/// Copies a folder with all below it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// How a path changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    New,
    Gone,
    /// Only its end is new.
    Longer,
    Other,
}

/// Every path that is not what it was.
pub fn changes<'f>(before: &'f Files, after: &'f Files) -> Vec<(&'f str, Change)> {
    let lost = before.iter().filter_map(|(path, seen)| match after.get(path) {
        None => Some((path.as_str(), Change::Gone)),
        Some(now) if now == seen => None,
        Some(now) if now.mode == seen.mode && now.content.starts_with(&seen.content) => Some((path, Change::Longer)),
        Some(_) => Some((path, Change::Other)),
    });
    let new = after.keys().filter(|path| !before.contains_key(*path)).map(|path| (path.as_str(), Change::New));
    lost.chain(new).collect()
}
