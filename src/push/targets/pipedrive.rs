//! Pipedrive's interface, version 2, as its documentation says.
//!
//! The key in `x-api-token`, or the access token of a login; custom fields from `dealFields`, where each has a key of 40 characters beside its name; deals in pages
//! by cursor, or a hundred by their ids; a PATCH per deal, whose answer is the deal as it is stored. Every request costs tokens of a
//! day: where a 429 says that none are left, the push stops and goes on tomorrow.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::config::ScoreField;
use crate::push::connection::Connection;
use crate::push::error::{PushStop, StopKind};
use crate::push::status::leaves_open;
use crate::push::target::{BatchReply, RecordAnswer, RecordChange, Target, TargetField};
use crate::push::targets::caller::Caller;
use crate::push::targets::json_record::cell;
use crate::push::targets::side_by_side::side_by_side;
use crate::push::transport::{HttpAnswer as Answer, HttpMethod, HttpQuestion, Lost};
use crate::push::value::{FieldValue, FieldValues, TargetKind};

const DEALS: &str = "/api/v2/deals";
/// Where the API token stands; an access token of a login stands in `Authorization`.
const KEY: [(&str, &str); 1] = [("x-api-token", "{secret}")];
/// Most deals, or fields, of a page.
const PAGE: &str = "500";
/// Most ids of one request.
const IDS: usize = 100;
/// Characters of a text field.
const VARCHAR: usize = 255;
/// Longest reason that is kept.
const LONGEST: usize = 160;

/// The deals of a Pipedrive company.
pub(super) struct Pipedrive<'a> {
    caller: Caller<'a>,
    /// How the fields are called there, by the names they are configured with.
    known: BTreeMap<String, DealField>,
}

/// A custom field of deals.
#[derive(Clone, Debug, PartialEq, Eq)]
struct DealField {
    /// The key of 40 characters.
    key: String,
    /// Number and word of each choice, where it is one.
    choices: Vec<(i64, String)>,
}

impl DealField {
    /// A value as the field takes it: of a choice its number.
    fn cell(&self, value: &FieldValue) -> Value {
        match (value, self.choices.is_empty()) {
            (FieldValue::Text(word), false) => {
                self.choices.iter().find(|(_, known)| known == word).map_or(Value::Null, |(id, _)| Value::from(*id))
            }
            _ => cell(value),
        }
    }

    /// What the field holds: of a choice its word.
    fn read(&self, kind: TargetKind, told: &Value) -> Option<FieldValue> {
        if self.choices.is_empty() {
            return kind.read(told);
        }
        // A number, or an object with it.
        let id = told.as_i64().or_else(|| told.get("id").and_then(Value::as_i64))?;
        let (_, word) = self.choices.iter().find(|(known, _)| *known == id)?;
        Some(FieldValue::Text(word.clone()))
    }
}

impl<'a> Pipedrive<'a> {
    pub fn new(connection: Connection<'a>) -> Result<Self, PushStop> {
        Ok(Self { caller: Caller::new(connection)?, known: BTreeMap::new() })
    }

    fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Answer, PushStop> {
        let answer = self.caller.ask(path, &KEY, &HttpQuestion::Get(parameters))?;
        refused(&answer).map_or(Ok(answer), Err)
    }

    /// Every row of a list, page by page.
    fn list(&self, path: &str, parameters: &[(&str, &str)], what: &str) -> Result<Vec<Value>, PushStop> {
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let paged = [("limit", PAGE)].into_iter().chain(parameters.iter().copied());
            let paged = paged.chain((!cursor.is_empty()).then_some(("cursor", cursor.as_str())));
            let answer = self.get(path, &paged.collect::<Vec<_>>())?;
            let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
            let Some(page) = body.get("data").and_then(Value::as_array).filter(|_| answer.status == 200) else {
                let message = format!("{what}: the server answers {} {}", answer.status, error(&body));
                return Err(PushStop::new(StopKind::Strange, message));
            };
            rows.extend(page.iter().cloned());
            match body.pointer("/additional_data/next_cursor").and_then(Value::as_str) {
                Some(next) if !next.is_empty() && next != cursor => next.clone_into(&mut cursor),
                _ => return Ok(rows),
            }
        }
    }

    /// Deals with these fields.
    fn deals(
        &self,
        parameters: &[(&str, &str)],
        fields: &[TargetField],
    ) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let keys: Vec<&str> =
            fields.iter().filter_map(|field| self.known.get(&field.name)).map(|known| known.key.as_str()).collect();
        let keys = keys.join(",");
        let asked: Vec<(&str, &str)> =
            [("custom_fields", keys.as_str())].into_iter().chain(parameters.iter().copied()).collect();
        let rows = self.list(DEALS, &asked, "the deals cannot be read")?;
        let read = |deal: &Value| Some((deal.get("id")?.as_u64()?.to_string(), self.values(deal, fields)));
        Ok(rows.iter().filter_map(read).collect())
    }

    /// The custom fields of a deal that are asked for.
    fn values(&self, deal: &Value, fields: &[TargetField]) -> FieldValues {
        let read = |field: &TargetField| {
            let known = self.known.get(&field.name)?;
            let told = deal.get("custom_fields")?.get(&known.key)?;
            Some((field.name.clone(), known.read(field.kind, told)?))
        };
        fields.iter().filter_map(read).collect()
    }

    fn patch(&self, change: &RecordChange, fields: &[TargetField]) -> Result<RecordAnswer, PushStop> {
        let Some(id) = deal_id(&change.deal) else {
            let code = "the id is no number of Pipedrive's".to_owned();
            return Ok(RecordAnswer::Missing { status: None, code });
        };
        let filled = change.new.iter().filter_map(|(name, value)| {
            let known = self.known.get(name)?;
            Some((known.key.clone(), known.cell(value)))
        });
        let body = json!({ "custom_fields": filled.collect::<Map<_, _>>() }).to_string();
        let question = HttpQuestion::json(HttpMethod::Patch, &body);
        let answer = match self.caller.tell(&format!("{DEALS}/{id}"), &KEY, &question)? {
            Ok(answer) => answer,
            Err(Lost::Unsent(code) | Lost::Unanswered(code)) => {
                return Ok(RecordAnswer::Unknown { status: None, code });
            }
        };
        if let Some(stop) = refused(&answer) {
            return Err(stop);
        }
        let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        Ok(match body.get("data").filter(|deal| deal.get("id").and_then(Value::as_u64) == Some(id)) {
            Some(deal) if answer.status == 200 => {
                RecordAnswer::Taken { status: Some(200), code: None, echo: Some(self.values(deal, fields)) }
            }
            _ => not_taken(answer.status, &body),
        })
    }
}

/// The answer of a deal that was not taken.
fn not_taken(status: u16, body: &Value) -> RecordAnswer {
    let is_its_own = body.get("success").is_some();
    match status {
        500 => RecordAnswer::Failed { status },
        404 | 410 if is_its_own => RecordAnswer::Missing { status: Some(status), code: "no such deal".to_owned() },
        _ if is_its_own && !leaves_open(status) => RecordAnswer::Rejected { status: Some(status), code: error(body) },
        _ => RecordAnswer::Unknown { status: Some(status), code: "no answer of the server itself".to_owned() },
    }
}

/// Whether the user, not the deal, is refused. A page in place of an answer is what a user gets who asked too often.
fn refused(answer: &Answer) -> Option<PushStop> {
    let message = match answer.status {
        401 => "the server refuses the key (401)",
        403 if !answer.body.trim_start().starts_with('{') => "the server refuses this address (403)",
        _ => return None,
    };
    Some(PushStop::new(StopKind::Refused, message))
}

/// What the server calls the fault.
fn error(body: &Value) -> String {
    let text = body.get("error").and_then(Value::as_str).unwrap_or("without a reason");
    text.lines().next().unwrap_or_default().chars().take(LONGEST).collect()
}

/// The number of a deal; none where an id is no number of Pipedrive's.
fn deal_id(deal: &str) -> Option<u64> {
    deal.parse().ok().filter(|id: &u64| *id > 0 && id.to_string() == deal)
}

/// The field a name means: its key, or what it is called. `Err` with the reason where none or several are.
fn find<'f>(name: &str, fields: &'f [Value]) -> Result<&'f Value, String> {
    let is = |field: &&Value, key: &str| field.get(key).and_then(Value::as_str) == Some(name);
    if let Some(field) = fields.iter().find(|field| is(field, "field_code")) {
        return Ok(field);
    }
    let named: Vec<&Value> = fields.iter().filter(|field| is(field, "field_name")).collect();
    match named.as_slice() {
        [] => Err("is not there".to_owned()),
        [field] => Ok(field),
        _ => Err(format!("is the name of {} fields, expected the key of one", named.len())),
    }
}

/// What a field takes, and how it is called there.
fn field(of: ScoreField, field: &Value) -> Result<(TargetKind, DealField), String> {
    let text = |key: &str| field.get(key).and_then(Value::as_str).unwrap_or_default();
    if field.get("is_custom_field").and_then(Value::as_bool) != Some(true) {
        return Err("is Pipedrive's own, expected a custom field".to_owned());
    }
    let mut known = DealField { key: text("field_code").to_owned(), choices: Vec::new() };
    let kind = match text("field_type") {
        "double" | "int" => TargetKind::Number(None),
        "varchar" | "varchar_auto" => TargetKind::Text(Some(VARCHAR)),
        "text" => TargetKind::Text(None),
        "date" => TargetKind::Date,
        "enum" => {
            known.choices = choices(of, field)?;
            TargetKind::Text(None)
        }
        other => return Err(format!("is of type {other}, expected double, varchar, text, date or enum")),
    };
    Ok((kind, known))
}

/// The choices of a field, if it has every word that is to be chosen.
fn choices(of: ScoreField, field: &Value) -> Result<Vec<(i64, String)>, String> {
    let options = field.get("options").and_then(Value::as_array).into_iter().flatten();
    let read = |option: &Value| Some((option.get("id")?.as_i64()?, option.get("label")?.as_str()?.to_owned()));
    let choices: Vec<(i64, String)> = options.filter_map(read).collect();
    let absent = of.words().iter().filter(|word| !choices.iter().any(|(_, known)| known == *word));
    let absent: Vec<&str> = absent.copied().collect();
    match (of.words(), absent.as_slice()) {
        ([], _) => Err(format!("is a single option, expected text for {}", of.name())),
        (_, []) => Ok(choices),
        (_, absent) => Err(format!("is a single option without {}", absent.join(", "))),
    }
}

impl Target for Pipedrive<'_> {
    fn resolve(&mut self, fields: &[(ScoreField, String)]) -> Result<Vec<Result<TargetField, String>>, PushStop> {
        let all = self.list("/api/v2/dealFields", &[], "the fields cannot be asked for")?;
        let mut resolved = Vec::with_capacity(fields.len());
        for (of, name) in fields {
            let found = find(name, &all).and_then(|found| field(*of, found));
            resolved.push(match found {
                Ok((kind, known)) => {
                    self.known.insert(name.clone(), known);
                    Ok(TargetField { of: *of, name: name.clone(), kind })
                }
                Err(what) => Err(format!("{name} {what}")),
            });
        }
        Ok(resolved)
    }

    fn read_all(&mut self, fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        self.deals(&[("sort_by", "id"), ("sort_direction", "asc")], fields)
    }

    fn read_some(&mut self, deals: &[&str], fields: &[TargetField]) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let ids: Vec<&str> = deals.iter().copied().filter(|deal| deal_id(deal).is_some()).collect();
        let mut records = BTreeMap::new();
        for some in ids.chunks(IDS) {
            records.extend(self.deals(&[("ids", &some.join(","))], fields)?);
        }
        Ok(records)
    }

    fn sends_each(&self) -> bool {
        true
    }

    fn batch_size(&self) -> usize {
        self.caller.parallel()
    }

    fn write(&mut self, batch: &[RecordChange], fields: &[TargetField]) -> BatchReply {
        side_by_side(batch, |change| self.patch(change, fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(name: &str, code: &str, kind: &str) -> Value {
        json!({ "field_name": name, "field_code": code, "field_type": kind, "is_custom_field": true })
    }

    #[test]
    fn a_field_is_found_by_its_key_or_by_a_name_that_is_its_own() {
        let fields = [custom("Win", "aa", "double"), custom("Twice", "bb", "text"), custom("Twice", "cc", "text")];
        assert_eq!(find("aa", &fields), Ok(&fields[0]));
        assert_eq!(find("Win", &fields), Ok(&fields[0]));
        assert!(find("Twice", &fields).is_err_and(|told| told.contains("the name of 2 fields")));
        assert_eq!(find("No", &fields), Err("is not there".to_owned()));
        let own =
            json!({ "field_name": "Value", "field_code": "value", "field_type": "monetary", "is_custom_field": false });
        assert!(field(ScoreField::Score, &own).is_err_and(|told| told.contains("Pipedrive's own")));
    }

    #[test]
    fn a_choice_is_written_by_its_number_and_read_by_its_word() {
        let mut grade = custom("Grade", "dd", "enum");
        grade["options"] = json!([{ "id": 7, "label": "A" }, { "id": 8, "label": "B" }]);
        let absent = field(ScoreField::Grade, &grade);
        assert_eq!(absent, Err("is a single option without C, D".to_owned()));
        let known = DealField { key: "dd".to_owned(), choices: vec![(7, "A".to_owned())] };
        let word = FieldValue::Text("A".to_owned());
        assert_eq!(known.cell(&word), json!(7));
        assert_eq!(known.read(TargetKind::Text(None), &json!(7)), Some(word));
        assert_eq!(known.read(TargetKind::Text(None), &json!(null)), None);
    }

    #[test]
    fn what_is_not_taken_is_told_apart() {
        let own = json!({ "success": false, "error": "Deal not found" });
        assert!(matches!(not_taken(404, &own), RecordAnswer::Missing { .. }));
        assert!(matches!(not_taken(404, &Value::Null), RecordAnswer::Unknown { .. }));
        let rejected = RecordAnswer::Rejected { status: Some(400), code: "Deal not found".to_owned() };
        assert_eq!(not_taken(400, &own), rejected);
        for open in [408, 501, 503, 524] {
            assert!(matches!(not_taken(open, &own), RecordAnswer::Unknown { .. }), "{open}");
        }
        assert_eq!(not_taken(500, &Value::Null), RecordAnswer::Failed { status: 500 });
    }
}
