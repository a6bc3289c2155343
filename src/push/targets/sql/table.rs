//! A table of our own: how it is named, typed and made in each database. A table and fields in, statements out; talks to
//! nobody.

use crate::config::{PushTarget, ScoreField};
use crate::push::target::{TargetField, ToMake};
use crate::push::value::TargetKind;

/// The column that names the deal.
pub(in crate::push::targets) const ID: &str = "deal_id";
/// Most letters of a deal's id.
pub(in crate::push::targets) const MOST_OF_ID: usize = 255;

/// Whose SQL it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::push) enum SqlDialect {
    Sqlite,
    Postgres,
    Mysql,
}

impl SqlDialect {
    /// Of a target that is a table.
    pub fn of(target: PushTarget) -> Option<Self> {
        match target {
            PushTarget::Sqlite => Some(Self::Sqlite),
            PushTarget::Postgres => Some(Self::Postgres),
            PushTarget::Mysql => Some(Self::Mysql),
            _ => None,
        }
    }

    /// `name` as it is taken for a name, whatever is in it.
    pub fn quoted(self, name: &str) -> String {
        match self {
            Self::Mysql => format!("`{}`", name.replace('`', "``")),
            Self::Sqlite | Self::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    /// The type of the column that takes this.
    pub fn type_of(self, of: ScoreField) -> &'static str {
        let [number, chance, day, long_text, text] = match self {
            Self::Sqlite => ["INTEGER", "REAL", "TEXT", "TEXT", "TEXT"],
            Self::Postgres => ["smallint", "double precision", "date", "text", "text"],
            Self::Mysql => ["SMALLINT", "DOUBLE", "DATE", "TEXT", "VARCHAR(255)"],
        };
        match of {
            ScoreField::Score | ScoreField::PreviousScore => number,
            ScoreField::Probability => chance,
            ScoreField::PredictedCloseDate | ScoreField::ScoredAt => day,
            ScoreField::TopFactors => long_text,
            _ => text,
        }
    }

    /// What such a column takes.
    pub fn kind_of(self, of: ScoreField) -> TargetKind {
        match of {
            ScoreField::Score | ScoreField::PreviousScore => TargetKind::Number(Some(0)),
            ScoreField::Probability => TargetKind::Number(None),
            ScoreField::PredictedCloseDate | ScoreField::ScoredAt => TargetKind::Date,
            ScoreField::TopFactors => TargetKind::Text(None),
            _ => TargetKind::Text((self == Self::Mysql).then_some(MOST_OF_ID)),
        }
    }

    fn id_column(self) -> String {
        let (id, most) = (self.quoted(ID), MOST_OF_ID);
        match self {
            Self::Sqlite | Self::Postgres => {
                format!("{id} {} PRIMARY KEY", if self == Self::Sqlite { "TEXT" } else { "text" })
            }
            Self::Mysql => format!("{id} VARCHAR({most}) NOT NULL PRIMARY KEY"),
        }
    }

    fn after_columns(self) -> &'static str {
        match self {
            Self::Sqlite => " WITHOUT ROWID",
            Self::Postgres => "",
            // Ids are compared letter by letter; a batch is written whole or not at all.
            Self::Mysql => " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
        }
    }
}

/// A table and its database's SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::push) struct SqlTable {
    pub dialect: SqlDialect,
    /// Of servers, where it is named.
    pub schema: Option<String>,
    pub name: String,
}

impl SqlTable {
    /// The table `name`, or `schema.name` on a server.
    pub fn named(dialect: SqlDialect, name: &str) -> Self {
        let parts = name.split_once('.').filter(|_| dialect != SqlDialect::Sqlite);
        let (schema, name) = parts.map_or((None, name), |(schema, name)| (Some(schema.to_owned()), name));
        Self { dialect, schema, name: name.to_owned() }
    }

    /// The name as statements have it.
    pub fn quoted(&self) -> String {
        let schema = self.schema.as_deref().map(|schema| self.dialect.quoted(schema) + ".").unwrap_or_default();
        schema + &self.dialect.quoted(&self.name)
    }

    /// Makes the table with the columns of `fields`.
    pub fn create<'f>(&self, fields: impl IntoIterator<Item = (ScoreField, &'f str)>) -> String {
        let column = |(of, name)| self.column(of, name);
        let columns: Vec<String> =
            [self.dialect.id_column()].into_iter().chain(fields.into_iter().map(column)).collect();
        let (table, after) = (self.quoted(), self.dialect.after_columns());
        format!("CREATE TABLE IF NOT EXISTS {table} ({}){after}", columns.join(", "))
    }

    /// Adds the column of a field.
    pub fn add(&self, of: ScoreField, name: &str) -> String {
        let is_text = matches!(self.dialect.kind_of(of), TargetKind::Text(_)) && self.dialect == SqlDialect::Mysql;
        // A table of somebody else's may have another character set.
        let set = if is_text { " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" } else { "" };
        format!("ALTER TABLE {} ADD COLUMN {}{set}", self.quoted(), self.column(of, name))
    }

    /// What makes the columns of `fields` that are not there, and the table around them.
    pub fn to_make(&self, is_there: bool, absent: &[&TargetField]) -> ToMake {
        let statements = match (is_there, absent) {
            (false, _) => vec![self.create(absent.iter().map(|field| (field.of, field.name.as_str())))],
            (true, absent) => absent.iter().map(|field| self.add(field.of, &field.name)).collect(),
        };
        ToMake { statements, fields: absent.iter().map(|field| field.name.clone()).collect() }
    }

    fn column(&self, of: ScoreField, name: &str) -> String {
        format!("{} {}", self.dialect.quoted(name), self.dialect.type_of(of))
    }

    /// Names of the id and of the columns of `fields`, as statements have them.
    pub fn columns(&self, fields: &[&TargetField]) -> Vec<String> {
        [ID].into_iter()
            .chain(fields.iter().map(|field| field.name.as_str()))
            .map(|name| self.dialect.quoted(name))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [(ScoreField, &str); 4] = [
        (ScoreField::Score, "score"),
        (ScoreField::Probability, "win \"chance\""),
        (ScoreField::ScoredAt, "day"),
        (ScoreField::TopFactors, "why`"),
    ];

    #[test]
    fn a_table_is_made_with_the_types_of_its_database() {
        let made = |dialect, name| SqlTable::named(dialect, name).create(FIELDS);
        assert_eq!(
            made(SqlDialect::Postgres, "sales.scores"),
            "CREATE TABLE IF NOT EXISTS \"sales\".\"scores\" (\"deal_id\" text PRIMARY KEY, \"score\" smallint, \
             \"win \"\"chance\"\"\" double precision, \"day\" date, \"why`\" text)"
        );
        assert_eq!(
            made(SqlDialect::Mysql, "scores"),
            "CREATE TABLE IF NOT EXISTS `scores` (`deal_id` VARCHAR(255) NOT NULL PRIMARY KEY, `score` SMALLINT, \
             `win \"chance\"` DOUBLE, `day` DATE, `why``` TEXT) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
        );
        assert!(made(SqlDialect::Sqlite, "a.b").starts_with("CREATE TABLE IF NOT EXISTS \"a.b\" (\"deal_id\" TEXT"));
    }

    #[test]
    fn a_column_takes_what_the_kind_of_its_field_says() {
        for of in ScoreField::ALL {
            let kind = SqlDialect::Mysql.kind_of(of);
            let is_text = matches!(kind, TargetKind::Text(Some(255)));
            assert_eq!(is_text, SqlDialect::Mysql.type_of(of) == "VARCHAR(255)", "{}", of.name());
        }
    }
}
