//! The process among others: pipes, signals, limits, the terminal it writes to, and days no calendar has.

use std::io::Write;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::harness::{Desk, Finished, PROGRAM, TABLES, Table};
use crate::world::LAST_DAY;

/// The shell's answer to `script`, run in the desk's folder with the program as `$0`.
fn shell(desk: &Desk, script: &str) -> Finished {
    let output = Command::new("bash").args(["-c", script, PROGRAM]).current_dir(desk.path("")).output().unwrap();
    Finished::of(output, script)
}

#[test]
fn a_pipe_is_read_to_its_last_byte_whatever_it_carries() {
    let desk = Desk::with_world(300, LAST_DAY);
    for deals in [
        "--deals <(cat deals.csv)",
        "--deals <(gzip -c deals.csv)",
        "--deals /dev/stdin < <(gzip -c deals.csv)",
        "--deals - < deals.csv",
        "--deals /dev/fd/7 7< deals.csv",
    ] {
        let piped = shell(&desk, &format!("\"$0\" check --stage-history stage_history.csv {deals}"));
        assert_eq!(piped.code, 0, "{deals}: {}", piped.stderr);
        assert!(piped.stderr.contains("300"), "{deals}: {}", piped.stderr);
    }
    // A named pipe, both tables at once, in one run that gives what the files give.
    let run = "\"$0\" run --users users.csv --quotas quotas.csv --quiet";
    let named = shell(
        &desk,
        &format!(
            "mkfifo a b; cat deals.csv > a & cat stage_history.csv > b & {run} --deals a --stage-history b --out out --models m1"
        ),
    );
    assert_eq!(named.code, 0, "{}", named.stderr);
    desk.ok(&format!("run {TABLES} --quiet --out files --models m2"));
    let scores = |folder: &str| Table::read(&desk.path(&format!("{folder}/scores.csv")));
    assert!(scores("out") == scores("files"));
}

#[test]
fn what_can_be_read_by_nobody_or_only_once_is_refused_at_once() {
    let desk = Desk::with_world(20, LAST_DAY);
    for (script, code, told) in [
        ("mkfifo p; \"$0\" check --deals p --quotas p", 2, "is a pipe, which deals is read from already"),
        ("\"$0\" check --deals - --quotas /dev/stdin < <(cat deals.csv)", 2, "which deals is read from already"),
        ("\"$0\" check --deals /dev/zero", 3, "/dev/zero is a disk, a device or a socket, expected a file"),
        ("\"$0\" check --deals /dev/null", 3, "/dev/null is empty, expected a header line"),
        ("\"$0\" check --deals <(true)", 3, "is empty, expected a header line"),
        ("\"$0\" revise --owner a --period 2026-Q1 --amount 1 --file /dev/null", 2, "/dev/null is no CSV file"),
    ] {
        let refused = shell(&desk, script);
        assert_eq!(refused.code, code, "{script}: {}", refused.stderr);
        assert!(refused.stderr.contains(told), "{script}: {}", refused.stderr);
    }
}

#[test]
fn a_signal_that_is_ignored_at_the_start_stays_ignored() {
    for (ignored, signal) in [("HUP", "HUP"), ("INT", "INT"), ("HUP", "TERM")] {
        let mut run = Command::new("bash");
        run.args(["-c", &format!("trap '' {ignored}; exec \"$0\" check --deals - --quiet"), PROGRAM]);
        let mut run = run.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut input = run.stdin.take().unwrap();
        input.write_all(b"deal_id,stage,created_at\n").unwrap();
        let listens = || {
            let tasks = std::fs::read_dir(format!("/proc/{}/task", run.id())).into_iter().flatten().flatten();
            tasks.into_iter().any(|task| {
                std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == "interrupts")
            })
        };
        for _ in 0..4_000 {
            if listens() {
                break;
            }
            sleep(Duration::from_millis(5));
        }
        assert!(Command::new("kill").args(["-s", signal, &run.id().to_string()]).status().unwrap().success());
        if signal == ignored {
            sleep(Duration::from_millis(100));
            input.write_all(b"D1,New,2026-01-05\n").unwrap();
        }
        drop(input);
        let status = run.wait().unwrap();
        let expected = if signal == ignored { Some(0) } else { Some(130) };
        assert_eq!((status.code(), status.signal()), (expected, None), "{signal}");
    }
}

#[test]
fn what_the_machine_does_not_give_is_told_with_exit_1_and_never_waited_for() {
    let desk = Desk::with_world(60, LAST_DAY);
    let run = format!("exec timeout 60 \"$0\" run {TABLES} --out out --quiet");
    for (limit, told) in [
        // No thread has a stack of a pebibyte.
        ("export RUST_MIN_STACK=1125899906842624;", "cannot "),
        ("export RUST_MIN_STACK=1125899906842624 POLARS_MAX_THREADS=2;", "--threads 2"),
        ("ulimit -n 5;", "raise the limit of open files"),
        ("ulimit -n 8;", "raise the limit of open files"),
    ] {
        let script =
            if told == "--threads 2" { format!("{limit} {run} --threads 2") } else { format!("{limit} {run}") };
        let failed = shell(&desk, &script);
        assert_eq!(failed.code, 1, "{limit}: {}", failed.stderr);
        assert!(failed.stderr.contains(told) || told == "--threads 2", "{limit}: {}", failed.stderr);
        assert!(!failed.stderr.contains("report this as a bug"), "{limit}: {}", failed.stderr);
    }
    let full = "trap '' XFSZ; ulimit -f 0; exec \"$0\" revise --owner a --period 2026-Q1 --amount 1";
    let failed = shell(&desk, full);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    // Without the trap, too, a file that may not grow is an error and no death.
    let failed = shell(&desk, full.trim_start_matches("trap '' XFSZ; "));
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    let refused = desk.run("revise --owner a --period 2026-Q1 --amount 1 --file no/such/folder.csv");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
}

/// What no text may hold that a terminal shows, line breaks and tabs aside.
fn commands_of(text: &str) -> Vec<char> {
    let hidden = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(hidden).collect()
}

/// A name that sets the window's title, goes back, deletes, ends a string, turns the direction.
const EVIL: &str = "a\u{1b}]0;x\u{7}\u{9b}31m\r\u{8}\u{0}b\u{202e}c\u{2066}\u{200f}";

#[test]
fn no_name_commands_the_terminal() {
    let desk = Desk::with_world(400, LAST_DAY);
    let text = desk.read("deals.csv");
    let evil = EVIL.replace(['\r', '\n'], "");
    let stage = Table::parse(&text).column("stage")[0].to_owned();
    for file in ["deals.csv", "stage_history.csv", "users.csv", "quotas.csv"] {
        let dirty = desk.read(file).replace(&stage, &format!("{stage}{evil}"));
        desk.write(file, dirty.replace("rep1,", &format!("rep1{evil},")).replace("North", &format!("North{evil}")));
    }
    let dirty_name = format!("deals{}.csv", EVIL.replace('\u{0}', ""));
    std::fs::copy(desk.path("deals.csv"), desk.path(&dirty_name)).unwrap();
    desk.write("bad.toml", format!("[sources.deals]\npath = \"deals.csv\"\n\"{}\" = 1\n", "x\\u001b]0;\\r\\u202e"));
    desk.write("worse.toml", "a\u{1b}[31m\u{9b} = \u{202e}\n");
    let per_table = TABLES;
    let evil_argument = EVIL.replace('\u{0}', "");
    for command in [
        format!("check {per_table}"),
        format!("run {per_table} --out out --by owner"),
        format!("forecast {per_table}"),
        format!("stagnation {per_table} -vv"),
        format!("funnel {per_table} --by owner"),
        format!("gaps {per_table}"),
        format!("score {per_table}"),
        format!("features {per_table}"),
        format!("train {per_table} -v"),
        "models show".to_owned(),
        "models list".to_owned(),
        "check --config bad.toml".to_owned(),
        "check --config worse.toml".to_owned(),
    ] {
        let said = desk.run(&command);
        assert_eq!(commands_of(&said.stderr), Vec::<char>::new(), "{command}: {}", said.stderr.escape_debug());
        assert_eq!(commands_of(&said.stdout), Vec::<char>::new(), "{command}: {}", said.stdout.escape_debug());
    }
    for arguments in [
        vec!["check", "--deals", &dirty_name],
        vec!["check", "--deals", &evil_argument],
        vec!["forecast", "--deals", "deals.csv", "--owner", &evil_argument],
        vec!["check", &evil_argument],
        vec![&*evil_argument],
        vec!["help", &evil_argument],
        vec!["check", "--deals", "deals.csv", "--as-of", &evil_argument],
        vec!["funnel", "--deals", "deals.csv", "--by", &evil_argument],
        vec!["models", "show", &evil_argument],
        vec!["run", "--deals", "deals.csv", "--out", &evil_argument],
        vec!["revise", "--owner", &evil_argument, "--period", "2026", "--amount", "1", "--category", &evil_argument],
    ] {
        let output = desk.command("").args(&arguments).arg("--no-progress").output().unwrap();
        let said = Finished::of(output, arguments[0]);
        assert_eq!(commands_of(&said.stderr), Vec::<char>::new(), "{arguments:?}: {}", said.stderr.escape_debug());
        assert_eq!(commands_of(&said.stdout), Vec::<char>::new(), "{arguments:?}: {}", said.stdout.escape_debug());
    }
    // What programs read keeps every byte, but marks nobody sees at the end of a cell.
    let csv = desk.ok(&format!("score {per_table} --format csv --quiet")).stdout;
    let kept = evil.trim_end_matches('\u{200f}');
    assert!(csv.contains(kept), "{}", csv.escape_debug());
}

#[test]
fn no_day_far_away_keeps_a_run_from_ending() {
    let desk = Desk::with_world(120, LAST_DAY);
    let ends = |script: &str| shell(&desk, &format!("exec timeout 60 \"$0\" {script}"));
    for day in ["9999-06-30", "9999-12-31", "2200-01-01", "1899-12-31", "0001-01-01"] {
        let refused = ends(&format!("run {TABLES} --as-of {day}"));
        assert_eq!(refused.code, 2, "{day}: {}", refused.stderr);
        assert!(refused.stderr.contains("expected a day from 1900-01-01 to 2199-12-31"), "{}", refused.stderr);
    }
    let known = Table::read(&desk.path("deals.csv")).column("deal_id")[0].to_owned();
    for (column, rule) in [("2199-12-31", ""), ("9999-12-31", "bad_date"), ("0026-02-14", "bad_date")] {
        desk.write("activities.csv", format!("deal_id,occurred_at,kind\n{known},{column},call\n"));
        let said = ends(&format!("run {TABLES} --activities activities.csv --out out{column} --as-of 2026-01-01"));
        assert_eq!(said.code, if rule.is_empty() { 0 } else { 3 }, "{column}: {}", said.stderr);
        assert!(
            rule.is_empty() || said.stderr.contains("expected a day from 1900-01-01 to 2199-12-31"),
            "{}",
            said.stderr
        );
    }
    for day in ["2199-12-31", "1900-01-01"] {
        let said = ends(&format!("run {TABLES} --as-of {day} --out far --models far-models"));
        assert!([0, 3, 4].contains(&said.code), "{day}: {}", said.stderr);
    }
    let months: Vec<String> = (1..=12).map(|month| format!("9999-{month:02}-01")).collect();
    let table = |year: u32, months: &[String]| {
        format!("[[calendar.table]]\nyear = {year}\nmonths = [{}]\nlast = 2198-12-31\n", months.join(", "))
    };
    desk.write("late.toml", format!("[sources.deals]\npath = \"deals.csv\"\n{}", table(9999, &months)));
    let refused = ends("forecast --config late.toml");
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("expected a day from 1900-01-01 to 2199-12-31"), "{}", refused.stderr);
}

#[test]
fn an_owner_who_stays_for_ever_is_a_user_like_others() {
    let desk = Desk::with_world(120, LAST_DAY);
    let users = desk.read("users.csv");
    let row = |line: &str, ends: &str| format!("{line},{ends}\n");
    let mut lines = users.lines();
    let header = row(lines.next().unwrap(), "active_from,active_to");
    let rows: Vec<&str> = lines.collect();
    desk.write(
        "always.csv",
        header.clone() + &rows.iter().map(|line| row(line, "0001-01-01,9999-12-31")).collect::<String>(),
    );
    desk.write("blank.csv", header + &rows.iter().map(|line| row(line, ",")).collect::<String>());
    let run = |users: &str| {
        desk.ok(&format!(
            "run --deals deals.csv --stage-history stage_history.csv --quotas quotas.csv --users {users}.csv --out {users} --models m-{users}"
        ))
    };
    run("always");
    run("blank");
    let forecast = |users: &str| Table::read(&desk.path(&format!("{users}/forecast.csv")));
    assert!(forecast("always") == forecast("blank"));
}

#[test]
fn a_deals_table_of_which_nothing_is_left_says_why() {
    let desk = Desk::empty();
    desk.write("deals.csv", "deal_id,stage,created_at\nD1,New,2026-13-01\nD2,New,soon\nD3,,2026-01-01\n");
    desk.write("lenient.toml", "[sources.deals]\npath = \"deals.csv\"\n[rules]\nmax_reject_share = 1.0\n");
    let failed = desk.run("forecast --config lenient.toml");
    assert_eq!(failed.code, 3, "{}", failed.stderr);
    let told = "every one of the 3 rows of deals is rejected: 2 bad_date, first deals.csv line 2: `created_at` is \"2026-13-01\"";
    assert!(failed.stderr.contains(told), "{}", failed.stderr);
    let filters = "rules.max_reject_share = 1.0\n[sources.deals]\npath = \"deals.csv\"\nfilters = [{ column = \"stage\", none_of = [\"New\", \"\"] }]\n";
    desk.write("filters.toml", filters);
    let failed = desk.run("forecast --config filters.toml");
    assert_eq!(failed.code, 3, "{}", failed.stderr);
    assert!(failed.stderr.contains("rows of deals is rejected"), "{}", failed.stderr);
}

#[test]
fn nothing_a_spreadsheet_would_run_is_written_for_people() {
    let desk = Desk::with_world(200, LAST_DAY);
    let revised = desk
        .command("revise --owner rep1 --period 2025-Q4 --amount -5 --note")
        .arg("=cmd|' /C calc'!A0")
        .output()
        .unwrap();
    assert!(revised.status.success());
    assert!(desk.read("revisions.csv").contains(",'=cmd|"), "{}", desk.read("revisions.csv"));
    assert!(desk.read("revisions.csv").contains(",-5,"), "{}", desk.read("revisions.csv"));
    let text = desk.read("deals.csv");
    let header = text.lines().next().unwrap();
    let created = header.split(',').position(|name| name == "created_at").unwrap();
    let evil: Vec<&str> = (0..header.split(',').count()).map(|i| if i == created { "=1+1" } else { "x" }).collect();
    desk.write("deals.csv", format!("{text}{}\n", evil.join(",")));
    desk.nightly("--revisions revisions.csv --as-of 2099-01-01 --out out");
    let rejects = desk.read("out/rejects.csv");
    assert!(rejects.contains(",'=1+1,"), "{rejects}");
    // The name read back is the name that was written.
    let rows = Table::read(&desk.path("out/revisions.csv"));
    assert_eq!(rows.column("owner"), ["rep1"]);
}

#[test]
fn a_column_of_numbers_tells_deals_apart_in_every_format() {
    let desk = Desk::empty();
    let groups = |format: &str| {
        desk.ok(&format!("simulate --deals 200 --out {format} --format {format} --quiet"));
        let funnel = desk.ok(&format!("funnel --config {format}/dealcast.toml --by employees --format csv --quiet"));
        funnel.stdout
    };
    let from_csv = groups("csv");
    assert!(from_csv.contains("employees="), "{from_csv}");
    assert_eq!(from_csv, groups("parquet"));
}
