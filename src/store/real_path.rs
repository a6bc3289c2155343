//! Where a path leads, whether or not anything is there yet, and which of two places lies in the other.
//!
//! Paths in, answers out. Changes nothing.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// Most symbolic links followed one after the other, as the system has it.
const MOST_LINKS: u32 = 40;

/// `path` as an absolute path without symbolic links and `..`. What is not there yet is taken as it is written; a link that
/// leads nowhere is followed to where it leads.
///
/// # Errors
/// An I/O error: links that lead to each other, or no working folder.
pub(crate) fn real_path(path: &Path) -> io::Result<PathBuf> {
    follow(&std::path::absolute(path)?, 0)
}

fn follow(absolute: &Path, links: u32) -> io::Result<PathBuf> {
    if links > MOST_LINKS {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "its symbolic links lead to each other"));
    }
    let mut real = PathBuf::from("/");
    for component in absolute.components() {
        match component {
            Component::ParentDir => drop(real.pop()),
            Component::Normal(name) => real = follow_link(real.join(name), links)?,
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    Ok(real)
}

/// `path`, whose folder is real, or where it leads if it is a link.
fn follow_link(path: PathBuf, links: u32) -> io::Result<PathBuf> {
    match fs::read_link(&path) {
        Ok(target) => follow(&path.parent().unwrap_or(&path).join(target), links + 1),
        Err(_) => Ok(path),
    }
}

/// Whether `path` is, or leads through, a symbolic link to something that is not there.
pub(super) fn is_dangling(path: &Path) -> bool {
    path.ancestors().any(|part| part.is_symlink() && !part.exists())
}

/// Whether two real paths are one place, by name or under two names.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()));
    one == other || identity(one).is_some_and(|of_one| identity(other) == Some(of_one))
}

/// Whether `inner` is `outer` or lies in it; both are real paths.
pub(super) fn is_within(inner: &Path, outer: &Path) -> bool {
    inner.ancestors().any(|folder| is_same(folder, outer))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_and_parents_are_followed_whether_or_not_the_end_is_there() {
        let home = tempfile::tempdir().expect("a folder");
        let home = home.path().canonicalize().expect("a real path");
        fs::create_dir_all(home.join("a/b")).expect("made");
        symlink(home.join("a/b"), home.join("short")).expect("linked");
        symlink("a/gone", home.join("nowhere")).expect("linked");
        symlink("round", home.join("round")).expect("linked");
        let real = |path: &str| real_path(&home.join(path)).expect("a path");
        assert_eq!(real("short/../x"), home.join("a/x"), "the parent of where the link leads");
        assert_eq!(real("new/deep/../out"), home.join("new/out"));
        assert_eq!(real("nowhere"), home.join("a/gone"));
        assert!(is_dangling(&home.join("nowhere/x")) && !is_dangling(&home.join("short/x")));
        assert!(real_path(&home.join("round/x")).is_err());
        assert!(is_within(&real("short/x"), &home.join("a")) && !is_within(&home.join("ab"), &home.join("a")));
    }
}
