//! Requests with an access token: a [`Connection`] in, [`LoggedIn`] out, which puts the token on every request.
//!
//! The token is the secret of the connection, or a client logs in for it (OAuth 2: client credentials, or the refresh token
//! a user gave it). A session that ends is opened again once; a second refusal ends the push. Tokens are hidden in
//! everything a server says.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::config::is_safe_address;
use crate::push::connection::{Connection, LoginClient};
use crate::push::error::{PushStop, StopKind};
use crate::push::secret::Secret;
use crate::push::transport::{Http, HttpAnswer, HttpQuestion, Lost};

/// A server that is asked with an access token.
pub(super) struct LoggedIn<'a> {
    http: Http<'a>,
    client: Option<Client>,
    /// What stands before the token in the header `Authorization`.
    scheme: &'static str,
    session: Mutex<Option<Arc<Session>>>,
}

/// A client whose refresh token is hidden too.
struct Client {
    token_url: String,
    client_id: String,
    refresh_token: Option<Arc<Secret>>,
    scope: Option<String>,
}

/// A login that holds for a while.
struct Session {
    token: Arc<Secret>,
    /// Where the server is, if the login said so.
    url: Option<String>,
}

impl<'a> LoggedIn<'a> {
    /// `scheme` is what stands before the token: `Bearer`. `is_daily_limit` knows the 429 that holds for the day.
    pub fn new(
        mut connection: Connection<'a>,
        scheme: &'static str,
        is_daily_limit: fn(&str) -> bool,
    ) -> Result<Self, PushStop> {
        let client = connection.login.take();
        let http = Http::new(connection)?.with_daily_limit(is_daily_limit);
        let http = if client.is_some() { http.with_sessions() } else { http };
        let client = client.map(|LoginClient { token_url, client_id, refresh_token, scope }| {
            let refresh_token = refresh_token.map(Arc::new);
            refresh_token.iter().for_each(|token| http.hide(Arc::clone(token)));
            Client { token_url, client_id, refresh_token, scope }
        });
        Ok(Self { http, client, scheme, session: Mutex::new(None) })
    }

    /// The connection itself, for pauses.
    pub fn http(&self) -> &Http<'a> {
        &self.http
    }

    /// Asks what changes nothing.
    pub fn ask(&self, path: &str, question: &HttpQuestion<'_>) -> Result<HttpAnswer, PushStop> {
        self.ask_with(path, &[], question)
    }

    /// The same, with headers beside the token.
    pub fn ask_with(
        &self,
        path: &str,
        more: &[(&str, &str)],
        question: &HttpQuestion<'_>,
    ) -> Result<HttpAnswer, PushStop> {
        self.in_session(
            |session| {
                let authorization = self.authorization(session);
                let headers = [&[("Authorization", authorization.as_str())][..], more].concat();
                self.http.ask(&address(session, path), &headers, question)
            },
            |answer| (answer.status == 401).then(|| answer.body.clone()),
        )
    }

    /// Sends what changes something. A request that was refused for its token changed nothing.
    pub fn tell(&self, path: &str, question: &HttpQuestion<'_>) -> Result<Result<HttpAnswer, Lost>, PushStop> {
        self.tell_with(path, &[], question)
    }

    /// The same, with headers beside the token.
    pub fn tell_with(
        &self,
        path: &str,
        more: &[(&str, &str)],
        question: &HttpQuestion<'_>,
    ) -> Result<Result<HttpAnswer, Lost>, PushStop> {
        self.in_session(
            |session| {
                let authorization = self.authorization(session);
                let headers = [&[("Authorization", authorization.as_str())][..], more].concat();
                self.http.tell(&address(session, path), &headers, question)
            },
            |told| told.as_ref().ok().filter(|answer| answer.status == 401).map(|answer| answer.body.clone()),
        )
    }

    /// Does `request` in the session; once more, in a new one, where its token is refused.
    fn in_session<T>(
        &self,
        request: impl Fn(Option<&Session>) -> Result<T, PushStop>,
        refusal: impl Fn(&T) -> Option<String>,
    ) -> Result<T, PushStop> {
        let Some(client) = &self.client else {
            let told = request(None)?;
            return refusal(&told).map_or(Ok(told), |body| Err(refused(&body, "the token")));
        };
        let session = self.session(client, None)?;
        let told = request(Some(&session))?;
        if refusal(&told).is_none() {
            return Ok(told);
        }
        let told = request(Some(&*self.session(client, Some(&session))?))?;
        let Some(body) = refusal(&told) else { return Ok(told) };
        self.http.refuse();
        Err(refused(&body, "a token it has just given out"))
    }

    fn authorization(&self, session: Option<&Session>) -> String {
        let token = session.map_or_else(|| self.http.secret(), |session| &*session.token);
        format!("{} {}", self.scheme, token.expose())
    }

    /// The session; a new one where there is none yet, or `ended` is the one there was.
    fn session(&self, client: &Client, ended: Option<&Arc<Session>>) -> Result<Arc<Session>, PushStop> {
        let mut held = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let is_ended = |session: &Arc<Session>| ended.is_some_and(|ended| Arc::ptr_eq(ended, session));
        if let Some(session) = held.as_ref().filter(|session| !is_ended(session)) {
            return Ok(Arc::clone(session));
        }
        Ok(Arc::clone(held.insert(Arc::new(self.log_in(client)?))))
    }

    fn log_in(&self, client: &Client) -> Result<Session, PushStop> {
        let mut form = vec![("client_id", client.client_id.as_str()), ("client_secret", self.http.secret().expose())];
        match &client.refresh_token {
            Some(token) => form.extend([("grant_type", "refresh_token"), ("refresh_token", token.expose())]),
            None => form.push(("grant_type", "client_credentials")),
        }
        form.extend(client.scope.iter().map(|scope| ("scope", scope.as_str())));
        let answer = self.http.ask(&client.token_url, &[], &HttpQuestion::Login(&form))?;
        let told: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        let text = |name: &str| told.get(name).and_then(Value::as_str);
        let Some(token) = text("access_token").filter(|_| answer.status == 200).and_then(Secret::first_line) else {
            let stop = self.no_token(answer.status, text("error"));
            if stop.kind == StopKind::Refused {
                self.http.refuse();
            }
            return Err(stop);
        };
        let token = Arc::new(token);
        self.http.hide(Arc::clone(&token));
        let url = text("instance_url").map(str::to_owned);
        if url.as_deref().is_some_and(|url| !is_safe_address(url)) {
            return Err(PushStop::new(StopKind::Strange, "the login leads to an address without TLS"));
        }
        Ok(Session { token, url })
    }

    /// Why a login gives no token, in the server's own word where it has one.
    fn no_token(&self, status: u16, error: Option<&str>) -> PushStop {
        match error {
            Some(error) => {
                let error = self.http.without_secrets(error.to_owned());
                PushStop::new(StopKind::Refused, format!("the login is refused: {error}"))
            }
            None if (400..500).contains(&status) => {
                PushStop::new(StopKind::Refused, format!("the login is refused ({status})"))
            }
            None => PushStop::new(StopKind::Strange, format!("the login gives no access token ({status})")),
        }
    }
}

/// Where a request goes: to the server the login named, or to that of the configuration.
fn address(session: Option<&Session>, path: &str) -> String {
    let url = session.and_then(|session| session.url.as_deref()).unwrap_or_default();
    format!("{}{path}", url.trim_end_matches('/'))
}

/// The end: the server refuses `what` it was shown.
fn refused(body: &str, what: &str) -> PushStop {
    let said = said(body).map(|code| format!(", {code}")).unwrap_or_default();
    PushStop::new(StopKind::Refused, format!("the server refuses {what} (401{said}); nothing more is sent"))
}

/// What a refusal is called: `INVALID_SESSION_ID`, `INVALID_AUTHENTICATION`, `OAUTH_SCOPE_MISMATCH`.
fn said(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let first = body.get(0).unwrap_or(&body);
    let of = |name: &str| first.get(name).and_then(Value::as_str);
    of("errorCode").or_else(|| of("category")).or_else(|| of("code")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_words_of_the_server() {
        for (body, code) in [
            (
                r#"[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]"#,
                Some("INVALID_SESSION_ID"),
            ),
            (r#"{"status":"error","category":"INVALID_AUTHENTICATION"}"#, Some("INVALID_AUTHENTICATION")),
            (r#"{"code":"INVALID_TOKEN","status":"error"}"#, Some("INVALID_TOKEN")),
            ("", None),
        ] {
            assert_eq!(said(body).as_deref(), code, "{body}");
        }
    }

    #[test]
    fn a_request_goes_where_the_login_says() {
        let token = Arc::new(Secret::first_line("t").expect("a token"));
        let session = Session { token, url: Some("https://eu7.example.com/".to_owned()) };
        assert_eq!(address(Some(&session), "/services"), "https://eu7.example.com/services");
        assert_eq!(address(None, "/services"), "/services");
    }
}
