//! Texts of cells as people read them: names for ids of people, sentences and words in the language.

use super::action_words::action_cell;
use super::cost_words::cost_cell;
use super::language::Language;
use super::material::TableLine;
use crate::report::people::People;

/// The columns whose texts are sentences of the run.
const SENTENCES: [&str; 4] = ["meaning", "remedy", "what", "why"];

/// The text of a cell of `column`, which the table has as `text`.
pub(super) fn cell_words(
    language: &Language,
    people: &People,
    line: TableLine<'_>,
    column: &str,
    text: &str,
) -> String {
    match column {
        "owner" | "manager" => people.name(text).to_owned(),
        "node_name" if line.text("level") == "company" => language.value(text).to_owned(),
        _ => {
            let sentence = action_cell(language, line, column);
            let sentence = sentence.or_else(|| cost_cell(language, line, column));
            match sentence {
                Some(sentence) => sentence,
                None if SENTENCES.contains(&column) => language.percents(language.text(column, text)),
                None => language.text(column, text).to_owned(),
            }
        }
    }
}
