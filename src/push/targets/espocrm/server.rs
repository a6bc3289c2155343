//! Talking to an EspoCRM server: requests with the key, lists page by page, one record at a time.
//!
//! 401, and 403 without a reason, end the push at once: ten failed logins in a minute lock the address out, with a right key
//! too. Of imports a 403 may be of the role alone: what `App/user` answers tells.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::push::connection::Connection;
use crate::push::error::{PushStop, StopKind};
use crate::push::status::leaves_open;
use crate::push::target::{RecordAnswer, RecordChange, TargetField};
use crate::push::targets::json_record::{object, values};
use crate::push::targets::path_part::path_part;
use crate::push::transport::{Http, HttpAnswer as Answer, HttpMethod, HttpQuestion, Lost};
use crate::push::value::FieldValues;

/// Most records of a page, where the server was not set to fewer; a larger page is refused with 403.
const PAGE: usize = 200;
/// Where imports are.
pub(super) const IMPORT: &str = "/Import";
/// Ids in one address: about 5,000 characters of it, where servers take 8,000.
const IDS: usize = 100;

/// An EspoCRM server.
pub(super) struct EspoServer<'a> {
    http: Http<'a>,
    page: AtomicUsize,
    timeout: Duration,
}

impl<'a> EspoServer<'a> {
    pub fn new(connection: Connection<'a>) -> Result<Self, PushStop> {
        let timeout = connection.timeout;
        Ok(Self { http: Http::new(connection)?, page: AtomicUsize::new(PAGE), timeout })
    }

    /// Most requests on the way at once.
    pub fn parallel(&self) -> usize {
        self.http.parallel().max(1)
    }

    /// How long an answer is waited for.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    pub fn pause(&self, time: Duration) {
        self.http.pause_for(time);
    }

    pub fn get(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Answer, PushStop> {
        self.ask(path, &HttpQuestion::Get(parameters))
    }

    /// What the server says of the user of the key.
    pub fn who_am_i(&self) -> Result<Value, PushStop> {
        let answer = self.get("/App/user", &[])?;
        let body: Option<Value> = serde_json::from_str(&answer.body).ok();
        match body.filter(|body| answer.status == 200 && body.get("user").is_some()) {
            Some(body) => Ok(body),
            None if answer.status == 200 => Err(no_json(&answer)),
            None => Err(strange(&answer, "no EspoCRM is at this address (name it without /api/v1)")),
        }
    }

    /// Asks what may be asked again.
    pub fn ask(&self, path: &str, question: &HttpQuestion<'_>) -> Result<Answer, PushStop> {
        let headers = [("X-Api-Key", self.http.secret().expose())];
        let answer = self.http.ask(&format!("/api/v1{path}"), &headers, question)?;
        self.unless_refused(path, answer)
    }

    /// Sends what changes something.
    pub fn tell(&self, path: &str, question: &HttpQuestion<'_>) -> Result<Result<Answer, Lost>, PushStop> {
        // Two deals that look alike are none of our business.
        let headers = [("X-Api-Key", self.http.secret().expose()), ("X-Skip-Duplicate-Check", "true")];
        match self.http.tell(&format!("/api/v1{path}"), &headers, question)? {
            Ok(answer) => self.unless_refused(path, answer).map(Ok),
            lost @ Err(_) => Ok(lost),
        }
    }

    /// The answer, unless it is the user that is refused. Imports may be closed to a role in part, and are refused without a reason
    /// too: there it is the user only where everything is refused.
    fn unless_refused(&self, path: &str, answer: Answer) -> Result<Answer, PushStop> {
        match refused(&answer) {
            Some(_) if answer.status == 403 && path.starts_with(IMPORT) => self.get("/App/user", &[]).map(|_| answer),
            Some(stop) => Err(stop),
            None => Ok(answer),
        }
    }

    /// Every row of a list, page by page.
    pub fn list(&self, path: &str, parameters: &[(&str, &str)], what: &str) -> Result<Vec<Value>, PushStop> {
        let mut rows = Vec::new();
        loop {
            let page = self.page.load(Ordering::Relaxed);
            let (offset, size) = (rows.len().to_string(), page.to_string());
            let paged = parameters.iter().copied().chain([("maxSize", size.as_str()), ("offset", offset.as_str())]);
            let answer = self.get(path, &paged.collect::<Vec<_>>())?;
            if let Some(smaller) = smaller_page(&answer, page) {
                self.page.store(smaller, Ordering::Relaxed);
                continue;
            }
            let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
            let Some(list) = body.get("list").and_then(Value::as_array).filter(|_| answer.status == 200) else {
                return Err(strange(&answer, what));
            };
            rows.extend(list.iter().cloned());
            let total = body.get("total").and_then(Value::as_u64);
            if list.is_empty() || total.is_some_and(|total| rows.len() as u64 >= total) {
                return Ok(rows);
            }
        }
    }

    /// What the records of these ids hold; nothing of one that is not there.
    pub fn read_listed(
        &self,
        deals: &[&str],
        fields: &[TargetField],
    ) -> Result<BTreeMap<String, FieldValues>, PushStop> {
        let select = selection(fields);
        let mut records = BTreeMap::new();
        for some in deals.chunks(IDS) {
            let asked = [("select", select.as_str()), ("where[0][type]", "in"), ("where[0][attribute]", "id")];
            let ids = some.iter().map(|deal| ("where[0][value][]", *deal));
            let asked: Vec<(&str, &str)> = asked.into_iter().chain(ids).collect();
            let rows = self.list("/Opportunity", &asked, "the deals cannot be read")?;
            // Ids are compared without their case there, and here with it.
            records.extend(by_id(&rows, fields).filter(|(id, _)| some.contains(&id.as_str())));
        }
        Ok(records)
    }

    /// What a record holds; none where there is no such record.
    pub fn read_record(&self, deal: &str, fields: &[TargetField]) -> Result<Option<FieldValues>, PushStop> {
        let answer = self.get(&format!("/Opportunity/{}", path_part(deal)), &[])?;
        match (answer.status, serde_json::from_str::<Value>(&answer.body)) {
            (200, Ok(record)) if id_of(&record) == Some(deal) => Ok(Some(values(&record, fields))),
            (200, Ok(record)) if id_of(&record).is_some_and(|id| id.eq_ignore_ascii_case(deal)) => Ok(None),
            (404, _) if answer.reason.is_some() => Ok(None),
            // Without a reason it is the user that is refused: that ended it above.
            (403, _) => Ok(None),
            _ => Err(strange(&answer, &format!("deal {deal} cannot be read"))),
        }
    }

    /// Writes a record.
    pub fn put(&self, change: &RecordChange, fields: &[TargetField]) -> Result<RecordAnswer, PushStop> {
        let body = Value::Object(object(&change.new)).to_string();
        let path = format!("/Opportunity/{}", path_part(&change.deal));
        Ok(match self.tell(&path, &HttpQuestion::json(HttpMethod::Put, &body))? {
            Err(Lost::Unsent(code) | Lost::Unanswered(code)) => RecordAnswer::Unknown { status: None, code },
            Ok(answer) => read_answer(&change.deal, &answer, fields),
        })
    }
}

/// The fields that are asked for, as a list takes them.
pub(super) fn selection(fields: &[TargetField]) -> String {
    ["id"].into_iter().chain(fields.iter().map(|field| field.name.as_str())).collect::<Vec<_>>().join(",")
}

/// Records of a list by their id.
pub(super) fn by_id<'r>(
    rows: &'r [Value],
    fields: &'r [TargetField],
) -> impl Iterator<Item = (String, FieldValues)> + 'r {
    rows.iter().filter_map(|record| Some((id_of(record)?.to_owned(), values(record, fields))))
}

fn id_of(record: &Value) -> Option<&str> {
    record.get("id").and_then(Value::as_str)
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

/// Of an answer that came with success and is none of EspoCRM's: it may pass.
pub(super) fn no_json(answer: &Answer) -> PushStop {
    let begin: String = answer.body.trim().chars().take(60).collect();
    PushStop::failing(format!("the answer ({}) is none of EspoCRM's, it begins with {begin:?}", answer.status))
}

/// An answer nobody can go on with.
pub(super) fn strange(answer: &Answer, what: &str) -> PushStop {
    let reason = answer.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    PushStop::new(StopKind::Strange, format!("{what}: the server answers {}{reason}", answer.status))
}

/// The page the server takes, where it says that the one asked for is too large: `Max size should not exceed 50.`
fn smaller_page(answer: &Answer, page: usize) -> Option<usize> {
    let reason = answer.reason.as_deref().filter(|_| answer.status == 403)?;
    let (_, rest) = reason.split_once("should not exceed ")?;
    let most: usize = rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()?;
    (1..page).contains(&most).then_some(most)
}

fn read_answer(deal: &str, answer: &Answer, fields: &[TargetField]) -> RecordAnswer {
    let status = Some(answer.status);
    let body: Option<Value> = serde_json::from_str(&answer.body).ok();
    match answer.status {
        200 => match body.filter(|record| id_of(record) == Some(deal)) {
            Some(record) => RecordAnswer::Taken { status, code: None, echo: Some(values(&record, fields)) },
            None => RecordAnswer::Unknown { status, code: "the answer is half, or of somebody else".to_owned() },
        },
        500 => RecordAnswer::Failed { status: 500 },
        number => match reason(answer, body.as_ref()).filter(|_| !leaves_open(number)) {
            Some(_) if number == 404 => RecordAnswer::Missing { status, code: "no such record".to_owned() },
            Some(code) => RecordAnswer::Rejected { status, code },
            // EspoCRM says a reason of every refusal: one without is of something in between.
            None => RecordAnswer::Unknown { status, code: "no answer of the server itself".to_owned() },
        },
    }
}

/// `validationFailure cWinScore max`, or what the header says; nothing where the answer is none of EspoCRM's own.
fn reason(answer: &Answer, body: Option<&Value>) -> Option<String> {
    let translation = body.and_then(|body| body.get("messageTranslation"));
    let of = |path: &str| translation.and_then(|told| told.pointer(path)).and_then(Value::as_str);
    match of("/label") {
        Some(label) => {
            Some([Some(label), of("/data/field"), of("/data/type")].into_iter().flatten().collect::<Vec<_>>().join(" "))
        }
        None => answer.reason.clone(),
    }
}
