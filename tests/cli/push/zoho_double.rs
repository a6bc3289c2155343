//! A double of a Zoho CRM organisation, of our own making: it behaves as the vendor's own specification of version 8 says
//! (github.com/zoho/crm-oas, `v8.0/record/operations/`, `v8.0/fields/operations/`, and
//! www.zoho.com/crm/developer/docs/api/v8/). Never held against an organisation.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::cloud_double::{Cloud, CloudCrm};
use super::double::{Crm, Fault, Request, Response};

const SCORE: &str = "Win_Probability";

pub struct ZohoDouble {
    pub cloud: Cloud,
    /// Field metadata.
    pub fields: BTreeMap<&'static str, Value>,
    /// Deals that are refused, by the code.
    pub refused: BTreeMap<String, &'static str>,
    /// Deals that something else holds, and for how many tries.
    pub locked: BTreeMap<String, u32>,
    /// Deals for which the whole request is refused.
    pub spoils_all: Option<String>,
    /// Writes that started workflows.
    pub automations: usize,
}

impl ZohoDouble {
    fn told(&self, id: &str, names: &[&str]) -> Value {
        let record = &self.cloud.records[id];
        let mut told = json!({ "id": id });
        for name in names.iter().filter(|name| **name != "id") {
            told[*name] = record.get(*name).cloned().unwrap_or(Value::Null);
        }
        told
    }

    /// `getRecords`: `fields` is required; by ids, or 200 a page and the token of the next one; 204 where there is nothing.
    fn get(&self, request: &Request) -> Response {
        let names: Vec<&str> = request.parameters["fields"].split(',').collect();
        let after =
            request.parameters.get("page_token").map_or(0, |token| token.trim_start_matches("page").parse().unwrap());
        let ids: Vec<&str> = match request.parameters.get("ids") {
            Some(ids) => ids.split(',').filter(|id| self.cloud.records.contains_key(*id)).collect(),
            None => self.cloud.records.keys().skip(after).take(12).map(String::as_str).collect(),
        };
        assert!(ids.len() <= 100);
        if ids.is_empty() {
            return Response { status: 204, headers: Vec::new(), body: String::new() };
        }
        let end = after + ids.len();
        let has_more = !request.parameters.contains_key("ids") && end < self.cloud.records.len();
        let next = if has_more { json!(format!("page{end}")) } else { Value::Null };
        let data: Vec<Value> = ids.iter().map(|id| self.told(id, &names)).collect();
        let info = json!({ "per_page": 200, "count": data.len(), "more_records": has_more, "next_page_token": next });
        Response::json(200, &json!({ "data": data, "info": info }))
    }

    /// `updateRecords`: 100 at most; a word for each in the order they were sent: 200, 207, or 400 where none was taken.
    fn update(&mut self, body: &Value) -> Response {
        let data = body["data"].as_array().unwrap();
        assert!(data.len() <= 100);
        let id = |record: &Value| record["id"].as_str().unwrap().to_owned();
        if data.iter().any(|record| Some(id(record)) == self.spoils_all) {
            let details = json!({ "api_name": "data", "json_path": "$.data" });
            return Response::json(
                400,
                &json!({ "code": "INVALID_DATA", "details": details, "message": "invalid data", "status": "error" }),
            );
        }
        // "If you want to skip the triggers, pass an empty array."
        self.automations += usize::from(body["trigger"] != json!([]));
        let (mut told, mut taken) = (Vec::new(), 0);
        for (at, record) in data.iter().enumerate() {
            let id = id(record);
            if !self.cloud.records.contains_key(&id) {
                told.push(json!({ "code": "INVALID_DATA", "details": { "id": id }, "message": "the id given seems to be invalid", "status": "error" }));
            } else if let Some(tries) = self.locked.get_mut(&id).filter(|tries| **tries > 0) {
                *tries -= 1;
                told.push(json!({ "code": "RECORD_LOCKED", "details": { "id": id }, "message": "record is locked", "status": "error" }));
            } else if let Some(code) = self.refused.get(&id) {
                let details = json!({ "api_name": SCORE, "json_path": format!("$.data[{at}].{SCORE}") });
                told.push(json!({ "code": code, "details": details, "message": "invalid data", "status": "error" }));
            } else {
                let fields = record.as_object().unwrap().clone();
                let kept = self.kept(fields);
                self.cloud.store(&id, kept);
                taken += 1;
                told.push(json!({ "code": "SUCCESS", "details": { "id": id, "Modified_Time": "2027-01-05T01:10:47-07:00" }, "message": "record updated", "status": "success" }));
            }
        }
        let status = if taken == data.len() {
            200
        } else if taken == 0 {
            400
        } else {
            207
        };
        Response::json(status, &json!({ "data": told }))
    }

    /// Fields it does not know are ignored; moments are told in the user's zone.
    fn kept(&self, mut fields: Map<String, Value>) -> Map<String, Value> {
        fields.remove("id");
        let known = fields.into_iter().filter(|(name, _)| self.fields.contains_key(name.as_str()));
        let kept = known.map(|(name, value)| {
            let is_moment = self.fields[name.as_str()]["data_type"] == "datetime";
            let value = if is_moment {
                json!(value.as_str().unwrap().replace("T00:00:00+00:00", "T05:30:00+05:30"))
            } else {
                value
            };
            (name, value)
        });
        kept.collect()
    }
}

impl CloudCrm for ZohoDouble {
    fn of_deals<'d>(deals: impl IntoIterator<Item = &'d str>) -> Self {
        let field = |kind: &str, places: Value, length: u32| json!({ "data_type": kind, "custom_field": true, "read_only": false, "decimal_place": places, "length": length, "operation_type": { "api_update": true } });
        let fields = BTreeMap::from([
            (SCORE, field("double", json!(6), 16)),
            ("Win_Score", field("integer", Value::Null, 9)),
            ("Score_Model", field("text", Value::Null, 120)),
            ("Scored_At", field("datetime", Value::Null, 120)),
            ("Score_Factors", field("textarea", Value::Null, 2000)),
        ]);
        Self {
            cloud: Cloud::new(deals),
            fields,
            refused: BTreeMap::new(),
            locked: BTreeMap::new(),
            spoils_all: None,
            automations: 0,
        }
    }

    fn cloud(&mut self) -> &mut Cloud {
        &mut self.cloud
    }

    const TARGET: (&'static str, &'static str) = ("zoho", SCORE);
    const FIELDS: &'static str =
        "score = \"Win_Score\"\nmodel_id = \"Score_Model\"\nscored_at = \"Scored_At\"\ntop_factors = \"Score_Factors\"";
}

impl Crm for ZohoDouble {
    fn answer(&mut self, request: &Request) -> Response {
        if request.path == "/token" {
            return self.cloud.login(request);
        }
        if !self.cloud.knows(request, "Zoho-oauthtoken") {
            let shown = request.headers.get("authorization").cloned().unwrap_or_default();
            return Response::json(
                401,
                &json!({ "code": "INVALID_TOKEN", "details": {}, "message": format!("invalid oauth token {shown}"), "status": "error" }),
            );
        }
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/crm/v8/settings/fields") => {
                let fields = self.fields.iter().map(|(name, field)| {
                    let mut field = field.clone();
                    field["api_name"] = json!(name);
                    field
                });
                Response::json(200, &json!({ "fields": fields.collect::<Vec<_>>() }))
            }
            ("GET", "/crm/v8/Deals") => self.get(request),
            ("PUT", "/crm/v8/Deals") => self.update(&serde_json::from_str(&request.body).unwrap()),
            _ => Response::json(404, &json!({ "code": "INVALID_URL_PATTERN", "status": "error" })),
        }
    }

    fn writes(&self, request: &Request) -> bool {
        request.method == "PUT"
    }

    fn next_fault(&mut self) -> Fault {
        self.cloud.next_fault()
    }
}
