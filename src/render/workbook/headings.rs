//! The headings of a table: worded, different from each other, each with a note that says what it means.

use std::collections::BTreeSet;

use rust_xlsxwriter::Note;

use crate::render::page::PageSetting;

/// The longest heading a table may have.
const LONGEST: usize = 255;

/// The letters a line of a note holds, about.
const LINE: usize = 44;

/// The headings of `columns`, different from each other whatever the case of their letters.
pub(super) fn headings(setting: PageSetting<'_>, columns: &[&str]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let different = columns.iter().map(|column| {
        let label = cut(&setting.language.column(column));
        let own = if taken.contains(&label.to_lowercase()) { cut(&format!("{label} ({column})")) } else { label };
        let own = numbered(own, &taken);
        taken.insert(own.to_lowercase());
        own
    });
    different.collect()
}

/// `label`, with a number where another heading has it.
fn numbered(label: String, taken: &BTreeSet<String>) -> String {
    if !taken.contains(&label.to_lowercase()) {
        return label;
    }
    let with = |number: usize| label.chars().take(LONGEST - 8).collect::<String>() + &format!(" ({number})");
    let free = (2..).map(with).find(|tried| !taken.contains(&tried.to_lowercase()));
    free.unwrap_or(label)
}

/// A heading in one line, not too long, never empty.
fn cut(label: &str) -> String {
    let line: String =
        label.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(LONGEST - 16).collect();
    if line.trim().is_empty() { "-".to_owned() } else { line }
}

/// What a column means, its formula, when it is empty and as of which day: one line each.
pub(super) fn definition(setting: PageSetting<'_>, table: &str, column: &str) -> Option<String> {
    let said = |note: &str| setting.said(table, column, note);
    let meaning = said("meaning")?;
    let mut lines = vec![format!("{table}.{column}"), meaning.to_owned()];
    lines.extend(said("formula").map(|formula| format!("= {formula}")));
    lines.extend(said("unit").map(|unit| format!("{}: {unit}", setting.word("unit"))));
    lines.extend(said("empty").map(|empty| format!("{}: {empty}", setting.word("empty-when"))));
    lines.push(format!("{} {}", setting.word("as-of"), setting.language.day_text(setting.material.as_of())));
    Some(lines.join("\n"))
}

/// The definition as a note, large enough to be read whole.
pub(super) fn note(definition: &str) -> Note {
    let lines: usize = definition.lines().map(|line| 1 + line.chars().count() / LINE).sum();
    let height = u32::try_from(lines * 18 + 12).map_or(600, |height| height.min(600));
    Note::new(definition).set_author("dealcast").add_author_prefix(false).set_width(320).set_height(height)
}
