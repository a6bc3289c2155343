//! A private certificate authority and a proxy: a push trusts the one it is told of, and goes through the other.
//!
//! The double speaks plain HTTP; before it stands a relay that speaks TLS, and before that a proxy that knows CONNECT alone.
//! Certificates are made by `openssl`; where there is none the tests are ignored.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::espocrm::{assert_right, double, espo_desk};
use super::espocrm_double::KEY;
use super::scene::plan;

/// Makes `ca.pem` and, signed by it, `server.pem` with `server.key`; whether `openssl` could.
fn certify(folder: &Path) -> bool {
    fs::write(folder.join("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n").unwrap();
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    let told = [
        format!("req -x509 {key} -days 2 -subj /CN=ca -keyout ca.key -out ca.pem"),
        format!("req -x509 {key} -days 2 -subj /CN=other -keyout other.key -out other.pem"),
        format!("req -new {key} -subj /CN=server -keyout server.key -out server.csr"),
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem"
            .into(),
    ];
    told.iter().all(|words| {
        let mut openssl = Command::new("openssl");
        openssl.args(words.split(' ')).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
        openssl.status().is_ok_and(|status| status.success())
    })
}

/// Carries every connection to `listener` to where `towards` leads it, for as long as the test runs.
fn relay(listener: TcpListener, towards: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) {
    let towards = Arc::new(towards);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let towards = Arc::clone(&towards);
            // A client that does not trust the server ends the connection: that is what is tried.
            thread::spawn(move || drop(towards(stream)));
        }
    });
}

/// A relay that speaks TLS with the certificate in `folder`, before the plain server at `server`. Its address.
fn before(server: &str, folder: &Path) -> String {
    let certificate = CertificateDer::from_pem_file(folder.join("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let server = server.strip_prefix("http://").unwrap().to_owned();
    relay(listener, move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
        let mut secure = BufReader::new(StreamOwned::new(connection, stream));
        let (mut request, mut length) = (String::new(), 0);
        while !request.ends_with("\r\n\r\n") {
            let from = request.len();
            secure.read_line(&mut request)?;
            let header = request[from..].to_lowercase();
            length = header.strip_prefix("content-length:").map_or(length, |value| value.trim().parse().unwrap());
        }
        let mut body = vec![0; length];
        secure.read_exact(&mut body)?;
        let mut plain = TcpStream::connect(&server)?;
        plain.write_all(request.as_bytes())?;
        plain.write_all(&body)?;
        let mut answer = Vec::new();
        plain.read_to_end(&mut answer)?;
        let secure = secure.get_mut();
        secure.write_all(&answer)?;
        secure.conn.send_close_notify();
        secure.flush()
    });
    url
}

/// A proxy that notes whom it was asked to connect to. Its address.
fn proxy(asked: &Arc<Mutex<Vec<String>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::clone(asked);
    relay(listener, move |mut stream| {
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut first = String::new();
        reader.read_line(&mut first)?;
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            reader.read_line(&mut line)?;
        }
        let whom = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut server = TcpStream::connect(whom.replace("localhost", "127.0.0.1"))?;
        asked.lock().unwrap().push(first);
        stream.write_all(b"HTTP/1.1 200 connected\r\n\r\n")?;
        let (mut back, mut client) = (server.try_clone()?, stream.try_clone()?);
        let answers = thread::spawn(move || io::copy(&mut back, &mut client));
        io::copy(&mut stream, &mut server)?;
        server.shutdown(std::net::Shutdown::Write)?;
        drop(answers.join());
        Ok(())
    });
    url
}

#[test]
fn a_private_authority_is_trusted_where_it_is_named_and_a_proxy_carries_what_it_cannot_read() {
    let home = tempfile::tempdir().unwrap();
    if !certify(home.path()) {
        eprintln!("ignored: openssl is missing, so there is no certificate to try");
        return;
    }
    let double = double();
    let (url, asked) = (before(&double.url, home.path()), Arc::new(Mutex::new(Vec::new())));
    let trusted = |name: &str| format!("ca_file = \"{}\"\ntries = 1\n", home.path().join(name).display());
    for stranger in [String::from("tries = 1\n"), trusted("other.pem")] {
        let desk = espo_desk(&url, KEY, &stranger);
        let refused = plan(&desk, "first");
        assert_eq!(refused.code, 5, "{}", refused.stderr);
        assert!(refused.stderr.contains("certificate"), "{}", refused.stderr);
    }
    let desk = espo_desk(&url, KEY, &format!("{}proxy = \"{}\"\n", trusted("ca.pem"), proxy(&asked)));
    assert_eq!(plan(&desk, "first").code, 0);
    desk.ok("push apply");
    assert_right(&double);
    let asked = asked.lock().unwrap();
    assert!(!asked.is_empty() && asked.iter().all(|line| line.starts_with("CONNECT localhost:")), "{asked:?}");
    let gone = espo_desk(&url, KEY, &format!("{}proxy = \"http://127.0.0.1:9\"\n", trusted("ca.pem")));
    assert_eq!(plan(&gone, "first").code, 5);
}
