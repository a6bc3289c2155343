//! The files of a folder that may hold tables.

use std::io;
use std::path::Path;

/// Names of files no export has.
const OWN: [&str; 2] = ["dealcast.toml", "readme.md"];

/// The names of the files in `folder`, in order; no hidden ones, no folders.
///
/// # Errors
/// Where the folder cannot be listed.
pub fn files_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let own = OWN.contains(&name.to_lowercase().as_str());
        if !own && !name.starts_with(['.', '_']) && entry.path().is_file() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
