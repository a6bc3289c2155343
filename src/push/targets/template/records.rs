//! The records of a REST interface that the configuration describes.
//!
//! It can only update: an address that names the record, `If-Match: *` where PUT or PATCH could create, POST and
//! batches only where somebody says that they cannot create, and an end to the push where a server says that it created (201). Only records that were
//! found when they were read are written.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;

use serde_json::Value;

use crate::config::{PushConfig, ScoreField, TemplateAnswer, TemplateConfig, TemplateKind, TemplateMethod};
use crate::push::connection::Connection;
use crate::push::error::{PushStop, StopKind};
use crate::push::status::leaves_open;
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField};
use crate::push::targets::caller::Caller;
use crate::push::targets::echo::with_echo;
use crate::push::targets::json_record::values;
use crate::push::targets::side_by_side::side_by_side;
use crate::push::targets::template::shape::{
    batch_body, error_text, filled_path, id_text, leads_into_nothing, record_body,
};
use crate::push::transport::{HttpAnswer as Answer, HttpMethod, HttpQuestion, Lost};
use crate::push::value::{FieldValues, TargetKind};

/// A REST interface that the configuration describes.
pub(in crate::push::targets) struct TemplateTarget<'a> {
    caller: Caller<'a>,
    template: TemplateConfig,
    /// Address of the server without a slash at the end: the next page may be named with it.
    base: String,
}

impl<'a> TemplateTarget<'a> {
    /// As `config` describes it; none where it describes none.
    pub fn new(connection: Connection<'a>, config: &PushConfig) -> Result<Option<Self>, PushStop> {
        let base = connection.url.trim_end_matches('/').to_owned();
        let Some(template) = config.template.clone() else { return Ok(None) };
        Ok(Some(Self { caller: Caller::new(connection)?, template, base }))
    }

    /// The headers of a request; the secret is put in when it is sent.
    fn headers(&self, writes: bool) -> Vec<(&str, &str)> {
        let TemplateConfig { headers, write, .. } = &self.template;
        let names_the_record = write.batch == 1 && write.method != TemplateMethod::Post;
        let is_conditional = writes && write.if_match && names_the_record;
        let condition = is_conditional.then_some(("If-Match", "*"));
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(condition).collect()
    }

    fn get(&self, path: &str) -> Result<Answer, PushStop> {
        let answer = self.caller.ask(path, &self.headers(false), &HttpQuestion::Get(&[]))?;
        refused(&answer).map_or(Ok(answer), Err)
    }

    /// What a record holds; none where there is no such record.
    fn read_record(&self, deal: &str, fields: &[TargetField]) -> Result<Option<FieldValues>, PushStop> {
        let read = &self.template.read;
        let names = names(fields);
        let answer = self.get(&filled_path(&read.path, &[("id", deal), ("fields", &names)]))?;
        let body: Option<Value> = serde_json::from_str(&answer.body).ok();
        match (answer.status, body.as_ref().and_then(|body| body.pointer(&read.fields))) {
            (200, Some(record)) if record.is_object() => Ok(Some(values(record, fields))),
            (404 | 410, _) => Ok(None),
            (200, None) if body.as_ref().is_some_and(|body| leads_into_nothing(body, &read.fields)) => Ok(None),
            (200, _) => {
                let message = format!("deal {deal} cannot be read: nothing is at {:?} of the answer", read.fields);
                Err(PushStop::new(StopKind::Strange, message))
            }
            _ => Err(strange(&answer, &format!("deal {deal} cannot be read"))),
        }
    }

    /// What these records hold, several requests at once.
    fn read_each(&self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let mut records = BTreeMap::new();
        for some in deals.chunks(self.caller.parallel()) {
            let read = |deal: &str| self.read_record(deal, fields);
            let found: Vec<Result<Option<FieldValues>, PushStop>> = thread::scope(|scope| {
                let asked: Vec<_> = some.iter().map(|deal| scope.spawn(|| read(deal))).collect();
                asked.into_iter().map(|found| found.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
            });
            for (deal, found) in some.iter().zip(found) {
                records.extend(found?.map(|held| ((*deal).to_owned(), held)));
            }
        }
        Ok(records)
    }

    /// The path of the page after one; none where it was the last.
    fn next_page(&self, body: &Value, next: &str, names: &str) -> Result<Option<String>, PushStop> {
        let Some(next) = body.pointer(next).and_then(id_text).filter(|next| !next.is_empty()) else { return Ok(None) };
        let path = self.template.list.as_ref().map(|list| list.path.as_str()).unwrap_or_default();
        if path.contains("{cursor}") {
            return Ok(Some(filled_path(path, &[("fields", names), ("cursor", &next)])));
        }
        match next.strip_prefix(&self.base).unwrap_or(next.as_str()) {
            path if path.starts_with('/') && !path.starts_with("//") => Ok(Some(path.to_owned())),
            _ => Err(PushStop::new(StopKind::Strange, "the next page is on another server than the first one")),
        }
    }

    /// Sends a body; the answer, or what a record whose answer is lost has.
    fn send(&self, path: &str, body: &Value) -> Result<Result<Answer, RecordAnswer>, PushStop> {
        let method = match self.template.write.method {
            TemplateMethod::Patch => HttpMethod::Patch,
            TemplateMethod::Put => HttpMethod::Put,
            TemplateMethod::Post => HttpMethod::Post,
        };
        let text = body.to_string();
        let question = HttpQuestion::json(method, &text);
        match self.caller.tell(path, &self.headers(true), &question)? {
            Err(Lost::Unsent(code) | Lost::Unanswered(code)) => Ok(Err(RecordAnswer::Unknown { status: None, code })),
            Ok(answer) if answer.status == 201 => {
                let message = "the server says that it created something (201): nothing more is sent";
                Err(PushStop::new(StopKind::Strange, message))
            }
            Ok(answer) => refused(&answer).map_or(Ok(Ok(answer)), Err),
        }
    }

    fn write_record(&self, change: &RecordChange, fields: &[TargetField]) -> Result<RecordAnswer, PushStop> {
        let write = &self.template.write;
        let path = filled_path(&write.path, &[("id", &change.deal)]);
        Ok(match self.send(&path, &record_body(&write.body, change))? {
            Err(lost) => lost,
            Ok(answer) => {
                self.taken(&answer).unwrap_or_else(|body| self.result(&body, &change.deal, answer.status, fields))
            }
        })
    }

    fn write_batch(&self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        let write = &self.template.write;
        let item = write.item.clone().unwrap_or_default();
        let answer = match self.send(&write.path, &batch_body(&write.body, &item, batch)) {
            Err(stop) => return BatchReply::stopped(stop),
            Ok(Err(lost)) => return BatchReply::all(batch.len(), lost),
            Ok(Ok(answer)) => answer,
        };
        let body = match self.taken(&answer) {
            Err(body) => body,
            Ok(RecordAnswer::Rejected { status, code }) => {
                return BatchReply::all(batch.len(), RecordAnswer::RefusedTogether { status, code });
            }
            Ok(answer) => return BatchReply::all(batch.len(), answer),
        };
        let results = write.answer.results.as_ref().map(|at| body.pointer(at).and_then(Value::as_array));
        let of = |(at, change): (usize, &RecordChange)| match results {
            None => self.result(&body, &change.deal, answer.status, fields),
            Some(results) => match self.result_of(results.map_or(&[][..], Vec::as_slice), at, &change.deal) {
                Some(result) => self.result(result, &change.deal, answer.status, fields),
                None => unknown(answer.status, "the answer says nothing of this record"),
            },
        };
        BatchReply { answers: batch.iter().enumerate().map(of).collect(), stop: None }
    }

    /// The answer that a status alone gives; the body, where that says more.
    fn taken(&self, answer: &Answer) -> Result<RecordAnswer, Value> {
        let body: Option<Value> = serde_json::from_str(&answer.body).ok();
        let says_more = self.template.write.answer != TemplateAnswer::default();
        let error = body.as_ref().and_then(|body| self.error(body));
        let code = || error.unwrap_or_else(|| format!("status {}", answer.status));
        match answer.status {
            200..=299 if !says_more || answer.status == 204 => Err(Value::Null),
            200..=299 => {
                body.map_or_else(|| Ok(unknown(answer.status, "the answer is half, or of somebody else")), Err)
            }
            500 => Ok(RecordAnswer::Failed { status: 500 }),
            // What answers may stand in between: the record is read.
            404 | 410 | 412 => Ok(unknown(answer.status, "no such record, says the answer")),
            status if leaves_open(status) => Ok(unknown(answer.status, "no answer of the server itself")),
            status => Ok(RecordAnswer::Rejected { status: Some(status), code: code() }),
        }
    }

    fn error(&self, result: &Value) -> Option<String> {
        error_text(self.template.write.answer.error.as_ref().and_then(|error| result.pointer(error)))
    }

    /// The result of one record: by its id, or by its place.
    fn result_of<'r>(&self, results: &'r [Value], at: usize, deal: &str) -> Option<&'r Value> {
        match &self.template.write.answer.id {
            None => results.get(at),
            Some(id) => results.iter().find(|result| result.pointer(id).and_then(id_text).as_deref() == Some(deal)),
        }
    }

    fn result(&self, result: &Value, deal: &str, status: u16, fields: &[TargetField]) -> RecordAnswer {
        let answer = &self.template.write.answer;
        if let Some(code) = self.error(result) {
            return RecordAnswer::Rejected { status: Some(status), code };
        }
        let named = answer.id.as_ref().and_then(|id| result.pointer(id)).and_then(id_text);
        if named.is_some_and(|named| named != deal) {
            return unknown(status, "the answer is of another record");
        }
        let stored = answer.fields.as_ref().and_then(|at| result.pointer(at)).filter(|stored| stored.is_object());
        RecordAnswer::Taken { status: Some(status), code: None, echo: stored.map(|stored| values(stored, fields)) }
    }
}

fn names(fields: &[TargetField]) -> String {
    fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(",")
}

fn unknown(status: u16, code: &str) -> RecordAnswer {
    RecordAnswer::Unknown { status: Some(status), code: code.to_owned() }
}

fn refused(answer: &Answer) -> Option<PushStop> {
    (answer.status == 401).then(|| PushStop::new(StopKind::Refused, "the server refuses the key (401)"))
}

fn strange(answer: &Answer, what: &str) -> PushStop {
    PushStop::new(StopKind::Strange, format!("{what}: the server answers {}", answer.status))
}

/// What a field takes where nobody says it.
fn kind(of: ScoreField) -> TargetKind {
    match of {
        ScoreField::Score | ScoreField::PreviousScore => TargetKind::Number(Some(0)),
        ScoreField::Probability => TargetKind::Number(None),
        ScoreField::PredictedCloseDate | ScoreField::ScoredAt => TargetKind::Date,
        _ => TargetKind::Text(None),
    }
}

impl Target for TemplateTarget<'_> {
    /// There is nobody to ask: the first record shows by its echo whether the fields are there.
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        let named = |name: &str| {
            self.template.kinds.get(name).map(|kind| match kind {
                TemplateKind::Number => TargetKind::Number(None),
                TemplateKind::Integer => TargetKind::Number(Some(0)),
                TemplateKind::Text => TargetKind::Text(None),
                TemplateKind::Date => TargetKind::Date,
            })
        };
        let field = |(of, name): &(ScoreField, String)| {
            Ok(TargetField { of: *of, name: name.clone(), kind: named(name).unwrap_or_else(|| kind(*of)) })
        };
        Ok(fields.iter().map(field).collect())
    }

    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let Some(list) = &self.template.list else { return Ok(BTreeMap::new()) };
        let (names, mut records, mut page) = (names(fields), BTreeMap::new(), 1_u32);
        let first = [("fields", names.as_str()), ("offset", "0"), ("page", "1"), ("cursor", "")];
        let mut path = filled_path(&list.path, &first);
        loop {
            let answer = self.get(&path)?;
            let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
            let Some(rows) = body.pointer(&list.results).and_then(Value::as_array).filter(|_| answer.status == 200)
            else {
                return Err(strange(&answer, "the deals cannot be read"));
            };
            let before = records.len();
            let read = |row: &Value| {
                let id = row.pointer(&list.id).and_then(id_text)?;
                Some((id, values(row.pointer(&list.fields).unwrap_or(&Value::Null), fields)))
            };
            records.extend(rows.iter().filter_map(read));
            page += 1;
            let following = match &list.next {
                Some(next) => self.next_page(&body, next, &names)?,
                None => {
                    let (offset, page) = (records.len().to_string(), page.to_string());
                    Some(filled_path(&list.path, &[("fields", &names), ("offset", &offset), ("page", &page)]))
                }
            };
            // A page without anything new is the last, whatever it says of a next one.
            match following.filter(|_| records.len() > before) {
                Some(following) => path = following,
                None => return Ok(records),
            }
        }
    }

    fn read_some(&mut self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        self.read_each(deals, fields)
    }

    fn sends_each(&self) -> bool {
        self.template.write.batch == 1
    }

    fn batch_size(&self) -> usize {
        match self.template.write.batch {
            1 => self.caller.parallel(),
            batch => batch as usize,
        }
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        let reply = match self.template.write.batch {
            1 => side_by_side(batch, |change| self.write_record(change, fields)),
            _ => self.write_batch(batch, fields),
        };
        with_echo(batch, reply, |deals| self.read_each(deals, fields))
    }
}
