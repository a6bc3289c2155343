//! What to do and why, in the language of a report.
//!
//! A row of `actions` in, its two sentences out: the finding's code names the template, its numbers fill it.

use super::language::Language;
use super::material::TableLine;
use super::sentences::{sentence, worded};

/// The sentence of `part`, which is `what` or `why`, by the catalogue.
pub(super) fn action_sentence(language: &Language, line: TableLine<'_>, part: &str) -> String {
    let mut numbers = worded(line.text("numbers"), language);
    numbers.insert("due".to_owned(), language.day_text(&line.written("due")));
    let code = line.text("code").trim_start_matches("actions.").replace('_', "-");
    sentence(language, &format!("{part}-{code}"), &numbers)
}

/// The same for a cell of a table: nothing where `column` is another one, or where the table is in the language.
pub(super) fn action_cell(language: &Language, line: TableLine<'_>, column: &str) -> Option<String> {
    let is_sentence = ["what", "why"].contains(&column) && line.text("code").starts_with("actions.");
    (is_sentence && !language.is_english()).then(|| action_sentence(language, line, column))
}
