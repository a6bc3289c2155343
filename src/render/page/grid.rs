//! A table of a report: chosen columns of a table's rows, with headings that say what they mean.

use serde::Serialize;

use super::place::place_of;
use super::setting::PageSetting;
use crate::render::material::TableLine;
use crate::report::cell::Cell;
use crate::report::first_columns::first_columns;

/// Letters from which on a text takes several lines.
const LONG: usize = 34;

/// Letters from which on it may, where there is little room.
const NAME: usize = 16;

/// The scores of models, and their decimal places: those they have in the sentences of the run.
const SCORE_PLACES: [(&str, usize); 3] = [("auc", 3), ("brier", 4), ("log_loss", 4)];

/// A heading.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Head {
    /// Name of the column in every output.
    pub key: String,
    pub label: String,
    /// What it means, how it is computed, when it is empty.
    pub note: String,
    pub numeric: bool,
    /// Where the definition stands; empty where it is none of the declared columns.
    pub define: String,
}

/// A cell, worded.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct GridCell {
    pub text: String,
    /// To the last digit, where `text` is rounded.
    pub exact: Option<String>,
    /// A word of the style sheet.
    pub class: String,
    /// A drawing in the place of the text.
    pub chart: Option<String>,
    /// Where it leads.
    pub link: Option<String>,
}

/// Headings and rows.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GridView {
    pub heads: Vec<Head>,
    pub rows: Vec<Vec<GridCell>>,
}

impl GridView {
    /// `columns` of `lines`, which are rows of `table`.
    pub(super) fn of<'m>(
        setting: PageSetting<'m>,
        table: &str,
        columns: &[&str],
        lines: impl IntoIterator<Item = TableLine<'m>>,
    ) -> Self {
        let rows: Vec<Vec<GridCell>> = lines
            .into_iter()
            .map(|line| columns.iter().map(|column| cell(setting, table, line, column)).collect())
            .collect();
        let heads = columns.iter().map(|column| head(setting, table, column)).collect();
        Self { heads, rows }
    }

    /// The columns of `table` that people look at first, without those of `but`.
    pub(super) fn of_first<'m>(
        setting: PageSetting<'m>,
        table: &str,
        but: &[&str],
        lines: impl IntoIterator<Item = TableLine<'m>>,
    ) -> Self {
        let columns: Vec<&str> = first_columns(table).iter().copied().filter(|column| !but.contains(column)).collect();
        Self::of(setting, table, &columns, lines)
    }

    /// With one more column before column `at`.
    pub(super) fn insert(mut self, at: usize, head: Head, cells: impl IntoIterator<Item = GridCell>) -> Self {
        self.heads.insert(at, head);
        self.rows.iter_mut().zip(cells).for_each(|(row, cell)| row.insert(at, cell));
        self
    }
}

/// The heading of a declared column.
pub(super) fn head(setting: PageSetting<'_>, table: &str, column: &str) -> Head {
    let notes = ["meaning", "formula", "empty"].into_iter().filter_map(|note| {
        let text = setting.said(table, column, note)?;
        Some(match note {
            "formula" => format!("= {text}"),
            "empty" => format!("{}{}{text}", setting.word("empty-when"), setting.word("colon")),
            _ => text.to_owned(),
        })
    });
    let numeric = setting.material.lines(table).any(|line| line.number(column).is_some());
    let label = setting.language.column_of(table, column);
    let define = place_of(table, column);
    let note = setting.language.percents(&notes.collect::<Vec<_>>().join(setting.word("semicolon")));
    Head { key: column.to_owned(), label, note, numeric, define }
}

/// A heading for a drawing.
pub(super) fn chart_head(setting: PageSetting<'_>, key: &str) -> Head {
    let label = setting.word(key).to_owned();
    Head { key: key.to_owned(), label, note: String::new(), numeric: false, define: String::new() }
}

/// A declared cell, worded.
pub(super) fn cell<'m>(setting: PageSetting<'m>, table: &str, line: TableLine<'m>, column: &str) -> GridCell {
    let value = line.at(column);
    let is_share = setting.material.note(table, column, "unit").is_some_and(|unit| unit.ends_with("0 to 1"));
    let exact = match value {
        Cell::Money(minor, stored) => {
            let decimals = setting.decimals(line).min(stored);
            Some(setting.language.exact_money(minor / 10_i128.pow(stored - decimals), decimals))
        }
        _ => None,
    };
    let class = match value {
        Cell::Text("stalled" | "behind" | "declining") => "bad",
        Cell::Text("slow") => "fair",
        Cell::Money(minor, _) if minor < 0 => "minus",
        _ => "",
    };
    let text = match value {
        Cell::Text(text) => setting.shown_text(line, column, text),
        Cell::Number(money) if setting.material.note(table, column, "unit") == Some("currency per day") => {
            setting.language.number(money, 0)
        }
        Cell::Number(number) => match SCORE_PLACES.iter().find(|(known, _)| *known == column) {
            Some((_, places)) => setting.language.number(number, *places),
            None => setting.language.cell(column, value, is_share),
        },
        _ => setting.language.cell(column, value, is_share),
    };
    let class = match text.chars().count() {
        letters if letters > LONG => "long",
        letters if letters > NAME && class.is_empty() => "name",
        _ => class,
    };
    let exact = exact.filter(|exact| *exact != text);
    GridCell { text, exact, class: class.to_owned(), ..GridCell::default() }
}
