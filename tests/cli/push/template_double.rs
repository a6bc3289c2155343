//! Doubles of what a template describes: Dataverse as Microsoft's documentation says, a house's own service that takes batches, and
//! Directus, as version 11.3.5 was seen to answer.
//!
//! Dataverse: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/update-delete-entities-using-web-api> (PATCH
//! creates where there is no such record, unless `If-Match: *` goes along; 204 without a body; 404 where there is none) and
//! <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/page-results> (`@odata.nextLink`).

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::double::{Crm, Fault, Request, Response};
use super::suite::Peer;

/// The key that is right.
pub const KEY: &str = "house-key-marked-1f8e";
const PAGE: usize = 11;
const DATAVERSE: &str = "/api/data/v9.2/opportunities";
const DIRECTUS: &str = "/items/deals";

pub struct TemplateDouble {
    pub records: BTreeMap<String, Map<String, Value>>,
    pub faults: VecDeque<Fault>,
    pub writes: Vec<(String, Value)>,
    /// Requests that wrote.
    pub requests: usize,
    /// Records it created: none, ever.
    pub created: usize,
    /// Records the service refuses, within a batch.
    pub refused: Vec<String>,
    /// Records for whose sake the whole batch is refused.
    pub spoilers: Vec<String>,
    /// Whether it says 201.
    pub says_created: bool,
    /// Logins so far, and requests after which the token of one ends.
    pub logins: usize,
    pub session_length: usize,
    answered: usize,
    /// Where it is: pages are named by their whole address.
    pub url: String,
}

impl TemplateDouble {
    pub fn new<'d>(deals: impl IntoIterator<Item = &'d str>) -> Self {
        Self {
            records: deals.into_iter().map(|id| (id.to_owned(), Map::new())).collect(),
            faults: VecDeque::new(),
            writes: Vec::new(),
            requests: 0,
            created: 0,
            refused: Vec::new(),
            spoilers: Vec::new(),
            says_created: false,
            logins: 0,
            session_length: usize::MAX,
            answered: 0,
            url: String::new(),
        }
    }

    fn write(&mut self, id: &str, change: &Map<String, Value>) {
        self.writes.push((id.to_owned(), Value::Object(change.clone())));
        self.records.entry(id.to_owned()).or_default().extend(change.clone());
    }

    fn dataverse(&mut self, request: &Request, rest: &str) -> Response {
        let missing =
            || Response::json(404, &json!({ "error": { "code": "0x80040217", "message": "Does Not Exist" } }));
        let Some(id) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
            let after = request.parameters.get("$skiptoken").cloned().unwrap_or_default();
            let rows = self.records.range(after..).take(PAGE + 1).map(|(id, record)| {
                let mut row = record.clone();
                row.insert("opportunityid".to_owned(), json!(id));
                Value::Object(row)
            });
            let mut rows: Vec<Value> = rows.collect();
            let next = (rows.len() > PAGE).then(|| rows.pop().unwrap()["opportunityid"].as_str().unwrap().to_owned());
            let mut page = json!({ "value": rows });
            if let Some(next) = next {
                page["@odata.nextLink"] = json!(format!("{}{DATAVERSE}?$skiptoken={next}", self.url));
            }
            return Response::json(200, &page);
        };
        if request.method == "GET" {
            return self
                .records
                .get(id)
                .map_or_else(missing, |record| Response::json(200, &Value::Object(record.clone())));
        }
        let is_there = self.records.contains_key(id);
        if !is_there && request.headers.get("if-match").is_some_and(|condition| condition == "*") {
            return missing();
        }
        self.created += usize::from(!is_there);
        self.requests += 1;
        self.write(id, serde_json::from_str::<Value>(&request.body).unwrap().as_object().unwrap());
        Response::empty(if self.says_created { 201 } else { 204 })
    }

    fn house(&mut self, request: &Request) -> Response {
        let shown = |(id, record): (&String, &Map<String, Value>)| json!({ "key": id, "custom": record });
        match (request.method.as_str(), request.path.strip_prefix("/house/deals").unwrap()) {
            ("GET", "") => {
                let offset: usize = request.parameters["offset"].parse().unwrap();
                let rows: Vec<Value> = self.records.iter().skip(offset).take(PAGE).map(shown).collect();
                Response::json(200, &json!({ "data": { "items": rows } }))
            }
            ("GET", rest) => match self.records.get_key_value(rest.trim_start_matches('/')) {
                Some(record) => Response::json(200, &shown(record)),
                None => Response::json(404, &json!({ "problem": "no such deal" })),
            },
            ("POST", "/update") => self.batch(&serde_json::from_str(&request.body).unwrap()),
            other => panic!("{other:?} is not asked for"),
        }
    }

    /// A list of changes in, those records out that are there; of the others not a word, and no other status. A record that is not
    /// there is 403 by its own address, and an empty list of a search.
    fn directus(&mut self, request: &Request) -> Response {
        let shown = |(id, record): (&String, &Map<String, Value>)| {
            let mut shown = record.clone();
            shown.insert("id".to_owned(), json!(id));
            Value::Object(shown)
        };
        if request.method == "GET" {
            let of = |name: &str| request.parameters.get(name);
            let number = |name: &str, otherwise: usize| of(name).map_or(otherwise, |text| text.parse().unwrap());
            let is_asked = |id: &String| of("filter[id][_eq]").is_none_or(|asked| asked == id);
            let asked = self.records.iter().filter(|(id, _)| is_asked(id)).skip(number("offset", 0));
            return Response::json(
                200,
                &json!({ "data": asked.take(number("limit", 100)).map(shown).collect::<Value>() }),
            );
        }
        assert_eq!((request.method.as_str(), request.path.as_str()), ("PATCH", DIRECTUS));
        let mut stored = Vec::new();
        for change in serde_json::from_str::<Value>(&request.body).unwrap().as_array().unwrap() {
            let mut change = change.as_object().unwrap().clone();
            let id = change.remove("id").unwrap().as_str().unwrap().to_owned();
            if self.records.contains_key(&id) {
                self.write(&id, &change);
                stored.extend(self.records.get_key_value(&id).map(shown));
            }
        }
        Response::json(200, &json!({ "data": stored }))
    }

    fn batch(&mut self, body: &Value) -> Response {
        let rows = body["rows"].as_array().unwrap().clone();
        let key = |row: &Value| row["key"].as_str().unwrap().to_owned();
        if rows.iter().any(|row| self.spoilers.contains(&key(row))) {
            return Response::json(422, &json!({ "problem": "a row is wrong" }));
        }
        self.requests += 1;
        let mut results = Vec::new();
        for row in &rows {
            let id = key(row);
            let problem = if !self.records.contains_key(&id) {
                json!("no such deal")
            } else if self.refused.contains(&id) {
                json!("locked by finance")
            } else {
                self.write(&id, row["set"].as_object().unwrap());
                Value::Null
            };
            results.push(json!({ "key": id, "problem": problem, "stored": self.records.get(&id) }));
        }
        // In another order than they came.
        results.reverse();
        Response::json(200, &json!({ "results": results }))
    }
}

impl Crm for TemplateDouble {
    fn answer(&mut self, request: &Request) -> Response {
        if request.path == "/token" {
            assert_eq!(
                (&*request.parameters["grant_type"], &*request.parameters["client_secret"]),
                ("client_credentials", KEY)
            );
            (self.logins, self.answered) = (self.logins + 1, 0);
            return Response::json(200, &json!({ "access_token": format!("token-marked-{}", self.logins) }));
        }
        self.answered += 1;
        let token = if self.logins == 0 { KEY.to_owned() } else { format!("token-marked-{}", self.logins) };
        let given = request.headers.get("authorization").or_else(|| request.headers.get("x-house-key"));
        if given.is_none_or(|given| given.trim_start_matches("Bearer ") != token) || self.answered > self.session_length
        {
            return Response::empty(401);
        }
        match request.path.strip_prefix(DATAVERSE) {
            Some(rest) => {
                let rest = rest.to_owned();
                self.dataverse(request, &rest)
            }
            None if request.path == DIRECTUS => self.directus(request),
            None => self.house(request),
        }
    }

    fn writes(&self, request: &Request) -> bool {
        request.method != "GET" && request.path != "/token"
    }

    fn next_fault(&mut self) -> Fault {
        self.faults.pop_front().unwrap_or(Fault::None)
    }
}

impl Peer for TemplateDouble {
    fn done(&self) -> Vec<(String, Value)> {
        self.writes.clone()
    }

    fn faults(&mut self) -> &mut VecDeque<Fault> {
        &mut self.faults
    }

    fn chance(&self, deal: &str) -> f64 {
        let record = &self.records[deal];
        let chance = ["new_winchance", "winChance", "win_probability"].into_iter().find_map(|name| record.get(name));
        chance.and_then(Value::as_f64).unwrap_or(-1.0)
    }

    fn remove(&mut self, deal: &str) {
        self.records.remove(deal);
    }
}
