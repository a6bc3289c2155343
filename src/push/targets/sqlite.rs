//! A table of our own in an SQLite file: a row per deal, put in where it is not there, changed where it differs.
//!
//! A batch is one transaction: all of it is on the disk, or nothing. What it is asked to write twice it writes once: a row
//! that holds the values already is left alone. Knows no CRM; reports and other tools read the table.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error, ErrorCode, OptionalExtension, Row, params_from_iter};

use crate::config::ScoreField;
use crate::push::error::{PushStop, StopKind};
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField, ToMake};
use crate::push::targets::sql::table::{ID, SqlDialect, SqlTable};
use crate::push::value::{FieldValue, FieldValues};

/// Rows of one transaction.
const BATCH: usize = 100_000;
/// How long another writer is waited for.
const BUSY: Duration = Duration::from_secs(30);

/// The table `table` of an SQLite file. File, table and columns are made when something is written.
pub(super) struct SqliteTable {
    file: PathBuf,
    table: SqlTable,
    /// None as long as there is no file.
    connection: Option<Connection>,
}

fn stopped(what: &str, error: &Error) -> PushStop {
    let is_named_wrongly = matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::CannotOpen));
    let kind = if is_named_wrongly { StopKind::Strange } else { StopKind::Unreachable };
    PushStop::new(kind, format!("{what}: {error}"))
}

fn parameter(value: &FieldValue) -> Value {
    match value {
        FieldValue::Number(number) => Value::Real(*number),
        FieldValue::Text(text) => Value::Text(text.clone()),
    }
}

fn cell(value: ValueRef<'_>) -> Option<FieldValue> {
    match value {
        ValueRef::Integer(number) => Some(FieldValue::Number(number as f64)),
        ValueRef::Real(number) => Some(FieldValue::Number(number)),
        ValueRef::Text(text) => Some(FieldValue::Text(String::from_utf8_lossy(text).into_owned())),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

/// The fields of a row, behind its id.
fn values(row: &Row<'_>, fields: &[&TargetField]) -> Result<FieldValues, Error> {
    let mut values = FieldValues::new();
    for (at, field) in fields.iter().enumerate() {
        values.extend(cell(row.get_ref(at + 1)?).map(|value| (field.name.clone(), value)));
    }
    Ok(values)
}

impl SqliteTable {
    /// Opens the file, if it is there.
    pub fn open(file: PathBuf, table: &str) -> Result<Self, PushStop> {
        let mut opened = Self { file, table: SqlTable::named(SqlDialect::Sqlite, table), connection: None };
        let folder = opened.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            let message = format!("{} is no folder to make the file in", folder.display());
            return Err(PushStop::new(StopKind::Strange, message));
        }
        if opened.file.exists() {
            opened.connect()?;
        }
        Ok(opened)
    }

    fn connect(&mut self) -> Result<(), PushStop> {
        if self.connection.is_none() {
            let opened = Connection::open(&self.file).and_then(|connection| {
                connection.busy_timeout(BUSY)?;
                // Opening alone looks at nothing.
                connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
                Ok(connection)
            });
            let what = format!("{} cannot be opened", self.file.display());
            self.connection = Some(opened.map_err(|error| stopped(&what, &error))?);
        }
        Ok(())
    }

    /// The connection, and those of the fields that have a column.
    fn known<'f>(&self, fields: &'f [TargetField]) -> Result<Option<(&Connection, Vec<&'f TargetField>)>, Error> {
        let Some(connection) = &self.connection else { return Ok(None) };
        let there = columns(connection, &self.table.name)?;
        let has_column = |field: &&TargetField| there.iter().any(|column| column.eq_ignore_ascii_case(&field.name));
        Ok((!there.is_empty()).then(|| (connection, fields.iter().filter(has_column).collect())))
    }

    fn read(&self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, Error> {
        let Some((connection, fields)) = self.known(fields)? else { return Ok(BTreeMap::new()) };
        let mut asked = connection.prepare(&selection(&self.table, &fields))?;
        let rows = asked.query_map([], |row| Ok((row.get(0)?, values(row, &fields)?)))?;
        rows.collect()
    }

    /// What the rows of some deals hold; nothing of a deal without a row.
    fn read_rows(&self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, Error> {
        let Some((connection, fields)) = self.known(fields)? else { return Ok(BTreeMap::new()) };
        let mut asked = connection.prepare(&format!("{} WHERE {ID} = ?1", selection(&self.table, &fields)))?;
        let mut rows = BTreeMap::new();
        for deal in deals {
            let row = asked.query_row([deal], |row| values(row, &fields)).optional()?;
            rows.extend(row.map(|row| ((*deal).to_owned(), row)));
        }
        Ok(rows)
    }
}

/// The columns of a table; none where there is no such table.
fn columns(connection: &Connection, table: &str) -> Result<Vec<String>, Error> {
    let mut asked = connection.prepare_cached("SELECT name FROM pragma_table_info(?1)")?;
    let names = asked.query_map([table], |row| row.get(0))?;
    names.collect()
}

/// What is not there of the table.
fn absent(table: &SqlTable, there: &[String], fields: &[TargetField]) -> ToMake {
    let is_absent = |field: &&TargetField| !there.iter().any(|column| column.eq_ignore_ascii_case(&field.name));
    table.to_make(!there.is_empty(), &fields.iter().filter(is_absent).collect::<Vec<_>>())
}

fn selection(table: &SqlTable, fields: &[&TargetField]) -> String {
    format!("SELECT {} FROM {}", table.columns(fields).join(", "), table.quoted())
}

/// Puts a batch in, in one transaction. Rows that hold the values already are left alone.
fn put(
    connection: &mut Connection,
    table: &SqlTable,
    batch: &[RecordChange],
    fields: &[TargetField],
) -> Result<(), Error> {
    let transaction = connection.transaction()?;
    for statement in absent(table, &columns(&transaction, &table.name)?, fields).statements {
        transaction.execute_batch(&statement)?;
    }
    for RecordChange { deal, new } in batch {
        let fields: Vec<&TargetField> = fields.iter().filter(|field| new.contains_key(&field.name)).collect();
        let cells = fields.iter().filter_map(|field| new.get(&field.name)).map(parameter);
        let parameters = [Value::Text(deal.clone())].into_iter().chain(cells);
        transaction.prepare_cached(&upsert(table, &fields))?.execute(params_from_iter(parameters))?;
    }
    transaction.commit()
}

/// A row for `?1` with these columns: put in, or changed where one differs.
fn upsert(table: &SqlTable, fields: &[&TargetField]) -> String {
    let (columns, table) = (table.columns(fields), table.quoted());
    let places: Vec<String> = (1..=columns.len()).map(|at| format!("?{at}")).collect();
    let changes: Vec<String> = columns[1..].iter().map(|column| format!("{column} = excluded.{column}")).collect();
    let differences: Vec<String> =
        columns[1..].iter().map(|column| format!("{table}.{column} IS NOT excluded.{column}")).collect();
    format!(
        "INSERT INTO {table} ({}) VALUES ({}) ON CONFLICT ({ID}) DO UPDATE SET {} WHERE {}",
        columns.join(", "),
        places.join(", "),
        changes.join(", "),
        differences.join(" OR "),
    )
}

impl Target for SqliteTable {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        let resolved = fields.iter().map(|(of, name)| {
            if name.eq_ignore_ascii_case(ID) {
                return Err(format!("{name} is the column of the deal's id"));
            }
            Ok(TargetField { of: *of, name: name.clone(), kind: SqlDialect::Sqlite.kind_of(*of) })
        });
        Ok(resolved.collect())
    }

    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        self.read(fields).map_err(|error| stopped("the table cannot be read", &error))
    }

    /// A deal without a row gets one: the table is ours.
    fn read_some(&mut self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let held = self.read_rows(deals, fields);
        let mut held = held.map_err(|error| stopped("the table cannot be read", &error))?;
        Ok(deals.iter().map(|deal| ((*deal).to_owned(), held.remove(*deal).unwrap_or_default())).collect())
    }

    fn to_make(&mut self, fields: &[TargetField]) -> Result<ToMake, PushStop> {
        let there = self.connection.as_ref().map(|connection| columns(connection, &self.table.name)).transpose();
        let there = there.map_err(|error| stopped("the table cannot be looked at", &error))?;
        Ok(absent(&self.table, &there.unwrap_or_default(), fields))
    }

    fn batch_size(&self) -> usize {
        BATCH
    }

    fn is_remote(&self) -> bool {
        false
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        if let Err(stop) = self.connect() {
            return BatchReply::stopped(stop);
        }
        let Some(connection) = &mut self.connection else { return BatchReply { answers: Vec::new(), stop: None } };
        match put(connection, &self.table, batch, fields) {
            Ok(()) => BatchReply::all(batch.len(), RecordAnswer::Taken { status: None, code: None, echo: None }),
            Err(error) => BatchReply::stopped(stopped("nothing of the batch was written", &error)),
        }
    }
}
