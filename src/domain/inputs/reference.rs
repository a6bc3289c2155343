//! The declarations as Markdown: one section per table, one line per column.

use std::fmt::Write;

use crate::domain::inputs::declared::InputTable;
use crate::domain::inputs::spec::{InputColumn, InputSpec, RowIdentity};

/// What stands above the tables.
const INTRODUCTION: &str = "\
# Input reference

Every table dealcast reads, with its canonical columns. Only the deals are required. Other names are mapped to these
under `[sources.TABLE]` in `dealcast.toml`. A required column must be in the file. Any other column may be missing,
and any cell of it may be empty.
";

/// The input reference, `src/docs/reference/inputs.md`.
#[must_use]
pub fn input_reference() -> String {
    InputTable::ALL.iter().fold(INTRODUCTION.to_owned(), |text, table| text + &section(*table))
}

fn section(table: InputTable) -> String {
    let spec = table.spec();
    let absence = match spec.cost_of_absence {
        None => "Required.".to_owned(),
        Some(cost) => format!("Without it: {cost}."),
    };
    let mut text = format!(
        "\n## {table}\n\n{}. One row is {}.\n{absence}\n\nNamed by `--{} FILE` or `[sources.{table}]`.\n\n",
        spec.meaning,
        spec.row,
        table.flag()
    );
    text.push_str("| column | cells | required | meaning |\n|---|---|---|---|\n");
    for InputColumn { name, kind, required, meaning } in spec.columns {
        let required = if *required { "yes" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| `{name}` | {} | {required} | {meaning} |", kind.words());
    }
    text.push_str(&identity(spec));
    if spec.further_columns {
        text.push_str("\nFurther columns are read too, under their own names. Each may become a field of the model.\n");
    }
    text
}

/// What becomes of rows that stand twice, or contradict each other.
fn identity(spec: &InputSpec) -> String {
    let name = |at: &usize| format!("`{}`", spec.columns[*at].name);
    let names = |key: &[usize]| key.iter().map(name).collect::<Vec<_>>().join(", ");
    match spec.identity {
        RowIdentity::OnePer(key) => format!("\nOne row counts for each {}.\n", names(key)),
        RowIdentity::SumPer(key) => {
            format!("\nOne row counts for each {}; with `conflicting_row = \"warn\"` they add up.\n", names(key))
        }
        RowIdentity::Events { id, at } => {
            let by_id = id.map_or(String::new(), |id| format!("; so do rows with the same {}", name(&id)));
            format!("\nRows with the same cells throughout count once where {} has a time of day{by_id}.\n", name(&at))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_and_column_is_in_the_reference() {
        let text = input_reference();
        for table in InputTable::ALL {
            let section = text.split(&format!("\n## {table}\n")).nth(1).expect("a section");
            let section = section.split("\n## ").next().expect("its text");
            for column in table.spec().columns {
                assert!(section.contains(&format!("| `{}` | {} |", column.name, column.kind.words())), "{section}");
            }
            assert!(section.contains(table.spec().cost_of_absence.unwrap_or("Required.")), "{section}");
        }
    }
}
