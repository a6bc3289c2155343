//! The rename map: which table, column and value of the stored output is which of today's.

use std::borrow::Cow;
use std::fs;

use serde::Deserialize;

use crate::harness::Table;

use super::stored::golden;

/// What `tests/golden/renames.toml` says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Renames {
    table: Vec<TableRename>,
    column: Vec<ColumnRename>,
    value: Vec<TextRename>,
    phrase: Vec<TextRename>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableRename {
    old: String,
    new: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnRename {
    table: String,
    old: String,
    new: String,
    #[serde(default)]
    how: How,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TextRename {
    table: String,
    column: String,
    old: String,
    new: String,
}

/// How the values of a renamed column relate to the old ones.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum How {
    #[default]
    Same,
    /// One less the old value.
    Complement,
    /// Reworded sentences with the same numbers in them.
    Numbers,
}

impl Renames {
    pub fn read() -> Self {
        Self::parse(&fs::read_to_string(golden("renames.toml")).unwrap())
    }

    pub fn parse(text: &str) -> Self {
        toml::from_str(text).unwrap_or_else(|error| panic!("tests/golden/renames.toml: {error}"))
    }

    /// Today's name of a table.
    pub fn table<'a>(&'a self, old: &'a str) -> &'a str {
        self.table.iter().find(|rename| rename.old == old).map_or(old, |rename| &rename.new)
    }

    /// Today's name of a column of `table` (its new name), and how its values relate.
    pub fn column<'a>(&'a self, table: &str, old: &'a str) -> (&'a str, How) {
        let rename = self.column.iter().find(|rename| rename.table == table && rename.old == old);
        rename.map_or((old, How::Same), |rename| (&rename.new, rename.how))
    }

    /// What a text of a column (new names) reads today.
    pub fn value<'a>(&'a self, table: &str, column: &str, old: &'a str) -> Cow<'a, str> {
        let is_here = |rename: &&TextRename| rename.table == table && rename.column == column;
        if let Some(rename) = self.value.iter().filter(is_here).find(|rename| rename.old == old) {
            return Cow::Borrowed(&rename.new);
        }
        let reword = |text: Cow<'a, str>, rename: &TextRename| match text.contains(&rename.old) {
            true => Cow::Owned(text.replace(&rename.old, &rename.new)),
            false => text,
        };
        self.phrase.iter().filter(is_here).fold(Cow::Borrowed(old), reword)
    }

    /// The rules that match nothing in the stored tables, given by old name.
    pub fn idle<'a>(&self, tables: impl Iterator<Item = (&'a str, &'a Table)>) -> Vec<String> {
        let tables: Vec<(&str, &Table)> = tables.collect();
        let idle_tables = self.table.iter().filter(|rename| !tables.iter().any(|(old, _)| *old == rename.old));
        let idle_columns = self.column.iter().filter(|rename| {
            let mut of_table = tables.iter().filter(|(old, _)| self.table(old) == rename.table);
            !of_table.any(|(_, table)| table.has(&rename.old))
        });
        let equal: fn(&str, &str) -> bool = |cell, old| cell == old;
        let values = self.value.iter().map(|rename| (rename, equal));
        let contains: fn(&str, &str) -> bool = |cell, old| cell.contains(old);
        let texts = values.chain(self.phrase.iter().map(|rename| (rename, contains)));
        let idle_texts = texts.filter(|(rename, matches)| !self.occurs(&tables, rename, *matches));
        let tables = idle_tables.map(|rename| format!("{rename:?}"));
        let columns = idle_columns.map(|rename| format!("{rename:?}"));
        tables.chain(columns).chain(idle_texts.map(|(rename, _)| format!("{rename:?}"))).collect()
    }

    /// Whether a cell of the rule's column matches its old text.
    fn occurs(&self, tables: &[(&str, &Table)], rename: &TextRename, matches: fn(&str, &str) -> bool) -> bool {
        let of_table = tables.iter().filter(|(old, _)| self.table(old) == rename.table);
        let mut columns = of_table.flat_map(|(_, table)| {
            let names = table.names().filter(|name| self.column(&rename.table, name).0 == rename.column);
            names.map(|name| table.column(name))
        });
        columns.any(|cells| cells.iter().any(|cell| matches(cell, &rename.old)))
    }
}

pub const EXAMPLE: &str = r#"
[[table]]
old = "lags"
new = "gaps"
[[column]]
table = "gaps"
old = "kept_share"
new = "slip_rate"
how = "complement"
[[column]]
table = "gaps"
old = "norm"
new = "benchmark"
[[value]]
table = "gaps"
column = "cause"
old = "pipeline"
new = "insufficient pipeline"
[[phrase]]
table = "gaps"
column = "cause"
old = "is usual"
new = "is the benchmark"
"#;

#[test]
fn names_are_looked_up_by_the_new_table() {
    let renames = Renames::parse(EXAMPLE);
    assert_eq!((renames.table("lags"), renames.table("funnel")), ("gaps", "funnel"));
    assert_eq!(renames.column("gaps", "kept_share"), ("slip_rate", How::Complement));
    assert_eq!(renames.column("gaps", "norm"), ("benchmark", How::Same));
    assert_eq!(renames.column("funnel", "norm"), ("norm", How::Same));
    assert_eq!(renames.value("gaps", "cause", "pipeline"), "insufficient pipeline");
    assert_eq!(renames.value("gaps", "cause", "33 % is usual"), "33 % is the benchmark");
    assert_eq!(renames.value("funnel", "cause", "pipeline"), "pipeline");
}

#[test]
fn rules_that_match_nothing_are_named() {
    let renames = Renames::parse(EXAMPLE);
    let lags = Table::parse("kept_share,cause\n0.5,33 % is usual\n");
    let idle = renames.idle([("lags", &lags)].into_iter());
    assert_eq!(idle.len(), 2, "{idle:?}");
    assert!(idle[0].contains("benchmark") && idle[1].contains("insufficient"), "{idle:?}");
}
