//! One rejected row, and the columns of `rejects.csv`. Knows no file: [`Issues`](super::Issues) writes them as they come.

use std::borrow::Cow;

use serde::Serialize;

use crate::config::Rule;
use crate::report::column::{Column, TableSpec};

/// A cell that breaks a rule: a line of `rejects.csv`, or an example of a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// File name.
    pub file: String,
    /// Line (CSV) or row number (Parquet), from 1.
    pub line: u64,
    /// Column as the file calls it; empty where the row as a whole is meant.
    pub column: String,
    /// What stands there, cut to 200 characters.
    pub value: String,
    /// What was expected.
    pub reason: String,
    /// The rule.
    pub rule: Rule,
}

impl Reject {
    /// The cells of its line, in the order of the columns.
    pub(super) fn cells(&self) -> [String; 6] {
        let Self { file, line, column, value, reason, rule } = self.clone();
        [file, line.to_string(), column, value, reason, rule.name().to_owned()]
    }
}

type RejectColumn = Column<Reject>;

/// The columns of `rejects`.
#[must_use]
pub fn reject_spec() -> TableSpec<Reject> {
    let columns = vec![
        RejectColumn::text("file", "the file", |reject| Some(reject.file.as_str().into())),
        RejectColumn::integer("line", "line in the file, from 1; of Parquet the row", |reject| {
            i64::try_from(reject.line).ok()
        }),
        RejectColumn::text("column", "the column, as the file names it", |reject| filled(&reject.column))
            .empty("the row as a whole is meant"),
        RejectColumn::text("value", "what stands there, cut to 200 characters", |reject| filled(&reject.value))
            .empty("nothing stands there"),
        RejectColumn::text("reason", "what was wrong, and what was expected", |reject| {
            Some(reject.reason.as_str().into())
        }),
        RejectColumn::text("rule", "the rule that was broken", |reject| Some(reject.rule.name().into())),
    ];
    TableSpec::new("rejects", "rejected row", columns)
}

/// A cell with this text; empty where there is none.
pub(super) fn filled(text: &str) -> Option<Cow<'_, str>> {
    (!text.is_empty()).then_some(Cow::Borrowed(text))
}

/// The first line of `rejects.csv`.
pub(super) fn header() -> String {
    let names: Vec<&str> = reject_spec().declaration().columns.iter().map(|column| column.name).collect();
    names.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures::{assert_empty_where_declared, assert_row, cells};

    fn reject() -> Reject {
        Reject {
            file: "f.csv".to_owned(),
            line: 12,
            column: "amount".to_owned(),
            value: "x1".to_owned(),
            reason: "expected a number".to_owned(),
            rule: Rule::BadAmount,
        }
    }

    #[test]
    fn every_cell_is_read_from_its_own_field_and_written_in_the_same_order() {
        let table = reject_spec().table(&[reject()], 2).expect("a table");
        assert_eq!(table.name(), "rejects");
        let expected = [
            ("file", "f.csv"),
            ("line", "12"),
            ("column", "amount"),
            ("value", "x1"),
            ("reason", "expected a number"),
            ("rule", "bad_amount"),
        ];
        assert_row(&table, 0, &expected);
        let written: Vec<String> = cells(&table, 0).into_iter().map(|(_, cell)| cell).collect();
        assert_eq!((reject().cells().to_vec(), header()), (written, "file,line,column,value,reason,rule".to_owned()));
    }

    #[test]
    fn columns_say_when_they_are_empty() {
        let bare = Reject { column: String::new(), value: String::new(), ..reject() };
        let table = reject_spec().table(&[bare], 2).expect("a table");
        assert_empty_where_declared(&table, 0, &reject_spec().declaration());
    }
}
