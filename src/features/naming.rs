//! Names that tell things apart: one that is taken gets a number.

/// `name`, or the first of `name (2)`, `name (3)` and so on that is not taken.
pub(super) fn unique(name: String, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|n| format!("{name} ({n})"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or(name)
}
