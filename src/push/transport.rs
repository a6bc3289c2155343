//! HTTP, for every target that speaks it: one request out, an answer or the word that there is none back.
//!
//! The only file that reaches HTTP. TLS off this machine (the configuration sees to it), no redirects, no cookies, no
//! proxy but the one that is named. What a server says passes without any secret. Reading is tried again; writing only where
//! the server cannot have done it (`status` has the table). A server that asks to wait is sent nothing by any connection meanwhile
//! (`gate`). Once the key was refused nothing more is sent: wrong keys lock an address out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use ureq::http::Response as HttpResponse;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Error, Proxy, Timeout};

use crate::push::connection::Connection;
use crate::push::error::{PushStop, StopKind};
use crate::push::gate::{Gate, Passage};
use crate::push::pacer::{LONGEST_PAUSE, pause_before};
use crate::push::secret::Secret;
use crate::push::status::StatusSays;
use crate::push::told::{failure, pause_asked_for};

/// What is asked.
pub(super) enum HttpQuestion<'q> {
    /// GET with these parameters.
    Get(&'q [(&'q str, &'q str)]),
    /// POST of a form.
    PostForm(&'q [(&'q str, &'q str)]),
    /// POST of a form whose answer is a new secret: nothing is hidden in it, and it must not be said.
    Login(&'q [(&'q str, &'q str)]),
    /// A body of this type.
    Send {
        /// What is done with it.
        method: HttpMethod,
        /// Its `Content-Type`.
        content_type: &'q str,
        /// The text itself.
        body: &'q str,
    },
}

/// What is done with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HttpMethod {
    Post,
    Put,
    Patch,
}

impl<'q> HttpQuestion<'q> {
    /// JSON to `method`.
    pub fn json(method: HttpMethod, body: &'q str) -> Self {
        Self::Send { method, content_type: "application/json", body }
    }
}

/// The server's answer.
pub(super) struct HttpAnswer {
    pub status: u16,
    /// The text of the answer.
    pub body: String,
    /// EspoCRM's reason in words.
    pub reason: Option<String>,
    retry_after: Option<Duration>,
    /// Whether a header says that no tokens of the day are left, as Pipedrive's does.
    has_no_tokens: bool,
}

/// Why nothing came back.
pub(super) enum Lost {
    /// Nothing was sent.
    Unsent(String),
    /// It may have arrived.
    Unanswered(String),
}

/// Why nothing is sent any more.
const REFUSED: &str = "not sent: the server has refused the key (401)";
/// Why it is not sent after another request waited in vain.
const ASKED_TO_WAIT: &str = "not sent: the server asks to wait, again and again";
/// Longest answer that is read.
const MOST_BYTES: u64 = 64 << 20;

/// A server, and how often it may be asked.
pub(super) struct Http<'a> {
    connection: Connection<'a>,
    agent: Agent,
    random: Mutex<ChaCha8Rng>,
    /// Held while the next request waits for its turn, where there is a rate.
    turn: Mutex<()>,
    /// Closed while the server asks to wait.
    gate: Gate,
    /// Secrets beside the one of the connection.
    hidden: Mutex<Vec<Arc<Secret>>>,
    /// Whether the body of a 429 says that nothing more is taken today.
    is_daily_limit: fn(&str) -> bool,
    /// Whether a 401 refuses the key for good, where no new login can follow.
    has_one_key: bool,
    /// Whether the key was refused.
    is_refused: AtomicBool,
}

impl<'a> Http<'a> {
    /// Connects to nothing yet.
    pub fn new(connection: Connection<'a>) -> Result<Self, PushStop> {
        let strange = |what: &str| PushStop::new(StopKind::Strange, what.to_owned());
        let proxy =
            connection.proxy.as_deref().map(Proxy::new).transpose().map_err(|_| strange("the proxy is no address"))?;
        let mut tls = TlsConfig::builder();
        if let Some(pem) = &connection.ca_pem {
            let items = parse_pem(pem.as_bytes()).filter_map(Result::ok);
            let certificates: Vec<_> =
                items.filter_map(|item| if let PemItem::Certificate(one) = item { Some(one) } else { None }).collect();
            if certificates.is_empty() {
                return Err(strange("the file of certificates holds none"));
            }
            tls = tls.root_certs(RootCerts::new_with_certs(&certificates));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(proxy)
            .tls_config(tls.build())
            .timeout_global(Some(connection.timeout))
            .max_idle_connections_per_host(connection.parallel as usize)
            .user_agent(concat!("dealcast/", env!("CARGO_PKG_VERSION")))
            .build();
        let random = Mutex::new(ChaCha8Rng::seed_from_u64(connection.seed));
        let (agent, turn, hidden) = (config.new_agent(), Mutex::new(()), Mutex::new(Vec::new()));
        let (gate, is_refused) = (Gate::default(), AtomicBool::new(false));
        let is_daily_limit = |_: &str| false;
        Ok(Self { agent, connection, random, turn, gate, hidden, is_daily_limit, has_one_key: true, is_refused })
    }

    /// The same, where a 401 may be of a session that has ended: whoever logs in says what is refused for good.
    pub fn with_sessions(self) -> Self {
        Self { has_one_key: false, ..self }
    }

    /// From now on nothing is sent.
    pub fn refuse(&self) {
        self.is_refused.store(true, Ordering::Relaxed);
    }

    fn is_refused(&self) -> bool {
        self.is_refused.load(Ordering::Relaxed)
    }

    /// The same, stopping at a 429 whose body says that the limit of the day is used up.
    pub fn with_daily_limit(self, is_daily_limit: fn(&str) -> bool) -> Self {
        Self { is_daily_limit, ..self }
    }

    /// From now on `secret` is hidden in what the server says.
    pub fn hide(&self, secret: Arc<Secret>) {
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner).push(secret);
    }

    /// `text` without any secret.
    pub fn without_secrets(&self, text: String) -> String {
        let hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        hidden.iter().fold(self.secret().hide_in(text), |text, secret| secret.hide_in(text))
    }

    pub fn secret(&self) -> &Secret {
        &self.connection.secret
    }

    /// Most requests on the way at once.
    pub fn parallel(&self) -> usize {
        self.connection.parallel as usize
    }

    /// Asks what changes nothing, until there is an answer that is one. A plain failure has one more try.
    pub fn ask(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        question: &HttpQuestion<'_>,
    ) -> Result<HttpAnswer, PushStop> {
        let (mut told, mut has_failed, mut passage) = (String::new(), false, self.gate.passage());
        for tries in 1..=self.connection.tries {
            match self.once(path, headers, question, &mut passage) {
                Ok(reply) => match StatusSays::of(reply.status) {
                    StatusSays::Answered => return self.no_redirect(reply),
                    StatusSays::Later | StatusSays::GaveUp => {
                        told = format!("the server answers {}", reply.status);
                        self.wait(tries, Some(&reply), &mut passage)?;
                    }
                    StatusSays::Failed if !has_failed && tries < self.connection.tries => {
                        has_failed = true;
                        self.wait(tries, Some(&reply), &mut passage)?;
                    }
                    StatusSays::Failed => {
                        let said = if matches!(question, HttpQuestion::Login(_)) { "" } else { &reply.body };
                        return Err(PushStop::failing(failure(&self.connection.url, reply.status, said)));
                    }
                },
                Err(_) if self.is_refused() => return Err(PushStop::new(StopKind::Refused, REFUSED)),
                Err(Lost::Unsent(what)) if passage.is_over() => return Err(self.unreachable(&what)),
                Err(Lost::Unsent(what) | Lost::Unanswered(what)) => {
                    told = what;
                    self.wait(tries, None, &mut passage)?;
                }
            }
        }
        passage.give_up();
        Err(self.unreachable(&told))
    }

    /// Sends what changes something: again only where the server said that it did not look at it, or nothing was sent.
    pub fn tell(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        question: &HttpQuestion<'_>,
    ) -> Result<Result<HttpAnswer, Lost>, PushStop> {
        let (mut told, mut passage) = (String::new(), self.gate.passage());
        for tries in 1..=self.connection.tries {
            match self.once(path, headers, question, &mut passage) {
                Ok(reply) => match StatusSays::of(reply.status) {
                    StatusSays::Later => {
                        told = format!("the server answers {}", reply.status);
                        self.wait(tries, Some(&reply), &mut passage)?;
                    }
                    // Whoever answered may have passed it on before: the record is read again after the pause.
                    StatusSays::GaveUp => {
                        self.wait(tries, Some(&reply), &mut passage)?;
                        return Ok(Ok(reply));
                    }
                    StatusSays::Answered | StatusSays::Failed => return self.no_redirect(reply).map(Ok),
                },
                Err(Lost::Unsent(what)) if self.is_refused() || passage.is_over() => {
                    return Ok(Err(Lost::Unsent(what)));
                }
                Err(Lost::Unsent(what)) => {
                    told = what;
                    self.wait(tries, None, &mut passage)?;
                }
                Err(lost) => return Ok(Err(lost)),
            }
        }
        passage.give_up();
        Err(self.unreachable(&told))
    }

    fn unreachable(&self, told: &str) -> PushStop {
        PushStop::new(StopKind::Unreachable, format!("{}: {told}", self.connection.url))
    }

    /// A redirect would carry the secret elsewhere.
    fn no_redirect(&self, reply: HttpAnswer) -> Result<HttpAnswer, PushStop> {
        if (300..400).contains(&reply.status) {
            let message =
                format!("{} answers {} and leads elsewhere; name its real address", self.connection.url, reply.status);
            return Err(PushStop::new(StopKind::Strange, message));
        }
        Ok(reply)
    }

    /// The end, where nothing more is taken today.
    fn stop_for_today(&self, reply: &HttpAnswer) -> Result<(), PushStop> {
        if reply.status == 429 && (reply.has_no_tokens || (self.is_daily_limit)(&reply.body)) {
            let message = format!("{}: the limit of the day is used up", self.connection.url);
            return Err(PushStop::new(StopKind::Quota, message));
        }
        Ok(())
    }

    /// Waits before the try after number `tries`, at least as long as `asked`.
    pub fn pause(&self, tries: u32, asked: Option<Duration>) {
        self.connection.pacer.pause(self.pause_before(tries, asked));
    }

    fn pause_before(&self, tries: u32, asked: Option<Duration>) -> Duration {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        pause_before(tries, asked, &mut random)
    }

    /// Waits for so long.
    pub fn pause_for(&self, time: Duration) {
        self.connection.pacer.pause(time);
    }

    /// How often a request is tried in all.
    pub fn tries(&self) -> u32 {
        self.connection.tries
    }

    /// Waits before the try after number `tries`, if there is one; with all other requests where the server asks for it.
    fn wait(&self, tries: u32, reply: Option<&HttpAnswer>, passage: &mut Passage<'_>) -> Result<(), PushStop> {
        reply.map_or(Ok(()), |reply| self.stop_for_today(reply))?;
        let asked = reply.and_then(|reply| reply.retry_after);
        if let Some(asked) = asked.filter(|asked| *asked > LONGEST_PAUSE) {
            let message = format!("{} asks to wait {} seconds", self.connection.url, asked.as_secs());
            return Err(PushStop::new(StopKind::Quota, message));
        }
        let is_asked_for = asked.is_some() || reply.is_some_and(|reply| reply.status == 429);
        if tries < self.connection.tries && is_asked_for {
            passage.hold(self.pause_before(tries, asked), self.connection.pacer);
        } else if tries < self.connection.tries {
            self.pause(tries, None);
        }
        Ok(())
    }

    fn once(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        question: &HttpQuestion<'_>,
        passage: &mut Passage<'_>,
    ) -> Result<HttpAnswer, Lost> {
        // Whoever holds the gate is the only one that sends: it waits for nobody's turn.
        let turn = || self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = self.connection.requests_per_second.filter(|_| !passage.holds()).map(|_| turn());
        self.connection.requests_per_second.iter().for_each(|rate| self.pause_for(Duration::from_secs_f64(1.0 / rate)));
        passage.pass();
        drop(turn);
        if passage.is_over() {
            return Err(Lost::Unsent(ASKED_TO_WAIT.to_owned()));
        }
        if self.is_refused() {
            return Err(Lost::Unsent(REFUSED.to_owned()));
        }
        self.connection.requests.fetch_add(1, Ordering::Relaxed);
        let url = self.address(path);
        let is_login = matches!(question, HttpQuestion::Login(_));
        let answer = match question {
            HttpQuestion::Get(parameters) => {
                let get = self.agent.get(&url).query_pairs(parameters.iter().copied());
                headers.iter().fold(get, |get, (name, value)| get.header(*name, *value)).call()
            }
            HttpQuestion::PostForm(form) | HttpQuestion::Login(form) => {
                let post = headers.iter().fold(self.agent.post(&url), |post, (name, value)| post.header(*name, *value));
                post.send_form(form.iter().copied())
            }
            HttpQuestion::Send { method, content_type, body } => {
                let sent = match method {
                    HttpMethod::Post => self.agent.post(&url),
                    HttpMethod::Put => self.agent.put(&url),
                    HttpMethod::Patch => self.agent.patch(&url),
                };
                let sent = sent.header("Content-Type", *content_type);
                headers.iter().fold(sent, |sent, (name, value)| sent.header(*name, *value)).send(*body)
            }
        };
        answer.map_err(|error| self.lost(&error)).and_then(|answer| self.read(answer, is_login))
    }

    /// A path below the server's address; an address of its own as it is.
    fn address(&self, path: &str) -> String {
        if path.starts_with('/') {
            format!("{}{path}", self.connection.url.trim_end_matches('/'))
        } else {
            path.to_owned()
        }
    }

    fn read(&self, mut answer: HttpResponse<Body>, is_login: bool) -> Result<HttpAnswer, Lost> {
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let retry_after = pause_asked_for(header("retry-after").as_deref(), header("date").as_deref());
        let has_no_tokens = header("x-daily-ratelimit-token-remaining").is_some_and(|left| left.trim() == "0");
        let (status, reason) = (answer.status().as_u16(), header("x-status-reason"));
        let reason = reason.filter(|reason| !reason.trim().is_empty());
        if status == 401 && self.has_one_key {
            self.refuse();
        }
        let body = answer.body_mut().with_config().limit(MOST_BYTES).lossy_utf8(true).read_to_string();
        let body = body.map_err(|error| Lost::Unanswered(self.without_secrets(error.to_string())))?;
        let hidden = |text: String| self.without_secrets(text);
        Ok(HttpAnswer {
            status,
            body: if is_login { body } else { hidden(body) },
            reason: reason.map(hidden),
            retry_after,
            has_no_tokens,
        })
    }

    fn lost(&self, error: &Error) -> Lost {
        let words = self.without_secrets(error.to_string());
        match error {
            Error::HostNotFound
            | Error::ConnectionFailed
            | Error::BadUri(_)
            | Error::InvalidProxyUrl
            | Error::Tls(_)
            | Error::Rustls(_)
            | Error::Pem(_)
            | Error::Timeout(Timeout::Connect | Timeout::Resolve) => Lost::Unsent(words),
            Error::Io(io) if io.kind() == std::io::ErrorKind::ConnectionRefused => Lost::Unsent(words),
            _ => Lost::Unanswered(words),
        }
    }
}
