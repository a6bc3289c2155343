//! What a file names of other files: `use` declarations taken apart, and paths in the code.

use super::lexer::is_word;

/// A path a file names, as it is written: `["super", "rows", "Row"]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    pub path: Vec<String>,
    /// The name it has in this file: its last word, or what follows `as`; `*` for all.
    pub name: String,
    /// Whether the file passes it on.
    pub is_public: bool,
}

/// The members of every `use` declaration of a text without comments and quotes.
pub fn declared(bare: &str) -> Vec<Import> {
    let starts = bare.match_indices("use").map(|(at, _)| at).filter(|at| is_declaration(bare, *at));
    starts
        .flat_map(|at| members(bare[at + 3..].split(';').next().unwrap_or_default(), is_public(&bare[..at])))
        .collect()
}

/// Whether the `use` at a place begins a declaration.
fn is_declaration(bare: &str, at: usize) -> bool {
    let before = bare[..at].trim_end();
    let is_first = before.is_empty() || before.ends_with([';', '{', '}', ']', ')']) || before.ends_with("pub");
    is_first && !bare[..at].ends_with(is_word) && bare[at + 3..].starts_with(char::is_whitespace)
}

/// Whether what stands before a declaration makes it public, `pub` or `pub(...)`.
fn is_public(before: &str) -> bool {
    let before = before.trim_end();
    before.ends_with("pub") || (before.ends_with(')') && before[..before.rfind('(').unwrap_or(0)].ends_with("pub"))
}

/// `a::{b, c::d as e}` as one import per member.
fn members(tree: &str, is_public: bool) -> Vec<Import> {
    expand(tree, &[]).into_iter().map(|(path, name)| Import { path, name, is_public }).collect()
}

fn expand(tree: &str, prefix: &[String]) -> Vec<(Vec<String>, String)> {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let inner = group.trim_end().strip_suffix('}').unwrap_or(group);
        let prefix: Vec<String> = prefix.iter().cloned().chain(words(head)).collect();
        return split_top(inner).into_iter().flat_map(|member| expand(member, &prefix)).collect();
    }
    let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias.trim())));
    let mut path: Vec<String> = prefix.iter().cloned().chain(words(path)).collect();
    let Some(last) = path.last().cloned() else { return Vec::new() };
    let name = alias.map_or(last.clone(), str::to_owned);
    if last != "self" {
        return vec![(path, name)];
    }
    path.pop();
    let name = alias.map(str::to_owned).or_else(|| path.last().cloned());
    name.map(|name| (path, name)).into_iter().collect()
}

/// The words of `a::b::c`; `*` is one.
fn words(path: &str) -> impl Iterator<Item = String> {
    path.split("::").map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned)
}

/// The members of a group, split at the commas that are in no inner group.
fn split_top(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts.into_iter().filter(|part| !part.trim().is_empty()).collect()
}

/// A text with its `use` declarations left out.
fn without_declarations(bare: &str) -> String {
    let (mut text, mut from) = (String::new(), 0);
    for (at, _) in bare.match_indices("use").filter(|(at, _)| is_declaration(bare, *at)) {
        text.push_str(&bare[from..at]);
        from = bare[at..].find(';').map_or(bare.len(), |end| at + end);
    }
    text + &bare[from..]
}

/// The paths in the code itself that begin at the crate, this module or the one above: `crate::a::b()`.
pub fn inline(bare: &str) -> Vec<Vec<String>> {
    let bare = &without_declarations(bare);
    let roots = ["crate::", "dealcast::", "super::", "self::"];
    let starts = roots.iter().flat_map(|root| bare.match_indices(root)).map(|(at, _)| at);
    // What `pub(in crate::a)` names may see the item; nothing is asked of it.
    let is_visibility = |before: &str| before.ends_with("pub(in ");
    let is_first = |at: &usize| {
        let before = &bare[..*at];
        !before.ends_with(is_word) && !before.ends_with("::") && !is_visibility(before)
    };
    let path = |at: usize| {
        let rest = &bare[at..];
        let end = rest.find(|c: char| !is_word(c) && c != ':').unwrap_or(rest.len());
        words(&rest[..end]).collect()
    };
    starts.filter(is_first).map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        declared(text).into_iter().map(|import| format!("{} as {}", import.path.join("::"), import.name)).collect()
    }

    #[test]
    fn declarations_are_taken_apart() {
        let text = "use crate::{domain::day::Day, config::{self, Config, load}, model};\nuse super::rows::Row as Line;\n\
                    fn f() -> impl Iterator<Item = u8> + use<'_> {\n    use std::fs;\n}\nlet reuse = 1;\nuse a::*;";
        let expected = [
            "crate::domain::day::Day as Day",
            "crate::config as config",
            "crate::config::Config as Config",
            "crate::config::load as load",
            "crate::model as model",
            "super::rows::Row as Line",
            "std::fs as fs",
            "a::* as *",
        ];
        assert_eq!(paths(text), expected);
    }

    #[test]
    fn what_is_passed_on_is_public() {
        let text = "pub use a::B;\npub(crate) use c::D;\nfn f(x: u8) {}\nuse e::F;\n#[x(y)]\nuse g::H;";
        assert_eq!(
            declared(text).iter().map(|import| import.is_public).collect::<Vec<_>>(),
            [true, true, false, false]
        );
    }

    #[test]
    fn paths_in_the_code_are_found() {
        let text = "use crate::a::{B, c};\npub(crate) use super::d;\nlet x = crate::report::Table::new(super::rows::all(), other::crate_::y, std::crate::no);\npub(in crate::seen) fn f() {}";
        assert_eq!(inline(text), [vec!["crate", "report", "Table", "new"], vec!["super", "rows", "all"]]);
    }
}
