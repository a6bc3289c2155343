//! EspoCRM's CSV import as the way for many records: a file in, an answer for every record out.
//!
//! The file is put there, imported with the action `update` by id, which creates nothing, and then every record is read
//! again: its echo says what it holds, the import's errors say why. Written from the recorded import of an EspoCRM 9.1.7 server
//! and from EspoCRM's source (`Tools/Import/Import.php`): there an empty cell leaves its field alone, the import is silent (no
//! modified time, no stream, no notification), and it looks at every field of a record, also at those that were not sent. An
//! empty currency gets the server's default.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::push::error::{PushStop, StopKind};
use crate::push::judge::holds_all;
use crate::push::target::{RecordAnswer, RecordChange, TargetField};
use crate::push::targets::espocrm::server::{EspoServer, IMPORT};
use crate::push::transport::{HttpMethod, HttpQuestion, Lost};
use crate::push::value::{FieldValue, FieldValues};

/// How often one looks whether an import is still under way.
const LOOK: Duration = Duration::from_millis(500);
/// Looks after which one gives up; more where an answer may take longer.
const MOST_LOOKS: u32 = 1200;

/// How an import ended.
pub(super) enum ImportEnd {
    /// Every record has an answer; those at these places are better sent on their own.
    Answered(Vec<RecordAnswer>, Vec<usize>),
    /// Nothing was done: the server does not import.
    Declined,
    /// Nobody knows whether anything was done.
    Lost(String),
}

/// What the import says of a row it did not take.
struct ImportFault {
    /// `Validation`, `Not-Found`, `No-Access`.
    kind: String,
    /// Field and rule of every rule that is broken.
    broken: Vec<(String, String)>,
}

impl ImportFault {
    fn read(error: &Value) -> Option<(String, Self)> {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let deal = error.get("row")?.get(0)?.as_str()?.to_owned();
        let broken = error.get("validationFailures").and_then(Value::as_array).into_iter().flatten();
        let broken = broken.map(|failure| (text(failure, "field"), text(failure, "type"))).collect();
        Some((deal, Self { kind: text(error, "type"), broken }))
    }

    /// Whether it is none of what was sent: the import looks at every field of a record, a single write only at its own.
    fn is_of_something_else(&self, new: &FieldValues) -> bool {
        self.kind.is_empty() || !self.broken.is_empty() && !self.broken.iter().any(|(field, _)| new.contains_key(field))
    }

    /// `Validation cWinScore max`.
    fn code(&self) -> String {
        let broken = self.broken.iter().map(|(field, rule)| format!(" {field} {rule}"));
        [self.kind.clone()].into_iter().chain(broken).collect()
    }
}

/// Imports `batch`, and reads it again.
///
/// # Errors
/// [`PushStop`] where the server refuses the user, cannot be reached, or created a record.
pub(super) fn import(
    server: &EspoServer<'_>,
    batch: &[RecordChange],
    fields: &[TargetField],
) -> Result<ImportEnd, PushStop> {
    let columns = columns(batch, fields);
    let Some(text) = csv_text(&columns, batch) else { return Ok(ImportEnd::Declined) };
    let upload = HttpQuestion::Send { method: HttpMethod::Post, content_type: "text/csv", body: &text };
    let uploaded = server.ask(&format!("{IMPORT}/file"), &upload)?;
    let uploaded: Value = serde_json::from_str(&uploaded.body).unwrap_or(Value::Null);
    let Some(attachment) = uploaded.get("attachmentId").and_then(Value::as_str) else {
        return Ok(ImportEnd::Declined);
    };
    let body = parameters(attachment, &columns).to_string();
    let answer = match server.tell(IMPORT, &HttpQuestion::json(HttpMethod::Post, &body))? {
        Ok(answer) => answer,
        Err(Lost::Unsent(what) | Lost::Unanswered(what)) => return Ok(ImportEnd::Lost(what)),
    };
    let told: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
    match (answer.status, told.get("id").and_then(Value::as_str)) {
        (200, Some(id)) => read_again(server, id, &told, batch, fields),
        // The server's own refusals have a reason, but for what a role may not do.
        (403, _) => Ok(ImportEnd::Declined),
        (400..=499, _) if answer.reason.is_some() => Ok(ImportEnd::Declined),
        (status, _) => Ok(ImportEnd::Lost(format!("the import has no answer of its own ({status})"))),
    }
}

/// What became of every record of an import.
fn read_again(
    server: &EspoServer<'_>,
    id: &str,
    told: &Value,
    batch: &[RecordChange],
    fields: &[TargetField],
) -> Result<ImportEnd, PushStop> {
    let count = |key: &str| told.get(key).and_then(Value::as_u64).unwrap_or(0);
    if count("countCreated") > 0 {
        let message = format!("import {id} created {} records, though it was to update some", count("countCreated"));
        return Err(PushStop::new(StopKind::Strange, message));
    }
    let faults = faults(server, id)?;
    let is_whole = count("countUpdated") + faults.len() as u64 >= batch.len() as u64;
    let deals: Vec<&str> = batch.iter().map(|change| change.deal.as_str()).collect();
    let held = server.read_listed(&deals, fields)?;
    let (mut answers, mut alone) = (Vec::with_capacity(batch.len()), Vec::new());
    for (at, change) in batch.iter().enumerate() {
        let held = held.get(&change.deal);
        let answer = answer(change, held, faults.get(&change.deal), is_whole, fields);
        if answer.is_none() {
            alone.push(at);
        }
        let waiting = || RecordAnswer::Unknown { status: None, code: "not taken by the import".to_owned() };
        answers.push(answer.unwrap_or_else(waiting));
    }
    Ok(ImportEnd::Answered(answers, alone))
}

/// The answer of one record; none where it is better sent on its own.
fn answer(
    change: &RecordChange,
    held: Option<&FieldValues>,
    fault: Option<&ImportFault>,
    is_whole: bool,
    fields: &[TargetField],
) -> Option<RecordAnswer> {
    let status = Some(200);
    match (held, fault) {
        (None, fault) => {
            let code = fault.map_or_else(|| "no such record".to_owned(), ImportFault::code);
            Some(RecordAnswer::Missing { status, code })
        }
        (Some(_), Some(fault)) if fault.kind == "Not-Found" || fault.is_of_something_else(&change.new) => None,
        (Some(_), Some(fault)) => Some(RecordAnswer::Rejected { status, code: fault.code() }),
        // An import that broke off, or whose errors cannot be read, says nothing of the records that did not change.
        (Some(held), None) if !is_whole && !holds_all(held, &change.new, fields) => None,
        (Some(held), None) => Some(RecordAnswer::Taken { status, code: None, echo: Some(held.clone()) }),
    }
}

/// The rows an import did not take, by the deal's id; none where this user may not read them.
fn faults(server: &EspoServer<'_>, id: &str) -> Result<BTreeMap<String, ImportFault>, PushStop> {
    match server.list(&format!("{IMPORT}/{id}/errors"), &[], "the errors of the import cannot be read") {
        Ok(errors) => Ok(errors.iter().filter_map(ImportFault::read).collect()),
        Err(stop) if stop.kind == StopKind::Strange => Ok(BTreeMap::new()),
        Err(stop) => Err(stop),
    }
}

/// The columns any record fills, after the id.
fn columns<'f>(batch: &[RecordChange], fields: &'f [TargetField]) -> Vec<&'f str> {
    let is_filled = |field: &&TargetField| batch.iter().any(|change| change.new.contains_key(&field.name));
    ["id"].into_iter().chain(fields.iter().filter(is_filled).map(|field| field.name.as_str())).collect()
}

fn csv_text(columns: &[&str], batch: &[RecordChange]) -> Option<String> {
    let mut lines = csv::Writer::from_writer(Vec::new());
    lines.write_record(columns).ok()?;
    for change in batch {
        let cells = columns.iter().skip(1).map(|name| change.new.get(*name).map(shown).unwrap_or_default());
        lines.write_record([change.deal.clone()].into_iter().chain(cells)).ok()?;
    }
    String::from_utf8(lines.into_inner().ok()?).ok()
}

/// A cell. Moments have no seconds: the format that is named with them has none.
fn shown(value: &FieldValue) -> String {
    match value {
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Text(text) => {
            text.strip_suffix(" 00:00:00").map_or_else(|| text.clone(), |day| format!("{day} 00:00"))
        }
    }
}

/// What is to be done with the file, as it was recorded, but for the currency that was named there: the import gives it to every
/// record that has none, and the server's own default is the only one that is not ours.
fn parameters(attachment: &str, columns: &[&str]) -> Value {
    json!({
        "entityType": "Opportunity", "attributeList": columns, "attachmentId": attachment, "action": "update",
        "headerRow": true, "updateBy": [0], "delimiter": ",", "textQualifier": "\"", "idleMode": false,
        "manualMode": false, "silentMode": true, "skipDuplicateChecking": true, "decimalMark": ".",
        "dateFormat": "YYYY-MM-DD", "timeFormat": "HH:mm", "timezone": "UTC", "personNameFormat": "f l",
        "defaultValues": {}
    })
}

/// Looks in a row without progress after which an import counts as dead: a row may take as long as an answer.
fn most_still(timeout: Duration) -> u32 {
    u32::try_from(timeout.as_millis() / LOOK.as_millis()).unwrap_or(MOST_LOOKS).max(1)
}

/// Waits until no import of `user` is under way: a server goes on with one whose sender is gone. Says whether imports could be
/// looked at.
///
/// # Errors
/// [`PushStop`] where it takes too long, or the server refuses the user.
pub(super) fn wait_for_imports(server: &EspoServer<'_>, user: &str) -> Result<bool, PushStop> {
    let (mut before, mut still) = (Vec::new(), 0);
    let most_still = most_still(server.timeout());
    for _ in 0..MOST_LOOKS.max(most_still.saturating_mul(2)) {
        let Some(running) = running(server, user)? else { return Ok(false) };
        still = if running == before { still + 1 } else { 0 };
        if running.is_empty() || still >= most_still {
            return Ok(true);
        }
        before = running;
        server.pause(LOOK);
    }
    Err(PushStop::new(StopKind::Unreachable, "an earlier import is still under way on the server"))
}

/// The imports of `user` that are under way, with the row each has come to; nothing where they may not be looked at.
fn running(server: &EspoServer<'_>, user: &str) -> Result<Option<Vec<(String, u64)>>, PushStop> {
    let asked = [
        ("select", "id,status,lastIndex"),
        ("where[0][type]", "equals"),
        ("where[0][attribute]", "status"),
        ("where[0][value]", "In Process"),
        ("where[1][type]", "equals"),
        ("where[1][attribute]", "entityType"),
        ("where[1][value]", "Opportunity"),
        ("where[2][type]", "equals"),
        ("where[2][attribute]", "createdById"),
        ("where[2][value]", user),
        // One whose process died keeps its status for ever: since yesterday, by the server's own clock, is long enough ago.
        ("where[3][type]", "lastXDays"),
        ("where[3][attribute]", "createdAt"),
        ("where[3][value]", "1"),
        ("where[3][dateTime]", "true"),
    ];
    let read = |import: &Value| {
        let id = import.get("id").and_then(Value::as_str)?.to_owned();
        Some((id, import.get("lastIndex").and_then(Value::as_u64).unwrap_or(0)))
    };
    match server.list(IMPORT, &asked, "the imports cannot be read") {
        Ok(imports) => Ok(Some(imports.iter().filter_map(read).collect())),
        Err(stop) if stop.kind == StopKind::Strange => Ok(None),
        Err(stop) => Err(stop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ScoreField;
    use crate::push::value::TargetKind;

    fn change(deal: &str, text: &str) -> RecordChange {
        let new = [("w", FieldValue::Number(0.5)), ("t", FieldValue::Text(text.to_owned()))];
        RecordChange { deal: deal.to_owned(), new: new.map(|(name, value)| (name.to_owned(), value)).into() }
    }

    fn fields() -> Vec<TargetField> {
        let field = |name: &str, kind| TargetField { of: ScoreField::Score, name: name.to_owned(), kind };
        vec![field("w", TargetKind::Number(None)), field("t", TargetKind::Text(None)), field("u", TargetKind::Date)]
    }

    fn fault(kind: &str, field: &str) -> ImportFault {
        let broken = if field.is_empty() { Vec::new() } else { vec![(field.to_owned(), "max".to_owned())] };
        ImportFault { kind: kind.to_owned(), broken }
    }

    #[test]
    fn a_file_has_the_columns_that_are_filled_and_moments_without_seconds() {
        let (batch, fields) = ([change("a", "2027-01-05 00:00:00"), change("b", "x, \"y\"")], fields());
        let columns = columns(&batch, &fields);
        let expected = "id,w,t\na,0.5,2027-01-05 00:00\nb,0.5,\"x, \"\"y\"\"\"\n";
        assert_eq!(csv_text(&columns, &batch).as_deref(), Some(expected));
    }

    #[test]
    fn a_row_may_take_as_long_as_an_answer() {
        for timeout in [1, 30, 3600].map(Duration::from_secs) {
            assert_eq!(LOOK * most_still(timeout), timeout);
        }
    }

    #[test]
    fn a_record_has_the_answer_of_its_echo_and_of_the_imports_errors() {
        let (change, fields) = (change("a", "x"), fields());
        let old = FieldValues::from([("w".to_owned(), FieldValue::Number(0.1))]);
        let of = |held: Option<&FieldValues>, fault: Option<&ImportFault>, is_whole| {
            answer(&change, held, fault, is_whole, &fields)
        };
        let taken =
            |held: &FieldValues| RecordAnswer::Taken { status: Some(200), code: None, echo: Some(held.clone()) };
        assert_eq!(of(Some(&change.new), None, false), Some(taken(&change.new)));
        assert_eq!(of(Some(&old), None, true), Some(taken(&old)), "its echo is judged");
        assert_eq!(of(Some(&old), None, false), None, "the import broke off before it");
        let rejected = RecordAnswer::Rejected { status: Some(200), code: "Validation w max".to_owned() };
        assert_eq!(of(Some(&old), Some(&fault("Validation", "w")), true), Some(rejected));
        assert_eq!(of(Some(&old), Some(&fault("Validation", "amount")), true), None, "a single write leaves it alone");
        let missing = RecordAnswer::Missing { status: Some(200), code: "Not-Found".to_owned() };
        assert_eq!(of(None, Some(&fault("Not-Found", "")), true), Some(missing));
    }
}
