//! What a server refuses, how that is told, and that nobody sees the password.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::harness::Desk;
use crate::scene::{desk, plan, run};
use crate::server::{Kind, PASSWORD, Server};
use crate::tables::{assert_right, section, sql_desk};

/// More exact names are louder than what silences the whole of a library.
const LOUDEST: &str = "trace,tokio_postgres=trace,postgres=trace,mysql=trace,rustls=trace";

fn assert_without(bytes: &[u8], secret: &str, place: &str) {
    let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
    assert!(!found, "{place} holds the secret");
}

fn assert_without_below(folder: &Path, secret: &str) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            assert_without_below(&path, secret);
        } else {
            assert_without(&fs::read(&path).unwrap(), secret, &path.display().to_string());
        }
    }
}

/// Everything there is, as loudly as it goes. Gives back what was said on standard error.
fn run_all(desk: &Desk, secret: &str) -> String {
    let mut said = String::new();
    let plan = format!("push plan --run {}", run("first").display());
    for part in ["push setup", &plan, "push apply --limit 3", "push resume", "push retry", "push verify", "push status"]
    {
        let loud = format!("{part} -vvv");
        let output = desk.command(&loud).env("DEALCAST_LOG", LOUDEST).output().unwrap();
        assert_without(&output.stdout, secret, &format!("standard output of {loud}"));
        assert_without(&output.stderr, secret, &format!("standard error of {loud}"));
        said += &String::from_utf8_lossy(&output.stderr);
    }
    if desk.path("push").exists() {
        assert_without_below(&desk.path("push"), secret);
    }
    said
}

pub fn secrets(server: &Server) {
    let right = sql_desk(server, "hidden", "");
    run_all(&right, PASSWORD);
    assert_right(server, "hidden", "first");
    let wrong = sql_desk(server, "hidden", "");
    wrong.write("password", "wrong-password-marked-77cc");
    let said = run_all(&wrong, "wrong-password-marked-77cc");
    assert!(said.contains("the server refuses the user or the password"), "{said}");
    let refused = plan(&wrong, "first");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    let started = Instant::now();
    plan(&wrong, "first");
    assert!(started.elapsed() < Duration::from_secs(3), "it is not tried again");
    let in_the_url = server.url().replace("scorer@", &format!("scorer:{PASSWORD}@"));
    let odd = desk(&section(server, &in_the_url, "hidden", ""));
    odd.write("password", PASSWORD);
    let said = run_all(&odd, PASSWORD);
    assert!(said.contains("an address with a password"), "{said}");
}

pub fn clear_words(server: &Server) {
    let at = |url: &str, more: &str| {
        let desk = desk(&section(server, url, "words", more));
        desk.write("password", PASSWORD);
        desk
    };
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = server.url().replace(&server.port.to_string(), &gone.to_string());
    let refused = plan(&at(&nobody, "tries = 2"), "first");
    assert_eq!(refused.code, 5, "{}", refused.stderr);
    assert!(refused.stderr.contains(&nobody), "{}", refused.stderr);
    let nowhere = plan(&at(&server.url_of("scorer", "127.0.0.1", "nothing"), ""), "first");
    assert_eq!(nowhere.code, 2, "{}", nowhere.stderr);
    let expected = if server.kind == Kind::Postgres { "there is no such database" } else { "the user may not do this" };
    assert!(nowhere.stderr.contains(expected), "{}", nowhere.stderr);
    // A user who may only read plans, and is told at the first write.
    let reader = at(&server.url_of("reader", "127.0.0.1", "sales"), "");
    assert_eq!(plan(&reader, "first").code, 0);
    let refused = reader.run("push apply");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("the user may not do this"), "{}", refused.stderr);
    // A server that only reads is tried again later.
    let database = if server.kind == Kind::Postgres { "words" } else { "sales" };
    if server.kind == Kind::Postgres {
        server.sql("CREATE DATABASE words OWNER scorer");
    }
    let writer = at(&server.url_of("scorer", "127.0.0.1", database), "");
    assert_eq!(plan(&writer, "first").code, 0);
    if server.kind == Kind::Postgres {
        server.sql("ALTER DATABASE words SET default_transaction_read_only = on");
        let refused = writer.run("push apply");
        server.sql("ALTER DATABASE words SET default_transaction_read_only = off");
        assert_eq!(refused.code, 5, "{}", refused.stderr);
        assert!(refused.stderr.contains("takes only what reads"), "{}", refused.stderr);
    }
    writer.ok("push resume");
    writer.ok("push verify");
}

pub fn silence(server: &Server) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = server.url().replace(&server.port.to_string(), &port.to_string());
    let desk = desk(&section(server, &url, "silent", "timeout_seconds = 1\ntries = 2"));
    desk.write("password", PASSWORD);
    let started = Instant::now();
    let refused = plan(&desk, "first");
    assert_eq!(refused.code, 5, "{}", refused.stderr);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

pub fn tls(server: &Server) {
    if !server.path("ca.pem").exists() {
        // openssl is missing: there is no certificate to try.
        return;
    }
    let with = |authority: &str, host: &str| {
        let url = server.url_of("scorer", host, "sales");
        let desk = desk(&section(server, &url, "over_tls", "ca_file = \"ca.pem\"\ntries = 1"));
        desk.write("password", PASSWORD);
        desk.write("ca.pem", fs::read(server.path(authority)).unwrap());
        desk
    };
    let right = with("ca.pem", "localhost");
    let planned = plan(&right, "first");
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    right.ok("push apply");
    assert_right(server, "over_tls", "first");
    let other = plan(&with("other.pem", "localhost"), "first");
    assert_eq!(other.code, 2, "{}", other.stderr);
    assert!(other.stderr.contains("certificate"), "{}", other.stderr);
    let empty = with("ca.pem", "localhost");
    empty.write("ca.pem", "no certificate");
    assert_ne!(plan(&empty, "first").code, 0);
}
