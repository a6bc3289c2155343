//! The signals that end a run, and which of them whoever started us wants ignored.
//!
//! `nohup` and a shell that runs us in the background start us with a signal ignored, and ignored it stays. The system
//! tells which in `/proc/self/status`; where there is no such file, none counts as ignored.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::iterator::Signals;

/// The signals to end at that are not ignored, to be waited for.
pub(super) fn to_end_at() -> io::Result<Signals> {
    let ignored = ignored();
    // A file that may not grow is an error of the write, as on a full disk, and no reason to die in the middle of it.
    flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
    Signals::new([SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| !is_in(ignored, *signal)))
}

/// The set of ignored signals, a bit each.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let set = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    set.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()).unwrap_or(0)
}

fn is_in(set: u64, signal: i32) -> bool {
    set >> (signal - 1) & 1 == 1
}
