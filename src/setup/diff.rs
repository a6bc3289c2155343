//! Two texts to the lines that differ.

use std::fmt::Write;

/// Lines shown around a difference.
const AROUND: usize = 2;

/// A line of either text, or of both.
#[derive(Clone, Copy, PartialEq)]
enum Line<'a> {
    Both(&'a str),
    Before(&'a str),
    After(&'a str),
}

/// The differences as a unified diff; empty where there are none.
#[must_use]
pub fn unified(before: &str, after: &str, name: &str) -> String {
    let lines = compared(&before.lines().collect::<Vec<_>>(), &after.lines().collect::<Vec<_>>());
    let changed: Vec<usize> = (0..lines.len()).filter(|at| !matches!(lines[*at], Line::Both(_))).collect();
    if changed.is_empty() {
        return String::new();
    }
    let mut text = format!("--- {name}\n+++ {name} (proposed)\n");
    let mut last = None;
    for at in (0..lines.len()).filter(|at| changed.iter().any(|change| change.abs_diff(*at) <= AROUND)) {
        if last.is_none_or(|last| last + 1 < at) {
            text.push_str("@@\n");
        }
        last = Some(at);
        // Writing to a string cannot fail.
        let _ = match lines[at] {
            Line::Both(line) => writeln!(text, " {line}"),
            Line::Before(line) => writeln!(text, "-{line}"),
            Line::After(line) => writeln!(text, "+{line}"),
        };
    }
    text
}

/// The lines of both texts, by their longest common subsequence.
fn compared<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<Line<'a>> {
    let width = after.len() + 1;
    let mut longest = vec![0_u32; (before.len() + 1) * width];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            longest[i * width + j] = if before[i] == after[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            lines.push(Line::Both(before[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == after.len() || i < before.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            lines.push(Line::Before(before[i]));
            i += 1;
        } else {
            lines.push(Line::After(after[j]));
            j += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown_with_its_neighbours() {
        let text = unified("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nD\ne\nf\n", "x.toml");
        assert_eq!(text, "--- x.toml\n+++ x.toml (proposed)\n@@\n b\n c\n-d\n+D\n e\n f\n");
        assert_eq!(unified("a\n", "a\n", "x"), "");
    }
}
