//! HubSpot's deals, as its public documentation says (interfaces of the date 2026-03).
//!
//! A token in a header (a private app's, or of a login); properties from their definitions; deals page by page, or 100 by id;
//! an update of 100 a request, in which every deal carries a trace id: the answer's errors name it. A request of which one
//! property is wrong is refused as a whole. Numbers and days are text on the way.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::config::ScoreField;
use crate::push::connection::Connection;
use crate::push::error::{PushStop, StopKind};
use crate::push::login::LoggedIn;
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField};
use crate::push::targets::moment::{read, sent};
use crate::push::transport::{HttpAnswer, HttpMethod, HttpQuestion, Lost};
use crate::push::value::{FieldValue, FieldValues, TargetKind};

/// Deals are objects of the type 0-3.
const DEALS: &str = "/crm/objects/2026-03/0-3";
const PROPERTIES: &str = "/crm/properties/2026-03/0-3";
/// Most deals of a request, read or written.
const AT_ONCE: usize = 100;

/// The deals of a HubSpot account.
pub(super) struct Hubspot<'a> {
    server: LoggedIn<'a>,
}

impl<'a> Hubspot<'a> {
    pub fn new(connection: Connection<'a>) -> Result<Self, PushStop> {
        Ok(Self { server: LoggedIn::new(connection, "Bearer", is_daily_limit)? })
    }

    /// Up to 100 deals by id; what there is of them.
    fn read_together(&self, deals: &[&str], fields: &[TargetField]) -> Result<Vec<Value>, PushStop> {
        let inputs: Vec<Value> = deals.iter().map(|deal| json!({ "id": deal })).collect();
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let question = json!({ "inputs": inputs, "properties": names }).to_string();
        let path = format!("{DEALS}/batch/read");
        let answer = self.server.ask(&path, &HttpQuestion::json(HttpMethod::Post, &question))?;
        // 207 where some are not there, and for all of them the same, or 404.
        if answer.status == 404 && category(&answer).is_some() {
            return Ok(Vec::new());
        }
        list(&answer, "the deals cannot be read").map(|(list, _)| list)
    }
}

/// Whether a 429 is of the day, not of ten seconds: `"policyName": "DAILY"`.
fn is_daily_limit(body: &str) -> bool {
    let body: Value = serde_json::from_str(body).unwrap_or(Value::Null);
    body.get("policyName").and_then(Value::as_str) == Some("DAILY")
}

/// What the server calls a fault: `VALIDATION_ERROR`.
fn category(answer: &HttpAnswer) -> Option<String> {
    let body: Value = serde_json::from_str(&answer.body).ok()?;
    body.get("category").and_then(Value::as_str).map(str::to_owned)
}

/// Whether the app, not a record, is refused.
fn stop(answer: &HttpAnswer) -> Option<PushStop> {
    let code = || category(answer).unwrap_or_else(|| "no reason".to_owned());
    (answer.status == 403)
        .then(|| PushStop::new(StopKind::Refused, format!("the server refuses the app (403, {})", code())))
}

/// The results of an answer, and where the next page begins.
fn list(answer: &HttpAnswer, what: &str) -> Result<(Vec<Value>, Option<String>), PushStop> {
    if let Some(stop) = stop(answer) {
        return Err(stop);
    }
    let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
    let results = body.get("results").and_then(Value::as_array).filter(|_| matches!(answer.status, 200 | 207));
    let Some(results) = results else {
        let code = category(answer).map(|code| format!(" ({code})")).unwrap_or_default();
        return Err(PushStop::new(StopKind::Strange, format!("{what}: the server answers {}{code}", answer.status)));
    };
    let next = body.pointer("/paging/next/after").and_then(Value::as_str).map(str::to_owned);
    Ok((results.clone(), next))
}

/// What a property takes; the reason where it cannot be written.
fn kind(property: Option<&Value>) -> Result<TargetKind, String> {
    let Some(property) = property else { return Err("is not there".to_owned()) };
    let is = |path: &str| property.pointer(path).and_then(Value::as_bool) == Some(true);
    if is("/hubspotDefined") {
        return Err("is HubSpot's own, expected a custom property".to_owned());
    }
    if is("/calculated") || is("/modificationMetadata/readOnlyValue") {
        return Err("is calculated or read-only".to_owned());
    }
    match property.get("type").and_then(Value::as_str).unwrap_or_default() {
        "number" => Ok(TargetKind::Number(None)),
        // What a property of text holds at most.
        "string" => Ok(TargetKind::Text(Some(65_536))),
        "enumeration" => Ok(TargetKind::Text(None)),
        "date" => Ok(TargetKind::Date),
        "datetime" => Ok(TargetKind::DateTime),
        other => Err(format!("is of type {other}, expected number, text, dropdown or date")),
    }
}

/// The id and the properties of a deal that are asked for.
fn deal(record: &Value, fields: &[TargetField]) -> Option<(String, FieldValues)> {
    let id = record.get("id")?.as_str()?.to_owned();
    let properties = record.get("properties")?;
    let cell = |field: &TargetField| Some((field.name.clone(), read(field.kind, properties.get(&field.name)?)?));
    Some((id, fields.iter().filter_map(cell).collect()))
}

/// A deal as an update takes it. Its id is its trace id: an id stands once in a batch.
fn input(change: &RecordChange, fields: &[TargetField]) -> Value {
    let cell = |field: &TargetField| {
        let text = match sent(field.kind, change.new.get(&field.name)?, "Z") {
            FieldValue::Number(number) => number.to_string(),
            FieldValue::Text(text) => text,
        };
        Some((field.name.clone(), Value::from(text)))
    };
    let properties: Map<String, Value> = fields.iter().filter_map(cell).collect();
    json!({ "id": change.deal, "properties": properties, "objectWriteTraceId": change.deal })
}

impl Target for Hubspot<'_> {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        let answer = self.server.ask(PROPERTIES, &HttpQuestion::Get(&[]))?;
        let (known, _) = list(&answer, "the properties cannot be asked for")?;
        let of = |name: &str| known.iter().find(|property| property.get("name").and_then(Value::as_str) == Some(name));
        let resolved = fields.iter().map(|(score, name)| {
            let field = kind(of(name)).map(|kind| TargetField { of: *score, name: name.clone(), kind });
            field.map_err(|what| format!("{name} {what}"))
        });
        Ok(resolved.collect())
    }

    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let (names, most) = (names.join(","), AT_ONCE.to_string());
        let (mut records, mut after) = (BTreeMap::new(), None::<String>);
        loop {
            let mut page = vec![("limit", most.as_str()), ("properties", &names), ("archived", "false")];
            page.extend(after.as_deref().map(|after| ("after", after)));
            let answer = self.server.ask(DEALS, &HttpQuestion::Get(&page))?;
            let (deals, next) = list(&answer, "the deals cannot be read")?;
            records.extend(deals.iter().filter_map(|record| deal(record, fields)));
            match next {
                Some(next) if Some(&next) != after.as_ref() => after = Some(next),
                _ => return Ok(records),
            }
        }
    }

    fn read_some(&mut self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        // A request with an id that can be none is refused as a whole.
        let numbers = deals.iter().copied().filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()));
        let numbers: Vec<&str> = numbers.collect();
        let mut records = BTreeMap::new();
        for some in numbers.chunks(AT_ONCE) {
            let told = self.read_together(some, fields)?;
            let told = told.iter().filter_map(|record| deal(record, fields));
            records.extend(told.filter(|(id, _)| some.contains(&id.as_str())));
        }
        Ok(records)
    }

    fn batch_size(&self) -> usize {
        AT_ONCE
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        let inputs: Vec<Value> = batch.iter().map(|change| input(change, fields)).collect();
        let body = json!({ "inputs": inputs }).to_string();
        let path = format!("{DEALS}/batch/update");
        let answer = match self.server.tell(&path, &HttpQuestion::json(HttpMethod::Post, &body)) {
            Err(stop) => return BatchReply::stopped(stop),
            Ok(Err(Lost::Unsent(code) | Lost::Unanswered(code))) => {
                return BatchReply::all(batch.len(), RecordAnswer::Unknown { status: None, code });
            }
            Ok(Ok(answer)) => answer,
        };
        let status = Some(answer.status);
        let one = match (answer.status, category(&answer)) {
            (200 | 207, _) => return self.read_reply(batch, &answer, fields),
            (403, _) => {
                return stop(&answer).map_or_else(|| BatchReply::all(batch.len(), lost(status)), BatchReply::stopped);
            }
            (404, Some(code)) if batch.len() == 1 => RecordAnswer::Missing { status, code },
            (400 | 404, Some(_)) => RecordAnswer::RefusedTogether { status, code: fault(&answer) },
            (500, _) => RecordAnswer::Failed { status: 500 },
            _ => lost(status),
        };
        BatchReply::all(batch.len(), one)
    }
}

fn lost(status: Option<u16>) -> RecordAnswer {
    RecordAnswer::Unknown { status, code: "no answer of the server itself".to_owned() }
}

/// What a refused request is called, with the first of its faults: `VALIDATION_ERROR PROPERTY_DOESNT_EXIST`.
fn fault(answer: &HttpAnswer) -> String {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
    reason(&body)
}

/// The same of one error of an answer.
fn reason(error: &Value) -> String {
    let text = |path: &str| error.pointer(path).and_then(Value::as_str);
    [text("/category"), text("/errors/0/code")].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The deals an error of an answer is of: by their trace ids, or by their own.
fn concerned(error: &Value) -> Vec<&str> {
    let of = |name: &str| error.pointer(&format!("/context/{name}"));
    let told = of("objectWriteTraceId").or_else(|| of("ids")).or_else(|| of("id"));
    match told {
        Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(id)) => vec![id],
        _ => Vec::new(),
    }
}

impl Hubspot<'_> {
    /// What an answer says of each deal. One of which it says nothing is not known.
    fn read_reply(&mut self, batch: &[RecordChange], answer: &HttpAnswer, fields: &[TargetField]) -> BatchReply {
        let status = Some(answer.status);
        let Ok(body) = serde_json::from_str::<Value>(&answer.body) else {
            let code = "the answer is half, or of somebody else".to_owned();
            return BatchReply::all(batch.len(), RecordAnswer::Unknown { status, code });
        };
        let array = |name: &str| body.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut told: BTreeMap<String, RecordAnswer> = BTreeMap::new();
        for error in &array("errors") {
            let code = reason(error);
            let is_missing = error.get("category").and_then(Value::as_str) == Some("OBJECT_NOT_FOUND");
            let one = if is_missing {
                RecordAnswer::Missing { status, code }
            } else {
                RecordAnswer::Rejected { status, code }
            };
            told.extend(concerned(error).into_iter().map(|id| (id.to_owned(), one.clone())));
        }
        let taken: BTreeMap<String, FieldValues> =
            array("results").iter().filter_map(|record| deal(record, fields)).collect();
        let (echoes, stop) = self.whole_echoes(batch, taken, fields);
        let taken = |(id, echo)| (id, RecordAnswer::Taken { status, code: None, echo: Some(echo) });
        told.extend(echoes.into_iter().map(taken));
        let silent = RecordAnswer::Unknown { status, code: "the answer says nothing of it".to_owned() };
        let answers = batch.iter().map(|change| told.remove(&change.deal).unwrap_or_else(|| silent.clone()));
        BatchReply { answers: answers.collect(), stop }
    }

    /// What deals hold that were taken. Where an answer leaves a property out, the deal is read; where it cannot be, nobody
    /// knows yet.
    fn whole_echoes(
        &mut self,
        batch: &[RecordChange],
        mut taken: BTreeMap<String, FieldValues>,
        fields: &[TargetField],
    ) -> (BTreeMap<String, FieldValues>, Option<PushStop>) {
        let is_part = |change: &&RecordChange| {
            taken.get(&change.deal).is_some_and(|echo| change.new.keys().any(|name| !echo.contains_key(name)))
        };
        let parts: Vec<&str> = batch.iter().filter(is_part).map(|change| change.deal.as_str()).collect();
        if parts.is_empty() {
            return (taken, None);
        }
        let held = self.read_some(&parts, fields);
        parts.iter().for_each(|deal| drop(taken.remove(*deal)));
        match held {
            Ok(held) => {
                taken.extend(held);
                (taken, None)
            }
            Err(stop) => (taken, Some(stop)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_written_where_it_is_custom_and_not_calculated() {
        let property = |kind: &str| json!({ "type": kind, "hubspotDefined": false, "calculated": false });
        assert_eq!(kind(Some(&property("number"))), Ok(TargetKind::Number(None)));
        assert_eq!(kind(Some(&property("date"))), Ok(TargetKind::Date));
        assert!(kind(Some(&property("bool"))).is_err() && kind(None).is_err());
        for (key, value) in [
            ("hubspotDefined", json!(true)),
            ("calculated", json!(true)),
            ("modificationMetadata", json!({ "readOnlyValue": true })),
        ] {
            let mut other = property("number");
            other[key] = value;
            assert!(kind(Some(&other)).is_err(), "{key}");
        }
    }

    #[test]
    fn an_error_names_its_deals_by_trace_or_by_id_and_a_daily_limit_is_told_from_one_of_ten_seconds() {
        let by_trace = json!({ "context": { "objectWriteTraceId": ["7"] } });
        assert_eq!(concerned(&by_trace), ["7"]);
        assert_eq!(concerned(&json!({ "context": { "ids": ["1", "2"] } })), ["1", "2"]);
        assert_eq!(concerned(&json!({ "message": "?" })), Vec::<&str>::new());
        assert!(is_daily_limit(r#"{"errorType":"RATE_LIMIT","policyName":"DAILY"}"#));
        assert!(!is_daily_limit(r#"{"policyName":"TEN_SECONDLY_ROLLING"}"#) && !is_daily_limit(""));
    }
}
