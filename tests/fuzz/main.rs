//! A mutation fuzzer of the binary: worlds that work are spoilt, commands are asked of them, and a judge looks at what
//! was said, what was written and what was left alone.
//!
//! `cargo test --release --test fuzz` plays a few cases, the same ones every time. For a long run:
//!
//! ```text
//! DEALCAST_FUZZ_SEED=5000 DEALCAST_FUZZ_RUNS=10000 cargo test --release --test fuzz fuzz -- --nocapture
//! ```
//!
//! Case number `i` has the seed `DEALCAST_FUZZ_SEED + i`. A finding prints its seed, what was spoilt, the command and the folder
//! as it was before that command; the same seed with one run plays it again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]
#![expect(clippy::disallowed_methods, reason = "the short run and every command have a time limit")]
#![expect(clippy::print_stderr, reason = "findings of a long run are told when they are found")]

mod bytes;
mod case;
mod cells;
mod command;
mod judge;
mod look;
mod nasty;
mod outputs;
mod parsers;
mod process;
mod random;
mod scene;
mod soak;
mod spoil;
mod tree;
mod worlds;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use case::{Finding, play};
use worlds::World;

/// Cases of the short run, and the time after which it does not begin another.
const SHORT: (u64, Duration) = (100, Duration::from_secs(14));

/// Seed of the first case of the short run.
const FIRST_SEED: u64 = 1;

/// Faults that are known and still open: the short run passes over them, a long one does not.
const OPEN: [&str; 1] = ["still at work"];

/// A number from the environment.
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is {text}, expected a number")))
}

#[test]
fn fuzz() {
    let begin = Instant::now();
    let worlds = World::all();
    let asked = setting("DEALCAST_FUZZ_RUNS");
    let first = setting("DEALCAST_FUZZ_SEED").unwrap_or(FIRST_SEED);
    let mut kinds: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    for seed in first..first.saturating_add(asked.unwrap_or(SHORT.0)) {
        if asked.is_none() && begin.elapsed() > SHORT.1 {
            break;
        }
        let played = play(seed, &worlds);
        for code in played.codes {
            *codes.entry(code).or_default() += 1;
        }
        if let Some(finding) = played.finding.filter(|finding| asked.is_some() || !finding.is_only(&OPEN)) {
            let known = kinds.entry(finding.kind()).or_insert((0, seed));
            known.0 += 1;
            tell(&finding, known.0 <= 2);
        }
    }
    eprintln!("exit codes: {codes:?}");
    assert!(kinds.is_empty(), "kinds of faults, how often, and the first seed: {kinds:#?}");
}

/// Prints a finding; the folder of a kind that was seen often is not kept.
fn tell(finding: &Finding, is_new: bool) {
    if is_new {
        eprintln!("{finding}");
    } else {
        let _ = std::fs::remove_dir_all(&finding.folder);
    }
}

#[test]
fn a_seed_is_a_case() {
    let sequence = |seed| {
        let mut random = random::Random::new(seed);
        [random.below(1_000), random.below(1_000), random.below(1_000)]
    };
    assert_eq!(sequence(7), sequence(7));
    assert_ne!(sequence(7), sequence(8));
}
