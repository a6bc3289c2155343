//! Odoo's JSON-2 interface (Odoo 19 and later), as its documentation says.
//!
//! `POST /json/2/crm.lead/METHOD` with the key as bearer: `fields_get`, `search_read` in pages by id, `write` by ids. Archived
//! leads, which the lost ones are, are read too (`active_test`); the chatter gets no tracked values (`tracking_disable`,
//! `mail_notrack`). A call is one transaction: all of it or nothing. `write` only says that it wrote: the records of a batch are
//! read again in one call.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::config::ScoreField;
use crate::push::connection::Connection;
use crate::push::error::{PushStop, StopKind};
use crate::push::status::leaves_open;
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField};
use crate::push::targets::echo::with_echo;
use crate::push::targets::json_record::object;
use crate::push::targets::side_by_side::side_by_side;
use crate::push::transport::{Http, HttpMethod, HttpQuestion, Lost};
use crate::push::value::{FieldValues, TargetKind};

/// Records of a page.
const PAGE: usize = 1000;
/// Records written before they are read again together.
const BATCH: usize = 40;
/// Longest reason that is kept.
const LONGEST: usize = 160;

/// The leads and opportunities of an Odoo database.
pub(super) struct Odoo<'a> {
    http: Http<'a>,
    database: Option<String>,
}

/// What an answer says.
enum Told {
    /// What the method gave back.
    Result(Value),
    /// The exception: its name without the package, and its first line.
    Fault(u16, String, String),
    /// No answer of this interface.
    Strange(u16),
}

impl Told {
    fn read(status: u16, body: &str) -> Self {
        match serde_json::from_str::<Value>(body) {
            Ok(result) if status == 200 => Self::Result(result),
            Ok(error) if error.get("name").is_some() => {
                let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
                let name = text("name").rsplit('.').next().unwrap_or_default().to_owned();
                let line: String = text("message").lines().next().unwrap_or_default().chars().take(LONGEST).collect();
                Self::Fault(status, name, line)
            }
            _ => Self::Strange(status),
        }
    }

    /// Whether the user, not the record, is refused.
    fn refused(&self) -> Option<PushStop> {
        let message = match self {
            Self::Fault(401, ..) | Self::Strange(401) => "the server refuses the key (401)",
            Self::Fault(_, name, _) if name == "AccessDenied" => "the server denies the user access",
            _ => return None,
        };
        Some(PushStop::new(StopKind::Refused, message))
    }

    /// What was asked for, or why the push ends.
    fn or_stop(self, what: &str) -> Result<Value, PushStop> {
        if let Some(stop) = self.refused() {
            return Err(stop);
        }
        let message = match self {
            Self::Result(result) => return Ok(result),
            Self::Fault(status, name, line) => format!("{what}: the server answers {status} {name}: {line}"),
            Self::Strange(status) => {
                format!("{what}: the answer ({status}) is none of JSON-2, which Odoo 19 and later have")
            }
        };
        Err(PushStop::new(StopKind::Strange, message))
    }
}

impl<'a> Odoo<'a> {
    /// In `database`, where the server has several.
    pub fn new(connection: Connection<'a>, database: Option<String>) -> Result<Self, PushStop> {
        Ok(Self { http: Http::new(connection)?, database })
    }

    /// What every request needs.
    fn with_headers<T>(&self, act: impl FnOnce(&[(&str, &str)]) -> T) -> T {
        let bearer = format!("bearer {}", self.http.secret().expose());
        let database = self.database.as_deref().map(|database| ("X-Odoo-Database", database));
        let headers: Vec<(&str, &str)> = [("Authorization", bearer.as_str())].into_iter().chain(database).collect();
        act(&headers)
    }

    /// Calls a method that changes nothing.
    fn ask(&self, method: &str, body: &Value, what: &str) -> Result<Value, PushStop> {
        let (path, body) = (path(method), body.to_string());
        let question = HttpQuestion::json(HttpMethod::Post, &body);
        let answer = self.with_headers(|headers| self.http.ask(&path, headers, &question))?;
        Told::read(answer.status, &answer.body).or_stop(what)
    }

    /// The records that meet `domain`, with these fields, by id.
    fn search(&self, domain: &Value, fields: &[TargetField]) -> Result<Vec<(u64, FieldValues)>, PushStop> {
        let names: Vec<&str> = ["id"].into_iter().chain(fields.iter().map(|field| field.name.as_str())).collect();
        let body = json!({
            "domain": domain, "fields": names, "limit": PAGE, "order": "id", "context": { "active_test": false }
        });
        match self.ask("search_read", &body, "the deals cannot be read")? {
            Value::Array(rows) => {
                let read = |row: &Value| Some((row.get("id")?.as_u64()?, values(row, fields)));
                Ok(rows.iter().filter_map(read).collect())
            }
            _ => Err(PushStop::new(StopKind::Strange, "the deals cannot be read: the server answers without a list")),
        }
    }

    /// Writes the same values into some records: all of them, or none.
    fn write_same(&self, ids: &[u64], new: &FieldValues) -> Result<RecordAnswer, PushStop> {
        let body = json!({
            "ids": ids, "vals": object(new),
            "context": { "tracking_disable": true, "mail_notrack": true, "mail_auto_subscribe_no_notify": true }
        });
        let (path, body) = (path("write"), body.to_string());
        let question = HttpQuestion::json(HttpMethod::Post, &body);
        let told = match self.with_headers(|headers| self.http.tell(&path, headers, &question))? {
            Ok(answer) => Told::read(answer.status, &answer.body),
            Err(Lost::Unsent(code) | Lost::Unanswered(code)) => {
                return Ok(RecordAnswer::Unknown { status: None, code });
            }
        };
        told.refused().map_or_else(|| Ok(written(told, ids.len())), Err)
    }

    /// What these records hold; nothing of one that is not there.
    fn read(&self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let ids: Vec<u64> = deals.iter().filter_map(|deal| record_id(deal)).collect();
        let mut records = BTreeMap::new();
        for some in ids.chunks(PAGE) {
            let page = self.search(&json!([["id", "in", some]]), fields)?;
            records.extend(page.into_iter().map(|(id, held)| (id.to_string(), held)));
        }
        Ok(records)
    }
}

fn path(method: &str) -> String {
    format!("/json/2/crm.lead/{method}")
}

/// What an answer to `write` says of each of its `records`.
fn written(told: Told, records: usize) -> RecordAnswer {
    match told {
        Told::Result(Value::Bool(true)) => RecordAnswer::Taken { status: Some(200), code: None, echo: None },
        Told::Result(_) => {
            RecordAnswer::Unknown { status: Some(200), code: "the answer is of something else".to_owned() }
        }
        Told::Strange(500) => RecordAnswer::Failed { status: 500 },
        Told::Strange(status) => {
            RecordAnswer::Unknown { status: Some(status), code: "the answer is half, or of somebody else".to_owned() }
        }
        Told::Fault(status, name, line) => {
            let (status, code) = (Some(status), format!("{name}: {line}"));
            match name.as_str() {
                _ if status.is_some_and(|status| status != 500 && leaves_open(status)) => {
                    RecordAnswer::Unknown { status, code }
                }
                // One record that is gone or closed keeps the others of the same call from being written.
                _ if records > 1 && status != Some(500) => RecordAnswer::RefusedTogether { status, code },
                "MissingError" => RecordAnswer::Missing { status, code: "MissingError".to_owned() },
                // Somebody else holds the row: nothing was written, and it is tried again.
                "SerializationFailure" | "LockNotAvailable" | "LockError" | "DeadlockDetected" => {
                    RecordAnswer::Unknown { status: None, code: name }
                }
                _ if status == Some(500) => RecordAnswer::Failed { status: 500 },
                _ => RecordAnswer::Rejected { status, code },
            }
        }
    }
}

/// The number of a record; none where an id is no number of Odoo's.
fn record_id(deal: &str) -> Option<u64> {
    deal.parse().ok().filter(|id: &u64| *id > 0 && id.to_string() == deal)
}

/// The fields of a record that are asked for. An empty field is `false`.
fn values(record: &Value, fields: &[TargetField]) -> FieldValues {
    let read = |field: &TargetField| {
        let told = record.get(&field.name).filter(|told| !told.is_boolean())?;
        Some((field.name.clone(), field.kind.read(told)?))
    };
    fields.iter().filter_map(read).collect()
}

/// What a field takes; the reason where it cannot be written.
fn kind(of: ScoreField, name: &str, field: Option<&Value>) -> Result<TargetKind, String> {
    let Some(field) = field else { return Err("is not there, or closed to this user".to_owned()) };
    if !name.starts_with("x_") {
        return Err("is Odoo's own, expected a custom field, whose name begins with x_".to_owned());
    }
    let is_on = |key: &str| field.get(key).and_then(Value::as_bool);
    if is_on("readonly") == Some(true) || is_on("store") == Some(false) {
        return Err("is read-only or computed".to_owned());
    }
    let number = |path: &str| field.pointer(path).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
    match field.get("type").and_then(Value::as_str).unwrap_or_default() {
        "float" | "monetary" => Ok(TargetKind::Number(number("/digits/1"))),
        "integer" => Ok(TargetKind::Number(Some(0))),
        "char" => Ok(TargetKind::Text(number("/size").filter(|size| *size > 0).map(|size| size as usize))),
        "text" => Ok(TargetKind::Text(None)),
        "selection" => choices(of, field).map(|()| TargetKind::Text(None)),
        "date" => Ok(TargetKind::Date),
        "datetime" => Ok(TargetKind::DateTime),
        other => Err(format!("is of type {other}, expected float, integer, char, text, selection, date or datetime")),
    }
}

/// Whether a selection has every word that is to be chosen.
fn choices(of: ScoreField, field: &Value) -> Result<(), String> {
    let options = field.get("selection").and_then(Value::as_array).cloned().unwrap_or_default();
    let has = |word: &&str| options.iter().any(|option| option.get(0).and_then(Value::as_str) == Some(*word));
    let words = of.words();
    let absent: Vec<&str> = words.iter().copied().filter(|word| !has(word)).collect();
    match (words, absent.as_slice()) {
        ([], _) => Err(format!("is a selection, expected char or text for {}", of.name())),
        (_, []) => Ok(()),
        (_, absent) => Err(format!("is a selection without the values {}", absent.join(", "))),
    }
}

/// Records of a batch that get the same values, by their first deal.
fn groups(batch: &[RecordChange]) -> Vec<(RecordChange, Vec<usize>)> {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, change) in batch.iter().enumerate() {
        places.entry(Value::Object(object(&change.new)).to_string()).or_default().push(at);
    }
    places.into_values().map(|places| (batch[places[0]].clone(), places)).collect()
}

impl Target for Odoo<'_> {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        let names: Vec<&str> = fields.iter().map(|(_, name)| name.as_str()).collect();
        let attributes = ["type", "readonly", "store", "digits", "size", "selection"];
        let body = json!({ "allfields": names, "attributes": attributes });
        let known = self.ask("fields_get", &body, "the fields cannot be asked for")?;
        let resolved = fields.iter().map(|(of, name)| {
            let field = kind(*of, name, known.get(name)).map(|kind| TargetField { of: *of, name: name.clone(), kind });
            field.map_err(|what| format!("{name} {what}"))
        });
        Ok(resolved.collect())
    }

    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let (mut records, mut last) = (BTreeMap::new(), 0);
        loop {
            let page = self.search(&json!([["type", "=", "opportunity"], ["id", ">", last]]), fields)?;
            let size = page.len();
            for (id, held) in page {
                last = last.max(id);
                records.insert(id.to_string(), held);
            }
            if size < PAGE {
                return Ok(records);
            }
        }
    }

    fn read_some(&mut self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        self.read(deals, fields)
    }

    fn batch_size(&self) -> usize {
        BATCH
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        let groups = groups(batch);
        let ids_of =
            |places: &[usize]| places.iter().filter_map(|at| record_id(&batch[*at].deal)).collect::<Vec<u64>>();
        let by_first: BTreeMap<&str, Vec<u64>> =
            groups.iter().map(|(first, places)| (first.deal.as_str(), ids_of(places))).collect();
        let never_sent = || RecordAnswer::Unknown { status: None, code: "not sent".to_owned() };
        let mut reply = BatchReply::all(batch.len(), never_sent());
        for some in groups.chunks(self.http.parallel().max(1)) {
            let firsts: Vec<RecordChange> = some.iter().map(|(first, _)| first.clone()).collect();
            let sent = side_by_side(&firsts, |first| self.write_same(&by_first[first.deal.as_str()], &first.new));
            for ((_, places), answer) in some.iter().zip(sent.answers) {
                places.iter().for_each(|at| reply.answers[*at] = answer.clone());
            }
            if sent.stop.is_some() {
                reply.stop = sent.stop;
                break;
            }
        }
        with_echo(batch, reply, |deals| self.read(deals, fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::value::FieldValue;

    #[test]
    fn errors_are_told_apart_by_their_names() {
        let told = |status, name: &str| {
            Told::read(status, &json!({ "name": name, "message": "Line one\nline two" }).to_string())
        };
        let of = |status, name: &str, records| written(told(status, name), records);
        assert!(matches!(of(404, "odoo.exceptions.MissingError", 1), RecordAnswer::Missing { .. }));
        assert!(matches!(of(404, "odoo.exceptions.MissingError", 2), RecordAnswer::RefusedTogether { .. }));
        let rejected = RecordAnswer::Rejected { status: Some(422), code: "ValidationError: Line one".to_owned() };
        assert_eq!(of(422, "odoo.exceptions.ValidationError", 1), rejected);
        assert!(matches!(of(500, "psycopg2.errors.SerializationFailure", 1), RecordAnswer::Unknown { .. }));
        assert_eq!(of(500, "builtins.TypeError", 1), RecordAnswer::Failed { status: 500 });
        assert!(matches!(of(503, "werkzeug.exceptions.ServiceUnavailable", 2), RecordAnswer::Unknown { .. }));
        assert!(matches!(of(408, "werkzeug.exceptions.RequestTimeout", 1), RecordAnswer::Unknown { .. }));
        let unauthorised = told(401, "werkzeug.exceptions.Unauthorized");
        assert_eq!(unauthorised.refused().map(|stop| stop.kind), Some(StopKind::Refused));
    }

    #[test]
    fn an_empty_field_is_false_and_ids_are_numbers() {
        let field = |name: &str, kind| TargetField { of: ScoreField::Grade, name: name.to_owned(), kind };
        let fields = [field("x_grade", TargetKind::Text(None)), field("x_chance", TargetKind::Number(None))];
        let held = values(&json!({ "id": 7, "x_grade": false, "x_chance": 0.25 }), &fields);
        assert_eq!(held, FieldValues::from([("x_chance".to_owned(), FieldValue::Number(0.25))]));
        assert_eq!(["7", "07", "0", "x"].map(record_id), [Some(7), None, None, None]);
    }

    #[test]
    fn fields_are_custom_stored_and_have_every_word() {
        let of = |name: &str, field: Value| kind(ScoreField::Grade, name, Some(&field));
        assert_eq!(of("x_grade", json!({ "type": "char", "size": 3 })), Ok(TargetKind::Text(Some(3))));
        assert_eq!(of("x_chance", json!({ "type": "float", "digits": [16, 2] })), Ok(TargetKind::Number(Some(2))));
        assert!(of("probability", json!({ "type": "float" })).is_err_and(|told| told.contains("Odoo's own")));
        assert!(of("x_grade", json!({ "type": "char", "readonly": true })).is_err());
        let two = json!({ "type": "selection", "selection": [["A", "A"], ["B", "B"]] });
        assert_eq!(of("x_grade", two), Err("is a selection without the values C, D".to_owned()));
    }
}
