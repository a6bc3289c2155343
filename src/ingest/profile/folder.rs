//! The files of a folder that may hold tables.

use std::io;
use std::path::Path;

/// How the names of files end that are no exports.
const NO_EXPORTS: [&str; 6] = [".toml", ".md", ".sql", ".py", ".log", ".html"];

/// The names of the files in `folder`, in order; no hidden ones, no folders.
///
/// # Errors
/// Where the folder cannot be listed.
pub fn files_in(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let other = NO_EXPORTS.iter().any(|end| name.to_lowercase().ends_with(end));
        if !other && !name.starts_with(['.', '_']) && entry.path().is_file() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
