//! Which file a path leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::{Import, declared, inline};
use super::source::SourceFile;

/// A module path below the crate: `["model", "card"]`; empty for the crate itself.
pub type ModulePath = Vec<String>;

/// A path a file names, from the crate on, and the file that defines what it ends at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    pub path: Vec<String>,
    pub file: String,
}

/// The modules of the crate.
pub struct Modules<'f> {
    files: BTreeMap<ModulePath, &'f SourceFile>,
    imports: BTreeMap<ModulePath, Vec<Import>>,
}

/// How far passed-on names are followed.
const PASSES: usize = 8;

impl<'f> Modules<'f> {
    pub fn of(files: &'f [SourceFile]) -> Self {
        let of_crate = files.iter().filter(|file| file.path != "main.rs");
        let files: BTreeMap<ModulePath, &SourceFile> = of_crate.map(|file| (module_of(&file.path), file)).collect();
        let imports = files.iter().map(|(module, file)| (module.clone(), declared(&file.bare))).collect();
        Self { files, imports }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&ModulePath, &'f SourceFile)> {
        self.files.iter().map(|(module, file)| (module, *file))
    }

    pub fn is_module(&self, path: &[String]) -> bool {
        self.files.contains_key(path)
    }

    /// Everything of this crate that a module names, in `use` declarations and in the code; itself is left out.
    pub fn references(&self, module: &ModulePath) -> Vec<Reference> {
        let file = self.files[module];
        let used = self.imports[module].iter().map(|import| import.path.clone());
        let named = used.chain(inline(&file.bare)).filter_map(|path| self.absolute(module, &path));
        let references = named.map(|path| Reference { file: self.defining(&path, PASSES).path.clone(), path });
        let others: BTreeSet<Reference> = references.filter(|reference| reference.file != file.path).collect();
        others.into_iter().collect()
    }

    /// A path from the crate on; `None` if it leads to another crate.
    fn absolute(&self, module: &ModulePath, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" | "dealcast" => Some(rest.to_vec()),
            "self" => Some(module.iter().chain(rest).cloned().collect()),
            "super" => {
                let ups = path.iter().take_while(|word| *word == "super").count();
                let base = &module[..module.len().saturating_sub(ups)];
                Some(base.iter().chain(&path[ups..]).cloned().collect())
            }
            _ => {
                let child: Vec<String> = module.iter().cloned().chain([first.clone()]).collect();
                self.is_module(&child).then(|| child.iter().chain(rest).cloned().collect())
            }
        }
    }

    /// The file that defines what a path ends at: names a module only passes on lead to where they come from.
    fn defining(&self, path: &[String], passes: usize) -> &'f SourceFile {
        let depth = (0..=path.len()).rev().find(|depth| self.is_module(&path[..*depth])).expect("the crate at least");
        let (module, rest) = path.split_at(depth);
        let passed_on = rest.first().filter(|_| passes > 0).and_then(|name| self.passed_on(module, name));
        match passed_on {
            Some(origin) => self.defining(&origin, passes - 1),
            None => self.files[module],
        }
    }

    /// Where a name comes from that a module passes on.
    fn passed_on(&self, module: &[String], name: &str) -> Option<Vec<String>> {
        let module = module.to_vec();
        let import = self.imports[&module].iter().find(|import| import.is_public && import.name == name)?;
        self.absolute(&module, &import.path)
    }
}

/// The module a file under `src` is.
pub fn module_of(path: &str) -> ModulePath {
    let stem = path.trim_end_matches(".rs");
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    if stem == "lib" || stem == "mod" {
        return Vec::new();
    }
    stem.split('/').map(str::to_owned).collect()
}

/// A crate made of small texts, for the tests of these tests.
#[cfg(test)]
pub fn example(files: &[(&str, &str)]) -> Vec<SourceFile> {
    files.iter().map(|(path, text)| SourceFile::new(path, text)).collect()
}

#[test]
fn names_passed_on_lead_to_the_file_that_defines_them() {
    let files = example(&[
        ("lib.rs", "pub mod a;\npub mod b;"),
        (
            "a/mod.rs",
            "mod rows;\npub mod shape;\npub use rows::{Row, Line as Wire};\npub use shape::inner::Deep;\npub fn own() {}",
        ),
        ("a/rows.rs", "pub struct Row;"),
        ("a/shape/mod.rs", "pub mod inner;"),
        ("a/shape/inner.rs", ""),
        (
            "b.rs",
            "use crate::a::{Row, Wire, shape};\nuse crate::a::Deep;\nuse std::fs;\nfn f() { crate::a::own(); shape::inner(); self::g(); }",
        ),
    ]);
    let modules = Modules::of(&files);
    let mut found: Vec<String> =
        modules.references(&module_of("b.rs")).into_iter().map(|reference| reference.file).collect();
    found.sort();
    assert_eq!(found, ["a/mod.rs", "a/rows.rs", "a/rows.rs", "a/shape/inner.rs", "a/shape/mod.rs"]);
    let relative =
        modules.absolute(&module_of("a/shape/inner.rs"), &["super", "super", "rows", "Row"].map(str::to_owned));
    assert_eq!(relative.expect("of this crate").join("::"), "a::rows::Row");
    assert_eq!(module_of("a/mod.rs"), ["a"]);
}
