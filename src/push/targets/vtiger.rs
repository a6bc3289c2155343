//! vtiger's web service, as a vtiger 8.2.0 server was recorded to speak it.
//!
//! A challenge and a login; every error but two behind HTTP 200 with `success: false`; a failure as an empty HTTP 500. Fields
//! from `describe`, pages of 100 by id from `query` (it never gives more, and does not say so), `revise` per record, whose
//! answer is the record as it is stored: numbers are rounded without a word.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use md5::{Digest, Md5};
use serde_json::{Map, Value};

use crate::config::ScoreField;
use crate::push::connection::Connection;
use crate::push::error::{PushStop, StopKind};
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField};
use crate::push::targets::json_record::values as json_values;
use crate::push::targets::side_by_side::side_by_side;
use crate::push::transport::{Http, HttpAnswer as Answer, HttpQuestion, Lost};
use crate::push::value::{FieldValue, FieldValues, TargetKind};

const PATH: &str = "/webservice.php";
/// Where nothing says otherwise: what ids of opportunities begin with.
const PREFIX: &str = "13";
/// Faults of the server itself, whoever asks.
const FAILURES: [&str; 2] = ["INTERNAL_SERVER_ERROR", "DATABASE_QUERY_ERROR"];

/// The opportunities of a vtiger server.
pub(super) struct Vtiger<'a> {
    http: Http<'a>,
    user: String,
    session: Mutex<Option<String>>,
    /// What ids of opportunities begin with.
    prefix: String,
}

/// What an answer says.
enum Told {
    /// What was asked for.
    Result(Value),
    /// What the server calls the fault.
    Fault(String),
    /// It failed without a word: HTTP 500 and nothing.
    Failed,
    /// No answer of this interface.
    Strange(u16),
}

impl Told {
    fn read(answer: &Answer) -> Self {
        if answer.status == 500 {
            return Self::Failed;
        }
        let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        match body.get("success").and_then(Value::as_bool).filter(|_| answer.status == 200) {
            Some(true) => Self::Result(body.get("result").cloned().unwrap_or(Value::Null)),
            Some(false) => {
                let code = body.pointer("/error/code").and_then(Value::as_str);
                Self::Fault(code.unwrap_or("no code").to_owned())
            }
            None => Self::Strange(answer.status),
        }
    }

    fn is_of_the_session(&self) -> bool {
        matches!(self, Self::Fault(code) if code == "INVALID_SESSIONID" || code == "AUTHENTICATION_REQUIRED")
    }

    /// What a login was asked for, or why it fails: trying again with a user or key that is refused makes it worse.
    fn of_login(self) -> Result<Value, PushStop> {
        match self {
            Self::Fault(code) if !FAILURES.contains(&code.as_str()) => Err(PushStop::new(
                StopKind::Refused,
                format!(
                    "the user cannot log in: the server answers {code} (the secret is the user's access key, not the password)"
                ),
            )),
            told => told.or_stop("the user cannot log in"),
        }
    }

    /// What was asked for, or why the push ends.
    fn or_stop(self, what: &str) -> Result<Value, PushStop> {
        match self {
            Self::Result(result) => Ok(result),
            Self::Fault(code) if FAILURES.contains(&code.as_str()) => {
                Err(PushStop::failing(format!("{what}: the server fails ({code})")))
            }
            Self::Fault(code) => {
                let is_login = matches!(
                    code.as_str(),
                    "INVALID_USER_CREDENTIALS" | "INVALID_SESSIONID" | "AUTHENTICATION_REQUIRED"
                );
                let kind = if is_login { StopKind::Refused } else { StopKind::Strange };
                Err(PushStop::new(kind, format!("{what}: the server answers {code}")))
            }
            Self::Failed => Err(PushStop::failing(format!("{what}: the server fails (500)"))),
            Self::Strange(status) => {
                Err(PushStop::failing(format!("{what}: the answer ({status}) is none of vtiger's web service")))
            }
        }
    }
}

impl<'a> Vtiger<'a> {
    pub fn new(connection: Connection<'a>, user: String) -> Result<Self, PushStop> {
        Ok(Self { http: Http::new(connection)?, user, session: Mutex::new(None), prefix: PREFIX.to_owned() })
    }

    /// Logs in: `md5(challenge + access key)`.
    fn login(&self) -> Result<String, PushStop> {
        let ask = [("operation", "getchallenge"), ("username", self.user.as_str())];
        let challenge = Told::read(&self.http.ask(PATH, &[], &HttpQuestion::Get(&ask))?);
        let challenge = challenge.of_login()?;
        let token = challenge.get("token").and_then(Value::as_str).unwrap_or_default();
        let digest = Md5::digest(format!("{token}{}", self.http.secret().expose()));
        let key: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let form = [("operation", "login"), ("username", self.user.as_str()), ("accessKey", key.as_str())];
        let login = Told::read(&self.http.ask(PATH, &[], &HttpQuestion::PostForm(&form))?);
        match login.of_login()?.get("sessionName").and_then(Value::as_str) {
            Some(session) => Ok(session.to_owned()),
            None => Err(PushStop::new(StopKind::Strange, "the server opens no session")),
        }
    }

    /// The session; a new one where there is none yet, or `ended` is the one there was.
    fn session(&self, ended: Option<&str>) -> Result<String, PushStop> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        match session.as_deref().filter(|session| Some(*session) != ended) {
            Some(session) => Ok(session.to_owned()),
            None => Ok(session.insert(self.login()?).clone()),
        }
    }

    /// Does `ask` in the session; once more, in a new one, where it has ended.
    fn in_session<T>(
        &self,
        ask: impl Fn(&str) -> Result<T, PushStop>,
        has_ended: impl Fn(&T) -> bool,
    ) -> Result<T, PushStop> {
        let session = self.session(None)?;
        let told = ask(&session)?;
        if has_ended(&told) { ask(&self.session(Some(&session))?) } else { Ok(told) }
    }

    /// Asks what changes nothing.
    fn get(&self, operation: &str, name: &str, value: &str, what: &str) -> Result<Value, PushStop> {
        let ask = |session: &str| {
            let ask = [("operation", operation), ("sessionName", session), (name, value)];
            Ok(Told::read(&self.http.ask(PATH, &[], &HttpQuestion::Get(&ask))?))
        };
        self.in_session(ask, Told::is_of_the_session)?.or_stop(what)
    }

    /// Sends a change; `Err` inside where there is no answer.
    fn revise(&self, element: &str) -> Result<Result<Told, String>, PushStop> {
        let ask = |session: &str| {
            let form = [("operation", "revise"), ("sessionName", session), ("element", element)];
            Ok(match self.http.tell(PATH, &[], &HttpQuestion::PostForm(&form))? {
                Ok(answer) => Ok(Told::read(&answer)),
                Err(Lost::Unsent(what) | Lost::Unanswered(what)) => Err(what),
            })
        };
        self.in_session(ask, |told| told.as_ref().is_ok_and(Told::is_of_the_session))
    }

    fn query(&self, query: &str) -> Result<Vec<Value>, PushStop> {
        match self.get("query", "query", query, "the deals cannot be read")? {
            Value::Array(rows) => Ok(rows),
            _ => Err(PushStop::new(StopKind::Strange, "the deals cannot be read: the server answers without a list")),
        }
    }

    /// What a record holds; none where there is no such record.
    fn read_record(&self, deal: &str, fields: &[TargetField]) -> Result<Option<FieldValues>, PushStop> {
        let id = self.record_id(deal);
        if !is_plain(&id) {
            return Ok(None);
        }
        let rows = self.query(&format!("{} where id='{id}';", selection(fields)))?;
        let is_asked_for = |record: &&Value| record.get("id").and_then(Value::as_str) == Some(id.as_str());
        Ok(rows.iter().find(is_asked_for).map(|record| values(record, fields)))
    }

    fn put(&self, change: &RecordChange, fields: &[TargetField]) -> Result<RecordAnswer, PushStop> {
        let RecordChange { deal, new } = change;
        let id = self.record_id(deal);
        Ok(match self.revise(&element(&id, new))? {
            Err(code) => RecordAnswer::Unknown { status: None, code },
            Ok(Told::Failed) => RecordAnswer::Failed { status: 500 },
            Ok(Told::Strange(status)) => RecordAnswer::Unknown {
                status: Some(status),
                code: "the answer is half, or of somebody else".to_owned(),
            },
            Ok(Told::Result(record)) if record.get("id").and_then(Value::as_str) == Some(id.as_str()) => {
                RecordAnswer::Taken { status: Some(200), code: None, echo: Some(values(&record, fields)) }
            }
            Ok(Told::Result(_)) => {
                RecordAnswer::Unknown { status: Some(200), code: "the answer is of another record".to_owned() }
            }
            Ok(told @ Told::Fault(_)) if told.is_of_the_session() => {
                return Err(PushStop::new(StopKind::Refused, "the server ends every session at once"));
            }
            // Unknown, deleted and forbidden records look the same: only a query tells.
            Ok(Told::Fault(code)) if code == "ACCESS_DENIED" => match self.read_record(deal, fields) {
                Ok(Some(_)) => RecordAnswer::Rejected { status: Some(200), code },
                Ok(None) => RecordAnswer::Missing { status: Some(200), code },
                // What is odd about reading one record must not keep the others from their scores.
                Err(stop) if stop.kind == StopKind::Strange => {
                    RecordAnswer::Unknown { status: Some(200), code: stop.message }
                }
                Err(stop) => return Err(stop),
            },
            Ok(Told::Fault(code)) => RecordAnswer::Rejected { status: Some(200), code },
        })
    }

    /// The id the web service knows a deal by: `13x2` for deal 2 too.
    fn record_id(&self, deal: &str) -> String {
        if deal.contains('x') { deal.to_owned() } else { format!("{}x{deal}", self.prefix) }
    }
}

/// `select id,a,b from Potentials`.
fn selection(fields: &[TargetField]) -> String {
    let names: Vec<&str> = ["id"].into_iter().chain(fields.iter().map(|field| field.name.as_str())).collect();
    format!("select {} from Potentials", names.join(","))
}

/// Whether an id is one a query can name.
fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'x')
}

/// The fields of a record that are asked for. Text may come as a page shows it (`label` of "create opportunity 1": `&eacute;`).
fn values(record: &Value, fields: &[TargetField]) -> FieldValues {
    let mut values = json_values(record, fields);
    for value in values.values_mut() {
        if let FieldValue::Text(text) = value {
            *text = plain(text);
        }
    }
    values
}

/// Text without what a page writes in place of its own marks.
fn plain(text: &str) -> String {
    let marks = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#039;", "'"), ("&#39;", "'"), ("&amp;", "&")];
    marks.iter().fold(text.to_owned(), |text, (written, meant)| text.replace(written, meant))
}

/// What a described field takes; the reason where it cannot be written.
fn kind(name: &str, field: Option<&Value>) -> Result<TargetKind, String> {
    let Some(field) = field else { return Err("is not there".to_owned()) };
    if !name.starts_with("cf_") {
        return Err("is vtiger's own, expected a custom field, whose name begins with cf_".to_owned());
    }
    if field.get("editable").and_then(Value::as_bool) == Some(false) {
        return Err("cannot be edited".to_owned());
    }
    match field.pointer("/type/name").and_then(Value::as_str).unwrap_or_default() {
        "double" | "currency" => Ok(TargetKind::Number(None)),
        "integer" => Ok(TargetKind::Number(Some(0))),
        "string" | "text" | "picklist" => Ok(TargetKind::Text(None)),
        "date" => Ok(TargetKind::Date),
        other => Err(format!("is of type {other}, expected double, integer, string, text, picklist or date")),
    }
}

impl Target for Vtiger<'_> {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        let described = self.get("describe", "elementType", "Potentials", "the fields cannot be asked for")?;
        if let Some(prefix) = described.get("idPrefix").and_then(Value::as_str) {
            prefix.clone_into(&mut self.prefix);
        }
        let known = described.get("fields").and_then(Value::as_array).cloned().unwrap_or_default();
        let of = |name: &str| known.iter().find(|field| field.get("name").and_then(Value::as_str) == Some(name));
        let resolved = fields.iter().map(|(score, name)| {
            let field = kind(name, of(name)).map(|kind| TargetField { of: *score, name: name.clone(), kind });
            field.map_err(|what| format!("{name} {what}"))
        });
        Ok(resolved.collect())
    }

    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let (mut records, mut last) = (BTreeMap::new(), String::new());
        loop {
            let after = if last.is_empty() { String::new() } else { format!(" where id > '{last}'") };
            let page = self.query(&format!("{}{after} order by id limit 0,100;", selection(fields)))?;
            let ids = page.iter().filter_map(|record| Some((record.get("id")?.as_str()?.to_owned(), record)));
            let before = last.clone();
            for (id, record) in ids {
                last.clone_from(&id);
                let bare = id.split_once('x').map_or(id.as_str(), |(_, bare)| bare).to_owned();
                // Deals are called by either name.
                records.insert(bare, values(record, fields));
                records.insert(id, values(record, fields));
            }
            if last == before {
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

    fn sends_each(&self) -> bool {
        true
    }

    fn batch_size(&self) -> usize {
        self.http.parallel()
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        side_by_side(batch, |change| self.put(change, fields))
    }
}

/// The record as `revise` takes it: everything as text.
fn element(id: &str, new: &FieldValues) -> String {
    let cell = |value: &FieldValue| match value {
        FieldValue::Number(number) => Value::from(number.to_string()),
        FieldValue::Text(text) => Value::from(text.as_str()),
    };
    let fields = new.iter().map(|(name, value)| (name.clone(), cell(value)));
    let id = ("id".to_owned(), Value::from(id));
    Value::Object([id].into_iter().chain(fields).collect::<Map<_, _>>()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_it_was_meant() {
        assert_eq!(plain("R&amp;D: &lt;5 &quot;x&quot; (+)"), "R&D: <5 \"x\" (+)");
        assert_eq!(plain("&amp;lt;"), "&lt;");
    }
}
