//! What may never be, whatever was asked of what: every fault of one finished command.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::look::{Change, Files, changes};
use crate::outputs;
use crate::process::Finished;
use crate::spoil::seal;

/// Exit codes of the contract. 1 is for full disks and faults of the program: here nothing is full.
const CODES: [i32; 5] = [0, 2, 3, 4, 6];

/// What a command ended with and what it did to the files around it.
pub struct Played<'p> {
    /// The working folder.
    pub home: &'p Path,
    pub arguments: &'p [OsString],
    pub finished: &'p Finished,
    pub before: &'p Files,
    pub after: &'p Files,
    /// Files left in the folder of temporary files.
    pub left: Vec<String>,
}

/// Every fault of a command; none if all is as it should be.
pub fn faults(played: &Played) -> Vec<String> {
    let mut found = ending(played.finished);
    found.extend(words(played));
    found.extend(touched(played));
    found.extend(leftovers(played));
    if let Some(out) = played.new_outputs() {
        found.extend(outputs::faults(played.home, played.after, &out));
    }
    found
}

impl Played<'_> {
    fn succeeded(&self) -> bool {
        self.finished.code == Some(0)
    }

    /// The folder a run has just written, where its name is one that can be typed.
    pub fn new_outputs(&self) -> Option<String> {
        let out = (self.succeeded() && self.is("run")).then(|| self.folder("--out", "dealcast-out"));
        out.filter(|out| !out.contains(char::REPLACEMENT_CHARACTER))
    }

    /// Whether the command is this one.
    fn is(&self, words: &str) -> bool {
        let mut given = self.arguments.iter().map(|word| word.to_string_lossy());
        words.split(' ').all(|word| given.next().is_some_and(|given| given == word))
    }

    /// The value of a flag.
    fn value(&self, flag: &str) -> Option<String> {
        let at = self.arguments.iter().position(|word| word.to_str() == Some(flag))?;
        self.arguments.get(at + 1).map(|word| word.to_string_lossy().into_owned())
    }

    /// The folder a flag names, as a path in the working folder.
    fn folder(&self, flag: &str, default: &str) -> String {
        plain(&self.value(flag).unwrap_or_else(|| default.to_owned()))
    }
}

/// `path` without `.` and `..`, as far as it stays in the working folder.
fn plain(path: &str) -> String {
    let mut steps = PathBuf::new();
    for step in Path::new(path).components() {
        match step {
            Component::Normal(name) => steps.push(name),
            Component::ParentDir if steps.pop() => {}
            Component::ParentDir => steps.push(".."),
            _ => {}
        }
    }
    steps.to_string_lossy().into_owned()
}

/// How it ended: with a code of the contract, in time, and with an error where it failed.
fn ending(finished: &Finished) -> Vec<String> {
    let stderr = String::from_utf8_lossy(&finished.stderr);
    let mut found: Vec<String> = finished.broken.iter().cloned().collect();
    if finished.broken.is_none() && !finished.code.is_some_and(|code| CODES.contains(&code)) {
        found.push(format!("exit code {:?}", finished.code));
    }
    for word in ["panicked", "internal error", "RUST_BACKTRACE", "stack backtrace", "overflow"] {
        if stderr.contains(word) {
            found.push(format!("says {word:?}"));
        }
    }
    if finished.code.is_some_and(|code| code != 0) {
        if !stderr.lines().any(|line| line.starts_with("error: ") && line.len() > 10) {
            found.push("fails without an error line".to_owned());
        }
        if !["hint: ", "tip: ", "try '--help'", "expected "].iter().any(|word| stderr.contains(word)) {
            let error = stderr.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
            found.push(format!("fails without a hint: {error:.100}"));
        }
    }
    found
}

/// Text for people is text: nothing in it steers a terminal. Results for programs carry what the data say.
fn words(played: &Played) -> Vec<String> {
    let for_programs =
        ["csv", "json", "parquet"].iter().any(|format| played.value("--format").as_deref() == Some(format));
    let mut streams = vec![("standard error", &played.finished.stderr)];
    if !for_programs && !played.arguments.iter().any(|word| word == "--json") {
        streams.push(("standard output", &played.finished.stdout));
    }
    streams.into_iter().filter_map(|(name, bytes)| steering(bytes).map(|what| format!("{name} has {what}"))).collect()
}

/// What in `bytes` is no plain text, with the line it stands in.
fn steering(bytes: &[u8]) -> Option<String> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Some("bytes that are no UTF-8".to_owned());
    };
    text.split('\n').find_map(|line| {
        let found = line.chars().find(|character| is_steering(*character))?;
        Some(format!("U+{:04X} in {line:.120?}", found as u32))
    })
}

/// Control characters but the tab, and the marks that turn the direction of writing.
fn is_steering(character: char) -> bool {
    let turns = ['\u{61c}', '\u{200e}', '\u{200f}', '\u{feff}'].contains(&character);
    let spans = ('\u{202a}'..='\u{202e}').contains(&character) || ('\u{2066}'..='\u{2069}').contains(&character);
    character.is_control() && character != '\t' || turns || spans || ['\u{2028}', '\u{2029}'].contains(&character)
}

/// Files that changed and should not have.
fn touched(played: &Played) -> Vec<String> {
    let all = changes(played.before, played.after);
    let wrong = all.into_iter().filter(|(path, change)| !may_change(played, path, *change));
    wrong.map(|(path, change)| format!("{path} changed: {change:?}")).take(8).collect()
}

fn may_change(played: &Played, path: &str, change: Change) -> bool {
    let out = played.folder("--out", "dealcast-out");
    let models = played.folder("--models", "models");
    let in_models = within(path, &models);
    let keeps_models = played.is("run") || played.is("train") || played.is("backtest");
    // What is learnt is kept, also where the rest of the run fails.
    if keeps_models && in_models.is_some_and(|name| of_models(name, change) || is_whole(played, path, name)) {
        return true;
    }
    if !played.succeeded() {
        return false;
    }
    if played.is("models") {
        let decided = ["current", "log.jsonl", "pinned"];
        let decides = ["models promote", "models rollback", "models unpin"].iter().any(|words| played.is(words));
        return decides && in_models.is_some_and(|name| decided.contains(&name))
            || writes_table(played, path, &out, change);
    }
    if played.is("revise") {
        return path.ends_with(".csv") && matches!(change, Change::New | Change::Longer);
    }
    if played.is("run") || played.is("simulate") {
        return within(path, &out).is_some_and(|name| name != "notes.txt");
    }
    writes_table(played, path, &out, change)
}

/// Of a command that prints one table: a file of its own in the folder it was given.
fn writes_table(played: &Played, path: &str, out: &str, change: Change) -> bool {
    let is_table = ["csv", "json", "parquet", "md"].iter().any(|format| path.ends_with(&format!(".{format}")));
    let in_a_run = played.before.contains_key(&format!("{out}/manifest.json"));
    let named = played.value("--out").is_some() && within(path, out).is_some_and(|name| !name.contains('/'));
    named && is_table && !in_a_run && change != Change::Gone
}

/// A file of the models folder that training may change: models come and never go, the log only grows.
fn of_models(name: &str, change: Change) -> bool {
    let is_model = is_model(name);
    let of_days = ["scores/", "forecasts/", "quality/", "run_forecasts/"];
    let is_kept = of_days.iter().any(|folder| name.starts_with(folder)) && change != Change::Gone;
    name == "current" || name == "log.jsonl" || is_kept || (is_model && change == Change::New)
}

fn is_model(name: &str) -> bool {
    let ends = [".json", ".md"].iter().any(|end| name.ends_with(end));
    ends && name.starts_with(|first: char| first.is_ascii_digit()) && !name.contains('/')
}

/// Whether a file of a model that was changed now holds what its name says: a damaged one that was made again.
fn is_whole(played: &Played, path: &str, name: &str) -> bool {
    let Some(id) = name.strip_suffix(".json").filter(|id| !id.ends_with(".card")) else {
        // Cards are made from the model.
        return is_model(name) && played.after.contains_key(path);
    };
    let stored = played.after.get(path).and_then(|file| serde_json::from_slice(&file.content).ok());
    stored.is_some_and(|mut stored| is_model(name) && seal(&mut stored) == id)
}

/// The rest of `path` below `folder`.
fn within<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// Files that were made on the way and stayed.
fn leftovers(played: &Played) -> Vec<String> {
    let new = played.after.keys().filter(|path| !played.before.contains_key(*path));
    let hidden = new.filter(|path| {
        path.split('/').any(|name| name.starts_with('.') && name.len() > 2 && name != "..") || path.ends_with(".lock")
    });
    let hidden = hidden.map(|path| format!("{path} is left"));
    hidden.chain(played.left.iter().map(|name| format!("{name} is left among the temporary files"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(code: i32, stderr: &str) -> Finished {
        let (stdout, stderr) = (Vec::new(), stderr.as_bytes().to_vec());
        Finished { code: Some(code), stdout, stderr, broken: None }
    }

    fn judged(arguments: &str, finished: &Finished, before: &[&str], after: &[&str]) -> Vec<String> {
        let arguments: Vec<OsString> = arguments.split(' ').map(OsString::from).collect();
        let seen =
            |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), crate::look::Seen::of(b"x"))).collect();
        let (before, after): (Files, Files) = (seen(before), seen(after));
        faults(&Played {
            home: Path::new("."),
            arguments: &arguments,
            finished,
            before: &before,
            after: &after,
            left: Vec::new(),
        })
    }

    #[test]
    fn a_judge_who_never_finds_anything_is_none() {
        let none = Vec::<String>::new();
        assert_eq!(judged("check", &finished(0, ""), &["a"], &["a"]), none);
        assert_eq!(judged("check", &finished(0, ""), &["a"], &[]), ["a changed: Gone"]);
        assert_eq!(judged("check", &finished(3, "error: no deals\nhint: export some"), &[], &[]), none);
        assert_eq!(judged("check", &finished(3, ""), &[], &[]).len(), 2);
        assert_eq!(judged("check", &finished(1, "error: an internal error\nhint: x"), &[], &[]).len(), 2);
        assert_eq!(judged("check", &finished(0, "a\u{1b}]0;b"), &[], &[]).len(), 1);
        assert_eq!(judged("check", &finished(0, "a\u{202e}b"), &[], &[]).len(), 1);
        assert_eq!(judged("score --out t", &finished(0, ""), &[], &["t/scores.csv"]), none);
        assert_eq!(judged("score --out t", &finished(0, ""), &[], &["t/.dealcast-x"]).len(), 2);
        assert_eq!(judged("score --out t", &finished(2, "error: not this\nhint: x"), &[], &["t/scores.csv"]).len(), 1);
        assert_eq!(
            judged("train", &finished(0, ""), &["models/1.json"], &["models/2.json"]),
            ["models/1.json changed: Gone"]
        );
        assert_eq!(judged("run --out o", &finished(0, ""), &[], &["o/a.csv"]), ["o has no manifest"]);
    }
}
