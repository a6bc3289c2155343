//! No circle of imports, and children do not ask their `mod.rs`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::modules::Modules;
use super::source::{SourceFile, assert_none, shipped};

/// Which files each file names.
fn edges(files: &[SourceFile]) -> BTreeMap<String, BTreeSet<String>> {
    let modules = Modules::of(files);
    let named = |module| modules.references(module).into_iter().map(|reference| reference.file).collect();
    modules.iter().map(|(module, file)| (file.path.clone(), named(module))).collect()
}

/// The shortest circle through each file that is on one; circles of the same files are told once.
fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let found = edges.keys().filter_map(|start| circle_through(edges, start));
    found.filter(|circle| seen.insert(circle.iter().cloned().collect::<BTreeSet<_>>())).map(|c| c.join(" > ")).collect()
}

/// The shortest way from a file over what it names back to itself.
fn circle_through(edges: &BTreeMap<String, BTreeSet<String>>, start: &str) -> Option<Vec<String>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for next in edges.get(file).into_iter().flatten() {
            if next == start {
                let mut way = vec![start.to_owned()];
                let mut at = file;
                while at != start {
                    way.insert(0, at.to_owned());
                    at = before[at];
                }
                way.insert(0, start.to_owned());
                return Some(way);
            }
            if next != file && !before.contains_key(next.as_str()) {
                before.insert(next, file);
                queue.push_back(next);
            }
        }
    }
    None
}

/// What files name of a `mod.rs` above them that is no module of its own. The crate's root is nobody's parent.
fn asked_parents(files: &[SourceFile]) -> Vec<String> {
    let modules = Modules::of(files);
    let mut wrong = Vec::new();
    for (module, file) in modules.iter() {
        for reference in modules.references(module) {
            let path = &reference.path;
            let parent = (1..module.len()).rev().find(|depth| path.starts_with(&module[..*depth]));
            let asks = parent.is_some_and(|depth| path.len() == depth || !modules.is_module(&path[..=depth]));
            if asks {
                wrong.push(format!("{} asks its parent for {}", file.path, path.join("::")));
            }
        }
    }
    wrong.dedup();
    wrong
}

#[test]
fn no_circle_of_imports() {
    assert_none(&circles(&edges(&shipped())));
}

#[test]
fn children_never_import_from_their_mod() {
    assert_none(&asked_parents(&shipped()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::example;

    #[test]
    fn a_circle_is_told_once_from_file_to_file() {
        let files = example(&[
            ("lib.rs", "pub mod a;\npub mod b;\npub mod c;\npub mod d;"),
            ("a.rs", "use crate::b::B;\npub struct A;"),
            ("b.rs", "use crate::c::C;"),
            ("c.rs", "fn f() { crate::a::A; }"),
            ("d.rs", "use crate::a::A;\n#[cfg(test)]\nmod tests { use crate::d::X; }"),
        ]);
        assert_eq!(circles(&edges(&files)), ["a.rs > b.rs > c.rs > a.rs"]);
    }

    #[test]
    fn what_a_mod_passes_on_makes_no_circle() {
        let files = example(&[
            ("lib.rs", "pub mod a;\npub mod b;"),
            ("a/mod.rs", "mod x;\nmod y;\npub use x::X;\npub use y::Y;"),
            ("a/x.rs", "use crate::b::B;"),
            ("a/y.rs", ""),
            ("b.rs", "use crate::a::Y;"),
        ]);
        assert!(circles(&edges(&files)).is_empty());
    }

    #[test]
    fn a_child_that_asks_its_parent_is_named() {
        let files = example(&[
            ("lib.rs", "pub mod a;"),
            ("a/mod.rs", "pub mod x;\npub mod y;\npub use x::X;\npub struct Own;"),
            ("a/x.rs", "use super::y::Z;\nuse super::Own;\npub struct X;"),
            ("a/y.rs", "use crate::a::X;\nuse crate::a::x;"),
        ]);
        assert_eq!(asked_parents(&files), ["a/x.rs asks its parent for a::Own", "a/y.rs asks its parent for a::X"]);
    }
}
