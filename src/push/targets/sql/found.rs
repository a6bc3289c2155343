//! Does a table that is there take scores? What a server says of its columns in, what is wrong with them out. Pure.

use crate::config::ScoreField;
use crate::push::target::TargetField;
use crate::push::targets::sql::table::{ID, MOST_OF_ID, SqlDialect, SqlTable};
use crate::push::value::TargetKind;

/// Most bytes of the name of a column: PostgreSQL cuts longer ones without a word.
const MOST_OF_NAME: usize = 63;

/// A table as a server describes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::push::targets) struct FoundTable {
    pub columns: Vec<FoundColumn>,
    /// Why no row can be put in at all: it is a view, or keeps no transactions.
    pub fault: Option<String>,
}

/// A column as a server describes it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::push::targets) struct FoundColumn {
    pub name: String,
    /// What the server calls its type.
    pub type_name: String,
    /// What it takes; none where that is nothing a score can be.
    pub kind: Option<TargetKind>,
    /// Whether a row cannot be put in without it.
    pub must_be_filled: bool,
    /// Whether the server computes it.
    pub is_computed: bool,
    /// Whether it is a key by itself.
    pub is_key: bool,
    /// Whether another key of rows has it.
    pub is_in_another_key: bool,
    /// Whether ids that differ in the case of a letter are one.
    pub folds_case: bool,
}

impl FoundTable {
    /// The column of that name. PostgreSQL tells names by their case.
    pub fn column(&self, name: &str, dialect: SqlDialect) -> Option<&FoundColumn> {
        let is_it = |column: &&FoundColumn| match dialect {
            SqlDialect::Postgres => column.name == name,
            SqlDialect::Mysql | SqlDialect::Sqlite => column.name.to_lowercase() == name.to_lowercase(),
        };
        self.columns.iter().find(is_it)
    }

    /// Most letters of a deal's id.
    pub fn most_of_id(&self, dialect: SqlDialect) -> usize {
        match self.column(ID, dialect).and_then(|column| column.kind) {
            Some(TargetKind::Text(Some(most))) => most.min(MOST_OF_ID),
            _ => MOST_OF_ID,
        }
    }

    /// Why rows of deals cannot be put into `table`, beside what is wrong with the columns of `fields`.
    pub fn fault(&self, table: &SqlTable, fields: &[(ScoreField, String)]) -> Option<String> {
        let told = |what: String| Some(format!("the table {} {what}", table.quoted()));
        if let Some(fault) = &self.fault {
            return told(fault.clone());
        }
        let Some(id) = self.column(ID, table.dialect) else {
            return told(format!("has no column {ID}, expected one that is its primary key"));
        };
        match id {
            FoundColumn {
                kind: Some(TargetKind::Text(_)),
                is_key: true,
                folds_case: false,
                is_computed: false,
                ..
            } => {}
            FoundColumn { kind: Some(TargetKind::Text(_)), is_key: true, folds_case: true, .. } => {
                return told(format!(
                    "compares {ID} without the case of letters, expected a collation that ends in _bin"
                ));
            }
            FoundColumn { kind: Some(TargetKind::Text(_)), is_key: false, .. } => {
                return told(format!("has a column {ID} that is no key, expected it to be the primary key"));
            }
            FoundColumn { type_name, .. } => {
                return told(format!("has a column {ID} of type {type_name}, expected text"));
            }
        }
        let is_fed = |name: &String| name == ID || fields.iter().any(|(_, field)| field == name);
        let unfilled = self.columns.iter().find(|column| column.must_be_filled && !is_fed(&column.name));
        unfilled
            .and_then(|column| told(format!("has a column {} that must be filled and is fed by nothing", column.name)))
    }

    /// A field as this table takes it, or what is wrong with its column. A column that is not there is made.
    pub fn field(&self, of: ScoreField, name: &str, dialect: SqlDialect) -> Result<TargetField, String> {
        let field = |kind| Ok(TargetField { of, name: name.to_owned(), kind });
        let Some(column) = self.column(name, dialect) else {
            let folded = self.columns.iter().find(|column| column.name.to_lowercase() == name.to_lowercase());
            return match folded {
                Some(FoundColumn { name: there, .. }) => {
                    Err(format!("{name} is there as {there}: names that are not quoted are folded, so write {there}"))
                }
                None => field(dialect.kind_of(of)),
            };
        };
        match column {
            FoundColumn { is_computed: true, .. } => Err(format!("{name} is computed by the server")),
            FoundColumn { is_in_another_key: true, .. } => {
                Err(format!("{name} is in another unique key: a row of another deal could be overwritten"))
            }
            FoundColumn { kind: Some(kind), .. } => field(*kind),
            FoundColumn { type_name, .. } => {
                Err(format!("{name} is of type {type_name}, expected {}", dialect.type_of(of)))
            }
        }
    }
}

/// What is wrong with the names of `fields`, whatever the table is.
pub(in crate::push::targets) fn fault_of_name(name: &str, fields: &[(ScoreField, String)]) -> Option<String> {
    let folded = name.to_lowercase();
    if folded == ID {
        return Some(format!("{name} is the column of the deal's id"));
    }
    if name.len() > MOST_OF_NAME || name.contains('\0') {
        return Some(format!("{name} is no name of a column: expected at most {MOST_OF_NAME} letters"));
    }
    let twins = fields.iter().filter(|(_, other)| other.to_lowercase() == folded).count();
    (twins > 1).then(|| format!("{name} differs from another field only in the case of letters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: Option<TargetKind>) -> FoundColumn {
        FoundColumn {
            name: name.to_owned(),
            type_name: "some".to_owned(),
            kind,
            must_be_filled: false,
            is_computed: false,
            is_key: name == ID,
            is_in_another_key: false,
            folds_case: false,
        }
    }

    fn found(change: impl Fn(&mut FoundColumn)) -> FoundTable {
        let mut columns =
            [column(ID, Some(TargetKind::Text(Some(36)))), column("score", Some(TargetKind::Number(Some(0))))];
        columns.iter_mut().for_each(change);
        FoundTable { columns: columns.to_vec(), fault: None }
    }

    #[test]
    fn a_table_must_have_the_deals_id_as_its_key_and_nothing_else_that_must_be_filled() {
        let table = SqlTable::named(SqlDialect::Postgres, "scores");
        let fields = [(ScoreField::Score, "score".to_owned())];
        let told = |table_found: &FoundTable| table_found.fault(&table, &fields).unwrap_or_default();
        let right = found(|_| {});
        assert_eq!((told(&right).as_str(), right.most_of_id(SqlDialect::Postgres)), ("", 36));
        assert!(told(&FoundTable::default()).contains("has no column deal_id"));
        assert!(told(&found(|column| column.is_key = false)).contains("is no key"));
        assert!(told(&found(|column| column.folds_case = true)).contains("_bin"));
        assert!(told(&found(|column| column.kind = None)).contains("of type some, expected text"));
        assert_eq!(told(&found(|column| column.must_be_filled = true)), "", "what is fed may have to be filled");
        let mut more = right;
        more.columns.push(FoundColumn { must_be_filled: true, ..column("owner", None) });
        assert!(told(&more).contains("has a column owner that must be filled"));
    }

    #[test]
    fn a_column_that_does_not_fit_is_told_and_one_that_is_absent_is_made() {
        let field = |table: &FoundTable, name: &str, dialect| table.field(ScoreField::Score, name, dialect);
        let right = found(|_| {});
        assert_eq!(
            field(&right, "score", SqlDialect::Postgres).map(|field| field.kind),
            Ok(TargetKind::Number(Some(0)))
        );
        assert!(field(&right, "Score", SqlDialect::Postgres).is_err_and(|told| told.contains("is there as score")));
        assert!(field(&right, "Score", SqlDialect::Mysql).is_ok());
        assert!(field(&right, "win", SqlDialect::Postgres).is_ok());
        let odd = found(|column| column.kind = None);
        assert!(field(&odd, "score", SqlDialect::Mysql).is_err_and(|told| told.contains("expected SMALLINT")));
        let keyed = found(|column| column.is_in_another_key = true);
        assert!(field(&keyed, "score", SqlDialect::Mysql).is_err_and(|told| told.contains("unique key")));
    }

    #[test]
    fn names_that_cannot_be_columns_are_told() {
        let fields = [(ScoreField::Score, "a".to_owned()), (ScoreField::Grade, "A".to_owned())];
        assert!(fault_of_name("Deal_ID", &fields).is_some() && fault_of_name("a", &fields).is_some());
        assert!(fault_of_name(&"x".repeat(64), &fields).is_some() && fault_of_name("b", &fields).is_none());
    }
}
