//! Records as APIs give them (JSON, one list or one record a line) to chunks of rows.
//!
//! A record's own fields are columns; those of a record inside it are called after both (`owner.name`). The list may stand
//! under a name (`results`, `data`, `value`): the longest list of records counts.

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::{Deserializer, Map, Value};

use crate::ingest::assumption::FileRead;
use crate::ingest::decode::chunk::{Body, RawCell, RawChunk};
use crate::ingest::decode::files::{InputPath, checksum, decompressed, open, read_error};
use crate::ingest::error::IngestError;

/// Records are held whole: larger files are refused.
const MOST_BYTES: u64 = 1 << 28;
/// Rows of a chunk.
const CHUNK_ROWS: usize = 1 << 14;
/// Records inside records are followed so far.
const DEEPEST: usize = 4;
/// A record inside a record that holds nothing but the record's own fields.
const OWN_FIELDS: [&str; 2] = ["properties", "attributes"];

/// Whether a text begins as records do.
pub(super) fn is_records(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let mut signs = text.trim_start_matches('\u{feff}').chars().filter(|c| !c.is_whitespace());
    matches!((signs.next(), signs.next()), (Some('{'), Some('"')) | (Some('['), Some('{')))
}

/// Reads `input`, calls `header` with the column names and `chunk` with the rows, and returns the checksum and what was assumed.
///
/// # Errors
/// What `header` and `chunk` return; [`IngestError::Unreadable`] for what is no JSON or too large, [`IngestError::NoTable`]
/// where it holds no records.
pub fn read(
    input: &InputPath,
    mut seen: impl FnMut(u64),
    header: impl FnOnce(Vec<String>) -> Result<(), IngestError>,
    mut chunk: impl FnMut(RawChunk) -> Result<(), IngestError>,
) -> Result<FileRead, IngestError> {
    let records = records_of(input)?;
    seen(input.bytes);
    let mut columns: Vec<String> = Vec::new();
    let mut slots: BTreeMap<String, usize> = BTreeMap::new();
    let flat: Vec<Vec<(usize, RawCell<'static>)>> = records
        .iter()
        .map(|record| {
            let mut cells = Vec::new();
            flatten(record, "", 0, &mut |name, cell| {
                let next = columns.len();
                let slot = *slots.entry(name.to_owned()).or_insert(next);
                if slot == next {
                    columns.push(name.to_owned());
                }
                cells.push((slot, cell));
            });
            cells
        })
        .collect();
    let width = columns.len();
    if width == 0 {
        return Err(IngestError::EmptyFile { file: input.name.clone() });
    }
    header(columns)?;
    for (part, rows) in flat.chunks(CHUNK_ROWS).enumerate() {
        let first = (part * CHUNK_ROWS) as u64 + 1;
        let mut cells = vec![RawCell::Empty; rows.len() * width];
        for (row, filled) in rows.iter().enumerate() {
            for (slot, cell) in filled {
                cells[row * width + slot] = cell.clone();
            }
        }
        let lines = (first..).take(rows.len()).collect();
        chunk(RawChunk { body: Body::Cells { cells, lines, width }, ragged: Vec::new(), undecodable: false })?;
    }
    Ok(FileRead { blake3: checksum(input)?, assumed: Vec::new() })
}

/// The records of a file.
fn records_of(input: &InputPath) -> Result<Vec<Map<String, Value>>, IngestError> {
    let unreadable = |reason: String| IngestError::Unreadable { file: input.name.clone(), reason };
    let mut text = String::new();
    let limited = decompressed(open(input)?).map(|whole| whole.take(MOST_BYTES + 1));
    limited.and_then(|mut whole| whole.read_to_string(&mut text)).map_err(|error| read_error(input, error))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(unreadable(format!("JSON of more than {} MB is not read: save it as CSV", MOST_BYTES >> 20)));
    }
    let values: Result<Vec<Value>, serde_json::Error> =
        Deserializer::from_str(text.trim_start_matches('\u{feff}')).into_iter().collect();
    let mut values = values.map_err(|error| unreadable(format!("it begins as JSON, but {error}")))?;
    let records = match values.as_mut_slice() {
        [one] => longest(one, 0).unwrap_or_default(),
        _ => values.into_iter().filter_map(of_object).collect(),
    };
    if records.is_empty() {
        let reason = "it is JSON without a list of records: export the deals as CSV or as a workbook".to_owned();
        return Err(IngestError::NoTable { file: input.name.clone(), reason });
    }
    Ok(records)
}

fn of_object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(record) => Some(record),
        _ => None,
    }
}

/// The longest list of records in a value; a record that has none is one itself.
fn longest(value: &mut Value, depth: usize) -> Option<Vec<Map<String, Value>>> {
    match value {
        Value::Array(list) => {
            let records: Vec<Map<String, Value>> = std::mem::take(list).into_iter().filter_map(of_object).collect();
            (!records.is_empty()).then_some(records)
        }
        Value::Object(record) if depth < DEEPEST => {
            let mut lists: Vec<Vec<Map<String, Value>>> =
                record.values_mut().filter_map(|inner| longest(inner, depth + 1)).collect();
            lists.sort_by_key(Vec::len);
            lists.pop().or_else(|| (depth == 0).then(|| vec![record.clone()]))
        }
        _ => None,
    }
}

/// The fields of a record and of those in it.
fn flatten(record: &Map<String, Value>, before: &str, depth: usize, put: &mut dyn FnMut(&str, RawCell<'static>)) {
    for (field, value) in record {
        let name = if before.is_empty() { field.clone() } else { format!("{before}.{field}") };
        match value {
            Value::Null => {}
            Value::Bool(flag) => put(&name, RawCell::Flag(*flag)),
            Value::Number(number) => put(&name, of_number(number)),
            Value::String(text) => put(&name, RawCell::owned(text)),
            Value::Object(inner) if depth < DEEPEST => {
                let own = before.is_empty() && OWN_FIELDS.contains(&field.as_str());
                flatten(inner, if own { "" } else { &name }, depth + 1, put);
            }
            Value::Array(_) | Value::Object(_) => put(&name, RawCell::owned(&value.to_string())),
        }
    }
}

fn of_number(number: &serde_json::Number) -> RawCell<'static> {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => RawCell::Integer(whole),
        (None, Some(float)) => RawCell::Float(float),
        (None, None) => RawCell::owned(&number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_told_by_how_they_begin() {
        for text in ["{\"id\": 1}\n{\"id\": 2}", "[ {\"id\": 1} ]", "\u{feff}[\n{\n", "{ \"results\": [] }"] {
            assert!(is_records(text.as_bytes()), "{text}");
        }
        for text in ["id,stage\n", "[x],y\n", "{x},y", ""] {
            assert!(!is_records(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn the_longest_list_counts_and_fields_inside_are_named_after_both() {
        let mut value: Value = serde_json::from_str(
            "{\"paging\": [{\"a\": 1}], \"results\": [{\"id\": 1, \"properties\": {\"amount\": \"5\"}, \"owner\": {\"name\": \"Ann\"}}, {\"id\": 2}]}",
        )
        .expect("JSON");
        let records = longest(&mut value, 0).expect("records");
        let mut names = Vec::new();
        records.iter().for_each(|record| flatten(record, "", 0, &mut |name, _| names.push(name.to_owned())));
        assert_eq!(names, ["id", "amount", "owner.name", "id"]);
    }
}
