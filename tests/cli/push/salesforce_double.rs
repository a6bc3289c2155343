//! A double of a Salesforce organisation, of our own making: it behaves as the public documentation says, which each
//! behaviour names (developer.salesforce.com, `docs/atlas.en-us.api_rest.meta/api_rest/` and `.../api_asynch.meta/api_asynch/`).
//! Never held against an organisation.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::cloud_double::{Cloud, CloudCrm};
use super::double::{Crm, Fault, Request, Response};

const PATH: &str = "/services/data/v62.0";
const SCORE: &str = "Win_Probability__c";
/// Leads from a record of scores to its opportunity.
pub const LOOKUP: &str = "Opportunity__c";

/// What becomes of one record, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OneRecord {
    /// Somebody else holds it.
    Locked,
    /// A rule of the organisation refuses it.
    Refused,
    /// The whole request is refused for it, always.
    SpoilsAll,
    /// The job never comes to it.
    Unprocessed,
}

/// A Bulk API 2.0 job.
pub struct Job {
    pub state: &'static str,
    rows: String,
    lists: [String; 3],
}

pub struct SalesforceDouble {
    pub cloud: Cloud,
    /// What the records are of.
    pub object: &'static str,
    /// The opportunity each record leads to, where they are of an object of scores.
    pub deals: BTreeMap<String, String>,
    /// Fields of the describe.
    pub fields: BTreeMap<&'static str, Value>,
    pub special: BTreeMap<String, OneRecord>,
    pub jobs: Vec<Job>,
    /// Jobs stay under way.
    pub holds_jobs: bool,
    /// Requests are used up.
    pub is_used_up: bool,
}

impl SalesforceDouble {
    /// `resources_sobject_describe`
    fn describe(&self) -> Response {
        let fields: Vec<Value> = self
            .fields
            .iter()
            .map(|(name, field)| {
                let mut field = field.clone();
                field["name"] = json!(name);
                field
            })
            .collect();
        Response::json(200, &json!({ "name": self.object, "fields": fields }))
    }

    fn told(&self, id: &str, names: &[&str]) -> Value {
        let record = &self.cloud.records[id];
        // Answers have ids of 18 characters; of digits alone they end in AAA.
        let mut told = json!({ "attributes": { "type": self.object }, "Id": format!("{id}AAA") });
        for name in names.iter().filter(|name| **name != "Id") {
            told[*name] = record.get(*name).cloned().unwrap_or(Value::Null);
        }
        if let Some(deal) = self.deals.get(id) {
            told[LOOKUP] = json!(format!("{deal}AAA"));
        }
        told
    }

    /// `resources_query`: pages, with the address of the next one.
    fn query(&self, query: &str, after: usize) -> Response {
        let which = query.split(" WHERE ").nth(1).and_then(|which| which.strip_suffix(" ORDER BY Id")).unwrap();
        let asked: Vec<&str> = which.split('\'').skip(1).step_by(2).collect();
        let rule = if self.deals.is_empty() { "IsClosed = false" } else { "Opportunity__c " };
        assert!(query.contains(&format!(" FROM {} ", self.object)) && which.starts_with(rule), "{query}");
        let names: Vec<&str> =
            query.trim_start_matches("SELECT ").split(" FROM ").next().unwrap().split(", ").collect();
        let is_asked = |id: &&String| asked.is_empty() || asked.contains(&self.deals[*id].as_str());
        let all: Vec<&String> = self.cloud.records.keys().filter(is_asked).collect();
        let ids: Vec<&&String> = all.iter().skip(after).take(10).collect();
        let records: Vec<Value> = ids.iter().map(|id| self.told(id, &names)).collect();
        let (total, end) = (all.len(), after + ids.len());
        let mut page = json!({ "totalSize": total, "done": end == total, "records": records });
        if end < total {
            page["nextRecordsUrl"] = json!(format!("{PATH}/query/01gRM{end}-2000?q={}", query.replace(' ', "%20")));
        }
        Response::json(200, &page)
    }

    /// `resources_composite_sobjects_collections_retrieve_post`: null for what is not there.
    fn read(&self, body: &Value) -> Response {
        let names: Vec<&str> = body["fields"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let ids = body["ids"].as_array().unwrap();
        assert!(ids.len() <= 2000);
        let one = |id: &Value| {
            let id = &id.as_str().unwrap()[..15];
            if self.cloud.records.contains_key(id) { self.told(id, &names) } else { Value::Null }
        };
        Response::json(200, &ids.iter().map(one).collect::<Value>())
    }

    /// What is wrong with a change, as `errors` of a SaveResult or `sf__Error` of a job call it.
    fn fault(&mut self, id: &str, fields: &Map<String, Value>) -> Option<&'static str> {
        if !self.cloud.records.contains_key(id) {
            return Some("ENTITY_IS_DELETED");
        }
        let one = self.special.get(id).copied();
        match one {
            Some(OneRecord::Locked) => {
                self.special.remove(id);
                Some("UNABLE_TO_LOCK_ROW")
            }
            Some(OneRecord::Refused) => Some("FIELD_CUSTOM_VALIDATION_EXCEPTION"),
            _ if fields.keys().any(|name| !self.fields.contains_key(name.as_str())) => Some("INVALID_FIELD"),
            _ => None,
        }
    }

    /// `resources_composite_sobjects_collections_update`: a result for each record, in order; nothing of what it holds.
    fn update(&mut self, body: &Value) -> Response {
        let records = body["records"].as_array().unwrap();
        assert!(records.len() <= 200 && body["allOrNone"] == false);
        let id = |record: &Value| record["id"].as_str().unwrap()[..15].to_owned();
        if records.iter().any(|record| self.special.get(&id(record)) == Some(&OneRecord::SpoilsAll)) {
            return Response::json(400, &json!([{ "message": "cannot be read", "errorCode": "JSON_PARSER_ERROR" }]));
        }
        let mut results = Vec::new();
        for record in records {
            let id = id(record);
            let mut fields = record.as_object().unwrap().clone();
            assert_eq!(fields.remove("attributes").unwrap()["type"], self.object);
            fields.remove("id");
            results.push(match self.fault(&id, &fields) {
                None => {
                    self.cloud.store(&id, fields);
                    json!({ "id": format!("{id}AAA"), "success": true, "errors": [] })
                }
                Some(code) => {
                    let error = json!({ "statusCode": code, "message": "no", "fields": [] });
                    json!({ "success": false, "errors": [error] })
                }
            });
        }
        Response::json(200, &Value::from(results))
    }

    /// `create_job`, `upload_job_data`, `close_job`, `get_job_info`, `get_job_successful_results` and the others.
    fn job(&mut self, request: &Request, rest: &str) -> Response {
        let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
        let at = parts.first().map(|id| id[12..15].parse::<usize>().unwrap());
        match (request.method.as_str(), at, parts.get(1).copied()) {
            ("POST", None, None) => {
                let job: Value = serde_json::from_str(&request.body).unwrap();
                assert_eq!(
                    (&job["object"], &job["operation"], &job["lineEnding"]),
                    (&json!(self.object), &json!("update"), &json!("LF"))
                );
                self.jobs.push(Job { state: "Open", rows: String::new(), lists: Default::default() });
                self.job_info(self.jobs.len() - 1)
            }
            ("GET", None, None) => {
                let jobs: Vec<Value> = (0..self.jobs.len()).map(|at| self.job_json(at)).collect();
                Response::json(200, &json!({ "done": true, "records": jobs, "nextRecordsUrl": null }))
            }
            ("PUT", Some(at), Some("batches")) if self.jobs[at].state == "Open" => {
                assert_eq!(request.headers["content-type"], "text/csv");
                self.jobs[at].rows.clone_from(&request.body);
                Response { status: 201, headers: Vec::new(), body: String::new() }
            }
            ("PATCH", Some(at), None) if self.jobs[at].state == "Open" => {
                assert!(request.body.contains("UploadComplete"));
                self.jobs[at].state = "UploadComplete";
                self.job_info(at)
            }
            ("GET", Some(at), None) => {
                if !self.holds_jobs {
                    match self.jobs[at].state {
                        "UploadComplete" => self.jobs[at].state = "InProgress",
                        "InProgress" => self.process(at),
                        _ => {}
                    }
                }
                self.job_info(at)
            }
            ("GET", Some(at), Some(list)) => {
                let names = ["successfulResults", "failedResults", "unprocessedrecords"];
                let list = names.iter().position(|name| *name == list).unwrap();
                let body = self.jobs[at].lists[list].clone();
                Response { status: 200, headers: vec![("Content-Type", "text/csv".to_owned())], body }
            }
            _ => Response::json(400, &json!([{ "message": "of no open job", "errorCode": "INVALIDJOBSTATE" }])),
        }
    }

    fn job_json(&self, at: usize) -> Value {
        let (id, state) = (format!("750000000000{at:03}AAA"), self.jobs[at].state);
        let error = if state == "Failed" { "InvalidBatch : Field name not found" } else { "" };
        json!({ "id": id, "object": self.object, "operation": "update", "state": state, "jobType": "V2Ingest", "errorMessage": error })
    }

    fn job_info(&self, at: usize) -> Response {
        Response::json(200, &self.job_json(at))
    }

    fn process(&mut self, at: usize) {
        let rows = self.jobs[at].rows.clone();
        let mut reader = csv::Reader::from_reader(rows.as_bytes());
        let header = reader.headers().unwrap().clone();
        let names = header.iter().collect::<Vec<_>>().join(",");
        if header.iter().skip(1).any(|name| !self.fields.contains_key(name)) {
            self.jobs[at].state = "Failed";
            return;
        }
        let is_spoilt = |line: &csv::StringRecord| self.special.get(&line[0][..15]) == Some(&OneRecord::SpoilsAll);
        let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        if lines.iter().any(is_spoilt) {
            self.jobs[at].state = "Failed";
            return;
        }
        let mut lists = [
            format!("\"sf__Id\",\"sf__Created\",{names}\n"),
            format!("\"sf__Id\",\"sf__Error\",{names}\n"),
            format!("{names}\n"),
        ];
        for line in lines {
            let id = line[0][..15].to_owned();
            let quoted: Vec<String> = line.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            let quoted = quoted.join(",");
            // "Empty field values are ignored when you update records."
            let cells = header.iter().zip(&line).skip(1).filter(|(_, cell)| !cell.is_empty());
            let fields: Map<String, Value> =
                cells.map(|(name, cell)| (name.to_owned(), self.typed(name, cell))).collect();
            if self.special.get(&id) == Some(&OneRecord::Unprocessed) {
                self.special.remove(&id);
                lists[2] += &format!("{quoted}\n");
                continue;
            }
            match self.fault(&id, &fields) {
                None => {
                    self.cloud.store(&id, fields);
                    lists[0] += &format!("\"{id}AAA\",\"false\",{quoted}\n");
                }
                Some(code) => lists[1] += &format!("\"\",\"{code}:no, it is not:--\",{quoted}\n"),
            }
        }
        self.jobs[at].lists = lists;
        self.jobs[at].state = "JobComplete";
    }

    fn typed(&self, name: &str, cell: &str) -> Value {
        if self.fields[name]["type"] == "double" { json!(cell.parse::<f64>().unwrap()) } else { json!(cell) }
    }
}

impl CloudCrm for SalesforceDouble {
    fn of_deals<'d>(deals: impl IntoIterator<Item = &'d str>) -> Self {
        let field = |kind: &str, scale: u32, length: u32| json!({ "type": kind, "custom": true, "updateable": true, "calculated": false, "scale": scale, "length": length });
        let fields = BTreeMap::from([
            (SCORE, field("double", 6, 0)),
            ("Win_Score__c", field("double", 0, 0)),
            ("Score_Model__c", field("string", 0, 80)),
            ("Scored_At__c", field("datetime", 0, 0)),
            ("Factors__c", field("textarea", 0, 32_768)),
        ]);
        Self {
            cloud: Cloud::new(deals),
            object: "Opportunity",
            deals: BTreeMap::new(),
            fields,
            special: BTreeMap::new(),
            jobs: Vec::new(),
            holds_jobs: false,
            is_used_up: false,
        }
    }

    fn cloud(&mut self) -> &mut Cloud {
        &mut self.cloud
    }

    const TARGET: (&'static str, &'static str) = ("salesforce", SCORE);
    const FIELDS: &'static str = "score = \"Win_Score__c\"\nmodel_id = \"Score_Model__c\"\nscored_at = \"Scored_At__c\"\ntop_factors = \"Factors__c\"";
}

impl Crm for SalesforceDouble {
    fn answer(&mut self, request: &Request) -> Response {
        if request.path == "/token" {
            return self.cloud.login(request);
        }
        // `errorcodes`: 401, and 403 with REQUEST_LIMIT_EXCEEDED.
        if !self.cloud.knows(request, "Bearer") {
            let shown = request.headers.get("authorization").cloned().unwrap_or_default();
            let message = format!("Session expired or invalid: {shown}");
            return Response::json(401, &json!([{ "message": message, "errorCode": "INVALID_SESSION_ID" }]));
        }
        if self.is_used_up {
            let message = "TotalRequests Limit exceeded.";
            return Response::json(403, &json!([{ "message": message, "errorCode": "REQUEST_LIMIT_EXCEEDED" }]));
        }
        let rest = request.path.strip_prefix(PATH).unwrap();
        let body = || serde_json::from_str::<Value>(&request.body).unwrap();
        match (request.method.as_str(), rest) {
            ("GET", path) if path == format!("/sobjects/{}/describe", self.object) => self.describe(),
            ("GET", "/query") => self.query(&request.parameters["q"], 0),
            ("POST", path) if path == format!("/composite/sobjects/{}", self.object) => self.read(&body()),
            ("PATCH", "/composite/sobjects") => self.update(&body()),
            (_, rest) => match (rest.strip_prefix("/query/01gRM"), rest.strip_prefix("/jobs/ingest")) {
                (Some(locator), _) => {
                    self.query(&request.parameters["q"], locator.trim_end_matches("-2000").parse().unwrap())
                }
                (_, Some(rest)) => self.job(request, rest),
                _ => Response::json(
                    404,
                    &json!([{ "errorCode": "NOT_FOUND", "message": "The requested resource does not exist" }]),
                ),
            },
        }
    }

    fn writes(&self, request: &Request) -> bool {
        request.method == "PATCH" || request.method == "PUT"
    }

    fn next_fault(&mut self) -> Fault {
        self.cloud.next_fault()
    }
}
