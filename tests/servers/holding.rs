//! Rows that somebody else holds, and ends in the middle: of the push, and of the server.

use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::harness::{Desk, Finished, Table};
use crate::scene::{books, count, plan, scored};
use crate::server::{Holder, Kind, Server};
use crate::tables::{assert_right, sql_desk};

/// A desk whose table holds the first run, and whose plan is the second; and the deals whose rows are to be changed, in order.
fn second_planned(server: &Server, table: &str, more: &str) -> (Desk, Vec<String>) {
    let desk = sql_desk(server, table, more);
    plan(&desk, "first");
    desk.ok("push apply");
    let planned = plan(&desk, "second");
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let planned = Table::parse(&planned.stdout);
    // Of deals that have a row, which can be held.
    let changed = planned.iter().filter(|row| row.get("step") == "write" && !row.get("old").is_empty());
    let writes = changed.map(|row| row.get("deal_id").to_owned());
    let writes: Vec<String> = writes.collect();
    assert!(writes.len() > 4, "{} writes are too few to test with", writes.len());
    (desk, writes)
}

fn spawn(desk: &Desk, arguments: &str) -> Child {
    let words: Vec<&str> = arguments.split(' ').collect();
    let mut command = std::process::Command::new(crate::harness::PROGRAM);
    command.args(words).current_dir(desk.path(""));
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn finished(child: Child, told: &str) -> Finished {
    Finished::of(child.wait_with_output().unwrap(), told)
}

/// Holds a row in the middle of what is to be written.
fn hold(server: &Server, table: &str, writes: &[String]) -> Holder {
    let middle = &writes[writes.len() / 2];
    server.holder(&format!("BEGIN; SELECT 1 FROM {table} WHERE deal_id = '{middle}' FOR UPDATE"))
}

pub fn two_at_once(server: &Server) {
    let (one, other) = (sql_desk(server, "shared", ""), sql_desk(server, "shared", ""));
    plan(&one, "first");
    plan(&other, "first");
    // Neither finds a table.
    let children = [spawn(&one, "push apply"), spawn(&other, "push apply")];
    for child in children {
        let done = finished(child, "push apply");
        assert_eq!(done.code, 0, "{}", done.stderr);
    }
    assert_right(server, "shared", "first");
    let deals = scored("first").len();
    assert_eq!([&one, &other].map(|desk| count(&books(desk), "written")), [deals; 2]);
    // Of one folder there is one push at a time.
    let (one, writes) = second_planned(server, "shared_later", "");
    let holder = hold(server, "shared_later", &writes);
    let first = spawn(&one, "push apply");
    server.wait_for_waiting("shared_later");
    assert_eq!(one.run("push apply").code, 6);
    drop(holder);
    assert_eq!(finished(first, "push apply").code, 0);
}

pub fn held_rows(server: &Server) {
    let (desk, writes) = second_planned(server, "held", "timeout_seconds = 2\ntries = 2");
    let holder = hold(server, "held", &writes);
    let stopped = desk.run("push apply");
    assert_eq!(stopped.code, 5, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("somebody else holds the rows"), "{}", stopped.stderr);
    drop(holder);
    desk.ok("push resume");
    desk.ok("push verify");
}

pub fn deadlock(server: &Server) {
    let (desk, writes) = second_planned(server, "deadlocked", "");
    // The very first one goes alone.
    let (first, last) = (&writes[1], &writes[writes.len() - 1]);
    // Whoever notices it is the one that is undone: not the holder.
    let patient = if server.kind == Kind::Postgres { "SET deadlock_timeout = '60s'; " } else { "" };
    let mut holder =
        server.holder(&format!("{patient}BEGIN; SELECT 1 FROM deadlocked WHERE deal_id = '{last}' FOR UPDATE"));
    let push = spawn(&desk, "push apply");
    server.wait_for_waiting("deadlocked");
    holder.tell(&format!("UPDATE deadlocked SET score = score WHERE deal_id = '{first}'"));
    sleep(Duration::from_millis(2500));
    drop(holder);
    let done = finished(push, "push apply");
    assert_eq!(done.code, 0, "{}", done.stderr);
    desk.ok("push verify");
}

pub fn killed(server: &Server) {
    let (desk, writes) = second_planned(server, "killed", "");
    let holder = hold(server, "killed", &writes);
    let mut push = spawn(&desk, "push apply");
    server.wait_for_waiting("killed");
    push.kill().unwrap();
    push.wait().unwrap();
    drop(holder);
    assert!(count(&books(&desk), "unknown") > 1, "{}", books(&desk));
    desk.ok("push resume");
    desk.ok("push verify");
    assert_eq!(count(&books(&desk), "unknown"), 0);
    let again = plan(&desk, "second");
    assert!(!again.stdout.contains(",write,"), "{}", again.stdout);
}

pub fn server_killed(server: &Server) {
    let (desk, writes) = second_planned(server, "cut", "timeout_seconds = 3\ntries = 4");
    let holder = hold(server, "cut", &writes);
    let push = spawn(&desk, "push apply");
    server.wait_for_waiting("cut");
    server.kill();
    drop(holder);
    server.run();
    let done = finished(push, "push apply");
    assert!(matches!(done.code, 0 | 5), "{}", done.stderr);
    desk.ok("push resume");
    desk.ok("push verify");
    let again = plan(&desk, "second");
    assert!(!again.stdout.contains(",write,"), "{}", again.stdout);
    // A server that stays away is told, and gone on with later.
    plan(&desk, "first");
    server.kill();
    let gone = desk.run("push apply");
    assert_eq!(gone.code, 5, "{}", gone.stderr);
    server.run();
    desk.ok("push resume");
    desk.ok("push verify");
}

pub fn too_long(server: &Server) {
    if server.kind == Kind::Mariadb {
        // Its limit is that of the connection: as for a server that says nothing.
        return;
    }
    let (desk, _) = second_planned(server, "slow", "timeout_seconds = 1\ntries = 1");
    server
        .sql("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(3); RETURN NEW; END'");
    server.sql("CREATE TRIGGER slowly BEFORE UPDATE ON slow FOR EACH ROW EXECUTE FUNCTION wait()");
    let started = Instant::now();
    let stopped = desk.run("push apply");
    assert_eq!(stopped.code, 5, "{}", stopped.stderr);
    assert!(stopped.stderr.contains("took longer than `timeout_seconds`"), "{}", stopped.stderr);
    assert!(started.elapsed() < Duration::from_secs(9));
    server.sql("DROP TRIGGER slowly ON slow");
    desk.ok("push resume");
    desk.ok("push verify");
}
