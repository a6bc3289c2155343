//! How files and folders are cut: what a `mod.rs` holds, how long a file is, what names stand beside each other.

use std::collections::{BTreeMap, BTreeSet};

use super::lexer::is_word;
use super::source::{SourceFile, assert_none, read, relative, rust_files, shipped};

/// The words that begin an item which is more than wiring.
const DEFINITIONS: [&str; 9] = ["fn", "struct", "enum", "union", "impl", "const", "static", "trait", "type"];

/// The items at the outermost level of a text without comments and quotes: the defining word, the name after it (none
/// after `impl`), and whether it is public.
fn items(bare: &str) -> Vec<(&str, &str, bool)> {
    let (mut depth, mut found) = (0_usize, Vec::new());
    let mut words: Vec<&str> = Vec::new();
    for piece in bare.split_inclusive(|c: char| !is_word(c)) {
        let word = piece.trim_end_matches(|c: char| !is_word(c));
        if !word.is_empty() && depth == 0 {
            words.push(word);
        }
        match piece.chars().last() {
            Some('{') => {
                depth += 1;
                found.extend(item(&words));
                words.clear();
            }
            Some('}') => {
                depth = depth.saturating_sub(1);
                words.clear();
            }
            Some(';') if depth == 0 => {
                found.extend(item(&words));
                words.clear();
            }
            _ => {}
        }
    }
    found
}

/// The item that begins with some words, if they define something.
fn item<'t>(words: &[&'t str]) -> Option<(&'t str, &'t str, bool)> {
    if words.contains(&"use") || words.contains(&"mod") || words.contains(&"extern") {
        return None;
    }
    let at = words.iter().position(|word| DEFINITIONS.contains(word))?;
    if words[at] == "impl" {
        return Some(("impl", "", false));
    }
    let name_at = words[at..].iter().position(|word| !DEFINITIONS.contains(word))? + at;
    Some((words[at], words[name_at], words[..at].contains(&"pub")))
}

/// What `mod.rs` files define.
fn defining_mods(files: &[SourceFile]) -> Vec<String> {
    let mods = files.iter().filter(|file| file.path.ends_with("mod.rs") || file.path == "lib.rs");
    let defines = |file: &SourceFile| {
        let names: Vec<String> = items(&file.bare).iter().map(|(kind, name, _)| [*kind, name].join(" ")).collect();
        (!names.is_empty()).then(|| format!("{} defines {}", file.path, names.join(", ")))
    };
    mods.filter_map(defines).collect()
}

/// Public types of one name in several files.
fn namesakes(files: &[SourceFile]) -> Vec<String> {
    let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in files {
        for (kind, name, is_public) in items(&file.bare) {
            if is_public && ["struct", "enum", "union", "trait", "type"].contains(&kind) {
                places.entry(name).or_default().push(&file.path);
            }
        }
    }
    let several = places.iter().filter(|(_, files)| files.len() > 1);
    several.map(|(name, files)| format!("{name}: {}", files.join(", "))).collect()
}

/// Three files or more beside each other that share the first word of their names.
fn families<'p>(paths: impl Iterator<Item = &'p str>) -> Vec<String> {
    let mut members: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for path in paths {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let first = file.trim_end_matches(".rs").split('_').next().unwrap_or(file);
        members.entry((folder, first)).or_default().insert(file);
    }
    let families = members.iter().filter(|(_, files)| files.len() >= 3);
    families
        .map(|((folder, _), files)| format!("{folder}: {}", files.iter().copied().collect::<Vec<_>>().join(", ")))
        .collect()
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent = rust_files("src").into_iter().filter(|path| !read(path).starts_with("//!"));
    assert_none(&silent.map(|path| format!("{} has no `//!` at the top", relative(&path, "src"))).collect::<Vec<_>>());
}

#[test]
fn mod_files_wire_only() {
    assert_none(&defining_mods(&shipped()));
}

#[test]
fn one_public_type_name_is_one_concept() {
    assert_none(&namesakes(&shipped()));
}

#[test]
fn families_of_files_are_folders() {
    let files = shipped();
    assert_none(&families(files.iter().map(|file| file.path.as_str())));
}

#[test]
fn no_file_is_over_four_hundred_lines() {
    let all = ["src", "tests", "benches"].into_iter().flat_map(rust_files);
    let lengths = all.map(|path| (read(&path).lines().count(), relative(&path, "")));
    assert_none(
        &lengths.filter(|(lines, _)| *lines > 400).map(|(lines, path)| format!("{path}: {lines}")).collect::<Vec<_>>(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::example;

    #[test]
    fn items_are_read_at_the_outermost_level() {
        let text = "use a::{b, c};\npub mod d;\npub(crate) struct E<T> { f: T }\nimpl<T> E<T> { pub fn g() { struct H; } }\n\
                    #[derive(Debug)]\npub enum I { J { k: u8 } }\npub const fn l() {}\ntype M = u8;\npub use n::O;\n\
                    pub trait P { type Q; }\nconst R: [u8; 2] = [1, 2];";
        let expected = [
            ("struct", "E", true),
            ("impl", "", false),
            ("enum", "I", true),
            ("const", "l", true),
            ("type", "M", false),
            ("trait", "P", true),
            ("const", "R", false),
        ];
        let got = items(text);
        assert_eq!(got, expected);
    }

    #[test]
    fn a_mod_that_defines_is_named() {
        let files = example(&[
            ("a/mod.rs", "//! A.\nmod b;\npub use b::{C, D};\n#[cfg(test)]\nmod tests { fn f() {} }"),
            ("e/mod.rs", "pub struct F;\nfn g() {}"),
            ("h.rs", "fn i() {}"),
        ]);
        assert_eq!(defining_mods(&files), ["e/mod.rs defines struct F, fn g"]);
    }

    #[test]
    fn public_types_of_one_name_are_named() {
        let files = example(&[
            ("a.rs", "pub struct Row { x: u8 }\nstruct Own;"),
            ("b.rs", "pub enum Row { A }\nstruct Own;\npub fn row() {}"),
        ]);
        assert_eq!(namesakes(&files), ["Row: a.rs, b.rs"]);
    }

    #[test]
    fn three_files_of_one_first_word_are_a_family() {
        let paths =
            ["a/funnel.rs", "a/funnel_walk.rs", "a/funnel_rows.rs", "a/deal_one.rs", "a/deal_two.rs", "b/deal_x.rs"];
        assert_eq!(families(paths.into_iter()), ["a: funnel.rs, funnel_rows.rs, funnel_walk.rs"]);
    }
}
