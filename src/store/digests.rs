//! Which files of a folder are digests of an earlier run: those its index lists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The file that lists the others for programs, and the one that does for people.
const INDEX: [&str; 2] = ["index.json", "index.html"];

#[derive(Deserialize)]
struct Index {
    digests: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    html: PathBuf,
    markdown: PathBuf,
    json: PathBuf,
}

/// The files in `folder` that its index lists, and the index; nothing where there is none.
#[must_use]
pub fn earlier_digests(folder: &Path) -> BTreeSet<PathBuf> {
    let index = folder.join(INDEX[0]);
    let text = if index.is_file() { fs::read(index).unwrap_or_default() } else { Vec::new() };
    let Ok(index) = serde_json::from_slice::<Index>(&text) else { return BTreeSet::new() };
    let listed = index.digests.into_iter().flat_map(|of| [of.html, of.markdown, of.json]);
    listed.chain(INDEX.map(PathBuf::from)).filter(|path| path.file_name() == Some(path.as_os_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_index_lists_is_ours() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(earlier_digests(folder.path()).is_empty());
        let index = r#"{"digests": [{"html": "a.html", "markdown": "../b.md", "json": "a.json"}]}"#;
        fs::write(folder.path().join("index.json"), index).expect("a file");
        let ours: Vec<PathBuf> = earlier_digests(folder.path()).into_iter().collect();
        assert_eq!(ours, ["a.html", "a.json", "index.html", "index.json"].map(PathBuf::from), "nothing outside");
    }
}
