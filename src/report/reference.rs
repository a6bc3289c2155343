//! Declarations of tables as Markdown: one section per table, one line per column.
//!
//! [`TableDeclaration`]s in, text out. Which tables there are is not known here.

use crate::report::column::{ColumnDeclaration, TableDeclaration};
use crate::report::invariants::Invariant;

/// One section: the heading, what a row stands for, the columns.
#[must_use]
pub fn section(table: &TableDeclaration) -> String {
    let head = "| column | type | unit or range | meaning | formula | empty |\n|---|---|---|---|---|---|\n";
    let lines: String = table.columns.iter().map(line).collect();
    let invariants = invariants(&table.invariants);
    format!("\n### {}\n\nOne row per {}.\n\n{head}{lines}{invariants}", table.name, table.row)
}

/// What always holds, a line each.
fn invariants(invariants: &[Invariant]) -> String {
    let lines: String = invariants.iter().map(|invariant| format!("- {}\n", invariant.words())).collect();
    if lines.is_empty() { lines } else { format!("\nAlways holds:\n\n{lines}") }
}

fn line(column: &ColumnDeclaration) -> String {
    let ColumnDeclaration { name, kind, unit, meaning, formula, empty, .. } = column;
    let cells = [*kind, unit, *meaning, *formula, *empty].map(|cell| cell.replace('|', "\\|"));
    format!("| `{name}` | {} |\n", cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::range::Range;

    #[test]
    fn every_note_has_its_own_cell_and_no_bar_ends_one() {
        let column = ColumnDeclaration {
            name: "wape",
            kind: "number",
            unit: "0 and up".to_owned(),
            range: Range::AtLeast(0),
            meaning: "the error",
            formula: "|a - b| / b",
            empty: "b is 0",
        };
        let table = TableDeclaration {
            name: "backtest",
            row: "level",
            columns: vec![column],
            invariants: vec![Invariant::Key(&["level"])],
        };
        let expected = "\n### backtest\n\nOne row per level.\n\n\
                        | column | type | unit or range | meaning | formula | empty |\n|---|---|---|---|---|---|\n\
                        | `wape` | number | 0 and up | the error | \\|a - b\\| / b | b is 0 |\n\n\
                        Always holds:\n\n- no two rows have the same `level`\n";
        assert_eq!(section(&table), expected);
    }
}
