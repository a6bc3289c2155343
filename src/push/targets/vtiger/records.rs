//! The opportunities of a vtiger server, as a vtiger 8.2.0 server was recorded to speak of them.
//!
//! Fields from `describe`, pages of 100 by id from `query` (it never gives more, and does not say so), `revise` per record, whose
//! answer is the record as it is stored: numbers are rounded without a word.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::config::ScoreField;
use crate::push::connection::Connection;
use crate::push::error::{PushStop, StopKind};
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField};
use crate::push::targets::json_record::values as json_values;
use crate::push::targets::side_by_side::side_by_side;
use crate::push::targets::vtiger::bystanders::{format_fault, spoilt};
use crate::push::targets::vtiger::definition::kind;
use crate::push::targets::vtiger::server::{VtigerAnswer, VtigerServer};
use crate::push::value::{FieldValue, FieldValues};

/// Where nothing says otherwise: what ids of opportunities begin with.
const PREFIX: &str = "13";
/// What is said of a record that is not there or closed: the first recorded, the others from `include/Webservices/Revise.php`.
const OF_THE_RECORD: [&str; 3] = ["ACCESS_DENIED", "RECORD_NOT_FOUND", "INVALID_ID_ATTRIBUTE"];

/// The opportunities of a vtiger server.
pub(in crate::push::targets) struct Vtiger<'a> {
    server: VtigerServer<'a>,
    /// What ids of opportunities begin with.
    prefix: String,
    /// Whether a write was seen to leave everything else as it was.
    is_harmless: bool,
}

impl<'a> Vtiger<'a> {
    pub fn new(connection: Connection<'a>, user: String) -> Result<Self, PushStop> {
        Ok(Self { server: VtigerServer::new(connection, user)?, prefix: PREFIX.to_owned(), is_harmless: false })
    }

    /// What a record holds; none where there is no such record.
    fn read_record(&self, deal: &str, fields: &[TargetField]) -> Result<Option<FieldValues>, PushStop> {
        let id = self.record_id(deal);
        if !is_plain(&id) {
            return Ok(None);
        }
        let rows = self.server.query(&format!("{} where id='{id}';", selection(fields)))?;
        let is_asked_for = |record: &&Value| record.get("id").and_then(Value::as_str) == Some(id.as_str());
        Ok(rows.iter().find(is_asked_for).map(|record| values(record, fields)))
    }

    /// Writes a record; gives back the whole of it too, where the answer is one.
    fn put(&self, change: &RecordChange, fields: &[TargetField]) -> Result<(RecordAnswer, Option<Value>), PushStop> {
        let RecordChange { deal, new } = change;
        let id = self.record_id(deal);
        let answer = match self.server.revise(&element(&id, new))? {
            Err(code) => RecordAnswer::Unknown { status: None, code },
            Ok(VtigerAnswer::Failed(_)) => RecordAnswer::Failed { status: 500 },
            Ok(VtigerAnswer::Result(record)) if record.get("id").and_then(Value::as_str) == Some(id.as_str()) => {
                let echo = Some(values(&record, fields));
                return Ok((RecordAnswer::Taken { status: Some(200), code: None, echo }, Some(record)));
            }
            Ok(VtigerAnswer::Result(_)) => {
                RecordAnswer::Unknown { status: Some(200), code: "the answer is of another record".to_owned() }
            }
            Ok(told) if told.is_of_the_session() => {
                return Err(PushStop::new(StopKind::Refused, "the server ends every session at once"));
            }
            // Unknown, deleted and forbidden records look the same: only a query tells.
            Ok(VtigerAnswer::Fault(code)) if OF_THE_RECORD.contains(&code.as_str()) => {
                match self.read_record(deal, fields) {
                    Ok(Some(_)) => RecordAnswer::Rejected { status: Some(200), code },
                    Ok(None) => RecordAnswer::Missing { status: Some(200), code },
                    // What is odd about reading one record must not keep the others from their scores.
                    Err(stop) if stop.kind == StopKind::Strange => {
                        RecordAnswer::Unknown { status: Some(200), code: stop.message }
                    }
                    Err(stop) => return Err(stop),
                }
            }
            Ok(VtigerAnswer::Fault(code)) => RecordAnswer::Rejected { status: Some(200), code },
            Ok(VtigerAnswer::Strange(status)) => RecordAnswer::Unknown {
                status: Some(status),
                code: "the answer is half, or of somebody else".to_owned(),
            },
        };
        Ok((answer, None))
    }

    /// Writes the first record of a push, and compares the whole of it: the end where something is changed that was not sent.
    fn put_watched(&mut self, change: &RecordChange, fields: &[TargetField]) -> BatchReply {
        let id = self.record_id(&change.deal);
        let written = self.server.retrieve(&id).and_then(|before| Ok((before, self.put(change, fields)?)));
        let (before, (answer, after)) = match written {
            Ok(written) => written,
            Err(stop) => return BatchReply::stopped(stop),
        };
        let spoilt = before.as_ref().zip(after.as_ref()).and_then(|(before, after)| spoilt(before, after, &change.new));
        self.is_harmless = after.is_some() && spoilt.is_none();
        let stop = spoilt.map(|spoilt| {
            let user = "look at its user's number format, decimal separator and currency, and at the workflows of opportunities";
            let message = format!("writing deal {} changed {spoilt} too, put that right: {user}", change.deal);
            PushStop::new(StopKind::Rounding, message)
        });
        BatchReply { answers: vec![answer], stop }
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

impl Target for Vtiger<'_> {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        let described = self.server.get("describe", "elementType", "Potentials", "the fields cannot be asked for")?;
        if let Some(prefix) = described.get("idPrefix").and_then(Value::as_str) {
            prefix.clone_into(&mut self.prefix);
        }
        let known = described.get("fields").and_then(Value::as_array).cloned().unwrap_or_default();
        let of = |name: &str| known.iter().find(|field| field.get("name").and_then(Value::as_str) == Some(name));
        let barred = match described.get("updateable").and_then(Value::as_bool) {
            Some(false) => Some("cannot be edited: its user's profile lets it edit no opportunity".to_owned()),
            _ => self.server.own_user()?.as_ref().and_then(format_fault),
        };
        let resolved = fields.iter().map(|(score, name)| {
            let found = barred.clone().map_or_else(|| kind(*score, name, of(name)), Err);
            let field = found.map(|kind| TargetField { of: *score, name: name.clone(), kind });
            field.map_err(|what| format!("{name} {what}"))
        });
        Ok(resolved.collect())
    }

    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let (mut records, mut last) = (BTreeMap::new(), String::new());
        loop {
            let after = if last.is_empty() { String::new() } else { format!(" where id > '{last}'") };
            let page = self.server.query(&format!("{}{after} order by id limit 0,100;", selection(fields)))?;
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
        self.server.parallel()
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        match batch {
            [first, rest @ ..] if !self.is_harmless => {
                let mut reply = self.put_watched(first, fields);
                if reply.stop.is_none() && !rest.is_empty() {
                    let BatchReply { answers, stop } = self.write(rest, fields);
                    reply.answers.extend(answers);
                    reply.stop = stop;
                }
                reply
            }
            _ => side_by_side(batch, |change| Ok(self.put(change, fields)?.0)),
        }
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
