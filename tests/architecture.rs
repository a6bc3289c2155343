//! Holds what `src/ARCHITECTURE.md` says about the source itself: which stage may know which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The stages in order: each may use those before it. `cli` belongs to the binary.
const ORDER: [&str; 15] = [
    "domain", "stats", "report", "config", "ingest", "timeline", "snapshot", "features", "model", "scoring", "books",
    "analyses", "store", "run", "cli",
];

/// Stages beside the order: `docs` are texts; `simulate` writes input files and may know the vocabulary only; `push` takes scores out.
const BESIDE: [(&str, &[&str]); 3] = [
    ("docs", &[]),
    ("simulate", &["domain"]),
    ("push", &["domain", "config", "ingest", "timeline", "snapshot", "scoring", "report"]),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file with its text, by path, without comments and without what only tests use (`tests.rs` included).
fn files() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![source()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).expect("text");
                files.push((path, shipped(&text)));
            }
        }
    }
    files.sort();
    files
}

/// `text` without comment lines and without the test module at its end.
fn shipped(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The stage a file belongs to: its folder, or its own name at the top. `None` for `lib.rs` and `main.rs`.
fn stage_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(source()).ok()?;
    let first = Path::new(inside.components().next()?.as_os_str());
    let name = first.file_stem()?.to_str()?.to_owned();
    (name != "lib" && name != "main").then_some(name)
}

/// The stages a text names by `crate::stage` or `dealcast::stage`, also inside `use crate::{a, b::c}`.
fn used(text: &str) -> BTreeSet<String> {
    let mut stages = BTreeSet::new();
    for root in ["crate::", "dealcast::"] {
        for (at, _) in text.match_indices(root) {
            let rest = &text[at + root.len()..];
            stages.extend(rest.strip_prefix('{').map_or_else(|| vec![word(rest)], group_heads));
        }
    }
    stages
}

/// The first words of the members of a `use` group that was just opened.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut fresh) = (0, Vec::new(), true);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            c if fresh && c.is_alphabetic() => {
                heads.push(word(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    heads
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// What each stage may use: itself and what comes before it.
fn allowed() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let before = |i: usize| ORDER[..=i].iter().copied().collect();
    let mut allowed: BTreeMap<_, BTreeSet<_>> =
        ORDER.iter().enumerate().map(|(i, stage)| (*stage, before(i))).collect();
    for (stage, uses) in BESIDE {
        allowed.insert(stage, uses.iter().copied().chain([stage]).collect());
    }
    for outermost in ["run", "cli"] {
        allowed.entry(outermost).or_default().extend(BESIDE.map(|(stage, _)| stage));
    }
    allowed
}

#[test]
fn a_stage_uses_earlier_stages_only() {
    let allowed = allowed();
    let stages: BTreeSet<String> = files().iter().filter_map(|(path, _)| stage_of(path)).collect();
    let unknown: Vec<&String> = stages.iter().filter(|stage| !allowed.contains_key(stage.as_str())).collect();
    assert!(unknown.is_empty(), "stages without a place in the order: {unknown:?}");
    let mut wrong = Vec::new();
    for (path, text) in files() {
        let Some(stage) = stage_of(&path) else { continue };
        let uses = used(&text).into_iter().filter(|name| stages.contains(name));
        wrong.extend(uses.filter(|name| !allowed[stage.as_str()].contains(name.as_str())).map(|name| {
            format!("{} (stage {stage}) uses {name}", path.strip_prefix(source()).unwrap_or(&path).display())
        }));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_command_line_touches_the_machine() {
    let forbidden = [
        "println!",
        "print!",
        "std::process::exit",
        "std::env::",
        "io::stdout",
        "io::stderr",
        "Instant::now",
        "SystemTime",
    ];
    let mut wrong = Vec::new();
    for (path, text) in files() {
        if stage_of(&path).is_some_and(|stage| stage != "cli") {
            let found = forbidden.iter().filter(|word| text.contains(*word));
            wrong.extend(
                found.map(|word| format!("{} has {word}", path.strip_prefix(source()).unwrap_or(&path).display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Commands that say what they did with files, which no analysis knows.
const SAY_WHAT_THEY_DID: [&str; 4] = ["cli/printer.rs", "cli/settings.rs", "cli/emit.rs", "cli/commands/simulate.rs"];

#[test]
fn sentences_are_findings_made_beside_their_analysis() {
    let mut wrong = Vec::new();
    for (path, text) in files() {
        let file = path.strip_prefix(source()).unwrap_or(&path).to_string_lossy().into_owned();
        let may_find = file.ends_with("findings.rs") || file == "run/sections.rs" || file.starts_with("report/");
        let finds = ["Finding::info(", "Finding::warning("].iter().any(|made| text.contains(made));
        if finds && !may_find {
            wrong.push(format!("{file} makes a finding"));
        }
        if text.contains(".say(") && !SAY_WHAT_THEY_DID.contains(&file.as_str()) {
            wrong.push(format!("{file} says something that is no finding"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn money_days_and_stages_know_no_tables() {
    for (path, text) in files() {
        if stage_of(&path).as_deref() == Some("domain") {
            assert!(!text.contains("polars") && !text.contains("std::fs"), "{}", path.display());
        }
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<PathBuf> = files()
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| !fs::read_to_string(path).expect("text").starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "without `//!` at the top: {silent:?}");
}

#[test]
fn the_reader_of_this_test_reads_right() {
    let text = "use crate::{domain::day::Day, config::{Config, load}, model};\nlet x = crate::report::Table;";
    let expected = ["config", "domain", "model", "report"].map(str::to_owned);
    assert_eq!(used(text), BTreeSet::from(expected));
    assert_eq!(shipped("// crate::cli\nfn a() {}\n#[cfg(test)]\nmod tests {\nuse crate::cli;\n}"), "fn a() {}");
    assert_eq!(stage_of(&source().join("model/card.rs")).as_deref(), Some("model"));
    assert_eq!(stage_of(&source().join("run/nightly.rs")).as_deref(), Some("run"));
    assert_eq!(stage_of(&source().join("lib.rs")), None);
}
