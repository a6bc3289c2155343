//! Running the program: to its end, or to the limit of time or memory.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The program under test: the one built with this test, if `DEALCAST_FUZZ_PROGRAM` names no other.
pub fn program_path() -> OsString {
    std::env::var_os("DEALCAST_FUZZ_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_dealcast").into())
}

/// Nothing the fuzzer asks takes longer by far: this finds hangs, it measures nothing.
const TIME_LIMIT: Duration = Duration::from_secs(90);

/// In KiB. The inputs are of some 100 KB.
const MEMORY_LIMIT: u64 = 2 << 20;

/// What a finished command left behind.
pub struct Finished {
    /// None where a signal ended it.
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// A limit that was passed, or the signal that ended it.
    pub broken: Option<String>,
}

/// Runs `arguments` in `home`, with `input` as standard input. Its temporary files go to `temporary`.
pub fn run(home: &Path, temporary: &Path, arguments: &[OsString], input: Option<&Path>) -> Finished {
    let (out, err) = (temporary.with_extension("stdout"), temporary.with_extension("stderr"));
    let mut command = program(home, temporary);
    command.args(arguments);
    command.stdin(input.map_or(Stdio::null(), |path| Stdio::from(File::open(path).unwrap())));
    command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let begin = Instant::now();
    let mut child = command.spawn().unwrap();
    let (status, limit) = wait(&mut child, begin);
    let broken = limit.or_else(|| status.signal().map(|signal| format!("ended by signal {signal}")));
    Finished { code: status.code(), stdout: fs::read(out).unwrap(), stderr: fs::read(err).unwrap(), broken }
}

/// The program in `home`, with an environment that no test shares with the machine.
pub fn program(home: &Path, temporary: &Path) -> Command {
    let mut command = Command::new(program_path());
    command.current_dir(home).env("TMPDIR", temporary);
    for name in ["DEALCAST_LOG", "POLARS_MAX_THREADS", "RUST_BACKTRACE", "COLUMNS"] {
        command.env_remove(name);
    }
    command
}

fn wait(child: &mut Child, begin: Instant) -> (ExitStatus, Option<String>) {
    let status = format!("/proc/{}/status", child.id());
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return (status, None);
        }
        let peak = peak_memory(&status);
        let passed = if begin.elapsed() > TIME_LIMIT {
            Some(format!("still at work after {} s", TIME_LIMIT.as_secs()))
        } else if peak > MEMORY_LIMIT {
            Some(format!("took {} MiB of memory", peak >> 10))
        } else {
            None
        };
        if passed.is_some() {
            child.kill().unwrap();
            return (child.wait().unwrap(), passed);
        }
        sleep(Duration::from_millis(3));
    }
}

/// The most memory a process has held, in KiB; 0 where the system does not say.
fn peak_memory(status: &str) -> u64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// A command as a shell takes it.
pub fn shell_line(arguments: &[OsString]) -> String {
    let words = arguments.iter().map(|argument| quoted(argument));
    ["dealcast".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(argument: &OsStr) -> String {
    let bytes = argument.as_encoded_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./:=,".contains(byte);
    if !bytes.is_empty() && bytes.iter().all(plain) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let shown: String = bytes
        .iter()
        .take(200)
        .map(|byte| match byte {
            b'\'' | b'\\' => format!("\\{}", *byte as char),
            b' '..=b'~' => (*byte as char).to_string(),
            _ => format!("\\x{byte:02x}"),
        })
        .collect();
    let cut = if bytes.len() > 200 { format!(" # {} bytes", bytes.len()) } else { String::new() };
    format!("$'{shown}'{cut}")
}
