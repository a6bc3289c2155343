//! A double of a HubSpot account, of our own making: it behaves as the public documentation says, which each behaviour
//! names (developers.hubspot.com, `docs/api-reference/2026-03/crm/` and `docs/api-reference/latest/error-handling`).
//! Never held against an account.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::cloud_double::{Cloud, CloudCrm};
use super::double::{Crm, Fault, Request, Response};

const DEALS: &str = "/crm/objects/2026-03/0-3";
const SCORE: &str = "win_probability";

pub struct HubspotDouble {
    pub cloud: Cloud,
    /// Property definitions.
    pub properties: BTreeMap<&'static str, Value>,
    /// Deals whose values are refused, and named by their trace ids.
    pub refused: BTreeSet<String>,
    /// Deals for which the whole request is refused.
    pub spoils_all: BTreeSet<String>,
    /// Answers to an update say only the modified time.
    pub leaves_out_properties: bool,
    /// Requests that are answered with a 429 of this policy.
    pub limits: Vec<&'static str>,
}

impl HubspotDouble {
    fn told(&self, id: &str, names: &[&str]) -> Value {
        let record = &self.cloud.records[id];
        let mut properties = json!({ "hs_object_id": id, "hs_lastmodifieddate": "2027-01-05T02:00:00Z" });
        for name in names {
            properties[*name] = record.get(*name).cloned().unwrap_or(Value::Null);
        }
        json!({ "id": id, "properties": properties, "archived": false })
    }

    /// `crm/objects/deals/get-deals`: 100 a page at most, and where the next one begins.
    fn list(&self, request: &Request) -> Response {
        assert!(request.parameters["limit"].parse::<usize>().unwrap() <= 100);
        let names: Vec<&str> = request.parameters["properties"].split(',').collect();
        let after = request.parameters.get("after").map_or(0, |after| after.parse::<usize>().unwrap());
        let ids: Vec<&String> = self.cloud.records.keys().skip(after).take(15).collect();
        let mut page = json!({ "results": ids.iter().map(|id| self.told(id, &names)).collect::<Vec<_>>() });
        if after + ids.len() < self.cloud.records.len() {
            page["paging"] = json!({ "next": { "after": (after + ids.len()).to_string(), "link": "?" } });
        }
        Response::json(200, &page)
    }

    /// `crm/objects/deals/batch/get-deals`: 207 and `OBJECT_NOT_FOUND` with the ids where some are not there.
    fn read(&self, body: &Value) -> Response {
        let inputs = body["inputs"].as_array().unwrap();
        assert!(inputs.len() <= 100);
        let names: Vec<&str> =
            body["properties"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let ids: Vec<&str> = inputs.iter().map(|input| input["id"].as_str().unwrap()).collect();
        let (there, gone): (Vec<&str>, Vec<&str>) =
            ids.into_iter().partition(|id| self.cloud.records.contains_key(*id));
        let results: Vec<Value> = there.iter().map(|id| self.told(id, &names)).collect();
        Self::batch(&results, if gone.is_empty() { Vec::new() } else { vec![Self::not_found(&gone)] })
    }

    fn not_found(ids: &[&str]) -> Value {
        let message = "Could not get some deals, they may be deleted or not exist. Check that ids are valid.";
        json!({ "status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": { "ids": ids } })
    }

    fn batch(results: &[Value], errors: Vec<Value>) -> Response {
        let mut body = json!({ "status": "COMPLETE", "results": results });
        if errors.is_empty() {
            return Response::json(200, &body);
        }
        body["numErrors"] = json!(errors.len());
        body["errors"] = Value::from(errors);
        Response::json(207, &body)
    }

    /// `crm/objects/deals/batch/update-deals`: with trace ids part of a batch may fail, in no order; a property that is not
    /// there refuses all of it.
    fn update(&mut self, body: &Value) -> Response {
        let inputs = body["inputs"].as_array().unwrap();
        assert!(inputs.len() <= 100);
        let id = |input: &Value| input["id"].as_str().unwrap().to_owned();
        let is_unknown = |input: &Value| {
            let names = input["properties"].as_object().unwrap();
            names.keys().any(|name| !self.properties.contains_key(name.as_str()))
        };
        if inputs.iter().any(|input| is_unknown(input) || self.spoils_all.contains(&id(input))) {
            let error =
                json!({ "message": "Property \"x\" does not exist", "code": "PROPERTY_DOESNT_EXIST", "in": "x" });
            let told = json!({ "status": "error", "message": "Property values were not valid", "category": "VALIDATION_ERROR", "errors": [error] });
            return Response::json(400, &told);
        }
        let (mut results, mut errors) = (Vec::new(), Vec::new());
        for input in inputs {
            let id = id(input);
            if !self.cloud.records.contains_key(&id) {
                errors.push(Self::not_found(&[&id]));
            } else if self.refused.contains(&id) {
                let error = json!({ "message": "was not a valid number", "code": "INVALID_INTEGER" });
                errors.push(json!({ "status": "error", "category": "VALIDATION_ERROR", "message": "Property values were not valid", "errors": [error],
                    "context": { "objectWriteTraceId": [input["objectWriteTraceId"]] } }));
            } else {
                let properties = input["properties"].as_object().unwrap().clone();
                assert!(properties.values().all(Value::is_string), "values are text: {properties:?}");
                let names: Vec<&str> = properties.keys().map(String::as_str).collect();
                let kept = self.kept(&properties);
                self.cloud.store(&id, kept);
                results.push(self.told(&id, if self.leaves_out_properties { &[] } else { &names }));
            }
        }
        results.reverse();
        Self::batch(&results, errors)
    }

    /// A day with a time is kept with it, to the millisecond.
    fn kept(&self, properties: &Map<String, Value>) -> Map<String, Value> {
        let kept = |(name, value): (&String, &Value)| {
            let text = value.as_str().unwrap();
            let is_moment = self.properties[name.as_str()]["type"] == "datetime";
            (name.clone(), json!(if is_moment { text.replace('Z', ".000Z") } else { text.to_owned() }))
        };
        properties.iter().map(kept).collect()
    }
}

impl CloudCrm for HubspotDouble {
    fn of_deals<'d>(deals: impl IntoIterator<Item = &'d str>) -> Self {
        let property = |kind: &str| json!({ "type": kind, "hubspotDefined": false, "calculated": false, "modificationMetadata": { "readOnlyValue": false } });
        let properties = BTreeMap::from([
            (SCORE, property("number")),
            ("win_score", property("number")),
            ("score_model", property("string")),
            ("scored_at", property("datetime")),
            ("score_factors", property("string")),
        ]);
        let (refused, spoils_all) = (BTreeSet::new(), BTreeSet::new());
        Self {
            cloud: Cloud::new(deals),
            properties,
            refused,
            spoils_all,
            leaves_out_properties: false,
            limits: Vec::new(),
        }
    }

    fn cloud(&mut self) -> &mut Cloud {
        &mut self.cloud
    }

    const TARGET: (&'static str, &'static str) = ("hubspot", SCORE);
    const FIELDS: &'static str =
        "score = \"win_score\"\nmodel_id = \"score_model\"\nscored_at = \"scored_at\"\ntop_factors = \"score_factors\"";
}

impl Crm for HubspotDouble {
    fn answer(&mut self, request: &Request) -> Response {
        if request.path == "/token" {
            return self.cloud.login(request);
        }
        if !self.cloud.knows(request, "Bearer") {
            let shown = request.headers.get("authorization").cloned().unwrap_or_default();
            let message = format!("The token {shown} is expired");
            return Response::json(
                401,
                &json!({ "status": "error", "category": "EXPIRED_AUTHENTICATION", "message": message }),
            );
        }
        // `guides/apps/api-usage/usage-details`: which limit was reached.
        if let Some(policy) = self.limits.pop() {
            let told = json!({ "status": "error", "message": "You have reached your limit.", "errorType": "RATE_LIMIT", "policyName": policy });
            return Response::json(429, &told);
        }
        let body = || serde_json::from_str::<Value>(&request.body).unwrap();
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/crm/properties/2026-03/0-3") => {
                let properties = self.properties.iter().map(|(name, property)| {
                    let mut property = property.clone();
                    property["name"] = json!(name);
                    property
                });
                Response::json(200, &json!({ "results": properties.collect::<Vec<_>>() }))
            }
            ("GET", DEALS) => self.list(request),
            ("POST", path) if path.ends_with("/0-3/batch/read") => self.read(&body()),
            ("POST", path) if path.ends_with("/0-3/batch/update") => self.update(&body()),
            _ => Response::empty(404),
        }
    }

    fn writes(&self, request: &Request) -> bool {
        request.path.ends_with("/batch/update")
    }

    fn next_fault(&mut self) -> Fault {
        self.cloud.next_fault()
    }
}
