//! A double of Odoo's JSON-2 interface, as its documentation says:
//! <https://www.odoo.com/documentation/19.0/developer/reference/external_api.html>. Statuses of the exceptions are those of
//! `odoo/exceptions.py` (AccessError 403, MissingError 404, UserError and ValidationError 422). Never compared with a server.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value, json};

use super::double::{Crm, Fault, Request, Response};
use super::suite::Peer;

/// The key that is right.
pub const KEY: &str = "odoo-key-marked-3c9d";

pub struct OdooDouble {
    pub records: BTreeMap<u64, Map<String, Value>>,
    archived: BTreeSet<u64>,
    pub fields: Value,
    pub faults: VecDeque<Fault>,
    pub writes: Vec<(String, Value)>,
    /// Calls of `write` that were done.
    pub calls: usize,
    /// Calls of `search_read`.
    pub looks: usize,
    /// Leads somebody else holds: the next write of each fails.
    pub locked: Vec<String>,
    /// Leads the user may not write.
    pub closed: Vec<String>,
}

impl OdooDouble {
    pub fn new<'d>(deals: impl IntoIterator<Item = &'d str>) -> Self {
        // An empty text is `false`, an empty number 0.
        let empty = json!({ "x_studio_win_chance": 0.0, "x_score": 0, "x_grade": false, "x_scored_at": false });
        let record = |id: &str| (id.parse().unwrap(), empty.as_object().unwrap().clone());
        Self {
            records: deals.into_iter().map(record).collect(),
            archived: BTreeSet::new(),
            fields: json!({
                "x_studio_win_chance": { "type": "float", "readonly": false, "store": true },
                "x_score": { "type": "integer", "readonly": false, "store": true },
                "x_grade": { "type": "char", "readonly": false, "store": true },
                "x_scored_at": { "type": "datetime", "readonly": false, "store": true },
            }),
            faults: VecDeque::new(),
            writes: Vec::new(),
            calls: 0,
            looks: 0,
            locked: Vec::new(),
            closed: Vec::new(),
        }
    }

    pub fn archive(&mut self, deal: &str) {
        self.archived.insert(deal.parse().unwrap());
    }

    /// `fields_get(allfields, attributes)`
    fn fields_get(&self, body: &Value) -> Response {
        let asked = body["allfields"].as_array().unwrap().iter().filter_map(Value::as_str);
        let known = asked.filter_map(|name| Some((name.to_owned(), self.fields.get(name)?.clone())));
        Response::json(200, &Value::Object(known.collect()))
    }

    /// `search_read(domain, fields, offset, limit, order)`; archived records only with `active_test` off.
    fn search_read(&mut self, body: &Value) -> Response {
        self.looks += 1;
        let has_archived = body["context"]["active_test"] == json!(false);
        let meets = |id: u64, term: &Value| match (term[0].as_str(), term[1].as_str()) {
            (Some("type"), _) => true,
            (Some("id"), Some(">")) => id > term[2].as_u64().unwrap(),
            (Some("id"), Some("in")) => term[2].as_array().unwrap().contains(&json!(id)),
            _ => panic!("{term}"),
        };
        let domain = body["domain"].as_array().unwrap();
        let found = self.records.iter().filter(|(id, _)| {
            (has_archived || !self.archived.contains(id)) && domain.iter().all(|term| meets(**id, term))
        });
        let most = usize::try_from(body["limit"].as_u64().unwrap()).unwrap();
        let rows: Vec<Value> = found
            .take(most)
            .map(|(id, record)| {
                let mut row = record.clone();
                row.insert("id".to_owned(), json!(id));
                Value::Object(row)
            })
            .collect();
        Response::json(200, &json!(rows))
    }

    /// `write(ids, vals)`: one transaction, all of it or nothing.
    fn write(&mut self, body: &Value) -> Response {
        assert_eq!(
            (&body["context"]["tracking_disable"], &body["context"]["mail_notrack"]),
            (&json!(true), &json!(true))
        );
        let ids: Vec<u64> = body["ids"].as_array().unwrap().iter().map(|id| id.as_u64().unwrap()).collect();
        if ids.iter().any(|id| !self.records.contains_key(id)) {
            let told = "Record does not exist or has been deleted.\n(Record: crm.lead(5,), User: 2)";
            return error(404, "odoo.exceptions.MissingError", told);
        }
        if ids.iter().any(|id| self.closed.contains(&id.to_string())) {
            return error(403, "odoo.exceptions.AccessError", "You are not allowed to modify this lead.\nMore.");
        }
        if let Some(at) = self.locked.iter().position(|locked| ids.iter().any(|id| id.to_string() == *locked)) {
            self.locked.remove(at);
            return error(500, "psycopg2.errors.SerializationFailure", "could not serialize access");
        }
        self.calls += 1;
        for id in ids {
            self.writes.push((id.to_string(), body["vals"].clone()));
            self.records.get_mut(&id).unwrap().extend(body["vals"].as_object().unwrap().clone());
        }
        Response::json(200, &json!(true))
    }
}

/// The error object of the documentation.
fn error(status: u16, name: &str, message: &str) -> Response {
    let told = json!({ "name": name, "message": message, "arguments": [message], "context": {}, "debug": "Traceback" });
    Response::json(status, &told)
}

impl Crm for OdooDouble {
    fn answer(&mut self, request: &Request) -> Response {
        if request.headers.get("authorization").is_none_or(|given| *given != format!("bearer {KEY}")) {
            return error(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey");
        }
        assert_eq!(request.headers["x-odoo-database"], "mycompany");
        assert_eq!(request.method, "POST");
        let body: Value = serde_json::from_str(&request.body).unwrap();
        match request.path.as_str() {
            "/json/2/crm.lead/fields_get" => self.fields_get(&body),
            "/json/2/crm.lead/search_read" => self.search_read(&body),
            "/json/2/crm.lead/write" => self.write(&body),
            other => panic!("{other} is not asked for"),
        }
    }

    fn writes(&self, request: &Request) -> bool {
        request.path.ends_with("/write")
    }

    fn next_fault(&mut self) -> Fault {
        self.faults.pop_front().unwrap_or(Fault::None)
    }
}

impl Peer for OdooDouble {
    fn done(&self) -> Vec<(String, Value)> {
        self.writes.clone()
    }

    fn faults(&mut self) -> &mut VecDeque<Fault> {
        &mut self.faults
    }

    fn chance(&self, deal: &str) -> f64 {
        self.records[&deal.parse().unwrap()]["x_studio_win_chance"].as_f64().unwrap()
    }

    fn remove(&mut self, deal: &str) {
        self.records.remove(&deal.parse().unwrap());
    }
}
