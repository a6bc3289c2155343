//! A double of a vtiger 8.2.0 server. Each behaviour names the exchange it was recorded in (`vtiger_8.2.0.txt`, and
//! `vtiger_8.2.0_extra.txt`), or the file and function of vtiger's source.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::double::{Crm, Fault, Request, Response};

/// The access key that is right.
pub const KEY: &str = "vtiger-key-marked-9b1c";
const TOKEN: &str = "6b03e75227d40";
const SCORE: &str = "cf_win_score";
const TEXTS: [&str; 2] = ["cf_score_model", "cf_scored_on"];
const AMOUNT: &str = "amount";
/// The id of the API user.
const USER: &str = "19x5";

pub struct VtigerDouble {
    /// Win score and texts by the number of the record.
    pub records: BTreeMap<u64, BTreeMap<&'static str, String>>,
    /// The API user's "Number of Currency Decimals".
    pub decimals: usize,
    pub faults: VecDeque<Fault>,
    pub writes: Vec<(u64, Value)>,
    pub logins: usize,
    /// Operations after which the server forgets its sessions.
    pub session_length: usize,
    /// A record whose reading is answered by somebody else.
    pub odd: Option<u64>,
    /// The API user's decimal separator.
    pub separator: char,
    /// Whether the API user may look at itself.
    pub shows_user: bool,
    /// Whether the user's profile lets it edit opportunities.
    pub updateable: bool,
    /// What a session that has ended is called: "bogus session", or one of `include/Webservices/SessionManager.php`, `isValid`.
    pub ended: &'static str,
    /// What is said of a record that is gone: "revise a deleted deal", or another one of `include/Webservices/Revise.php`.
    pub gone: &'static str,
    /// Writes that end in an exception nobody expected (`webservice.php`: `INTERNAL_SERVER_ERROR` behind HTTP 200).
    pub exceptions: usize,
    /// Records the user may not see.
    pub hidden: BTreeSet<u64>,
    sessions: BTreeSet<String>,
    operations: usize,
}

impl VtigerDouble {
    pub fn new<'d>(deals: impl IntoIterator<Item = &'d str>) -> Self {
        let number = |id: &str| id.trim_start_matches("13x").parse::<u64>().unwrap();
        // "create opportunity 1": a number that was never filled is 0.
        let record = || {
            let amount = (AMOUNT, "12500.50000000".to_owned());
            BTreeMap::from([
                (SCORE, "0.000000".to_owned()),
                (TEXTS[0], String::new()),
                (TEXTS[1], String::new()),
                amount,
            ])
        };
        Self {
            records: deals.into_iter().map(|id| (number(id), record())).collect(),
            decimals: 5,
            faults: VecDeque::new(),
            writes: Vec::new(),
            logins: 0,
            session_length: usize::MAX,
            odd: None,
            separator: '.',
            shows_user: true,
            updateable: true,
            ended: "INVALID_SESSIONID",
            gone: "ACCESS_DENIED",
            exceptions: 0,
            hidden: BTreeSet::new(),
            sessions: BTreeSet::new(),
            operations: 0,
        }
    }

    /// Records nobody asked for, before all others.
    pub fn crowd(&mut self, records: u64) {
        let filled = self.records.values().next().unwrap().clone();
        self.records.extend((1..=records).map(|id| (id, filled.clone())));
    }

    pub fn score(&self, deal: &str) -> f64 {
        self.records[&deal.trim_start_matches("13x").parse::<u64>().unwrap()][SCORE].parse().unwrap()
    }

    pub fn amount(&self, deal: &str) -> &str {
        &self.records[&deal.trim_start_matches("13x").parse::<u64>().unwrap()][AMOUNT]
    }

    fn told(&self, id: u64) -> Value {
        let mut record = serde_json::Map::from_iter([("id".to_owned(), json!(format!("13x{id}")))]);
        record.extend(self.records[&id].iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
        Value::Object(record)
    }

    fn login(&mut self, request: &Request) -> Response {
        let expected: String = Md5::digest(format!("{TOKEN}{KEY}")).iter().map(|byte| format!("{byte:02x}")).collect();
        // "login with wrong accessKey"
        if request.parameters["accessKey"] != expected {
            return fault("INVALID_USER_CREDENTIALS", "Invalid username or password");
        }
        self.logins += 1;
        let session = format!("session{}", self.logins);
        self.sessions.insert(session.clone());
        success(&json!({ "sessionName": session, "userId": USER, "version": "0.22", "vtigerVersion": "8.2.0" }))
    }

    /// "query the score back", "query: over page size": never more than 100, without a word; "keyset paging by id works".
    fn query(&self, query: &str) -> Response {
        let quoted = query.split('\'').nth(1).map(|id| id.trim_start_matches("13x").parse::<u64>().unwrap());
        if quoted.is_some() && quoted == self.odd && query.contains("id='") {
            return Response { status: 200, headers: Vec::new(), body: "<html>maintenance</html>".to_owned() };
        }
        let is_wanted = |id: u64| match quoted {
            Some(named) if query.contains("id > ") => id > named,
            Some(named) => id == named,
            None => true,
        };
        // `include/Webservices/VtigerModuleOperation.php`, `query`: what the user may not see is left out of the 100 of a page.
        let page = self.records.keys().copied().filter(|id| is_wanted(*id)).take(100);
        let rows: Vec<Value> = page.filter(|id| !self.hidden.contains(id)).map(|id| self.told(id)).collect();
        success(&json!(rows))
    }

    /// "retrieve"; of the API user what `Users` is described with.
    fn retrieve(&self, id: &str) -> Response {
        let number = id.strip_prefix("13x").and_then(|id| id.parse().ok());
        match number.filter(|id| self.records.contains_key(id) && !self.hidden.contains(id)) {
            Some(id) => success(&self.told(id)),
            None if id == USER && self.shows_user => success(&json!({
                "id": USER, "user_name": "scorer", "currency_decimal_separator": self.separator.to_string(),
                "no_of_currency_decimals": self.decimals.to_string()
            })),
            None => fault("ACCESS_DENIED", "Permission to perform the operation is denied"),
        }
    }

    fn revise(&mut self, element: &str) -> Response {
        let Ok(element) = serde_json::from_str::<Value>(element) else {
            // "revise: bad JSON"
            return fault("ACCESS_DENIED", "Permission to perform the operation is denied for id");
        };
        let id: u64 = element["id"].as_str().unwrap().trim_start_matches("13x").parse().unwrap();
        if self.exceptions > 0 {
            self.exceptions -= 1;
            return fault("INTERNAL_SERVER_ERROR", "Unknown Error while processing request");
        }
        let (decimals, separator) = (self.decimals, self.separator);
        let Some(record) = self.records.get_mut(&id).filter(|_| !self.hidden.contains(&id)) else {
            return fault(self.gone, "Permission to perform the operation is denied");
        };
        // `include/Webservices/VtigerCRMObject.php`, `revise`, and `data/CRMEntity.php`, `insertIntoEntityTable`: the whole record
        // is saved, its stored numbers read as the user writes numbers.
        if separator != '.' {
            let digits = record[AMOUNT].replace('.', "");
            record.insert(AMOUNT, format!("{digits}.00000000"));
        }
        for (name, value) in element.as_object().unwrap() {
            let value = value.as_str().unwrap();
            if name == SCORE {
                // "op=revise TypeError: number_format()": text in a number field
                let Ok(number) = value.parse::<f64>() else { return Response::empty(500) };
                // "decimals: what the server stores"
                record.insert(SCORE, format!("{:.6}", format!("{number:.decimals$}").parse::<f64>().unwrap()));
            }
            // Unknown names are ignored, with success.
            if let Some(known) = TEXTS.into_iter().find(|known| known == name) {
                record.insert(known, value.to_owned());
            }
        }
        self.writes.push((id, element));
        success(&self.told(id))
    }
}

fn success(result: &Value) -> Response {
    Response::json(200, &json!({ "success": true, "result": result }))
}

fn fault(code: &str, message: &str) -> Response {
    Response::json(200, &json!({ "success": false, "error": { "message": message, "code": code } }))
}

impl Crm for VtigerDouble {
    fn answer(&mut self, request: &Request) -> Response {
        let of = |name: &str| request.parameters.get(name).cloned().unwrap_or_default();
        match of("operation").as_str() {
            // "getchallenge unknown user"
            "getchallenge" if of("username") != "scorer" => return fault("ACCESS_DENIED", "username does not exists"),
            "getchallenge" => return success(&json!({ "token": TOKEN, "serverTime": 1, "expireTime": 301 })),
            "login" => return self.login(request),
            _ => {}
        }
        self.operations += 1;
        if self.operations.is_multiple_of(self.session_length) {
            self.sessions.clear();
        }
        match request.parameters.get("sessionName") {
            // "no session"
            None => return fault("AUTHENTICATION_REQUIRED", "Authencation required"),
            // "bogus session", "expired session"
            Some(session) if !self.sessions.contains(session) => {
                return fault(self.ended, "Session Identifier provided is Invalid");
            }
            Some(_) => {}
        }
        match of("operation").as_str() {
            "describe" => {
                let field =
                    |name: &str, kind: &str| json!({ "name": name, "type": { "name": kind }, "editable": true });
                let fields = [
                    field(SCORE, "double"),
                    field(TEXTS[0], "string"),
                    field(TEXTS[1], "date"),
                    field("probability", "double"),
                ];
                let updateable = self.updateable;
                success(&json!({ "name": "Potentials", "updateable": updateable, "idPrefix": "13", "fields": fields }))
            }
            "retrieve" => self.retrieve(&of("id")),
            "query" => self.query(&of("query")),
            // "revise by GET (wrong verb)"
            "revise" if request.method == "GET" => {
                fault("ACCESS_DENIED", "Permission to perform the operation is denied for id")
            }
            "revise" => self.revise(&of("element")),
            // "unknown operation"
            _ => Response::empty(500),
        }
    }

    fn writes(&self, request: &Request) -> bool {
        request.parameters.get("operation").is_some_and(|operation| operation == "revise")
    }

    fn next_fault(&mut self) -> Fault {
        self.faults.pop_front().unwrap_or(Fault::None)
    }
}
