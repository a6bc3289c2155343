//! The presets as Markdown: what each knows, and how far that was verified.

use std::fmt::Write;

use crate::presets::export::ExportShape;
use crate::presets::library::presets;
use crate::presets::own_words::own_languages;
use crate::presets::preset::{Preset, PresetTable};

/// What stands above the presets.
const INTRODUCTION: &str = "\
# Presets

What `dealcast init` knows of each CRM's exports: the names of columns, in the languages the CRM writes them in, and what
they mean. How far each way to write a header was verified is said beside it. \"Unverified\" was written from memory: `init`
says so where it uses one, and looks at what the columns hold all the same.

`dealcast simulate --as SHAPE` writes a simulated world as a CRM exports it, in the columns listed here. Each shape says what it
cannot carry; `--canonical` beside it writes just what the shape carries as canonical tables with a configuration of their own. A
run on the export that `dealcast init` has read gives the same scores and tables as one on those, to the byte: the tests hold
that for every shape. A log without rows for first values does not show a field that never changed: the card of the model says
`as exported` of it then.
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
    preset.exports.iter().for_each(|shape| export(shape, &mut text));
    if presets().last().is_some_and(|last| last.name == preset.name) {
        let _ = writeln!(
            text,
            "\nHeaders and names of stages people made up themselves are known by the words in them, in {}. The words are those CRMs \
             and sheets use, written from memory: what the columns hold is looked at all the same.",
            own_languages().collect::<Vec<_>>().join(", ")
        );
    }
    text
}

fn export(shape: &ExportShape, text: &mut String) {
    let files: Vec<&str> =
        shape.tables.iter().map(|table| table.file.as_str()).filter(|file| !file.is_empty()).collect();
    let _ = writeln!(text, "\n`simulate --as {}`: {} Files: {}.", shape.name, shape.about, files.join(", "));
    let _ = shape.lacks.iter().try_for_each(|lack| writeln!(text, "\n- {lack}"));
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
