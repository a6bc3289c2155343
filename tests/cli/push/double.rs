//! A small HTTP server on loopback whose answers come from a [`Crm`], and the ways in which an answer can fail to arrive.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A request as the server gets it.
pub struct Request {
    pub method: String,
    pub path: String,
    /// Of the address, or of a form.
    pub parameters: BTreeMap<String, String>,
    /// The same, those of one name too.
    pub pairs: Vec<(String, String)>,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// What goes out.
#[derive(Clone)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Response {
    pub fn json(status: u16, body: &impl ToString) -> Self {
        Self { status, headers: vec![("Content-Type", "application/json".to_owned())], body: body.to_string() }
    }

    pub fn empty(status: u16) -> Self {
        Self { status, headers: vec![("Content-type", "text/html; charset=UTF-8".to_owned())], body: String::new() }
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// What happens to one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing out of the ordinary.
    None,
    /// The connection ends before the server has looked at it.
    Drop,
    /// The server does it, and the connection ends before the answer.
    Reset,
    /// The server does it, and half the answer arrives.
    Half,
    /// Something in between answers, after the server has done it.
    BadGateway,
    /// The same with another status: of a gateway that waited too long, of a firewall.
    After(u16),
    /// The server is busy: nothing is done, try again at once.
    Busy,
    /// The server is busy until tomorrow.
    Quota,
    /// A plain failure, nothing is done.
    Failure,
    /// Something in between knows no such address, nothing is done.
    NotHere,
    /// The key is refused from now on, nothing is done.
    Unauthorised,
}

/// Requests that have one word in their path or among their values, and how they fail.
#[derive(Clone, Copy, Debug)]
pub struct FailingRequests {
    /// `/token`, `describe`.
    pub word: &'static str,
    /// So many are answered first.
    pub after: usize,
    /// So many fail then.
    pub times: usize,
    /// The status of an empty answer; without one the connection ends.
    pub status: Option<u16>,
}

impl FailingRequests {
    /// The next requests, with HTTP 500.
    pub fn next(word: &'static str, times: usize) -> Self {
        Self { word, after: 0, times, status: Some(500) }
    }

    /// Whether `request` fails.
    fn meets(&mut self, request: &Request) -> bool {
        let is_meant = request.path.contains(self.word) || request.pairs.iter().any(|(_, value)| value == self.word);
        if !is_meant || self.times == 0 {
            return false;
        }
        if self.after > 0 {
            self.after -= 1;
            return false;
        }
        self.times -= 1;
        true
    }
}

/// A server's answers.
pub trait Crm: Send + 'static {
    /// The answer to `request`, done for good.
    fn answer(&mut self, request: &Request) -> Response;
    /// Whether `request` writes, so that faults meet it.
    fn writes(&self, request: &Request) -> bool;
    /// What happens to the next write.
    fn next_fault(&mut self) -> Fault;
}

/// A server that runs as long as the test.
pub struct Double<C> {
    pub url: String,
    crm: Arc<Mutex<C>>,
    /// How long a write takes.
    write_pause: Arc<Mutex<Duration>>,
    /// Whether it answers nobody.
    pub is_gone: Arc<AtomicBool>,
    /// Requests that fail before the CRM sees them.
    failing: Arc<Mutex<Option<FailingRequests>>>,
}

impl<C: Crm> Double<C> {
    pub fn start(crm: C) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let crm = Arc::new(Mutex::new(crm));
        let of_server = Arc::clone(&crm);
        let is_gone = Arc::new(AtomicBool::new(false));
        let leaves = Arc::clone(&is_gone);
        let failing = Arc::new(Mutex::new(None));
        let fails = Arc::clone(&failing);
        let write_pause = Arc::new(Mutex::new(Duration::ZERO));
        let pause = Arc::clone(&write_pause);
        // One after the other, as they come: what a killed process sent is done before what the next one asks.
        thread::spawn(move || {
            for stream in listener.incoming().flatten().filter(|_| !leaves.load(Ordering::SeqCst)) {
                serve(&stream, &of_server, &fails, &pause);
            }
        });
        Self { url, crm, write_pause, is_gone, failing }
    }

    /// From now on a write takes so long.
    pub fn slow_down(&self, pause: Duration) {
        *self.write_pause.lock().unwrap() = pause;
    }

    /// From now on these requests fail.
    pub fn fail(&self, failing: FailingRequests) {
        *self.failing.lock().unwrap() = Some(failing);
    }

    pub fn crm(&self) -> MutexGuard<'_, C> {
        self.crm.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve<C: Crm>(
    stream: &TcpStream,
    crm: &Mutex<C>,
    failing: &Mutex<Option<FailingRequests>>,
    write_pause: &Mutex<Duration>,
) {
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let Some(request) = read(stream) else { return };
    let met = failing.lock().unwrap().as_mut().and_then(|failing| failing.meets(&request).then_some(failing.status));
    if let Some(status) = met {
        status.iter().for_each(|status| send(stream, &Response::empty(*status), false));
        let _ = stream.shutdown(Shutdown::Both);
        return;
    }
    let mut crm = crm.lock().unwrap_or_else(PoisonError::into_inner);
    let fault = if crm.writes(&request) { crm.next_fault() } else { Fault::None };
    if crm.writes(&request) {
        thread::sleep(*write_pause.lock().unwrap());
    }
    match fault {
        Fault::Drop => {}
        Fault::Busy => send(stream, &Response::empty(429).with("Retry-After", "0"), false),
        Fault::Quota => send(stream, &Response::empty(429).with("Retry-After", "86400"), false),
        Fault::Failure => send(stream, &Response::empty(500), false),
        Fault::NotHere => send(stream, &Response::empty(404), false),
        Fault::Unauthorised => send(stream, &Response::empty(401), false),
        Fault::None => send(stream, &crm.answer(&request), false),
        Fault::Half => send(stream, &crm.answer(&request), true),
        Fault::Reset => drop(crm.answer(&request)),
        Fault::BadGateway => {
            crm.answer(&request);
            send(stream, &Response::empty(502), false);
        }
        Fault::After(status) => {
            crm.answer(&request);
            send(stream, &Response::empty(status), false);
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(Some(0), |length: &String| length.parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let is_form = headers.get("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let pairs: Vec<(String, String)> = pairs(query).chain(pairs(if is_form { &body } else { "" })).collect();
    let parameters = pairs.iter().cloned().collect();
    Some(Request { method, path: path.to_owned(), parameters, pairs, headers, body: body.clone() })
}

fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut plain, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match bytes[at] {
            b'+' => plain.push(b' '),
            b'%' => {
                plain.push(u8::from_str_radix(&text[at + 1..at + 3], 16).unwrap());
                at += 2;
            }
            byte => plain.push(byte),
        }
        at += 1;
    }
    String::from_utf8(plain).unwrap()
}

fn send(mut stream: &TcpStream, response: &Response, is_half: bool) {
    let mut head =
        format!("HTTP/1.1 {} X\r\nConnection: close\r\nContent-Length: {}\r\n", response.status, response.body.len());
    for (name, value) in &response.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let body = if is_half { &response.body[..response.body.len() / 2] } else { &response.body };
    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
}
