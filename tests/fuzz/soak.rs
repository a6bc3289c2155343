//! Commands that write are killed: at random moments, and at every system call that touches a file. And the calls fail as on a
//! full disk, a broken one, or where too many files are open.
//!
//! The suite does a few of each. All of them:
//!
//! ```text
//! DEALCAST_SOAK_KILLS=200 cargo test --release --test fuzz soak -- --nocapture --test-threads 1
//! ```
//!
//! kills each command at 200 moments and at 200 of its calls (1000 are all), and lets 200 calls fail. The calls need `strace`;
//! where it is absent, the tests say so and do nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::process::{program, program_path};
use crate::random::Random;
use crate::scene::{SCENES, Scene};
use crate::setting;
use crate::worlds::World;

/// Kills of each command in the suite, and how many commands it tries.
const SHORT: (usize, usize) = (2, 3);

/// The calls by which files are made, filled, renamed and removed.
const CALLS: [&str; 14] = [
    "openat",
    "write",
    "fsync",
    "fdatasync",
    "mkdir",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "fchmod",
    "ftruncate",
    "flock",
];

/// How a call fails where it is not the end of the process.
const ERRORS: [(&str, &str); 9] = [
    ("write", "ENOSPC"),
    ("write", "EIO"),
    ("fsync", "EIO"),
    ("openat", "EMFILE"),
    ("openat", "ENOSPC"),
    ("mkdir", "ENOSPC"),
    ("renameat2", "EIO"),
    ("renameat", "ENOSPC"),
    ("unlinkat", "EIO"),
];

fn kills() -> usize {
    setting("DEALCAST_SOAK_KILLS").map_or(SHORT.0, |kills| kills as usize)
}

fn scenes() -> &'static [&'static str] {
    if setting("DEALCAST_SOAK_KILLS").is_some() { &SCENES } else { &SCENES[..SHORT.1] }
}

fn world() -> World {
    World::simulated("--deals 120 --seed 5")
}

/// Fails with every fault found, after all are told.
fn verdict(found: &[String]) {
    found.iter().for_each(|fault| eprintln!("FAULT {fault}"));
    assert!(found.is_empty(), "{} faults, the first: {}", found.len(), found[0]);
}

#[test]
fn soak_kills_at_random_moments() {
    let world = world();
    let mut random = Random::new(setting("DEALCAST_FUZZ_SEED").unwrap_or(1));
    let mut found = Vec::new();
    for command in scenes() {
        let scene = Scene::new(&world, command);
        scene.set();
        let span = stopped_after(&scene, Duration::from_secs(60));
        let mut stopped = 0;
        for _ in 0..kills() {
            let home = scene.set();
            let moment = Duration::from_micros(random.below(span.as_micros() as usize) as u64);
            stopped += u64::from(stopped_after(&scene, moment) < span.max(moment) * 2);
            found.extend(
                scene.faults(&home).into_iter().map(|fault| format!("{command} killed after {moment:?}: {fault}")),
            );
        }
        eprintln!("{command}: {stopped} kills within {span:?}");
    }
    verdict(&found);
}

/// Starts the command of `scene` and kills it after `limit`; how long it ran.
fn stopped_after(scene: &Scene, limit: Duration) -> Duration {
    let home = scene.temporary().with_file_name("home");
    let mut command = program(&home, &scene.temporary());
    let command = command.args(&scene.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    let mut child = command.spawn().unwrap();
    while begin.elapsed() < limit && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_micros(200));
    }
    let _ = child.kill();
    child.wait().unwrap();
    begin.elapsed()
}

#[test]
fn soak_kills_at_system_calls() {
    if !strace_works() {
        eprintln!("strace is absent or may not trace here: no command is killed at its system calls");
        return;
    }
    let world = world();
    let mut found = Vec::new();
    for command in scenes() {
        let scene = Scene::new(&world, command);
        let every: Vec<(String, u64)> =
            calls(&scene).into_iter().flat_map(|(call, count)| (1..=count).map(move |at| (call.clone(), at))).collect();
        let tried = spread(&every, kills());
        for (call, at) in &tried {
            let home = scene.set();
            traced(&scene, &format!("inject={call}:signal=SIGKILL:when={at}"));
            let faults = scene.faults(&home).into_iter();
            found.extend(faults.map(|fault| format!("{command} killed at {call} {at}: {fault}")));
        }
        let tried = tried.len();
        eprintln!("{command}: killed at {tried} calls");
    }
    verdict(&found);
}

#[test]
fn soak_calls_that_fail() {
    if !strace_works() {
        eprintln!("strace is absent or may not trace here: no call is made to fail");
        return;
    }
    let world = world();
    let mut found = Vec::new();
    for command in scenes() {
        let scene = Scene::new(&world, command);
        let counts = calls(&scene);
        let count = |call: &str| counts.get(call).copied().unwrap_or_default();
        let every: Vec<(&str, &str, u64)> =
            ERRORS.iter().flat_map(|(call, error)| (1..=count(call)).map(move |at| (*call, *error, at))).collect();
        let tried = spread(&every, kills());
        for (call, error, at) in &tried {
            let home = scene.set();
            let told = traced(&scene, &format!("inject={call}:error={error}:when={at}"));
            let faults = told.into_iter().chain(scene.faults(&home));
            found.extend(faults.map(|fault| format!("{command} with {error} at {call} {at}: {fault}")));
        }
        let tried = tried.len();
        eprintln!("{command}: {tried} calls failed");
    }
    verdict(&found);
}

fn strace_works() -> bool {
    let tried = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

/// `wanted` of all, evenly; all where there are no more.
fn spread<T: Clone>(all: &[T], wanted: usize) -> Vec<T> {
    if all.len() <= wanted {
        return all.to_vec();
    }
    (0..wanted).map(|at| all[at * all.len() / wanted].clone()).collect()
}

/// How often each call is made in the thread that makes it most: `strace` counts by thread.
fn calls(scene: &Scene) -> BTreeMap<String, u64> {
    scene.set();
    let trace = scene.temporary().with_extension("trace");
    strace(scene, &["-e", &format!("trace={}", CALLS.join(",")), "-o", trace.to_str().unwrap()]);
    let mut by_thread: BTreeMap<(String, String), u64> = BTreeMap::new();
    for line in fs::read_to_string(&trace).unwrap().lines() {
        let (thread, call) = line.split_once(char::is_whitespace).unwrap_or_default();
        let Some((name, _)) = call.trim_start().split_once('(') else { continue };
        *by_thread.entry((name.to_owned(), thread.to_owned())).or_default() += 1;
    }
    let mut most = BTreeMap::new();
    for ((name, _), count) in by_thread {
        let known: &mut u64 = most.entry(name).or_default();
        *known = count.max(*known);
    }
    most.retain(|name, _| CALLS.contains(&name.as_str()));
    most
}

/// Runs the command of `scene` with something done to a call; what is wrong with its end where it was not killed.
fn traced(scene: &Scene, inject: &str) -> Option<String> {
    let (code, stderr) = strace(scene, &["-e", inject, "-o", "/dev/null"]);
    let is_loader = code == Some(127) && stderr.contains("shared librar");
    let is_fine = is_loader || code.is_none_or(|code| [0, 1, 2, 3, 4, 6].contains(&code));
    let panics = ["panicked", "internal error", "backtrace"].iter().any(|word| stderr.contains(word));
    let killed = inject.contains("SIGKILL");
    (!killed && (panics || !is_fine || code.is_none())).then(|| format!("ends with {code:?}: {stderr}"))
}

fn strace(scene: &Scene, options: &[&str]) -> (Option<i32>, String) {
    let home = scene.temporary().with_file_name("home");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(options).arg(Path::new(&program_path())).args(&scene.arguments);
    command.current_dir(&home).env("TMPDIR", scene.temporary()).env_remove("DEALCAST_LOG");
    let output = command.stdin(Stdio::null()).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}
