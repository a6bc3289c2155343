//! A promise that does not hold: [`Violation`], and the columns of the `violations` table.

use crate::report::column::{Column, TableSpec};

/// Something in the outputs that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Output table; of documents and the folder the file.
    pub table: String,
    /// The cells that name the row; none where the table as a whole is meant.
    pub row: Option<String>,
    /// The columns, with commas; none where the row as a whole is meant.
    pub columns: Option<String>,
    /// What stands there.
    pub got: String,
    /// What would have to.
    pub expected: String,
}

impl Violation {
    /// About a table or file as a whole.
    #[must_use]
    pub fn of_file(table: impl Into<String>, got: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { table: table.into(), row: None, columns: None, got: got.into(), expected: expected.into() }
    }

    /// The same about one of its columns.
    #[must_use]
    pub fn column(self, column: impl Into<String>) -> Self {
        Self { columns: Some(column.into()), ..self }
    }

    /// The same about one of its rows.
    #[must_use]
    pub fn row(self, row: impl Into<String>) -> Self {
        Self { row: Some(row.into()), ..self }
    }
}

/// The columns of `violations`.
#[must_use]
pub fn violations_spec() -> TableSpec<Violation> {
    type Row = Violation;
    let columns = vec![
        Column::text("table", "the output table, or the file", |row: &Row| Some(row.table.as_str().into())),
        Column::text("row", "the cells that name the row", |row: &Row| row.row.as_deref().map(Into::into))
            .empty("the table or file as a whole is meant"),
        Column::text("columns", "the columns that disagree", |row: &Row| row.columns.as_deref().map(Into::into))
            .empty("the row or file as a whole is meant"),
        Column::text("got", "what stands there", |row: &Row| Some(row.got.as_str().into())),
        Column::text("expected", "what would have to stand there", |row: &Row| Some(row.expected.as_str().into())),
    ];
    TableSpec::new("violations", "place where the outputs say what cannot be", columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixtures::assert_row;

    #[test]
    fn every_column_shows_its_own_field() {
        let violation = Violation::of_file("scores", "1.5", "0 to 1").column("win_probability").row("deal_id D1");
        let expected = [
            ("table", "scores"),
            ("row", "deal_id D1"),
            ("columns", "win_probability"),
            ("got", "1.5"),
            ("expected", "0 to 1"),
        ];
        assert_row(&violations_spec().table(&[violation], 2).expect("a table"), 0, &expected);
    }
}
