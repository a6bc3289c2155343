//! The files of `src`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::lexer::{Stripped, strip, without_tests};

/// A source file as it ships: without comments and without test code.
pub struct SourceFile {
    /// Where it is under `src`, with `/`.
    pub path: String,
    /// Without comments.
    pub code: String,
    /// Without comments and without what stands inside quotes.
    pub bare: String,
}

impl SourceFile {
    /// A file with a text, as if read.
    pub fn new(path: &str, text: &str) -> Self {
        let Stripped { code, bare } = without_tests(strip(text));
        Self { path: path.to_owned(), code, bare }
    }

    /// The stage a file belongs to: its folder, or its own name at the top. `None` for `lib.rs` and `main.rs`.
    pub fn stage(&self) -> Option<&str> {
        let first = self.path.split('/').next()?.trim_end_matches(".rs");
        (first != "lib" && first != "main").then_some(first)
    }

    /// Whether it lies in one of the folders, or is one of the files.
    pub fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path == *place || self.path.starts_with(&format!("{place}/")))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file under a folder of the repository, sorted.
pub fn rust_files(folder: &str) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "rs") => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    files
}

pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A path below the repository's folder, with `/`.
pub fn relative(path: &Path, folder: &str) -> String {
    let inside = path.strip_prefix(root().join(folder)).expect("a path inside");
    inside.to_str().expect("a plain name").replace('\\', "/")
}

/// Every source file that ships. `tests.rs`, and files only declared under `#[cfg(test)]`, do not.
pub fn shipped() -> Vec<SourceFile> {
    let all: Vec<(String, String)> = rust_files("src").iter().map(|path| (relative(path, "src"), read(path))).collect();
    let of_tests: BTreeSet<String> = all.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    let is_test = |path: &str| {
        let inside = |module: &String| path == format!("{module}.rs") || path.starts_with(&format!("{module}/"));
        of_tests.iter().any(inside)
    };
    let ships = all.iter().filter(|(path, _)| !is_test(path));
    ships.map(|(path, text)| SourceFile::new(path, text)).collect()
}

/// The modules a file declares under `#[cfg(test)]`, as paths without `.rs`.
fn test_modules(path: &str, text: &str) -> Vec<String> {
    let folder = match path.rsplit_once('/') {
        Some((folder, "mod.rs")) => format!("{folder}/"),
        _ if ["lib.rs", "main.rs"].contains(&path) => String::new(),
        _ => format!("{}/", path.trim_end_matches(".rs")),
    };
    let bare = strip(text).bare;
    let marked = bare.split("#[cfg(test)]").skip(1).filter_map(|rest| {
        let head = rest.split([';', '{']).next()?;
        let name = head.split_whitespace().skip_while(|word| *word != "mod").nth(1)?;
        Some(format!("{folder}{name}"))
    });
    marked.collect()
}

/// Asserts that nothing is wrong, with one complaint a line.
#[track_caller]
pub fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} found:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn files_know_their_stage_and_place() {
    let file =
        SourceFile::new("model/card.rs", "// crate::cli\nfn a() {}\n#[cfg(test)]\nmod tests {\nuse crate::cli;\n}");
    assert_eq!((file.stage(), file.code.trim()), (Some("model"), "fn a() {}"));
    assert!(file.is_in(&["model"]) && file.is_in(&["model/card.rs"]) && !file.is_in(&["mode", "model/card"]));
    assert_eq!(SourceFile::new("lib.rs", "").stage(), None);
}

#[test]
fn modules_of_tests_are_known_by_their_declaration() {
    let text =
        "mod a;\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\n#[allow(x)]\npub(crate) mod fixtures;\n#[cfg(test)]\nuse b;";
    assert_eq!(test_modules("model/mod.rs", text), ["model/tests", "model/fixtures"]);
    assert_eq!(test_modules("model/leak.rs", text), ["model/leak/tests", "model/leak/fixtures"]);
    assert_eq!(test_modules("lib.rs", text), ["tests", "fixtures"]);
    assert!(shipped().len() > 200 && !shipped().iter().any(|file| file.path.ends_with("tests.rs")));
}
