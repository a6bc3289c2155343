//! A table that was just computed, for eyes: its headings and cells as a language has them.
//!
//! [`Table`], [`Language`] and [`People`] in, texts out; the same words as the page's and the workbook's. Chooses no column
//! and no width.

use super::cell_words::cell_words;
use super::language::Language;
use super::material::TableLine;
use crate::report::cell::{Cell, TableCells};
use crate::report::people::People;
use crate::report::table::Table;

/// Columns of people beside `owner` and `manager`, which hold an id.
const PEOPLE: [&str; 3] = ["old_owner", "new_owner", "author"];

/// Columns whose texts are names of other columns.
const NAMES_OF_COLUMNS: [(&str, &str); 2] = [("compare_bridge", "measure"), ("waterfall_deals", "bar")];

/// Columns of phrases.
const PROSE: [(&str, &str); 4] =
    [("funnel_compare", "verdict"), ("history", "note"), ("rules", "does"), ("stagnation_backtest", "rule")];

/// Columns whose texts are words of this program in one table, and somebody's own elsewhere; what stands between commas
/// is a word each.
const WORDED_HERE: [(&str, &str); 11] = [
    ("compare_deals", "changes"),
    ("compare_deals", "new_status"),
    ("compare_deals", "old_status"),
    ("features", "known"),
    ("forecast_deals", "category"),
    ("models_log", "action"),
    ("period_deals", "category"),
    ("push_plan", "step"),
    ("push_receipt", "outcome"),
    ("push_verification", "holding"),
    ("waterfall_deals", "reason"),
];

/// A table as people read it in a language.
#[derive(Clone, Copy, Debug)]
pub struct ReadableTable<'t> {
    /// The table.
    pub table: &'t Table,
    /// The language.
    pub language: &'t Language,
    /// What owners and managers are called.
    pub people: &'t People,
}

impl ReadableTable<'_> {
    /// What a column is called: in English its name in the files, which people ask for.
    #[must_use]
    pub fn heading(&self, column: &str) -> String {
        if self.language.is_english() {
            column.to_owned()
        } else {
            self.language.column_in_a_line(self.table.name(), column)
        }
    }

    /// Whether `column` has words in the language: what was wrong with single cells is worded in English only, and the
    /// rule says it in every language; what programs read of factors and numbers has the English ones.
    #[must_use]
    pub fn is_worded(&self, column: &str) -> bool {
        let is_english_only = match column {
            "reason" => ["issues", "input_columns"].contains(&self.table.name()),
            "positive_factors" | "negative_factors" | "numbers" => true,
            _ => false,
        };
        self.language.is_english() || !is_english_only
    }

    /// The cell of a column in a row; numbers with `places` decimals, shares of 1 in percent where `is_share` says so.
    #[must_use]
    pub fn cell(&self, column: &str, row: usize, is_share: bool, places: usize) -> String {
        let cells = TableCells(self.table.batch());
        match cells.at(column, row) {
            Cell::Text(text) => self.text(TableLine::of(cells, row), column, text),
            Cell::Number(number) if !is_share => self.language.number(number, places),
            cell => self.language.cell(column, cell, is_share),
        }
    }

    fn text(&self, line: TableLine<'_>, column: &str, text: &str) -> String {
        let Self { table, language, people } = *self;
        let here = (table.name(), column);
        let of_owner = |said: &str| ["owner", "manager"].contains(&said);
        match column {
            "group" if of_owner(line.text("by")) => people.name(text).to_owned(),
            "from" | "to" if line.text("event") == "owner" => people.name(text).to_owned(),
            "from" | "to" if here.0 == "history" && line.text("event") == "amount" => {
                language.written_number(text.strip_suffix(".00").unwrap_or(text))
            }
            "at" | "from" | "to" if here.0 == "history" => language.moment_text(text),
            "reason" if table.name() == "explanation" => language.factor(text).to_owned(),
            "value" if table.name() == "explanation" => self.reason(line.text("reason"), text),
            _ if PEOPLE.contains(&column) => people.name(text).to_owned(),
            _ if NAMES_OF_COLUMNS.contains(&here) && !language.is_english() => language.column(text),
            "holds_that" => language.declared(text).to_owned(),
            _ if PROSE.contains(&here) && !language.is_english() => language.prose(text),
            _ if WORDED_HERE.contains(&here) => {
                text.split(", ").map(|word| language.value(word)).collect::<Vec<_>>().join(", ")
            }
            _ => cell_words(language, people, line, column, text),
        }
    }

    /// What a factor is for a deal: in English as the run wrote it, but the owner's name.
    fn reason(&self, factor: &str, value: &str) -> String {
        let (head, _) = value.split_once(", ").unwrap_or((value, ""));
        match factor {
            _ if !self.language.is_english() => self.language.reason(factor, value, self.people),
            "owner" => value.replacen(head, self.people.name(head), 1),
            _ => value.to_owned(),
        }
    }
}
