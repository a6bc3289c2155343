//! Which stage may know which.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::{declared, inline};
use super::source::{SourceFile, assert_none, shipped};

/// The stages in order: each may use those before it. `cli` belongs to the binary.
const ORDER: [&str; 19] = [
    "domain", "stats", "report", "config", "presets", "ingest", "timeline", "setup", "snapshot", "features", "model",
    "scoring", "books", "analyses", "store", "push", "render", "run", "cli",
];

/// Stages beside the order: `docs` are texts; `simulate` writes input files and may know the vocabulary, and of CRMs what
/// their exports look like.
const BESIDE: [(&str, &[&str]); 2] = [("docs", &[]), ("simulate", &["domain", "presets"])];

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

/// The first words after `crate` or `dealcast` of every path in a file.
fn used(file: &SourceFile) -> BTreeSet<String> {
    let imports = declared(&file.bare).into_iter().map(|import| import.path);
    let paths = imports.chain(inline(&file.bare)).filter(|path| ["crate", "dealcast"].contains(&path[0].as_str()));
    paths.filter_map(|path| path.get(1).cloned()).collect()
}

#[test]
fn a_stage_uses_earlier_stages_only() {
    let (allowed, files) = (allowed(), shipped());
    let stages: BTreeSet<&str> = files.iter().filter_map(SourceFile::stage).collect();
    let unknown: Vec<&&str> = stages.iter().filter(|stage| !allowed.contains_key(**stage)).collect();
    assert!(unknown.is_empty(), "stages without a place in the order: {unknown:?}");
    assert!(stages.len() >= ORDER.len(), "{stages:?}");
    let mut wrong = Vec::new();
    for file in &files {
        let Some(stage) = file.stage() else { continue };
        let uses = used(file).into_iter().filter(|name| stages.contains(name.as_str()));
        let later = uses.filter(|name| !allowed[stage].contains(name.as_str()));
        wrong.extend(later.map(|name| format!("{} (stage {stage}) uses {name}", file.path)));
    }
    assert_none(&wrong);
}

#[test]
fn the_stages_a_file_uses_are_read_right() {
    let text = "use crate::{domain::day::Day, config::{Config, load}, model};\nlet x = crate::report::Table;\nuse dealcast::run::a;";
    let expected = ["config", "domain", "model", "report", "run"].map(str::to_owned);
    assert_eq!(used(&SourceFile::new("cli/a.rs", text)), BTreeSet::from(expected));
}
