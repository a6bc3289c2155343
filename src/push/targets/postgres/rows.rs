//! Rows as PostgreSQL writes and reads them: statements and the text of `COPY` out, columns and values in.

use std::fmt::Write as _;
use std::io::Write as _;

use postgres::{Client, Error, Row};

use crate::push::target::{RecordChange, TargetField};
use crate::push::targets::sql::found::FoundColumn;
use crate::push::targets::sql::table::{ID, SqlTable};
use crate::push::value::{FieldValue, FieldValues, TargetKind};

/// A table of the session's own, gone with the transaction.
const STAGE: &str = "pg_temp.dealcast_pushed";
/// Bytes that go out at once.
const CHUNK: usize = 1 << 16;

/// What a batch is written with.
pub(super) struct PutStatements {
    stage: String,
    copy: String,
    merge: String,
}

impl PutStatements {
    pub fn of(table: &SqlTable, fields: &[&TargetField]) -> Self {
        let (name, columns) = (table.quoted(), table.columns(fields));
        let (all, fed) = (columns.join(", "), &columns[1..]);
        let changes: Vec<String> =
            fed.iter().map(|column| format!("{column} = coalesce(excluded.{column}, t.{column})")).collect();
        let differs = |column: &String| {
            format!("(excluded.{column} IS NOT NULL AND t.{column} IS DISTINCT FROM excluded.{column})")
        };
        let differences: Vec<String> = fed.iter().map(differs).collect();
        let bare = STAGE.trim_start_matches("pg_temp.");
        Self {
            stage: format!("CREATE TEMPORARY TABLE {bare} ON COMMIT DROP AS SELECT {all} FROM {name} WITH NO DATA"),
            copy: format!("COPY {STAGE} ({all}) FROM STDIN"),
            merge: format!(
                "INSERT INTO {name} AS t ({all}) SELECT {all} FROM {STAGE} ON CONFLICT ({}) DO UPDATE SET {} WHERE {}",
                columns[0],
                changes.join(", "),
                differences.join(" OR ")
            ),
        }
    }

    /// Writes a batch in one transaction.
    pub fn run(&self, client: &mut Client, text: &[u8]) -> Result<(), Error> {
        let mut transaction = client.transaction()?;
        transaction.batch_execute(&self.stage)?;
        let mut copied = transaction.copy_in(&self.copy)?;
        // What goes wrong on the way is told when the copy is finished.
        let _ = text.chunks(CHUNK).try_for_each(|chunk| copied.write_all(chunk));
        copied.finish()?;
        transaction.batch_execute(&self.merge)?;
        transaction.commit()
    }
}

/// The rows as `COPY` takes them: a tab between columns, `\N` for what is not filled.
pub(super) fn copy_text(rows: &[&RecordChange], fields: &[&TargetField]) -> Vec<u8> {
    let mut text = String::with_capacity(rows.len() * 64);
    for row in rows {
        escape(&row.deal, &mut text);
        for field in fields {
            text.push('\t');
            match row.new.get(&field.name) {
                Some(FieldValue::Number(number)) if number.is_finite() => {
                    let _ = write!(text, "{number}");
                }
                Some(FieldValue::Text(cell)) => escape(cell, &mut text),
                Some(FieldValue::Number(_)) | None => text.push_str("\\N"),
            }
        }
        text.push('\n');
    }
    text.into_bytes()
}

fn escape(cell: &str, text: &mut String) {
    for c in cell.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\0' => {}
            other => text.push(other),
        }
    }
}

/// Numbers as numbers, everything else as text.
pub(super) fn selection(table: &SqlTable, fields: &[&TargetField]) -> String {
    let of = |field: &&TargetField| {
        let column = table.dialect.quoted(&field.name);
        match field.kind {
            TargetKind::Number(_) => format!("{column}::float8"),
            TargetKind::DateTime => format!("to_char({column}, 'YYYY-MM-DD HH24:MI:SS')"),
            TargetKind::Date | TargetKind::Text(_) => format!("{column}::text"),
        }
    };
    let columns: Vec<String> = fields.iter().map(of).collect();
    let more = columns.iter().map(|column| format!(", {column}")).collect::<String>();
    format!("SELECT {ID}::text{more} FROM {}", table.quoted())
}

/// The fields of a row, behind its id.
pub(super) fn read_values(row: &Row, fields: &[TargetField]) -> Result<FieldValues, Error> {
    let mut values = FieldValues::new();
    for (at, field) in fields.iter().enumerate() {
        let value = match field.kind {
            TargetKind::Number(_) => {
                let number: Option<f64> = row.try_get(at + 1)?;
                number.filter(|number| number.is_finite()).map(FieldValue::Number)
            }
            _ => row.try_get::<_, Option<String>>(at + 1)?.map(FieldValue::Text),
        };
        values.extend(value.map(|value| (field.name.clone(), value)));
    }
    Ok(values)
}

/// A row of the catalogue.
pub(super) fn found_column(row: &Row) -> FoundColumn {
    let (name, type_name, modifier): (String, String, i32) = (row.get(0), row.get(1), row.get(2));
    FoundColumn {
        name,
        kind: kind(&type_name, modifier),
        type_name,
        must_be_filled: row.get(3),
        is_computed: row.get(4),
        is_key: row.get(5),
        // A value that is there already is refused, and nobody's row is overwritten.
        is_in_another_key: false,
        folds_case: false,
    }
}

/// What a type takes; its modifier is a length, or digits and decimals, and 4.
fn kind(type_name: &str, modifier: i32) -> Option<TargetKind> {
    let of = u32::try_from(modifier - 4).ok().filter(|_| modifier >= 4);
    Some(match type_name {
        "int2" | "int4" | "int8" => TargetKind::Number(Some(0)),
        "numeric" => TargetKind::Number(of.map(|of| of & 0x7ff)),
        "float4" | "float8" => TargetKind::Number(None),
        "text" => TargetKind::Text(None),
        "varchar" | "bpchar" => TargetKind::Text(of.and_then(|of| usize::try_from(of).ok())),
        "date" => TargetKind::Date,
        "timestamp" | "timestamptz" => TargetKind::DateTime,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ScoreField;
    use crate::push::targets::sql::table::SqlDialect;

    fn field(of: ScoreField, name: &str) -> TargetField {
        TargetField { of, name: name.to_owned(), kind: SqlDialect::Postgres.kind_of(of) }
    }

    #[test]
    fn rows_are_copied_with_what_is_odd_in_them_escaped() {
        let fields = [field(ScoreField::Score, "score"), field(ScoreField::TopFactors, "why")];
        let row = |deal: &str, new: &[(&str, FieldValue)]| RecordChange {
            deal: deal.to_owned(),
            new: new.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        };
        let odd = row(
            "a\\b",
            &[("score", FieldValue::Number(73.0)), ("why", FieldValue::Text("x\ty\nz\r\\N\0é".to_owned()))],
        );
        let empty = row("b", &[("score", FieldValue::Number(f64::NAN))]);
        let text = copy_text(&[&odd, &empty], &fields.iter().collect::<Vec<_>>());
        assert_eq!(String::from_utf8(text).expect("text"), "a\\\\b\t73\tx\\ty\\nz\\r\\\\Né\nb\t\\N\t\\N\n");
    }

    #[test]
    fn a_batch_changes_only_what_differs_and_clears_nothing() {
        let fields = [field(ScoreField::Score, "score")];
        let put = PutStatements::of(&SqlTable::named(SqlDialect::Postgres, "s.t"), &fields.iter().collect::<Vec<_>>());
        assert_eq!(put.copy, "COPY pg_temp.dealcast_pushed (\"deal_id\", \"score\") FROM STDIN");
        assert_eq!(
            put.merge,
            "INSERT INTO \"s\".\"t\" AS t (\"deal_id\", \"score\") SELECT \"deal_id\", \"score\" FROM pg_temp.dealcast_pushed \
             ON CONFLICT (\"deal_id\") DO UPDATE SET \"score\" = coalesce(excluded.\"score\", t.\"score\") \
             WHERE (excluded.\"score\" IS NOT NULL AND t.\"score\" IS DISTINCT FROM excluded.\"score\")"
        );
    }

    #[test]
    fn types_are_read_with_their_lengths_and_decimals() {
        assert_eq!(kind("numeric", ((7 << 16) | 6) + 4), Some(TargetKind::Number(Some(6))));
        assert_eq!(
            (kind("numeric", -1), kind("varchar", 40)),
            (Some(TargetKind::Number(None)), Some(TargetKind::Text(Some(36))))
        );
        assert_eq!((kind("jsonb", -1), kind("int2", -1)), (None, Some(TargetKind::Number(Some(0)))));
    }
}
