//! EspoCRM's REST interface, as an EspoCRM 9.1.7 server was recorded to speak it.
//!
//! A key in a header; fields from the metadata, because a PUT takes names it does not know with success; a PUT per record,
//! whose answer is the record as it is stored. 401, and 403 without a reason, end the push at once: ten failed logins in a
//! minute lock the address out, with a right key too.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::config::ScoreField;
use crate::push::error::{PushStop, StopKind};
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField};
use crate::push::targets::side_by_side::side_by_side;
use crate::push::transport::{Connection, Http, HttpAnswer as Answer, HttpMethod, HttpQuestion, Lost, path_part};
use crate::push::value::{FieldValue, FieldValues, TargetKind};

/// Most records of a page; a larger page is refused with 403.
const PAGE: usize = 200;

/// The opportunities of an EspoCRM server.
pub(super) struct Espocrm<'a> {
    http: Http<'a>,
}

impl<'a> Espocrm<'a> {
    pub fn new(connection: Connection<'a>) -> Result<Self, PushStop> {
        Ok(Self { http: Http::new(connection)? })
    }

    fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Answer, PushStop> {
        let headers = [("X-Api-Key", self.http.secret().expose())];
        let answer = self.http.ask(&format!("/api/v1{path}"), &headers, &HttpQuestion::Get(parameters))?;
        refused(&answer).map_or(Ok(answer), Err)
    }

    /// What a record holds; none where there is no such record.
    fn read_record(&self, deal: &str, fields: &[TargetField]) -> Result<Option<FieldValues>, PushStop> {
        let answer = self.get(&format!("/Opportunity/{}", path_part(deal)), &[])?;
        match (answer.status, serde_json::from_str::<Value>(&answer.body)) {
            (200, Ok(record)) if record.get("id").and_then(Value::as_str) == Some(deal) => {
                Ok(Some(values(&record, fields)))
            }
            // Ids are compared without their case there, and here with it.
            (200, Ok(record)) if names_in_another_case(&record, deal) => Ok(None),
            (404, _) if answer.reason.is_some() => Ok(None),
            // Without a reason it is the user that is refused: that ended it above.
            (403, _) => Ok(None),
            _ => Err(strange(&answer, &format!("deal {deal} cannot be read"))),
        }
    }

    fn put(&self, change: &RecordChange, fields: &[TargetField]) -> Result<RecordAnswer, PushStop> {
        let path = format!("/api/v1/Opportunity/{}", path_part(&change.deal));
        let headers = [("X-Api-Key", self.http.secret().expose())];
        let body = json(&change.new);
        match self.http.tell(&path, &headers, &HttpQuestion::json(HttpMethod::Put, &body))? {
            Err(Lost::Unsent(code) | Lost::Unanswered(code)) => Ok(RecordAnswer::Unknown { status: None, code }),
            Ok(answer) => refused(&answer).map_or_else(|| Ok(read_answer(&change.deal, &answer, fields)), Err),
        }
    }
}

/// Whether the user, not the record, is refused.
fn refused(answer: &Answer) -> Option<PushStop> {
    let message = match (answer.status, &answer.reason) {
        (401, _) => "the server refuses the key (401); nothing more is sent, because wrong keys lock the address out",
        (403, None) => "the server refuses this address (403): it was locked out, or the user has no access",
        _ => return None,
    };
    Some(PushStop::new(StopKind::Refused, message))
}

fn strange(answer: &Answer, what: &str) -> PushStop {
    let reason = answer.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    PushStop::new(StopKind::Strange, format!("{what}: the server answers {}{reason}", answer.status))
}

/// The fields of a record that are asked for.
fn values(record: &Value, fields: &[TargetField]) -> FieldValues {
    let read = |field: &TargetField| Some((field.name.clone(), field.kind.read(record.get(&field.name)?)?));
    fields.iter().filter_map(read).collect()
}

/// What a field of the metadata takes; the reason where it cannot be written.
fn kind(definition: &Value) -> Result<TargetKind, String> {
    let number = |key: &str| definition.get(key).and_then(Value::as_u64);
    if definition.get("readOnly").and_then(Value::as_bool) == Some(true) {
        return Err("is read-only".to_owned());
    }
    if definition.get("type").is_some() && definition.get("isCustom").and_then(Value::as_bool) != Some(true) {
        return Err("is EspoCRM's own, expected a custom field".to_owned());
    }
    match definition.get("type").and_then(Value::as_str) {
        None => Err("is not there".to_owned()),
        Some("float") => Ok(TargetKind::Number(number("decimalPlaces").and_then(|places| u32::try_from(places).ok()))),
        Some("int") => Ok(TargetKind::Number(Some(0))),
        Some("varchar") => Ok(TargetKind::Text(number("maxLength").and_then(|most| usize::try_from(most).ok()))),
        Some("text" | "enum") => Ok(TargetKind::Text(None)),
        Some("date") => Ok(TargetKind::Date),
        Some("datetime") => Ok(TargetKind::DateTime),
        Some(other) => Err(format!("is of type {other}, expected float, int, varchar, text, enum, date or datetime")),
    }
}

impl Target for Espocrm<'_> {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        let mut resolved = Vec::with_capacity(fields.len());
        for (of, name) in fields {
            let key = format!("entityDefs.Opportunity.fields.{name}");
            let answer = self.get("/Metadata", &[("key", &key)])?;
            let definition = match answer.status {
                200 => serde_json::from_str(&answer.body).unwrap_or(Value::Null),
                404 if answer.reason.is_some() => Value::Null,
                _ => return Err(strange(&answer, "the fields cannot be asked for")),
            };
            let field = kind(&definition).map(|kind| TargetField { of: *of, name: name.clone(), kind });
            resolved.push(field.map_err(|what| format!("{name} {what}")));
        }
        Ok(resolved)
    }

    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let names: Vec<&str> = ["id"].into_iter().chain(fields.iter().map(|field| field.name.as_str())).collect();
        let (select, size) = (names.join(","), PAGE.to_string());
        let (mut records, mut offset) = (BTreeMap::new(), 0);
        loop {
            let from = offset.to_string();
            let page = [
                ("select", select.as_str()),
                ("maxSize", &size),
                ("offset", &from),
                ("orderBy", "createdAt"),
                ("order", "asc"),
            ];
            let answer = self.get("/Opportunity", &page)?;
            let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
            let Some(list) = body.get("list").and_then(Value::as_array).filter(|_| answer.status == 200) else {
                return Err(strange(&answer, "the deals cannot be read"));
            };
            let read =
                list.iter().filter_map(|record| Some((record.get("id")?.as_str()?.to_owned(), values(record, fields))));
            records.extend(read);
            offset += list.len();
            if list.is_empty() || body.get("total").and_then(Value::as_u64).is_some_and(|total| offset as u64 >= total)
            {
                return Ok(records);
            }
        }
    }

    fn read_some(&mut self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let mut records = BTreeMap::new();
        for deal in deals {
            records.extend(self.read_record(deal, fields)?.map(|held| ((*deal).to_owned(), held)));
        }
        Ok(records)
    }

    fn batch_size(&self) -> usize {
        self.http.parallel()
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        side_by_side(batch, |change| self.put(change, fields))
    }
}

fn names_in_another_case(record: &Value, deal: &str) -> bool {
    record.get("id").and_then(Value::as_str).is_some_and(|id| id.eq_ignore_ascii_case(deal))
}

fn json(new: &FieldValues) -> String {
    let cell = |value: &FieldValue| match value {
        FieldValue::Number(number) => Value::from(*number),
        FieldValue::Text(text) => Value::from(text.as_str()),
    };
    Value::Object(new.iter().map(|(name, value)| (name.clone(), cell(value))).collect::<Map<_, _>>()).to_string()
}

fn read_answer(deal: &str, answer: &Answer, fields: &[TargetField]) -> RecordAnswer {
    let status = Some(answer.status);
    let body: Option<Value> = serde_json::from_str(&answer.body).ok();
    match answer.status {
        200 => match body.filter(|record| record.get("id").and_then(Value::as_str) == Some(deal)) {
            Some(record) => RecordAnswer::Taken { status, code: None, echo: Some(values(&record, fields)) },
            None => RecordAnswer::Unknown { status, code: "the answer is half, or of somebody else".to_owned() },
        },
        404 if answer.reason.is_some() => RecordAnswer::Missing { status, code: "no such record".to_owned() },
        500 => RecordAnswer::Failed { status: 500 },
        // EspoCRM says a reason of its own 404: one without is of something in between.
        404 | 502..=504 => RecordAnswer::Unknown { status, code: "no answer of the server itself".to_owned() },
        _ => RecordAnswer::Rejected { status, code: reason(answer, body.as_ref()) },
    }
}

/// `validationFailure cWinScore max`, or what the header says.
fn reason(answer: &Answer, body: Option<&Value>) -> String {
    let translation = body.and_then(|body| body.get("messageTranslation"));
    let of = |path: &str| translation.and_then(|told| told.pointer(path)).and_then(Value::as_str);
    match of("/label") {
        Some(label) => {
            [Some(label), of("/data/field"), of("/data/type")].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        None => answer.reason.clone().unwrap_or_else(|| format!("status {}", answer.status)),
    }
}
