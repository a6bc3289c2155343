//! Rows as MySQL and MariaDB write and read them: statements and values out, columns and values in.

use mysql::prelude::Queryable;
use mysql::{Conn, Error, Row, Value};

use crate::push::target::{RecordChange, TargetField};
use crate::push::targets::sql::found::{FoundColumn, FoundTable};
use crate::push::targets::sql::table::{ID, SqlTable};
use crate::push::value::{FieldValue, FieldValues, TargetKind};

/// `times` pieces with a comma between.
pub(super) fn many(piece: &str, times: usize) -> String {
    vec![piece; times].join(", ")
}

/// Puts so many rows in, or changes what they have. A row that holds the values already is left alone by the server.
pub(super) fn put_statement(table: &SqlTable, fields: &[&TargetField], rows: usize) -> String {
    let columns = table.columns(fields);
    let change = |column: &String| format!("{column} = COALESCE(VALUES({column}), {column})");
    let changes: Vec<String> = columns[1..].iter().map(change).collect();
    let row = format!("({})", many("?", columns.len()));
    format!(
        "INSERT INTO {} ({}) VALUES {} ON DUPLICATE KEY UPDATE {}",
        table.quoted(),
        columns.join(", "),
        many(&row, rows),
        changes.join(", ")
    )
}

/// The values of rows, one after the other.
pub(super) fn parameters(rows: &[&RecordChange], fields: &[&TargetField]) -> Vec<Value> {
    let mut values = Vec::with_capacity(rows.len() * (fields.len() + 1));
    for row in rows {
        values.push(Value::from(row.deal.as_str()));
        values.extend(fields.iter().map(|field| row.new.get(&field.name).map_or(Value::NULL, parameter)));
    }
    values
}

fn parameter(value: &FieldValue) -> Value {
    match value {
        FieldValue::Number(number) if !number.is_finite() => Value::NULL,
        FieldValue::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => Value::Int(*number as i64),
        // As text, in which it is what was meant also in a column of decimals.
        FieldValue::Number(number) => Value::Bytes(number.to_string().into_bytes()),
        FieldValue::Text(text) => Value::Bytes(text.as_bytes().to_vec()),
    }
}

pub(super) fn selection(table: &SqlTable, fields: &[&TargetField]) -> String {
    format!("SELECT {} FROM {}", table.columns(fields).join(", "), table.quoted())
}

/// The id of a row and its fields.
pub(super) fn read_values(row: Row, fields: &[&TargetField]) -> Option<(String, FieldValues)> {
    let mut cells = row.unwrap().into_iter();
    let id = cells.next().and_then(|cell| text(&cell))?;
    let value = |(field, cell): (&&TargetField, Value)| Some((field.name.clone(), read(field.kind, &cell)?));
    Some((id, fields.iter().zip(cells).filter_map(value).collect()))
}

fn read(kind: TargetKind, cell: &Value) -> Option<FieldValue> {
    let number = |number: f64| number.is_finite().then_some(FieldValue::Number(number));
    match (kind, cell) {
        (TargetKind::Number(_), Value::Double(found)) => number(*found),
        (TargetKind::Number(_), Value::Float(found)) => number(f64::from(*found)),
        (TargetKind::Number(_), other) => number(text(other)?.parse().ok()?),
        (_, other) => text(other).map(FieldValue::Text),
    }
}

/// A cell as text: of either protocol, in which days come as text or in parts.
fn text(cell: &Value) -> Option<String> {
    match cell {
        Value::NULL | Value::Time(..) => None,
        Value::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::Int(number) => Some(number.to_string()),
        Value::UInt(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Double(number) => Some(number.to_string()),
        Value::Date(year, month, day, 0, 0, 0, 0) => Some(format!("{year:04}-{month:02}-{day:02}")),
        Value::Date(year, month, day, hour, minute, second, _) => {
            Some(format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
        }
    }
}

/// What `information_schema` says.
pub(super) struct Catalogue;

const COLUMNS: &str = "SELECT column_name, data_type, character_maximum_length, numeric_scale, \
    is_nullable = 'NO' AND column_default IS NULL AND extra NOT LIKE '%auto_increment%' AND extra NOT LIKE '%GENERATED%', \
    extra LIKE '%STORED GENERATED%' OR extra LIKE '%VIRTUAL GENERATED%', collation_name \
    FROM information_schema.columns WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? ORDER BY ordinal_position";

const KEYS: &str = "SELECT index_name, column_name, sub_part IS NOT NULL FROM information_schema.statistics \
    WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ? AND non_unique = 0";

const TABLE: &str = "SELECT table_type, engine FROM information_schema.tables \
    WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ?";

/// A column of a unique index, and whether only its beginning counts.
type KeyColumn = (String, String, bool);

impl Catalogue {
    /// What is there of a table; nothing where it is not there.
    pub fn read(client: &mut Conn, table: &SqlTable) -> Result<Option<FoundTable>, Error> {
        let named = (table.schema.clone(), table.name.clone());
        let Some((kind, engine)) = client.exec_first::<(String, Option<String>), _, _>(TABLE, named.clone())? else {
            return Ok(None);
        };
        let keys: Vec<KeyColumn> = client.exec(KEYS, named.clone())?;
        let columns: Vec<DescribedColumn> = client.exec(COLUMNS, named)?;
        let engine = engine.unwrap_or_default();
        let fault = match (kind.as_str(), engine.as_str()) {
            ("BASE TABLE", "InnoDB") => None,
            ("BASE TABLE", other) => {
                Some(format!("is kept by {other}, expected InnoDB: a batch is written whole or not at all"))
            }
            _ => Some("is no table but a view or something like it".to_owned()),
        };
        Ok(Some(FoundTable { columns: columns.into_iter().map(|column| found(column, &keys)).collect(), fault }))
    }
}

/// Name, type, length, decimals, whether it must be filled, whether it is computed, collation.
type DescribedColumn = (String, String, Option<u64>, Option<u64>, bool, bool, Option<String>);

fn found(column: DescribedColumn, keys: &[KeyColumn]) -> FoundColumn {
    let (name, type_name, length, decimals, must_be_filled, is_computed, collation) = column;
    let is_it = |other: &String| other.to_lowercase() == name.to_lowercase();
    let columns_of = |index: &String| keys.iter().filter(|(other, ..)| other == index).count();
    let is_key = keys.iter().any(|(index, column, is_part)| is_it(column) && !is_part && columns_of(index) == 1);
    let is_in_another_key = name.to_lowercase() != ID && keys.iter().any(|(_, column, _)| is_it(column));
    FoundColumn {
        kind: kind(&type_name.to_lowercase(), length, decimals),
        folds_case: collation.is_some_and(|collation| !collation.ends_with("_bin") && collation != "binary"),
        name,
        type_name,
        must_be_filled,
        is_computed,
        is_key,
        is_in_another_key,
    }
}

fn kind(type_name: &str, length: Option<u64>, decimals: Option<u64>) -> Option<TargetKind> {
    Some(match type_name {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" => TargetKind::Number(Some(0)),
        "decimal" => TargetKind::Number(decimals.and_then(|decimals| u32::try_from(decimals).ok())),
        "double" => TargetKind::Number(None),
        // Seven digits in all.
        "float" => TargetKind::Number(Some(5)),
        "char" | "varchar" => TargetKind::Text(length.and_then(|length| usize::try_from(length).ok())),
        "text" | "mediumtext" | "longtext" => TargetKind::Text(None),
        "date" => TargetKind::Date,
        "datetime" | "timestamp" => TargetKind::DateTime,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ScoreField;
    use crate::push::targets::sql::table::SqlDialect;

    #[test]
    fn many_rows_are_put_in_at_once_and_nothing_is_cleared() {
        let field = TargetField { of: ScoreField::Score, name: "score".to_owned(), kind: TargetKind::Number(Some(0)) };
        let put = put_statement(&SqlTable::named(SqlDialect::Mysql, "t"), &[&field], 2);
        assert_eq!(
            put,
            "INSERT INTO `t` (`deal_id`, `score`) VALUES (?, ?), (?, ?) \
             ON DUPLICATE KEY UPDATE `score` = COALESCE(VALUES(`score`), `score`)"
        );
        let row = |new: FieldValues| RecordChange { deal: "a".to_owned(), new };
        let rows = [row(FieldValues::from([("score".to_owned(), FieldValue::Number(73.0))])), row(FieldValues::new())];
        let expected = [Value::from("a"), Value::Int(73), Value::from("a"), Value::NULL];
        assert_eq!(parameters(&rows.iter().collect::<Vec<_>>(), &[&field]), expected);
        assert_eq!(parameter(&FieldValue::Number(0.734_256)), Value::from("0.734256"));
        assert_eq!(parameter(&FieldValue::Number(f64::NAN)), Value::NULL);
    }

    #[test]
    fn cells_of_either_protocol_are_read() {
        let day = Some(FieldValue::Text("2027-01-05".to_owned()));
        assert_eq!(read(TargetKind::Date, &Value::Date(2027, 1, 5, 0, 0, 0, 0)), day);
        assert_eq!(read(TargetKind::Date, &Value::from("2027-01-05")), day);
        let chance = Some(FieldValue::Number(0.5));
        assert_eq!(read(TargetKind::Number(None), &Value::Double(0.5)), chance);
        assert_eq!(read(TargetKind::Number(None), &Value::from("0.5")), chance);
        assert_eq!(read(TargetKind::Number(None), &Value::NULL), None);
    }

    #[test]
    fn columns_are_keys_by_themselves_or_in_another_one() {
        let described = |name: &str, collation: &str| {
            (name.to_owned(), "varchar".to_owned(), Some(40), None, false, false, Some(collation.to_owned()))
        };
        let key = |index: &str, column: &str, is_part| (index.to_owned(), column.to_owned(), is_part);
        let keys = [key("PRIMARY", "deal_id", false), key("u", "a", false), key("u", "b", false)];
        let id = found(described("deal_id", "utf8mb4_bin"), &keys);
        assert!(id.is_key && !id.is_in_another_key && !id.folds_case && id.kind == Some(TargetKind::Text(Some(40))));
        let other = found(described("a", "utf8mb4_general_ci"), &keys);
        assert!(!other.is_key && other.is_in_another_key && other.folds_case);
        assert!(
            !found(described("deal_id", "utf8mb4_bin"), &[key("PRIMARY", "deal_id", true)]).is_key,
            "only its beginning"
        );
        assert_eq!(kind("json", None, None), None);
    }
}
