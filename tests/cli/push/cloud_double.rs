//! What the doubles of Salesforce, HubSpot and Zoho have in common: records, a login that gives out tokens, faults.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::double::{Crm, Fault, Request, Response};

/// The client's secret.
pub const SECRET: &str = "client-secret-marked-4be1";
/// What a user gave the client.
pub const REFRESH: &str = "refresh-token-marked-09af";
/// What every access token begins with.
pub const TOKEN: &str = "access-token-marked-77";
/// What the client is called.
pub const CLIENT: &str = "dealcast-client";

/// What a double holds and counts.
pub struct Cloud {
    pub records: BTreeMap<String, Map<String, Value>>,
    pub faults: VecDeque<Fault>,
    /// Every change that was done, in order.
    pub writes: Vec<(String, Value)>,
    /// Requests that write, also those that fail.
    pub write_requests: usize,
    pub requests: usize,
    pub logins: usize,
    /// Requests after which a session ends.
    pub session_length: usize,
    /// Tokens are refused as soon as they are given out.
    pub refuses_tokens: bool,
    used: usize,
}

impl Cloud {
    pub fn new<'d>(deals: impl IntoIterator<Item = &'d str>) -> Self {
        Self {
            records: deals.into_iter().map(|id| (id.to_owned(), Map::new())).collect(),
            faults: VecDeque::new(),
            writes: Vec::new(),
            write_requests: 0,
            requests: 0,
            logins: 0,
            session_length: usize::MAX,
            refuses_tokens: false,
            used: 0,
        }
    }

    /// Stores `fields` in a record that is there.
    pub fn store(&mut self, id: &str, fields: Map<String, Value>) {
        self.writes.push((id.to_owned(), Value::Object(fields.clone())));
        self.records.get_mut(id).unwrap().extend(fields);
    }

    /// OAuth 2 (RFC 6749, 4.4 and 6): a token for the client's secret, and for a refresh token where one is given out.
    pub fn login(&mut self, request: &Request) -> Response {
        let of = |name: &str| request.parameters.get(name).map(String::as_str);
        let is_known = match of("grant_type") {
            Some("client_credentials") => true,
            Some("refresh_token") => of("refresh_token") == Some(REFRESH),
            _ => false,
        };
        if !is_known || of("client_id") != Some(CLIENT) || of("client_secret") != Some(SECRET) {
            let told = format!("invalid client credentials: {}", of("client_secret").unwrap_or_default());
            return Response::json(400, &json!({ "error": "invalid_client", "error_description": told }));
        }
        self.logins += 1;
        self.used = 0;
        let token = format!("{TOKEN}-{}", self.logins);
        Response::json(200, &json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600 }))
    }

    /// Whether a request may be answered: its token is the last one that was given out, and has not ended.
    pub fn knows(&mut self, request: &Request, scheme: &str) -> bool {
        self.requests += 1;
        self.used += 1;
        let shown = request.headers.get("authorization").cloned().unwrap_or_default();
        shown == format!("{scheme} {TOKEN}-{}", self.logins) && self.used <= self.session_length && !self.refuses_tokens
    }

    pub fn next_fault(&mut self) -> Fault {
        self.write_requests += 1;
        self.faults.pop_front().unwrap_or(Fault::None)
    }
}

/// One of the three.
pub trait CloudCrm: Crm {
    /// With records of these deals.
    fn of_deals<'d>(deals: impl IntoIterator<Item = &'d str>) -> Self;
    fn cloud(&mut self) -> &mut Cloud;
    /// The target in the configuration, and its field for the chance.
    const TARGET: (&'static str, &'static str);
    /// The other fields.
    const FIELDS: &'static str;
}
