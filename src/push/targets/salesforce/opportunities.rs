//! The opportunities of a Salesforce organisation, as a push's target.
//!
//! Fields from `describe`; open records page by page from a query, records by id up to 2000 a request; writes by sObject
//! Collections, 200 a request, or by jobs where there are many. An answer says that a record was taken and not what it holds
//! since: every record that was taken is read back, one request for 2000 of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::config::ScoreField;
use crate::push::connection::Connection;
use crate::push::error::{PushStop, StopKind};
use crate::push::login::LoggedIn;
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField};
use crate::push::targets::moment::{read, sent};
use crate::push::targets::salesforce::answers::{
    LOCKED, SalesforceAnswer, error_code, has_code, json as read_json, kind, stop,
};
use crate::push::targets::salesforce::ids::record_key;
use crate::push::targets::salesforce::jobs::{send_in_jobs, wait_for_others};
use crate::push::transport::{HttpAnswer, HttpMethod, HttpQuestion, Lost};
use crate::push::value::{FieldValue, FieldValues};

/// Where the interface is.
const PATH: &str = "/services/data/v62.0";
/// Most records sObject Collections write at once.
const WRITTEN_AT_ONCE: usize = 200;
/// Most records they read at once.
const READ_AT_ONCE: usize = 2000;
/// Most records of one job: few enough that a stop leaves little to read again.
const IN_ONE_JOB: usize = 20_000;
/// From how many changes on a job is made where nothing else is said: below it, Collections take fewer requests.
const JOB_FROM: usize = 2000;

/// What is written to where nothing else is said.
const OPPORTUNITY: &str = "Opportunity";

/// The opportunities of an organisation, or the records of an object of scores.
pub(in crate::push::targets) struct Salesforce<'a> {
    server: LoggedIn<'a>,
    /// What is written to.
    object: String,
    /// From how many changes on a job is made; 0 is never.
    job_from: usize,
    /// Whether so many are coming.
    are_many: bool,
}

impl<'a> Salesforce<'a> {
    pub fn new(connection: Connection<'a>, job_from: Option<u32>, object: Option<&str>) -> Result<Self, PushStop> {
        let server = LoggedIn::new(connection, "Bearer", |_| false)?;
        let job_from = job_from.map_or(JOB_FROM, |records| records as usize);
        Ok(Self { server, object: object.unwrap_or(OPPORTUNITY).to_owned(), job_from, are_many: false })
    }

    /// What is written to.
    pub fn object(&self) -> &str {
        &self.object
    }

    /// The fields of the object, as they are described.
    pub fn described(&self) -> Result<Vec<Value>, PushStop> {
        let path = format!("{PATH}/sobjects/{}/describe", self.object);
        let described = self.get(&path, &[], "the fields cannot be asked for")?;
        Ok(described.get("fields").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// Every row of a query, page by page.
    pub fn rows(&self, query: &str) -> Result<Vec<Value>, PushStop> {
        let what = "the deals cannot be read";
        let mut page = self.get(&format!("{PATH}/query"), &[("q", query)], what)?;
        let mut rows = Vec::new();
        loop {
            let Some(list) = page.get("records").and_then(Value::as_array) else {
                return Err(PushStop::new(StopKind::Strange, format!("{what}: the server answers without a list")));
            };
            rows.extend(list.iter().cloned());
            let next = page.get("nextRecordsUrl").and_then(Value::as_str).filter(|next| next.starts_with('/'));
            let Some(next) = next.map(str::to_owned) else { return Ok(rows) };
            page = self.get(&next, &[], what)?;
        }
    }

    fn get(&self, path: &str, parameters: &[(&str, &str)], what: &str) -> Result<Value, PushStop> {
        read_json(&self.server.ask(path, &HttpQuestion::Get(parameters))?, what)
    }

    /// Sends changes once: what became of each, in order; fewer where the push ends.
    fn send(&self, changes: &[&RecordChange], fields: &[TargetField]) -> (Vec<SalesforceAnswer>, Option<PushStop>) {
        if self.are_many && changes.len() >= self.job_from {
            return send_in_jobs(&self.server, &self.object, changes, fields);
        }
        let mut told = Vec::with_capacity(changes.len());
        for some in changes.chunks(WRITTEN_AT_ONCE) {
            match self.send_together(some, fields) {
                Ok(of_some) => told.extend(of_some),
                Err(stop) => return (told, Some(stop)),
            }
        }
        (told, None)
    }

    /// Sends up to 200 changes in one request.
    fn send_together(
        &self,
        changes: &[&RecordChange],
        fields: &[TargetField],
    ) -> Result<Vec<SalesforceAnswer>, PushStop> {
        let records: Vec<Value> = changes.iter().map(|change| record(&self.object, change, fields)).collect();
        let body = json!({ "allOrNone": false, "records": records }).to_string();
        let path = format!("{PATH}/composite/sobjects");
        let told = self.server.tell(&path, &HttpQuestion::json(HttpMethod::Patch, &body))?;
        let one = match &told {
            Err(Lost::Unsent(what) | Lost::Unanswered(what)) => SalesforceAnswer::unknown(None, what.clone()),
            Ok(answer) if answer.status == 200 => return Ok(results(answer, changes)),
            Ok(answer) => of_refusal(answer)?,
        };
        Ok(vec![one; changes.len()])
    }

    /// Sends a batch until no record of it is locked any more, or it was tried often enough.
    fn send_until_unlocked(
        &self,
        batch: &[RecordChange],
        fields: &[TargetField],
    ) -> (Vec<Option<SalesforceAnswer>>, Option<PushStop>) {
        let mut told: Vec<Option<SalesforceAnswer>> = vec![None; batch.len()];
        let mut open: Vec<usize> = (0..batch.len()).collect();
        for tries in 0..self.server.http().tries() {
            if tries > 0 {
                self.server.http().pause(tries, None);
            }
            let changes: Vec<&RecordChange> = open.iter().filter_map(|at| batch.get(*at)).collect();
            let (became, stop) = self.send(&changes, fields);
            for (at, became) in open.iter().zip(became) {
                told[*at] = Some(became);
            }
            open.retain(|at| told[*at] == Some(SalesforceAnswer::Locked));
            if stop.is_some() || open.is_empty() {
                return (told, stop);
            }
        }
        (told, None)
    }

    /// The answers of records that were taken: what they hold now. Where that cannot be read, nobody knows it yet.
    fn read_back(
        &mut self,
        taken: &[&str],
        fields: &[TargetField],
    ) -> (BTreeMap<String, FieldValues>, Option<PushStop>) {
        match self.read_some(taken, fields) {
            Ok(held) => (held, None),
            Err(stop) => (BTreeMap::new(), Some(stop)),
        }
    }
}

/// A record as Collections take it.
fn record(object: &str, change: &RecordChange, fields: &[TargetField]) -> Value {
    let attributes = ("attributes".to_owned(), json!({ "type": object }));
    let id = ("id".to_owned(), Value::from(change.deal.as_str()));
    let cell = |field: &TargetField| {
        let value = match sent(field.kind, change.new.get(&field.name)?, "Z") {
            FieldValue::Number(number) => Value::from(number),
            FieldValue::Text(text) => Value::from(text),
        };
        Some((field.name.clone(), value))
    };
    let cells = fields.iter().filter_map(cell);
    Value::Object([attributes, id].into_iter().chain(cells).collect::<Map<_, _>>())
}

/// What the results of a request say of its records, which they follow in order.
fn results(answer: &HttpAnswer, changes: &[&RecordChange]) -> Vec<SalesforceAnswer> {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
    let Some(results) = body.as_array().filter(|results| results.len() == changes.len()) else {
        return vec![SalesforceAnswer::unknown(Some(200), "the answer is half, or of somebody else"); changes.len()];
    };
    changes.iter().zip(results).map(|(change, result)| of_result(change, result)).collect()
}

fn of_result(change: &RecordChange, result: &Value) -> SalesforceAnswer {
    let id = result.get("id").and_then(Value::as_str);
    if id.is_some_and(|id| record_key(id) != record_key(&change.deal)) {
        return SalesforceAnswer::unknown(Some(200), "the answer is of another record");
    }
    if result.get("success").and_then(Value::as_bool) == Some(true) {
        return if id.is_some() {
            SalesforceAnswer::Taken
        } else {
            SalesforceAnswer::unknown(Some(200), "the answer names no record")
        };
    }
    let error = |path: &str| result.pointer(path).and_then(Value::as_str).unwrap_or_default();
    SalesforceAnswer::of_error(error("/errors/0/statusCode"), error("/errors/0/fields/0"))
}

/// What an answer that is none of single records says of each; the end where the user or the day's limit is meant.
fn of_refusal(answer: &HttpAnswer) -> Result<SalesforceAnswer, PushStop> {
    let status = Some(answer.status);
    if let Some(stop) = stop(answer) {
        return Err(stop);
    }
    let code = error_code(answer);
    Ok(match answer.status {
        400 if code == LOCKED => SalesforceAnswer::Locked,
        400 if has_code(answer) => SalesforceAnswer::Answer(RecordAnswer::RefusedTogether { status, code }),
        500 => SalesforceAnswer::Answer(RecordAnswer::Failed { status: 500 }),
        _ => SalesforceAnswer::unknown(status, "no answer of the server itself"),
    })
}

/// The fields of a record that are asked for.
pub(super) fn values(record: &Value, fields: &[TargetField]) -> FieldValues {
    let cell = |field: &TargetField| Some((field.name.clone(), read(field.kind, record.get(&field.name)?)?));
    fields.iter().filter_map(cell).collect()
}

impl Target for Salesforce<'_> {
    /// A job of a push that was killed may still be under way: its end comes before anything is read.
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        let known = self.described()?;
        let of = |name: &str| known.iter().find(|field| field.get("name").and_then(Value::as_str) == Some(name));
        let resolved = fields.iter().map(|(score, name)| {
            let field = kind(of(name)).map(|kind| TargetField { of: *score, name: name.clone(), kind });
            field.map_err(|what| format!("{name} {what}"))
        });
        let resolved = resolved.collect();
        if self.job_from > 0 {
            wait_for_others(&self.server, &self.object)?;
        }
        Ok(resolved)
    }

    /// Open opportunities, which are the ones that are scored.
    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let names: Vec<&str> = ["Id"].into_iter().chain(fields.iter().map(|field| field.name.as_str())).collect();
        let query = format!("SELECT {} FROM Opportunity WHERE IsClosed = false ORDER BY Id", names.join(", "));
        let mut records = BTreeMap::new();
        for record in self.rows(&query)? {
            let Some(id) = record.get("Id").and_then(Value::as_str) else { continue };
            let held = values(&record, fields);
            // Deals are called by either form of the id.
            records.extend(record_key(id).map(|key| (key, held.clone())));
            records.insert(id.to_owned(), held);
        }
        Ok(records)
    }

    fn read_some(&mut self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let names: Vec<&str> = ["Id"].into_iter().chain(fields.iter().map(|field| field.name.as_str())).collect();
        let named: Vec<(&str, String)> = deals.iter().filter_map(|deal| Some((*deal, record_key(deal)?))).collect();
        let (path, mut records) = (format!("{PATH}/composite/sobjects/{}", self.object), BTreeMap::new());
        for some in named.chunks(READ_AT_ONCE) {
            let ids: Vec<&str> = some.iter().map(|(_, key)| key.as_str()).collect();
            let question = json!({ "ids": ids, "fields": names }).to_string();
            let answer = self.server.ask(&path, &HttpQuestion::json(HttpMethod::Post, &question))?;
            let list = read_json(&answer, "the deals cannot be read")?;
            let told = list.as_array().into_iter().flatten().filter(|record| record.is_object());
            let by_key: BTreeMap<String, &Value> =
                told.filter_map(|record| Some((record_key(record.get("Id")?.as_str()?)?, record))).collect();
            let held = |(deal, key): &(&str, String)| Some(((*deal).to_owned(), values(by_key.get(key)?, fields)));
            records.extend(some.iter().filter_map(held));
        }
        Ok(records)
    }

    fn announce(&mut self, records: usize) {
        self.are_many = self.job_from > 0 && records >= self.job_from;
    }

    fn batch_size(&self) -> usize {
        if self.are_many { IN_ONE_JOB } else { WRITTEN_AT_ONCE }
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        let (told, stop) = self.send_until_unlocked(batch, fields);
        let taken = batch.iter().zip(&told).filter(|(_, told)| **told == Some(SalesforceAnswer::Taken));
        let taken: Vec<&str> = taken.map(|(change, _)| change.deal.as_str()).collect();
        let (mut held, no_echo) = self.read_back(&taken, fields);
        let answer = |(change, told): (&RecordChange, SalesforceAnswer)| match told {
            SalesforceAnswer::Taken => match held.remove(&change.deal) {
                Some(echo) => RecordAnswer::Taken { status: Some(200), code: None, echo: Some(echo) },
                None => RecordAnswer::Unknown { status: Some(200), code: "taken, and not found since".to_owned() },
            },
            SalesforceAnswer::Locked if stop.is_some() => {
                RecordAnswer::Unknown { status: Some(200), code: LOCKED.to_owned() }
            }
            SalesforceAnswer::Locked => RecordAnswer::Rejected { status: Some(200), code: LOCKED.to_owned() },
            SalesforceAnswer::Answer(answer) => answer,
        };
        let told = told.into_iter().map_while(|told| told);
        let answers = batch.iter().zip(told).map(answer).collect();
        BatchReply { answers, stop: stop.or(no_echo) }
    }
}
