//! What each part may touch: the terminal, the clock, files, analyses.

use super::modules::Modules;
use super::source::{SourceFile, assert_none, shipped};

/// Where one of some words stands in files that are in none of the places.
fn words_outside(files: &[SourceFile], places: &[&str], words: &[&str]) -> Vec<String> {
    let outside = files.iter().filter(|file| !file.is_in(places));
    let found =
        outside.flat_map(|file| words.iter().filter(|word| file.bare.contains(**word)).map(move |word| (file, word)));
    found.map(|(file, word)| format!("{} has {word}", file.path)).collect()
}

/// What the command line names of stages it has no business with.
fn computed_in_cli(files: &[SourceFile]) -> Vec<String> {
    let modules = Modules::of(files);
    let of_cli = modules.iter().filter(|(module, _)| module.first().is_some_and(|first| first == "cli"));
    let named = of_cli.flat_map(|(module, file)| modules.references(module).into_iter().map(move |r| (file, r.path)));
    let wrong = named.filter(|(_, path)| path.first().is_some_and(|stage| COMPUTING.contains(&stage.as_str())));
    wrong.map(|(file, path)| format!("{} uses {}", file.path, path.join("::"))).collect()
}

/// Stages whose results reach the command line through `run` only.
const COMPUTING: [&str; 6] = ["analyses", "books", "stats", "timeline", "snapshot", "features"];

/// Who reads and writes files: inputs, what lies on disk, outputs, the configuration, the simulator's exports, and what the
/// system says of the process.
const TOUCH_FILES: [&str; 6] = ["ingest", "store", "report/sinks", "config/load.rs", "simulate", "cli/signals.rs"];

/// Sentinels stay where codes are made.
const MAKE_CODES: [&str; 2] = ["domain", "ingest"];

/// What has stood for "no value", and the integers that may: `Maybe` and `Option` say it everywhere else.
const SENTINELS: [&str; 8] =
    ["NO_CODE", "NO_DAY", "NO_AMOUNT", "UNKNOWN_STAGE", "i32::MIN", "i64::MIN", "u16::MAX", "u32::MAX"];

#[test]
fn only_the_command_line_touches_the_machine() {
    let machine = [
        "println!",
        "print!",
        "std::process::exit",
        "std::env::",
        "io::stdout",
        "io::stderr",
        "Instant::now",
        "SystemTime",
    ];
    assert_none(&words_outside(&shipped(), &["cli"], &machine));
}

/// Who reaches the network: what carries scores into a CRM or a database, and nothing else.
const REACH_THE_NETWORK: [&str; 3] =
    ["push/transport.rs", "push/targets/postgres/server.rs", "push/targets/mysql/server.rs"];

#[test]
fn a_file_per_protocol_reaches_the_network() {
    let network = [
        "ureq::",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "ToSocketAddrs",
        "UnixStream",
        "Conn::new(",
        "config.connect(",
        "tokio_postgres",
    ];
    let files = shipped();
    assert_none(&words_outside(&files, &REACH_THE_NETWORK, &network));
    for (path, word) in REACH_THE_NETWORK.into_iter().zip(["ureq::", "config.connect(", "Conn::new("]) {
        assert!(files.iter().any(|file| file.path == path && file.bare.contains(word)), "{path} has no {word}");
    }
}

/// Who starts other programs: the command line, where a secret comes from one, and to begin anew with other limits.
#[test]
fn only_the_command_line_starts_programs() {
    let starting = ["cli/secrets.rs", "cli/threads.rs"];
    assert_none(&words_outside(&shipped(), &starting, &["process::Command", "Command::new"]));
}

/// Who may see a key or password: what puts it into a header or a hash.
#[test]
fn secrets_are_exposed_to_the_targets_only() {
    assert_none(&words_outside(
        &shipped(),
        &["push/targets", "push/login.rs", "push/secret.rs"],
        &[".expose()", ".given()"],
    ));
    let secret = shipped().into_iter().find(|file| file.path == "push/secret.rs").expect("the file of secrets");
    for shown in ["derive(", "impl fmt::Debug", "impl Debug", "impl fmt::Display", "impl Display", "Serialize"] {
        assert!(!secret.bare.contains(shown), "a secret can be shown: {shown}");
    }
}

#[test]
fn money_days_and_stages_know_no_tables() {
    let all: Vec<SourceFile> = shipped();
    let of_domain = all.into_iter().filter(|file| file.stage() == Some("domain"));
    assert_none(&words_outside(&of_domain.collect::<Vec<_>>(), &[], &["polars", "std::fs"]));
}

/// Who makes findings beside the `findings.rs` of each analysis: what puts them together, and their own types.
const MAKE_FINDINGS: [&str; 5] =
    ["run/sections.rs", "run/nightly/sections.rs", "run/nightly/reports.rs", "run/nightly/since.rs", "report"];

/// Commands that say what they did with files, which no analysis knows.
const SAY_WHAT_THEY_DID: [&str; 6] = [
    "cli/printer.rs",
    "cli/settings.rs",
    "cli/emit.rs",
    "cli/commands/simulate.rs",
    "cli/commands/init.rs",
    "cli/commands/report.rs",
];

#[test]
fn sentences_are_findings_made_beside_their_analysis() {
    let mut files = shipped();
    assert_none(&words_outside(&files, &SAY_WHAT_THEY_DID, &[".say("]));
    files.retain(|file| !file.path.ends_with("findings.rs"));
    assert_none(&words_outside(&files, &MAKE_FINDINGS, &["Finding::info(", "Finding::warning("]));
}

#[test]
fn the_command_line_computes_nothing() {
    assert_none(&computed_in_cli(&shipped()));
}

#[test]
fn only_ingest_store_and_sinks_touch_files() {
    let files = ["std::fs", "fs::", "File::open", "File::create", "OpenOptions", "tempfile::", "glob::", "rustix::"];
    assert_none(&words_outside(&shipped(), &TOUCH_FILES, &files));
}

#[test]
fn sentinels_stay_in_domain_and_ingest() {
    assert_none(&words_outside(&shipped(), &MAKE_CODES, &SENTINELS));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::example;

    #[test]
    fn words_are_found_outside_their_places_only() {
        let files = example(&[
            ("store/mod.rs", "use std::fs;"),
            ("model/a.rs", "use std::fs;\nfn f() { fs::read(x) }"),
            ("model/b.rs", "// std::fs\nconst X: &str = \"std::fs\";\n#[cfg(test)]\nmod tests { use std::fs; }"),
        ]);
        assert_eq!(
            words_outside(&files, &["store"], &["std::fs", "fs::read"]),
            ["model/a.rs has std::fs", "model/a.rs has fs::read"]
        );
    }

    #[test]
    fn what_the_command_line_computes_is_named() {
        let files = example(&[
            ("lib.rs", "pub mod run;\npub mod books;"),
            ("run.rs", "pub use crate::books::Book;"),
            ("books.rs", "pub struct Book;"),
            ("cli/mod.rs", "mod show;"),
            ("cli/show.rs", "use dealcast::run::Book;\nuse dealcast::books::Book as Own;\nuse super::args;"),
        ]);
        assert_eq!(computed_in_cli(&files), ["cli/show.rs uses books::Book"]);
    }
}
