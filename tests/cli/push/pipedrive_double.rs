//! A double of Pipedrive's interface, version 2, as its documentation says: <https://developers.pipedrive.com/docs/api/v1/Deals>
//! (`ids`, `custom_fields`, `cursor`), <https://developers.pipedrive.com/docs/api/v1/DealFields>,
//! <https://pipedrive.readme.io/docs/pipedrive-api-v2-migration-guide> (`custom_fields`, strict types, PATCH) and
//! <https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting> (tokens of a day). Never compared with a server.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::double::{Crm, Fault, Request, Response};
use super::suite::Peer;

/// The key that is right.
pub const KEY: &str = "pipedrive-key-marked-6a2b";
/// Keys of the custom fields.
pub const CHANCE: &str = "dcf558aac1ae4e8c4f849ba5e668430d8df9be12";
pub const GRADE: &str = "d4de1c1518b4531717c676029a45911c340390a6";
const SCORED: &str = "0a5d1c1518b4531717c676029a45911c340390ff";
const PAGE: usize = 13;

pub struct PipedriveDouble {
    pub records: BTreeMap<u64, Map<String, Value>>,
    pub faults: VecDeque<Fault>,
    pub writes: Vec<(String, Value)>,
    /// Tokens left today; every change takes 5.
    pub tokens: usize,
}

impl PipedriveDouble {
    pub fn new<'d>(deals: impl IntoIterator<Item = &'d str>) -> Self {
        let record = |id: &str| (id.parse().unwrap(), Map::new());
        Self {
            records: deals.into_iter().map(record).collect(),
            faults: VecDeque::new(),
            writes: Vec::new(),
            tokens: usize::MAX,
        }
    }

    fn shown(&self, id: u64, asked: Option<&String>) -> Value {
        let is_asked = |key: &str| asked.is_none_or(|asked| asked.split(',').any(|one| one == key));
        let keys = [CHANCE, GRADE, SCORED].into_iter().filter(|key| is_asked(key));
        let held = |key: &str| self.records[&id].get(key).cloned().unwrap_or(Value::Null);
        let fields: Map<String, Value> = keys.map(|key| (key.to_owned(), held(key))).collect();
        json!({ "id": id, "title": "Deal", "probability": null, "custom_fields": fields })
    }

    fn list(&self, request: &Request) -> Response {
        let of = |name: &str| request.parameters.get(name);
        let ids: Option<Vec<u64>> = of("ids").map(|ids| ids.split(',').map(|id| id.parse().unwrap()).collect());
        assert!(ids.as_ref().is_none_or(|ids| ids.len() <= 100), "a hundred ids at most");
        let after: u64 = of("cursor").map_or(0, |cursor| cursor.trim_start_matches("after-").parse().unwrap());
        let found: Vec<u64> = self
            .records
            .keys()
            .copied()
            .filter(|id| *id > after && ids.as_ref().is_none_or(|ids| ids.contains(id)))
            .collect();
        let page: Vec<Value> = found.iter().take(PAGE).map(|id| self.shown(*id, of("custom_fields"))).collect();
        let next = (found.len() > PAGE).then(|| format!("after-{}", found[PAGE - 1]));
        Response::json(200, &json!({ "success": true, "data": page, "additional_data": { "next_cursor": next } }))
    }

    fn patch(&mut self, request: &Request, id: u64) -> Response {
        if self.tokens < 5 {
            return Response::json(429, &json!({ "success": false, "error": "Daily limit" }))
                .with("x-daily-ratelimit-token-remaining", "0");
        }
        self.tokens = self.tokens.saturating_sub(5);
        if !self.records.contains_key(&id) {
            return Response::json(404, &json!({ "success": false, "error": "Deal not found" }));
        }
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let change = body["custom_fields"].as_object().unwrap().clone();
        // "Numeric fields no longer coerce string input to number and instead throw a validation error."
        if change.get(CHANCE).is_some_and(|value| !value.is_number())
            || change.get(GRADE).is_some_and(|value| !value.is_i64())
        {
            return Response::json(400, &json!({ "success": false, "error": "Validation failed" }));
        }
        self.writes.push((id.to_string(), Value::Object(change.clone())));
        self.records.get_mut(&id).unwrap().extend(change);
        Response::json(200, &json!({ "success": true, "data": self.shown(id, None) }))
    }
}

fn fields() -> Response {
    let field = |name: &str, code: &str, kind: &str| json!({ "field_name": name, "field_code": code, "field_type": kind, "is_custom_field": code.len() == 40, "options": null });
    let mut grade = field("Win grade", GRADE, "enum");
    grade["options"] = json!([{ "id": 1, "label": "A" }, { "id": 2, "label": "B" }, { "id": 3, "label": "C" }, { "id": 4, "label": "D" }]);
    let all = [
        field("Win chance", CHANCE, "double"),
        grade,
        field("Scored at", SCORED, "date"),
        field("Label", "label", "varchar"),
    ];
    Response::json(200, &json!({ "success": true, "data": all, "additional_data": { "next_cursor": null } }))
}

impl Crm for PipedriveDouble {
    fn answer(&mut self, request: &Request) -> Response {
        if request.headers.get("x-api-token").is_none_or(|key| key != KEY) {
            return Response::json(401, &json!({ "success": false, "error": "unauthorized access" }));
        }
        match request.path.as_str() {
            "/api/v2/dealFields" => fields(),
            "/api/v2/deals" => self.list(request),
            path => {
                assert_eq!(request.method, "PATCH");
                let id = path.strip_prefix("/api/v2/deals/").unwrap().parse().unwrap();
                self.patch(request, id)
            }
        }
    }

    fn writes(&self, request: &Request) -> bool {
        request.method == "PATCH"
    }

    fn next_fault(&mut self) -> Fault {
        self.faults.pop_front().unwrap_or(Fault::None)
    }
}

impl Peer for PipedriveDouble {
    fn done(&self) -> Vec<(String, Value)> {
        self.writes.clone()
    }

    fn faults(&mut self) -> &mut VecDeque<Fault> {
        &mut self.faults
    }

    fn chance(&self, deal: &str) -> f64 {
        self.records[&deal.parse().unwrap()].get(CHANCE).and_then(Value::as_f64).unwrap_or(-1.0)
    }

    fn remove(&mut self, deal: &str) {
        self.records.remove(&deal.parse().unwrap());
    }
}
