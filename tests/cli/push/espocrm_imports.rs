//! The CSV import of the double of an EspoCRM server, as it was recorded (`espocrm_9.1.7_import_and_lockout.txt`), and as
//! EspoCRM's source has what was not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::double::{Request, Response};
use super::espocrm_double::{EspoDouble, LOCKED_AFTER};

/// The default currency of the server.
pub const DEFAULT_CURRENCY: &str = "EUR";

/// What the double knows of imports.
pub struct EspoImports {
    /// Whether the user may import.
    pub are_allowed: bool,
    /// What a role may not do though it may import: "file", "run", "list", "errors". With "everything" the address is locked out at the first of them.
    pub closed: &'static [&'static str],
    /// How many days ago an import was begun whose process was killed: its status stays.
    pub dead_for_days: Option<u32>,
    /// How often somebody looked whether imports are under way.
    pub looks: usize,
    /// Imports that were begun.
    pub begun: usize,
    /// Rows of each.
    pub rows: Vec<usize>,
    /// Records of which a field that is not sent breaks a rule: an import looks at all fields.
    pub broken: BTreeSet<String>,
    /// Rows after which whatever stands in between gives up; the server goes on as often as it is asked how far it is.
    pub gives_up_after: Option<usize>,
    /// Whether imports end in the middle, with success.
    pub break_off: bool,
    files: BTreeMap<String, String>,
    errors: BTreeMap<String, Vec<Value>>,
    waiting: Vec<(usize, Vec<String>)>,
    columns: Vec<String>,
    /// What an empty currency becomes.
    currency: String,
}

impl EspoImports {
    pub fn new() -> Self {
        Self {
            are_allowed: true,
            closed: &[],
            dead_for_days: None,
            looks: 0,
            begun: 0,
            rows: Vec::new(),
            broken: BTreeSet::new(),
            gives_up_after: None,
            break_off: false,
            files: BTreeMap::new(),
            errors: BTreeMap::new(),
            waiting: Vec::new(),
            columns: Vec::new(),
            currency: DEFAULT_CURRENCY.to_owned(),
        }
    }
}

/// The values of a parameter that may be given several times.
pub fn listed(request: &Request, name: &str) -> Vec<String> {
    request.pairs.iter().filter(|(given, _)| given == name).map(|(_, value)| value.clone()).collect()
}

impl EspoDouble {
    /// The answer to what a role may not do: it has no reason (`Tools/Import/Api`).
    fn refusal(&mut self, what: &str) -> Option<Response> {
        if !self.imports.closed.contains(&what) {
            return None;
        }
        if self.imports.closed.contains(&"everything") {
            self.failed_logins = LOCKED_AFTER;
        }
        Some(Response::json(403, &""))
    }

    /// "CSV import, update by id (admin): upload file"
    pub fn upload(&mut self, request: &Request) -> Response {
        if !self.imports.are_allowed {
            // `Tools/Import/Api/PostFile.php`
            return Response::json(403, &"");
        }
        if let Some(refusal) = self.refusal("file") {
            return refusal;
        }
        let id = format!("attachment{}", self.imports.files.len());
        self.imports.files.insert(id.clone(), request.body.clone());
        Response::json(200, &json!({ "attachmentId": id }))
    }

    /// "run the import"
    pub fn import(&mut self, request: &Request) -> Response {
        if let Some(refusal) = self.refusal("run") {
            return refusal;
        }
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!(
            (&body["action"], &body["updateBy"], &body["silentMode"]),
            (&json!("update"), &json!([0]), &json!(true))
        );
        let file = self.imports.files[body["attachmentId"].as_str().unwrap()].clone();
        let mut lines = csv::ReaderBuilder::new().has_headers(false).from_reader(file.as_bytes());
        let mut rows = lines.records().map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<String>>());
        self.imports.columns = rows.next().unwrap();
        assert_eq!(json!(self.imports.columns), body["attributeList"]);
        let mut rows: Vec<(usize, Vec<String>)> = rows.enumerate().map(|(at, row)| (at + 1, row)).collect();
        self.imports.currency = body["currency"].as_str().unwrap_or(DEFAULT_CURRENCY).to_owned();
        self.imports.begun += 1;
        self.imports.rows.push(rows.len());
        let id = format!("import{}", self.imports.begun);
        self.imports.errors.insert(id.clone(), Vec::new());
        let end = match self.imports.gives_up_after {
            Some(most) => most.min(rows.len()),
            None if self.imports.break_off => rows.len() / 2,
            None => rows.len(),
        };
        let later = rows.split_off(end);
        let updated = rows.into_iter().filter(|(at, row)| self.import_row(*at, row)).count();
        if self.imports.gives_up_after.is_some() {
            self.imports.waiting = later;
            return Response::empty(504);
        }
        Response::json(200, &json!({ "id": id, "countCreated": 0, "countUpdated": updated, "manualMode": false }))
    }

    /// Whether a row was taken.
    fn import_row(&mut self, at: usize, row: &[String]) -> bool {
        let id = row[0].clone();
        let change: Map<String, Value> =
            self.imports.columns.iter().zip(row).skip(1).filter_map(|(name, cell)| self.parsed(name, cell)).collect();
        let failures = self.failures(&id, &change);
        let is_there = self.records.contains_key(&id);
        if !is_there || !failures.is_empty() {
            let kind = if is_there { "Validation" } else { "Not-Found" };
            let error = json!({ "type": kind, "rowIndex": at, "row": row, "validationFailures": failures });
            self.imports.errors.values_mut().last().unwrap().push(error);
            return false;
        }
        self.writes.push((id.clone(), Value::Object(change.clone())));
        let record = self.records.get_mut(&id).unwrap();
        // `Tools/Import/Import.php`: a record that has an amount and no currency gets one, whatever was sent.
        if record["amountCurrency"].is_null() {
            record.insert("amountCurrency".to_owned(), json!(self.imports.currency));
        }
        record.extend(change);
        true
    }

    /// A cell as the field takes it; nothing of an empty one, which leaves the field alone.
    fn parsed(&self, name: &str, cell: &str) -> Option<(String, Value)> {
        let value = match self.fields[name]["type"].as_str().unwrap() {
            _ if cell.is_empty() => return None,
            "float" => json!(cell.parse::<f64>().unwrap()),
            "int" => json!(cell.parse::<i64>().unwrap()),
            "datetime" => {
                assert_eq!(cell.len(), "2027-01-05 00:00".len(), "{cell} is not of the format that was named");
                json!(format!("{cell}:00"))
            }
            _ => json!(cell),
        };
        Some((name.to_owned(), value))
    }

    fn failures(&self, id: &str, change: &Map<String, Value>) -> Vec<Value> {
        let failure = |field: &str, kind: &str| json!({ "entityType": "Opportunity", "field": field, "type": kind });
        let is_over = |name: &str, value: &Value| {
            let most = &self.fields[name]["max"];
            most.is_number() && most.as_f64() < value.as_f64()
        };
        let over = change.iter().filter(|(name, value)| is_over(name, value)).map(|(name, _)| failure(name, "max"));
        let broken = self.imports.broken.contains(id).then(|| failure("amount", "required"));
        over.chain(broken).collect()
    }

    /// "import errors", and the imports under way.
    pub fn look_at_imports(&mut self, request: &Request, path: &str) -> Response {
        if let Some(refusal) = self.refusal(if path.ends_with("/errors") { "errors" } else { "list" }) {
            return refusal;
        }
        if let Some(id) = path.strip_prefix("Import/").and_then(|rest| rest.strip_suffix("/errors")) {
            let offset: usize = request.parameters["offset"].parse().unwrap();
            let errors = &self.imports.errors[id];
            let page: Vec<&Value> = errors.iter().skip(offset).take(self.page).collect();
            return Response::json(200, &json!({ "total": errors.len(), "list": page }));
        }
        assert_eq!(request.parameters["where[0][value]"], "In Process");
        assert_eq!(request.parameters["where[2][value]"], "u1");
        let most = self.imports.gives_up_after.unwrap_or(usize::MAX).min(self.imports.waiting.len());
        let last = self.imports.rows.last().unwrap_or(&0) - self.imports.waiting.len();
        self.imports.looks += 1;
        // `Core/Select/Where/DateTimeItemTransformer.php`: from the midnight so many days ago, where it is said to be a moment.
        let asked: Vec<&str> = ["type", "attribute", "value", "dateTime"]
            .iter()
            .map(|key| request.parameters[&format!("where[3][{key}]")].as_str())
            .collect();
        assert_eq!(asked, ["lastXDays", "createdAt", "1", "true"]);
        let dead = self.imports.dead_for_days.filter(|days| *days <= 1);
        let dead = dead.map(|_| json!({ "id": "dead", "lastIndex": 3 }));
        let moving = (most > 0).then(|| json!({ "id": "import", "lastIndex": last }));
        let running: Vec<Value> = dead.into_iter().chain(moving).collect();
        let now: Vec<(usize, Vec<String>)> = self.imports.waiting.drain(..most).collect();
        for (at, row) in now {
            self.import_row(at, &row);
        }
        Response::json(200, &json!({ "total": running.len(), "list": running }))
    }
}
