//! One case: a world is copied and spoilt, one to three commands are asked of it, each is judged.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::command;
use crate::judge::{Played, faults};
use crate::look::{copy, files};
use crate::process::{Finished, run, shell_line};
use crate::random::Random;
use crate::spoil::spoil;
use crate::worlds::World;

/// A command that did what it should not.
pub struct Finding {
    seed: u64,
    faults: Vec<String>,
    story: Vec<String>,
    stderr: String,
    /// The folder of the case: `home` as it is now, `before` as it was before the command.
    pub folder: PathBuf,
}

/// How a case ended.
pub struct Outcome {
    pub finding: Option<Finding>,
    /// Command and exit code of everything that was asked.
    pub codes: Vec<String>,
}

/// Plays the case of `seed`.
pub fn play(seed: u64, worlds: &[World]) -> Outcome {
    let mut random = Random::new(seed);
    let world = random.pick(worlds);
    let scratch = tempfile::Builder::new().prefix("dealcast-fuzz-").tempdir().unwrap();
    let (home, before) = (scratch.path().join("home"), scratch.path().join("before"));
    copy(&world.home(), &home);
    let mut story: Vec<String> =
        (0..*random.pick(&[0, 1, 1, 1, 2, 3])).map(|_| spoil(&home, world, &mut random)).collect();
    let mut codes = Vec::new();
    for _ in 0..*random.pick(&[1, 1, 2, 3]) {
        let arguments = command::any(world, &mut random);
        let input = arguments.iter().any(|word| word == "-").then(|| home.join(&world.tables[0]));
        story.push(shell_line(&arguments));
        let (finished, mut faults) = judged(&home, &before, &arguments, input.as_deref());
        faults.extend(overlooked(&before, &arguments, &finished, input.as_deref()));
        let name = arguments[0].to_string_lossy();
        codes.push(format!("{name} {}", finished.code.map_or("killed".to_owned(), |code| code.to_string())));
        if !faults.is_empty() {
            let stderr = String::from_utf8_lossy(&finished.stderr).into_owned();
            return Outcome { finding: Some(Finding { seed, faults, story, stderr, folder: scratch.keep() }), codes };
        }
        let _ = fs::remove_dir_all(&before);
    }
    Outcome { finding: None, codes }
}

/// Runs a command in `home` and judges it; `before` keeps what was there.
fn judged(home: &Path, before: &Path, arguments: &[OsString], input: Option<&Path>) -> (Finished, Vec<String>) {
    copy(home, before);
    let temporary = home.with_file_name("tmp");
    fs::create_dir_all(&temporary).unwrap();
    let seen = files(home);
    let finished = run(home, &temporary, arguments, input);
    let left = files(&temporary).into_keys().collect();
    let after = files(home);
    let played = Played { home, arguments, finished: &finished, before: &seen, after: &after, left };
    let mut found = faults(&played);
    if let Some(out) = played.new_outputs() {
        let check = ["check", "--format", "csv", "--outputs", out.as_str()].map(OsString::from);
        let checked = run(home, &temporary, &check, None);
        if checked.code != Some(0) {
            let said = String::from_utf8_lossy(&checked.stdout);
            let first = said.lines().nth(1).unwrap_or_default();
            found.push(format!("check --outputs ends with {:?}: {first:.200}", checked.code));
        }
    }
    (finished, found)
}

/// What stops a run and `check` does not find: in `before`, where the run began, it must end with the same code.
fn overlooked(before: &Path, arguments: &[OsString], finished: &Finished, input: Option<&Path>) -> Option<String> {
    let code = finished.code.filter(|code| [2, 3, 4].contains(code))?;
    let asked = command::as_check(arguments)?;
    let temporary = before.with_file_name("tmp");
    let input = input.and_then(|input| Some(before.join(input.file_name()?)));
    let checked = run(before, &temporary, &asked, input.as_deref());
    let is_found = checked.code == Some(code);
    (!is_found).then(|| format!("run ends with {code}, and check before it with {:?}", checked.code))
}

impl Finding {
    /// Whether every fault of it has one of these words.
    pub fn is_only(&self, words: &[&str]) -> bool {
        self.faults.iter().all(|fault| words.iter().any(|word| fault.contains(word)))
    }

    /// The fault without its numbers and names: what many findings have in common.
    pub fn kind(&self) -> String {
        let first = self.faults.first().map(String::as_str).unwrap_or_default();
        let first = first.split(" in \"").next().unwrap_or(first);
        let command = self.story.last().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        let masked: String = first.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).take(100).collect();
        format!("{command}: {masked}")
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        writeln!(out, "---- seed {} ({})", self.seed, self.folder.display())?;
        self.story.iter().try_for_each(|line| writeln!(out, "  {line:.400}"))?;
        self.faults.iter().try_for_each(|fault| writeln!(out, "  FAULT {fault}"))?;
        self.stderr
            .lines()
            .take(12)
            .try_for_each(|line| writeln!(out, "  | {:.200}", line.escape_debug().to_string()))?;
        write!(
            out,
            "  again: DEALCAST_FUZZ_SEED={} DEALCAST_FUZZ_RUNS=1 cargo test --release --test fuzz fuzz",
            self.seed
        )
    }
}
