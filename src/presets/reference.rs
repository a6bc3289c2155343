//! The presets as Markdown: what each knows, and how far that was verified.

use std::fmt::Write;

use crate::presets::library::presets;
use crate::presets::preset::{Preset, PresetTable};

/// What stands above the presets.
const INTRODUCTION: &str = "\
# Presets

What `dealcast init` knows of each CRM's exports: the names of columns, in the languages the CRM writes them in, and what
they mean. How far each way to write a header was verified is said beside it. \"Unverified\" was written from memory: `init`
says so where it uses one, and looks at what the columns hold all the same.
";

/// The presets, `src/docs/presets.md`.
#[must_use]
pub fn preset_reference() -> String {
    presets().iter().fold(INTRODUCTION.to_owned(), |text, preset| text + &section(preset))
}

fn section(preset: &Preset) -> String {
    let mut text = format!("\n## {} (`{}`)\n\n{}\n", preset.title, preset.name, preset.about);
    // Writing to a string cannot fail.
    let _ = preset.quirks.iter().try_for_each(|quirk| writeln!(text, "\n- {quirk}"));
    text.push_str("\n| table | header | language | columns known | verified | source |\n|---|---|---|---|---|---|\n");
    preset.tables.iter().for_each(|table| rows(table, &mut text));
    text
}

fn rows(table: &PresetTable, text: &mut String) {
    for style in &table.headers {
        let known = style.known().collect::<std::collections::BTreeSet<_>>().len();
        let shape = if table.shape.is_empty() { String::new() } else { format!(" ({})", table.shape) };
        let _ = writeln!(
            text,
            "| {}{shape} | {} | {} | {known} | {} | {} |",
            table.role,
            style.style,
            style.language,
            style.verified.words(),
            style.source
        );
    }
}
