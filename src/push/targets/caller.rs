//! Servers that take a key in a header of their own, or the access token of a login, as the section has it.

use crate::push::connection::Connection;
use crate::push::error::PushStop;
use crate::push::login::LoggedIn;
use crate::push::transport::{Http, HttpAnswer, HttpQuestion, Lost};

/// Where the secret stands in a header.
const SECRET: &str = "{secret}";

/// A server, and how it is asked.
pub(super) enum Caller<'a> {
    /// With the secret in headers.
    Keyed(Box<Http<'a>>),
    /// With a token the login gave: headers with the secret are left out, it is the client's.
    LoggedIn(Box<LoggedIn<'a>>),
}

impl<'a> Caller<'a> {
    /// Connects to nothing yet.
    pub fn new(connection: Connection<'a>) -> Result<Self, PushStop> {
        if connection.login.is_some() {
            return Ok(Self::LoggedIn(Box::new(LoggedIn::new(connection, "Bearer", |_| false)?)));
        }
        Ok(Self::Keyed(Box::new(Http::new(connection)?)))
    }

    /// Most requests on the way at once.
    pub fn parallel(&self) -> usize {
        match self {
            Self::Keyed(http) => http.parallel().max(1),
            Self::LoggedIn(server) => server.http().parallel().max(1),
        }
    }

    /// Asks what changes nothing. `{secret}` in a header becomes the secret.
    pub fn ask(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        question: &HttpQuestion<'_>,
    ) -> Result<HttpAnswer, PushStop> {
        match self {
            Self::Keyed(http) => {
                let filled = filled(http, headers);
                http.ask(path, &borrowed(&filled), question)
            }
            Self::LoggedIn(server) => server.ask_with(path, &without_secret(headers), question),
        }
    }

    /// Sends what changes something.
    pub fn tell(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        question: &HttpQuestion<'_>,
    ) -> Result<Result<HttpAnswer, Lost>, PushStop> {
        match self {
            Self::Keyed(http) => {
                let filled = filled(http, headers);
                http.tell(path, &borrowed(&filled), question)
            }
            Self::LoggedIn(server) => server.tell_with(path, &without_secret(headers), question),
        }
    }
}

/// Headers with the secret in its place.
fn filled<'h>(http: &Http<'_>, headers: &[(&'h str, &str)]) -> Vec<(&'h str, String)> {
    headers.iter().map(|(name, value)| (*name, value.replace(SECRET, http.secret().expose()))).collect()
}

fn borrowed<'h>(headers: &'h [(&str, String)]) -> Vec<(&'h str, &'h str)> {
    headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

fn without_secret<'h>(headers: &[(&'h str, &'h str)]) -> Vec<(&'h str, &'h str)> {
    headers.iter().copied().filter(|(_, value)| !value.contains(SECRET)).collect()
}
