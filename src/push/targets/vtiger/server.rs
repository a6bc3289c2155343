//! Talking to a vtiger server: a challenge and a login, a session, questions, and `revise`.
//!
//! Every error but two comes behind HTTP 200 with `success: false`; a failure is an empty HTTP 500.

use std::sync::{Mutex, PoisonError};

use md5::{Digest, Md5};
use serde_json::Value;

use crate::push::connection::Connection;
use crate::push::error::{PushStop, StopKind};
use crate::push::transport::{Http, HttpAnswer as Answer, HttpQuestion, Lost};

const PATH: &str = "/webservice.php";
/// Faults of the server itself, whoever asks.
const FAILURES: [&str; 2] = ["INTERNAL_SERVER_ERROR", "DATABASE_QUERY_ERROR"];
/// Of a session that is not known, or has ended: the first two recorded, the others from `include/Webservices/SessionManager.php`
/// (a day old, or half an hour idle).
const SESSION_FAULTS: [&str; 4] =
    ["INVALID_SESSIONID", "AUTHENTICATION_REQUIRED", "SESSION_EXPIRED", "SESSION_LEFT_IDLE"];

/// A vtiger server.
pub(super) struct VtigerServer<'a> {
    http: Http<'a>,
    user: String,
    session: Mutex<Option<Session>>,
}

/// A login that holds for a while.
#[derive(Clone)]
struct Session {
    name: String,
    /// The id of the user.
    user: Option<String>,
}

/// What an answer says.
pub(super) enum VtigerAnswer {
    /// What was asked for.
    Result(Value),
    /// What the server calls the fault.
    Fault(String),
    /// It failed: HTTP 500 and nothing, or its name for that.
    Failed(String),
    /// No answer of this interface.
    Strange(u16),
}

impl VtigerAnswer {
    fn read(answer: &Answer) -> Self {
        if answer.status == 500 {
            return Self::Failed("500".to_owned());
        }
        let body: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        match body.get("success").and_then(Value::as_bool).filter(|_| answer.status == 200) {
            Some(true) => Self::Result(body.get("result").cloned().unwrap_or(Value::Null)),
            Some(false) => {
                let code = body.pointer("/error/code").and_then(Value::as_str).unwrap_or("no code").to_owned();
                if FAILURES.contains(&code.as_str()) { Self::Failed(code) } else { Self::Fault(code) }
            }
            None => Self::Strange(answer.status),
        }
    }

    /// Whether it is the session that is refused.
    pub fn is_of_the_session(&self) -> bool {
        matches!(self, Self::Fault(code) if SESSION_FAULTS.contains(&code.as_str()))
    }

    /// What a login was asked for, or why it fails: trying again with a user or key that is refused makes it worse.
    fn of_login(self) -> Result<Value, PushStop> {
        match self {
            Self::Fault(code) => Err(PushStop::new(
                StopKind::Refused,
                format!(
                    "the user cannot log in: the server answers {code} (the secret is the user's access key, not the password)"
                ),
            )),
            told => told.or_stop("the user cannot log in"),
        }
    }

    /// What was asked for, or why the push ends.
    fn or_stop(self, what: &str) -> Result<Value, PushStop> {
        match self {
            Self::Result(result) => Ok(result),
            Self::Fault(code) => {
                let is_login = code == "INVALID_USER_CREDENTIALS" || SESSION_FAULTS.contains(&code.as_str());
                let kind = if is_login { StopKind::Refused } else { StopKind::Strange };
                Err(PushStop::new(kind, format!("{what}: the server answers {code}")))
            }
            Self::Failed(how) => Err(PushStop::failing(format!("{what}: the server fails ({how})"))),
            Self::Strange(status) => {
                Err(PushStop::failing(format!("{what}: the answer ({status}) is none of vtiger's web service")))
            }
        }
    }
}

impl<'a> VtigerServer<'a> {
    pub fn new(connection: Connection<'a>, user: String) -> Result<Self, PushStop> {
        Ok(Self { http: Http::new(connection)?, user, session: Mutex::new(None) })
    }

    /// Most requests on the way at once.
    pub fn parallel(&self) -> usize {
        self.http.parallel()
    }

    /// Logs in: `md5(challenge + access key)`.
    fn login(&self) -> Result<Session, PushStop> {
        let ask = [("operation", "getchallenge"), ("username", self.user.as_str())];
        let challenge = VtigerAnswer::read(&self.http.ask(PATH, &[], &HttpQuestion::Get(&ask))?);
        let challenge = challenge.of_login()?;
        let token = challenge.get("token").and_then(Value::as_str).unwrap_or_default();
        let digest = Md5::digest(format!("{token}{}", self.http.secret().expose()));
        let key: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let form = [("operation", "login"), ("username", self.user.as_str()), ("accessKey", key.as_str())];
        let login = VtigerAnswer::read(&self.http.ask(PATH, &[], &HttpQuestion::PostForm(&form))?);
        let login = login.of_login()?;
        let text = |name: &str| login.get(name).and_then(Value::as_str).map(str::to_owned);
        match text("sessionName") {
            Some(name) => Ok(Session { name, user: text("userId") }),
            None => Err(PushStop::new(StopKind::Strange, "the server opens no session")),
        }
    }

    /// The session; a new one where there is none yet, or `ended` is the one there was.
    fn session(&self, ended: Option<&str>) -> Result<Session, PushStop> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        match session.as_ref().filter(|session| Some(session.name.as_str()) != ended) {
            Some(session) => Ok(session.clone()),
            None => Ok(session.insert(self.login()?).clone()),
        }
    }

    /// What the server says of its own user; none where it says nothing.
    pub fn own_user(&self) -> Result<Option<Value>, PushStop> {
        let Some(user) = self.session(None)?.user else { return Ok(None) };
        self.retrieve(&user)
    }

    /// A whole record; none where it cannot be retrieved.
    pub fn retrieve(&self, id: &str) -> Result<Option<Value>, PushStop> {
        match self.get("retrieve", "id", id, "the record cannot be retrieved") {
            Ok(record) => Ok(Some(record)),
            Err(stop) if stop.kind == StopKind::Strange => Ok(None),
            Err(stop) => Err(stop),
        }
    }

    /// Does `ask` in the session; once more, in a new one, where it has ended.
    fn in_session<T>(
        &self,
        ask: impl Fn(&str) -> Result<T, PushStop>,
        has_ended: impl Fn(&T) -> bool,
    ) -> Result<T, PushStop> {
        let session = self.session(None)?.name;
        let told = ask(&session)?;
        if has_ended(&told) { ask(&self.session(Some(&session))?.name) } else { Ok(told) }
    }

    /// Asks what changes nothing.
    pub fn get(&self, operation: &str, name: &str, value: &str, what: &str) -> Result<Value, PushStop> {
        let ask = |session: &str| {
            let ask = [("operation", operation), ("sessionName", session), (name, value)];
            Ok(VtigerAnswer::read(&self.http.ask(PATH, &[], &HttpQuestion::Get(&ask))?))
        };
        self.in_session(ask, VtigerAnswer::is_of_the_session)?.or_stop(what)
    }

    /// Sends a change; `Err` inside where there is no answer.
    pub fn revise(&self, element: &str) -> Result<Result<VtigerAnswer, String>, PushStop> {
        let ask = |session: &str| {
            let form = [("operation", "revise"), ("sessionName", session), ("element", element)];
            Ok(match self.http.tell(PATH, &[], &HttpQuestion::PostForm(&form))? {
                Ok(answer) => Ok(VtigerAnswer::read(&answer)),
                Err(Lost::Unsent(what) | Lost::Unanswered(what)) => Err(what),
            })
        };
        self.in_session(ask, |told| told.as_ref().is_ok_and(VtigerAnswer::is_of_the_session))
    }

    pub fn query(&self, query: &str) -> Result<Vec<Value>, PushStop> {
        match self.get("query", "query", query, "the deals cannot be read")? {
            Value::Array(rows) => Ok(rows),
            _ => Err(PushStop::new(StopKind::Strange, "the deals cannot be read: the server answers without a list")),
        }
    }
}
