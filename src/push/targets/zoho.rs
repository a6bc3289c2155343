//! Zoho CRM's deals, as its public documentation says (version 8).
//!
//! A token that a client gets for its refresh token; fields from their metadata; deals page by page, or 100 by id; an update
//! of 100 a request, whose answer has a word for each record in the order they were sent, and not what they hold: those that
//! were taken are read back. Workflows, approvals, blueprints, cadences and the like do not start on what is written here,
//! unless the configuration wants them to.

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

const DEALS: &str = "/crm/v8/Deals";
/// Most deals that are written, or read by id, at once.
const AT_ONCE: usize = 100;
/// What a deal is called that Zoho's record locking, or another process, holds.
const LOCKED: &str = "RECORD_LOCKED";
/// Deals of a page.
const PAGE: &str = "200";

/// The deals of a Zoho CRM organisation.
pub(super) struct Zoho<'a> {
    server: LoggedIn<'a>,
    /// Whether a write starts workflows.
    starts_automations: bool,
}

impl<'a> Zoho<'a> {
    pub fn new(connection: Connection<'a>, starts_automations: bool) -> Result<Self, PushStop> {
        let server = LoggedIn::new(connection, "Zoho-oauthtoken", |_| false)?;
        Ok(Self { server, starts_automations })
    }

    /// The JSON of an answer; nothing where it says that there is nothing.
    fn get(&self, path: &str, parameters: &[(&str, &str)], what: &str) -> Result<Option<Value>, PushStop> {
        let answer = self.server.ask(path, &HttpQuestion::Get(parameters))?;
        if let Some(stop) = stop(&answer) {
            return Err(stop);
        }
        match (answer.status, serde_json::from_str(&answer.body)) {
            (204, _) => Ok(None),
            (200, Ok(body)) => Ok(Some(body)),
            (status, _) => {
                let message = format!("{what}: the server answers {status} ({})", code(&answer));
                Err(PushStop::new(StopKind::Strange, message))
            }
        }
    }

    fn body(&self, batch: &[RecordChange], fields: &[TargetField]) -> String {
        let data: Vec<Value> = batch.iter().map(|change| record(change, fields)).collect();
        let body = if self.starts_automations {
            json!({ "data": data })
        } else {
            json!({ "data": data, "trigger": [], "skip_feature_execution": [{ "name": "cadences" }] })
        };
        body.to_string()
    }
}

/// What the server calls a fault.
fn code(answer: &HttpAnswer) -> String {
    own_code(answer).unwrap_or_else(|| "no code".to_owned())
}

/// The same; none where the answer is of something in between.
fn own_code(answer: &HttpAnswer) -> Option<String> {
    let body: Value = serde_json::from_str(&answer.body).ok()?;
    body.get("code")?.as_str().map(str::to_owned)
}

/// Whether the user, not a record, is refused.
fn stop(answer: &HttpAnswer) -> Option<PushStop> {
    (answer.status == 403)
        .then(|| PushStop::new(StopKind::Refused, format!("the server refuses the user (403, {})", code(answer))))
}

/// What a field takes; the reason where it cannot be written.
fn kind(field: Option<&Value>) -> Result<TargetKind, String> {
    let Some(field) = field else { return Err("is not there".to_owned()) };
    let flag = |path: &str| field.pointer(path).and_then(Value::as_bool);
    let number = |key: &str| field.get(key).and_then(Value::as_u64);
    if flag("/custom_field") != Some(true) {
        return Err("is Zoho's own, expected a custom field".to_owned());
    }
    if flag("/read_only") == Some(true) || flag("/operation_type/api_update") == Some(false) {
        return Err("is read-only".to_owned());
    }
    let length = || number("length").and_then(|length| usize::try_from(length).ok());
    match field.get("data_type").and_then(Value::as_str).unwrap_or_default() {
        "double" => Ok(TargetKind::Number(number("decimal_place").and_then(|places| u32::try_from(places).ok()))),
        "integer" | "bigint" => Ok(TargetKind::Number(Some(0))),
        "text" | "textarea" => Ok(TargetKind::Text(length())),
        "picklist" => Ok(TargetKind::Text(None)),
        "date" => Ok(TargetKind::Date),
        "datetime" => Ok(TargetKind::DateTime),
        other => Err(format!("is of type {other}, expected decimal, number, single or multi line, pick list or date")),
    }
}

/// A deal as an update takes it.
fn record(change: &RecordChange, fields: &[TargetField]) -> Value {
    let id = ("id".to_owned(), Value::from(change.deal.as_str()));
    let cell = |field: &TargetField| {
        let value = match sent(field.kind, change.new.get(&field.name)?, "+00:00") {
            FieldValue::Number(number) if field.kind == TargetKind::Number(Some(0)) => Value::from(number as i64),
            FieldValue::Number(number) => Value::from(number),
            FieldValue::Text(text) => Value::from(text),
        };
        Some((field.name.clone(), value))
    };
    let cells = fields.iter().filter_map(cell);
    Value::Object([id].into_iter().chain(cells).collect::<Map<_, _>>())
}

/// The id and the fields of a deal that are asked for.
fn deal(record: &Value, fields: &[TargetField]) -> Option<(String, FieldValues)> {
    let id = record.get("id")?.as_str()?.to_owned();
    let cell = |field: &TargetField| Some((field.name.clone(), read(field.kind, record.get(&field.name)?)?));
    Some((id, fields.iter().filter_map(cell).collect()))
}

fn names(fields: &[TargetField]) -> String {
    ["id"].into_iter().chain(fields.iter().map(|field| field.name.as_str())).collect::<Vec<_>>().join(",")
}

/// The deals of a page.
fn deals(page: &Value) -> &[Value] {
    page.get("data").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// What an answer says of one record: taken is told apart, because it says nothing of what is held.
fn of_record(told: &Value) -> Option<RecordAnswer> {
    let text = |path: &str| told.pointer(path).and_then(Value::as_str);
    if text("/status") == Some("success") {
        return None;
    }
    let Some(code) = text("/code") else {
        return Some(RecordAnswer::Unknown { status: Some(200), code: "refused without a reason".to_owned() });
    };
    let field = text("/details/api_name");
    // "the id given seems to be invalid": there is no such record, or no more.
    let is_the_id = field == Some("id") || (field.is_none() && told.pointer("/details/id").is_some());
    let status = Some(200);
    Some(if code == "INVALID_DATA" && is_the_id {
        RecordAnswer::Missing { status, code: "INVALID_DATA id".to_owned() }
    } else {
        let code = [Some(code), field].into_iter().flatten().collect::<Vec<_>>().join(" ");
        RecordAnswer::Rejected { status, code }
    })
}

impl Target for Zoho<'_> {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        let what = "the fields cannot be asked for";
        let told = self.get("/crm/v8/settings/fields", &[("module", "Deals")], what)?.unwrap_or_default();
        let known = told.get("fields").and_then(Value::as_array).cloned().unwrap_or_default();
        let of = |name: &str| known.iter().find(|field| field.get("api_name").and_then(Value::as_str) == Some(name));
        let resolved = fields.iter().map(|(score, name)| {
            let field = kind(of(name)).map(|kind| TargetField { of: *score, name: name.clone(), kind });
            field.map_err(|what| format!("{name} {what}"))
        });
        Ok(resolved.collect())
    }

    /// Pages end after 100,000 deals; those that are wanted and on no page are asked for by id.
    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let names = names(fields);
        let (mut records, mut token) = (BTreeMap::new(), None::<String>);
        loop {
            let mut page = vec![("fields", names.as_str()), ("per_page", PAGE)];
            page.extend(token.as_deref().map(|token| ("page_token", token)));
            let Some(told) = self.get(DEALS, &page, "the deals cannot be read")? else { return Ok(records) };
            records.extend(deals(&told).iter().filter_map(|record| deal(record, fields)));
            let is_last = told.pointer("/info/more_records").and_then(Value::as_bool) != Some(true);
            let next = told.pointer("/info/next_page_token").and_then(Value::as_str).map(str::to_owned);
            if is_last || next.is_none() || next == token {
                return Ok(records);
            }
            token = next;
        }
    }

    fn read_some(
        &mut self,
        deals_asked_for: &[&str],
        fields: &[TargetField],
    ) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        // A request with an id that can be none is refused as a whole.
        let is_id = |id: &&str| (1..=19).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
        let ids: Vec<&str> = deals_asked_for.iter().copied().filter(is_id).collect();
        let names = names(fields);
        let mut records = BTreeMap::new();
        for some in ids.chunks(AT_ONCE) {
            let question = [("ids", some.join(",")), ("fields", names.clone()), ("per_page", PAGE.to_owned())];
            let question: Vec<(&str, &str)> = question.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let told = self.get(DEALS, &question, "the deals cannot be read")?.unwrap_or_default();
            let told = deals(&told).iter().filter_map(|record| deal(record, fields));
            records.extend(told.filter(|(id, _)| some.contains(&id.as_str())));
        }
        Ok(records)
    }

    fn batch_size(&self) -> usize {
        AT_ONCE
    }

    /// Deals that are locked are sent again after pauses, until none is any more or they were tried often enough.
    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        let BatchReply { mut answers, mut stop } = self.write_once(batch, fields);
        for tries in 1..self.server.http().tries() {
            let locked: Vec<usize> = (0..answers.len()).filter(|at| is_locked(&answers[*at])).collect();
            if locked.is_empty() || stop.is_some() {
                break;
            }
            self.server.http().pause(tries, None);
            let again: Vec<RecordChange> = locked.iter().map(|at| batch[*at].clone()).collect();
            let reply = self.write_once(&again, fields);
            stop = reply.stop;
            for (at, answer) in locked.into_iter().zip(reply.answers) {
                answers[at] = answer;
            }
        }
        if stop.is_some() {
            answers.iter_mut().filter(|answer| is_locked(answer)).for_each(leave_open);
        }
        BatchReply { answers, stop }
    }
}

/// Whether a record was refused only because something else holds it.
fn is_locked(answer: &RecordAnswer) -> bool {
    matches!(answer, RecordAnswer::Rejected { code, .. } if code.split(' ').next() == Some(LOCKED))
}

/// A refusal that was not tried again to the end.
fn leave_open(answer: &mut RecordAnswer) {
    *answer = RecordAnswer::Unknown { status: Some(200), code: LOCKED.to_owned() };
}

impl Zoho<'_> {
    /// Sends a batch once.
    fn write_once(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        let body = self.body(batch, fields);
        let answer = match self.server.tell(DEALS, &HttpQuestion::json(HttpMethod::Put, &body)) {
            Err(stop) => return BatchReply::stopped(stop),
            Ok(Err(Lost::Unsent(code) | Lost::Unanswered(code))) => {
                return BatchReply::all(batch.len(), RecordAnswer::Unknown { status: None, code });
            }
            Ok(Ok(answer)) => answer,
        };
        let told: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        let (status, told) = (Some(answer.status), deals(&told));
        let unknown = |code: &str| RecordAnswer::Unknown { status, code: code.to_owned() };
        let one = match answer.status {
            // 400 has a word for each record too, where none was taken.
            200 | 207 | 400 if told.len() == batch.len() => return self.read_reply(batch, told, fields),
            200 | 207 => unknown("the answer is half, or of somebody else"),
            400 if own_code(&answer).is_some() => RecordAnswer::RefusedTogether { status, code: code(&answer) },
            403 => {
                return stop(&answer).map_or_else(|| BatchReply::all(batch.len(), unknown("403")), BatchReply::stopped);
            }
            500 => RecordAnswer::Failed { status: 500 },
            _ => unknown("no answer of the server itself"),
        };
        BatchReply::all(batch.len(), one)
    }

    /// The words of an answer in order, and what those deals hold that were taken.
    fn read_reply(&mut self, batch: &[RecordChange], told: &[Value], fields: &[TargetField]) -> BatchReply {
        let told: Vec<Option<RecordAnswer>> = told.iter().map(of_record).collect();
        let taken: Vec<&str> = batch
            .iter()
            .zip(&told)
            .filter(|(_, told)| told.is_none())
            .map(|(change, _)| change.deal.as_str())
            .collect();
        let (mut held, stop) = match self.read_some(&taken, fields) {
            Ok(held) => (held, None),
            Err(stop) => (BTreeMap::new(), Some(stop)),
        };
        let status = Some(200);
        let mut echo = |change: &RecordChange| match held.remove(&change.deal) {
            Some(echo) => RecordAnswer::Taken { status, code: None, echo: Some(echo) },
            None => RecordAnswer::Unknown { status, code: "taken, and not found since".to_owned() },
        };
        let answers = batch.iter().zip(told).map(|(change, told)| told.unwrap_or_else(|| echo(change))).collect();
        BatchReply { answers, stop }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_written_where_it_is_custom_and_may_be_updated() {
        let field = |kind: &str| json!({ "data_type": kind, "custom_field": true, "decimal_place": 6, "length": 16 });
        assert_eq!(kind(Some(&field("double"))), Ok(TargetKind::Number(Some(6))));
        assert_eq!(kind(Some(&field("text"))), Ok(TargetKind::Text(Some(16))));
        assert!(kind(Some(&field("percent"))).is_err() && kind(None).is_err());
        for (key, value) in [
            ("custom_field", json!(false)),
            ("read_only", json!(true)),
            ("operation_type", json!({ "api_update": false })),
        ] {
            let mut other = field("double");
            other[key] = value;
            assert!(kind(Some(&other)).is_err(), "{key}");
        }
    }

    #[test]
    fn a_record_is_taken_gone_or_refused() {
        assert_eq!(of_record(&json!({ "code": "SUCCESS", "status": "success", "details": { "id": "1" } })), None);
        let gone = json!({ "code": "INVALID_DATA", "status": "error", "details": { "id": "1" } });
        assert!(matches!(of_record(&gone), Some(RecordAnswer::Missing { .. })));
        let details = json!({ "api_name": "Win_Score", "json_path": "$.data[1].Win_Score" });
        let refused = of_record(&json!({ "code": "INVALID_DATA", "status": "error", "details": details }));
        assert_eq!(
            refused,
            Some(RecordAnswer::Rejected { status: Some(200), code: "INVALID_DATA Win_Score".to_owned() })
        );
        let locked = json!({ "code": "RECORD_LOCKED", "status": "error", "details": { "api_name": "id" } });
        assert!(matches!(of_record(&locked), Some(RecordAnswer::Rejected { .. })));
    }
}
