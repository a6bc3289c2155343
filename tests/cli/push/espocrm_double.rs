//! A double of an EspoCRM 9.1.7 server. Each behaviour names the exchange it was recorded in (`espocrm_9.1.7.txt`, and
//! `espocrm_9.1.7_import_and_lockout.txt`), or the file and function below `application/Espo` of EspoCRM's source.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::double::{Crm, Fault, Request, Response};
use super::espocrm_imports::{EspoImports, listed};

/// The key that is right.
pub const KEY: &str = "espo-key-marked-7f3a";

/// Failed logins after which the address is locked out.
pub const LOCKED_AFTER: usize = 11;

pub struct EspoDouble {
    pub records: BTreeMap<String, Map<String, Value>>,
    /// Fields of the metadata.
    pub fields: BTreeMap<&'static str, Value>,
    pub faults: VecDeque<Fault>,
    pub requests: usize,
    /// Every change that was done, in order.
    pub writes: Vec<(String, Value)>,
    pub imports: EspoImports,
    /// Fields the user may not edit.
    pub closed: Vec<&'static str>,
    /// Most records of a page, as the administrator set it.
    pub page: usize,
    /// Whether it refuses every write and repeats the key in all it says of that.
    pub repeats_key: bool,
    /// Fields that keep nothing of what they are sent.
    pub ignored: Vec<&'static str>,
    pub failed_logins: usize,
    /// Records the user may not edit.
    pub uneditable: Vec<&'static str>,
    /// Whether the user's role opens opportunities to it.
    pub is_open: bool,
    /// Whether lists are counted.
    pub counts: bool,
    /// Where the server is below its address: `/crm`.
    pub base: &'static str,
}

impl EspoDouble {
    pub fn new<'d>(deals: impl IntoIterator<Item = &'d str>) -> Self {
        let record = |(at, id): (usize, &str)| {
            // Every other deal has no currency.
            let currency = if at % 2 == 0 { json!("GBP") } else { Value::Null };
            let fields = json!({
                "id": id, "stage": "Prospecting", "probability": 10, "amount": 5, "amountCurrency": currency,
                "createdAt": at, "versionNumber": 1
            });
            (id.to_owned(), fields.as_object().unwrap().clone())
        };
        // "metadata: custom field definition"
        let float =
            json!({ "notNull": false, "type": "float", "min": 0, "max": 1, "decimalPlaces": 6, "isCustom": true });
        let fields = BTreeMap::from([
            ("cWinScore", float),
            ("cScore", json!({ "type": "int", "isCustom": true })),
            ("cScoreModel", json!({ "type": "varchar", "maxLength": 80, "isCustom": true })),
            ("cScoredAt", json!({ "notNull": false, "type": "datetime", "isCustom": true })),
        ]);
        Self {
            records: deals.into_iter().enumerate().map(record).collect(),
            fields,
            faults: VecDeque::new(),
            requests: 0,
            writes: Vec::new(),
            imports: EspoImports::new(),
            closed: Vec::new(),
            page: 200,
            repeats_key: false,
            ignored: Vec::new(),
            failed_logins: 0,
            uneditable: Vec::new(),
            is_open: true,
            counts: true,
            base: "",
        }
    }

    /// What is asked for, below the server's address.
    fn path<'r>(&self, request: &'r Request) -> &'r str {
        request.path.strip_prefix(self.base).and_then(|path| path.strip_prefix("/api/v1/")).unwrap_or_default()
    }

    fn get(&mut self, request: &Request) -> Response {
        let path = self.path(request);
        if path == "App/user" {
            return self.user();
        }
        if path.starts_with("Import") {
            return self.look_at_imports(request, path);
        }
        if path == "Metadata" {
            let name = request.parameters["key"].rsplit('.').next().unwrap().to_owned();
            // `Tools/App/MetadataService.php`: of a scope that is closed nothing is told; of nothing no body is written
            // (`Core/Api/ControllerActionProcessor.php`, `handleResult`).
            let field = self.fields.get(name.as_str()).filter(|_| self.is_open);
            return field.map_or_else(|| Response::json(200, &""), |field| Response::json(200, field));
        }
        match path.strip_prefix("Opportunity") {
            Some("") => self.list(request),
            Some(id) => self.one(id.trim_start_matches('/')),
            // "unknown route"
            None => Response::empty(404).with("X-Status-Reason", "Controller does not exist."),
        }
    }

    /// "API key: who am I", with the right to import as the administrator has it.
    fn user(&self) -> Response {
        let mut table = json!({ "Opportunity": { "read": "all", "edit": "all", "delete": "no", "create": "yes" } });
        if self.imports.are_allowed {
            table["Import"] = json!(true);
        }
        // `Tools/App/AppService.php`, `getAclDataForFrontend`: what is closed is taken out.
        if !self.is_open {
            table.as_object_mut().unwrap().remove("Opportunity");
        }
        let closed = self.closed.iter().map(|name| ((*name).to_owned(), json!({ "read": "yes", "edit": "no" })));
        let fields = json!({ "Opportunity": Value::Object(closed.collect()) });
        Response::json(200, &json!({ "user": { "id": "u1" }, "acl": { "table": table, "fieldTable": fields } }))
    }

    fn one(&self, id: &str) -> Response {
        match self.records.get(id) {
            Some(record) => Response::json(200, &Value::Object(record.clone())),
            // "PUT wrong id", "PUT a deleted deal"
            None => Response::json(404, &"").with("X-Status-Reason", &format!("Record {id} not found.")),
        }
    }

    /// "list, select + where + pages"
    fn list(&self, request: &Request) -> Response {
        let number = |name: &str| request.parameters.get(name).map_or(20, |text| text.parse::<usize>().unwrap());
        // "list maxSize over the limit"
        if number("maxSize") > self.page {
            let reason = format!("Max size should not exceed {}. Use offset and limit.", self.page);
            return Response::json(403, &"").with("X-Status-Reason", &reason);
        }
        let selected: Vec<&str> = request.parameters["select"].split(',').collect();
        let ids = listed(request, "where[0][value][]");
        let is_asked_for = |id: &str| ids.is_empty() || ids.iter().any(|asked| asked == id);
        let mut records: Vec<&Map<String, Value>> =
            self.records.values().filter(|record| is_asked_for(record["id"].as_str().unwrap())).collect();
        records.sort_by_key(|record| record["createdAt"].as_u64());
        let (total, all) = (json!(records.len()), records.len());
        let page = records.into_iter().skip(number("offset")).take(number("maxSize"));
        let page: Vec<Value> = page
            .map(|record| {
                let fields =
                    selected.iter().map(|name| ((*name).to_owned(), record.get(*name).cloned().unwrap_or(Value::Null)));
                Value::Object(fields.collect())
            })
            .collect();
        // `Core/Record/Collection.php`: -1 where there is more, -2 where there is none.
        let uncounted = json!(if number("offset") + page.len() < all { -1 } else { -2 });
        Response::json(200, &json!({ "total": if self.counts { total } else { uncounted }, "list": page }))
    }

    fn put(&mut self, request: &Request) -> Response {
        let id = request.path.rsplit('/').next().unwrap().to_owned();
        if !self.records.contains_key(&id) {
            return self.one(&id);
        }
        // `Core/Record/Service.php`, `update`
        if self.uneditable.contains(&id.as_str()) {
            return Response::json(403, &"").with("X-Status-Reason", "No edit access.");
        }
        if self.repeats_key {
            let told = json!({ "messageTranslation": { "label": KEY, "data": { "field": KEY, "type": "max" } } });
            return Response::json(400, &told).with("X-Status-Reason", KEY);
        }
        // "PUT bad JSON"
        let Ok(Value::Object(change)) = serde_json::from_str(&request.body) else { return Response::json(500, &"") };
        for (name, value) in &change {
            // "PUT text in float", "PUT numeric string"
            let is_float = self.fields.get(name.as_str()).is_some_and(|field| field["type"] == "float");
            if is_float && value.as_str().is_some_and(|text| text.parse::<f64>().is_err()) {
                let told = json!({ "messageTranslation": { "label": "validationFailure", "scope": null, "data": { "field": name, "type": "valid" } } });
                return Response::json(400, &told).with("X-Status-Reason", "Field validation failure");
            }
            // "PUT value over max"
            if self
                .fields
                .get(name.as_str())
                .is_some_and(|field| field["max"].as_f64() < value.as_f64() && field["max"].is_number())
            {
                let reason = format!("Field validation failure; entityType: Opportunity, field: {name}, type: max.");
                let told = json!({ "messageTranslation": { "label": "validationFailure", "scope": null, "data": { "field": name, "type": "max" } } });
                return Response::json(400, &told).with("X-Status-Reason", &reason);
            }
        }
        self.writes.push((id.clone(), Value::Object(change.clone())));
        let record = self.records.get_mut(&id).unwrap();
        for (name, value) in change {
            // "PUT unknown field": ignored, with success.
            if self.fields.contains_key(name.as_str()) && !self.ignored.contains(&name.as_str()) {
                record.insert(name, value);
            }
        }
        // "PUT same score again": the version grows whatever was written.
        let version = record["versionNumber"].as_u64().unwrap() + 1;
        record.insert("versionNumber".to_owned(), version.into());
        Response::json(200, &Value::Object(record.clone()))
    }
}

impl Crm for EspoDouble {
    fn answer(&mut self, request: &Request) -> Response {
        self.requests += 1;
        // "failed-login lock-out": the 12th answer is 403, a right key included.
        if self.failed_logins >= LOCKED_AFTER {
            return Response::empty(403);
        }
        // "wrong API key"
        if request.headers.get("x-api-key").is_none_or(|key| key != KEY) {
            self.failed_logins += 1;
            return Response::empty(401);
        }
        match (request.method.as_str(), self.path(request)) {
            ("PUT", _) => self.put(request),
            ("POST", "Import/file") => self.upload(request),
            ("POST", "Import") => self.import(request),
            _ => self.get(request),
        }
    }

    fn writes(&self, request: &Request) -> bool {
        request.method == "PUT" || request.method == "POST" && self.path(request) == "Import"
    }

    fn next_fault(&mut self) -> Fault {
        self.faults.pop_front().unwrap_or(Fault::None)
    }
}
