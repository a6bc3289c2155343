//! Records as APIs give them (JSON, one list or one record a line) to chunks of rows.
//!
//! A record's own fields are columns; those of a record inside it are called after both (`owner.name`). The list may stand
//! under a name (`results`, `data`, `value`): the longest list of records counts, unless what holds it is a record itself.

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::{Deserializer, Map, Value};

use crate::ingest::assumption::FileRead;
use crate::ingest::decode::chunk::{Body, RawCell, RawChunk};
use crate::ingest::decode::files::{InputPath, checksum, decompressed, open, read_error};
use crate::ingest::decode::property_history;
use crate::ingest::error::IngestError;

/// Records are held whole: larger files are refused.
const MOST_BYTES: u64 = 1 << 28;
/// Rows of a chunk.
const CHUNK_ROWS: usize = 1 << 14;
/// Records inside records are followed so far.
const DEEPEST: usize = 4;
/// A record inside a record that holds nothing but the record's own fields.
const OWN_FIELDS: [&str; 2] = ["properties", "attributes"];
/// What an answer tells of itself beside its list of records, in small letters and digits.
const ENVELOPE_FIELDS: [&str; 23] = [
    "next",
    "previous",
    "nextrecordsurl",
    "total",
    "totalsize",
    "totalcount",
    "totalresults",
    "totalpages",
    "count",
    "page",
    "pages",
    "pagesize",
    "perpage",
    "hasmore",
    "done",
    "paging",
    "success",
    "status",
    "cursor",
    "nextcursor",
    "nextpage",
    "offset",
    "limit",
];

/// Characters of an odd value that are quoted back.
const SHOWN: usize = 40;

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
    let mut flat: Vec<Vec<(usize, RawCell<'static>)>> = records
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
    drop_empty_flags(&mut flat, width);
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
    let records = match values.pop() {
        Some(one) if values.is_empty() => records_in(one).map_err(unreadable)?,
        last => joined(values.into_iter().chain(last)).map_err(unreadable)?,
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

/// The records of several values, one behind the other: each is a record or a list of them.
fn joined(values: impl Iterator<Item = Value>) -> Result<Vec<Map<String, Value>>, String> {
    let mut records = Vec::new();
    for (at, value) in (1_usize..).zip(values) {
        match value {
            Value::Object(record) => records.push(record),
            Value::Array(list) => {
                records.extend(all_records(list).map_err(|odd| format!("in its JSON value number {at} {odd}"))?);
            }
            _ => return Err(format!("its JSON value number {at} is neither a record nor a list of records")),
        }
    }
    Ok(records)
}

/// The records of a file's only value: itself where it is a record, or its longest list of them.
fn records_in(mut value: Value) -> Result<Vec<Map<String, Value>>, String> {
    let list = if is_record(&value) { None } else { longest(&mut value, 0) };
    match list {
        Some(list) => all_records(std::mem::take(list)).map_err(|odd| format!("in its list of records {odd}")),
        None => Ok(of_object(value).into_iter().collect()),
    }
}

/// The records of a list; what is none among them is told with its place.
fn all_records(list: Vec<Value>) -> Result<Vec<Map<String, Value>>, String> {
    let record = |(at, value): (usize, Value)| match value {
        Value::Object(record) => Ok(record),
        other => {
            let text: String = other.to_string().chars().take(SHOWN).collect();
            Err(format!("value number {at} is no record but {text}"))
        }
    };
    (1_usize..).zip(list).map(record).collect()
}

/// Whether a value has fields of its own, other than what an answer tells of itself.
fn is_record(value: &Value) -> bool {
    let is_own = |(field, value): (&String, &Value)| {
        let is_scalar = value.is_string() || value.is_number() || value.is_boolean();
        is_scalar && !is_envelope_field(field)
    };
    value.as_object().is_some_and(|record| record.iter().any(is_own))
}

fn is_envelope_field(field: &str) -> bool {
    let plain: String = field.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    field.starts_with('@') || field.starts_with("odata.") || ENVELOPE_FIELDS.contains(&plain.as_str())
}

/// The longest list of records in a value.
fn longest(value: &mut Value, depth: usize) -> Option<&mut Vec<Value>> {
    match value {
        Value::Array(list) => (count_of_records(list) > 0).then_some(list),
        Value::Object(record) if depth < DEEPEST => {
            record.values_mut().filter_map(|inner| longest(inner, depth + 1)).max_by_key(|list| count_of_records(list))
        }
        _ => None,
    }
}

fn count_of_records(list: &[Value]) -> usize {
    list.iter().filter(|value| value.is_object()).count()
}

/// Takes out what stands for nothing: `false`, in a column of other things that is never `true` (as Odoo writes it).
fn drop_empty_flags(rows: &mut [Vec<(usize, RawCell<'static>)>], width: usize) {
    let (mut is_flag, mut is_other) = (vec![false; width], vec![false; width]);
    for (slot, cell) in rows.iter().flatten() {
        match cell {
            RawCell::Flag(flag) => is_flag[*slot] |= flag,
            _ => is_other[*slot] = true,
        }
    }
    for row in rows {
        row.retain(|(slot, cell)| !matches!(cell, RawCell::Flag(false)) || is_flag[*slot] || !is_other[*slot]);
    }
}

/// Number and name of another record, as Odoo writes them: `[7, "Ann"]`.
fn reference(list: &[Value]) -> Option<(&serde_json::Number, &str)> {
    match list {
        [Value::Number(number), Value::String(name)] => Some((number, name)),
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
            Value::Object(inner) if before.is_empty() && field == property_history::FIELD => {
                property_history::entered(inner).iter().for_each(|(column, at)| put(column, RawCell::owned(at)));
            }
            Value::Object(inner) if depth < DEEPEST => {
                let own = before.is_empty() && OWN_FIELDS.contains(&field.as_str());
                flatten(inner, if own { "" } else { &name }, depth + 1, put);
            }
            Value::Array(list) => match reference(list) {
                Some((number, text)) => {
                    put(&name, of_number(number));
                    put(&format!("{name}/name"), RawCell::owned(text));
                }
                None => put(&name, RawCell::owned(&value.to_string())),
            },
            Value::Object(_) => put(&name, RawCell::owned(&value.to_string())),
        }
    }
}

fn of_number(number: &serde_json::Number) -> RawCell<'static> {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => RawCell::Integer(whole),
        // a float would round it
        (None, Some(float)) if !number.is_u64() => RawCell::Float(float),
        (None, _) => RawCell::owned(&number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Value {
        serde_json::from_str(text).expect("JSON")
    }

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
        let value = json(
            "{\"paging\": [{\"a\": 1}], \"results\": [{\"id\": 1, \"properties\": {\"amount\": \"5\"}, \"owner\": {\"name\": \"Ann\"}}, {\"id\": 2}]}",
        );
        let records = records_in(value).expect("records");
        let mut names = Vec::new();
        records.iter().for_each(|record| flatten(record, "", 0, &mut |name, _| names.push(name.to_owned())));
        assert_eq!(names, ["id", "amount", "owner.name", "id"]);
    }

    #[test]
    fn a_reference_is_a_number_and_a_name_and_false_is_nothing_where_others_stand() {
        let records = records_in(json(
            r#"[{"id": 1, "user_id": [7, "Ann"], "active": false, "closed": false}, {"id": 2, "user_id": false, "active": true, "closed": "2026-01-05"}]"#,
        ))
        .expect("records");
        let mut names: Vec<String> = Vec::new();
        let mut rows: Vec<Vec<(usize, RawCell<'static>)>> = Vec::new();
        for record in &records {
            let mut row = Vec::new();
            flatten(record, "", 0, &mut |name, cell| {
                let slot = names.iter().position(|known| known == name).unwrap_or(names.len());
                if slot == names.len() {
                    names.push(name.to_owned());
                }
                row.push((slot, cell));
            });
            rows.push(row);
        }
        drop_empty_flags(&mut rows, names.len());
        assert_eq!(names, ["id", "user_id", "user_id/name", "active", "closed"]);
        let slots = |row: usize| rows[row].iter().map(|(slot, _)| *slot).collect::<Vec<_>>();
        assert_eq!(slots(0), [0, 1, 2, 3], "not closed");
        assert_eq!(slots(1), [0, 3, 4], "nobody's");
    }

    #[test]
    fn a_record_with_a_list_inside_stays_one_record() {
        let one = records_in(json(r#"{"id": 1, "name": "x", "contacts": [{"id": 2}, {"id": 3}]}"#)).expect("a record");
        assert_eq!(one.len(), 1);
        assert_eq!(one[0]["name"], "x");
        assert_eq!(one[0]["contacts"].as_array().map(Vec::len), Some(2));
        assert_eq!(records_in(json(r#"{"owner": {"id": 1}}"#)).map(|records| records.len()), Ok(1));
    }

    #[test]
    fn what_an_answer_tells_of_itself_makes_it_no_record() {
        for text in [
            r#"{"results": [{"id": 1}, {"id": 2}], "next": "x", "has_more": true, "total": 2, "status": "ok", "limit": 9}"#,
            r#"{"success": true, "data": {"items": [{"id": 1}, {"id": 2}]}, "error": null}"#,
            r#"{"totalSize": 2, "done": true, "records": [{"id": 1}, {"id": 2}]}"#,
            r#"{"@odata.context": "x", "value": [{"id": 1}, {"id": 2}]}"#,
        ] {
            assert_eq!(records_in(json(text)).map(|records| records.len()), Ok(2), "{text}");
        }
    }

    #[test]
    fn what_is_no_record_in_a_list_is_told_with_its_place() {
        for (text, told) in [
            (r#"[{"id": 1}, 5]"#, "value number 2 is no record but 5"),
            (r#"{"results": [{"id": 1}, {"id": 2}, null]}"#, "value number 3 is no record but null"),
            (r#"[[1], {"id": 1}]"#, "value number 1 is no record but [1]"),
        ] {
            let reason = records_in(json(text)).expect_err(text);
            assert!(reason.contains(told), "{reason}");
        }
    }

    #[test]
    fn whole_numbers_keep_all_of_their_digits() {
        let record = of_object(json(r#"{"small": 9223372036854775807, "large": 18446744073709551615, "share": 0.5}"#));
        let mut texts = Vec::new();
        flatten(&record.expect("a record"), "", 0, &mut |_, cell| {
            texts.push(cell.text().expect("a cell").into_owned());
        });
        texts.sort();
        assert_eq!(texts, ["0.5", "18446744073709551615", "9223372036854775807"]);
    }

    #[test]
    fn several_values_are_joined_and_what_is_no_record_is_told() {
        let texts = [r#"{"id": 1}"#, r#"[{"id": 2}, {"id": 3}]"#, "[]"];
        let ids: Vec<Value> =
            joined(texts.map(json).into_iter()).expect("records").iter().map(|r| r["id"].clone()).collect();
        assert_eq!(ids, [1, 2, 3]);
        for odd in ["5", "null", "[1]", r#"[{"id": 2}, 3]"#] {
            let reason = joined([json(r#"{"id": 1}"#), json(odd)].into_iter()).expect_err(odd);
            assert!(reason.contains("number 2"), "{reason}");
        }
    }
}
