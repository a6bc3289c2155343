//! `dealcast` on a terminal: questions of `init` appear, answers are taken, wrong ones are asked again, Ctrl-C leaves nothing;
//! tables fit, in the language asked for.
//!
//! Python's standard library makes the terminal; where there is no Python 3 these tests are reported as ignored.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod tables;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Trial};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Deals whose dates could be read in two ways, in stages no name of which speaks of an end.
const PUZZLING: &str =
    "deal_id,stage,created_at,amount\na,Kappa,03/04/2025,5\nb,Lambda,05/06/2025,6\nc,Mu,07/08/2025,7\n";

type Talk<'a> = [(&'a str, &'a str)];

/// What a command said on its terminal, how it ended, and what lies in its folder then.
struct Told {
    seen: String,
    code: i64,
    folder: TempDir,
}

impl Told {
    fn config(&self) -> String {
        fs::read_to_string(self.folder.path().join("dealcast.toml")).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

/// Runs `dealcast init deals.csv` on a terminal, and types the second of each pair when the first was shown.
fn talk(talk: &Talk<'_>) -> Told {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("deals.csv"), PUZZLING).unwrap();
    let command = [env!("CARGO_BIN_EXE_dealcast"), "init", "deals.csv"];
    let (seen, code) = play(&json!({ "command": command, "folder": folder.path(), "talk": talk }));
    Told { seen, code, folder }
}

/// What `job` said on a terminal of its own, and its exit code.
fn play(job: &Value) -> (String, i64) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terminal/talk.py");
    let mut python = Command::new("python3").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(job.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    (told["seen"].as_str().unwrap().to_owned(), told["code"].as_i64().unwrap())
}

fn questions_appear_and_answers_are_taken() {
    let told = talk(&[("sources.deals.date_order [1]:", "2\n"), ("stages.won", "Lambda\n")]);
    assert_eq!(told.code, 0, "{}", told.seen);
    for shown in ["  1. day-first", "  2. month-first", "which comes first?"] {
        assert!(told.seen.contains(shown), "{shown}: {}", told.seen);
    }
    let text = told.config();
    assert!(text.contains("date_order = \"month-first\""), "{text}");
    assert!(text.contains("name = \"Lambda\"\n# certain: this was answered\nkind = \"won\""), "{text}");
}

fn nothing_typed_takes_the_first_choice() {
    let told = talk(&[("sources.deals.date_order [1]:", "\n"), ("stages.won", "Mu\n")]);
    assert_eq!(told.code, 0, "{}", told.seen);
    assert!(told.config().contains("date_order = \"day-first\""), "{}", told.config());
}

fn a_wrong_answer_is_told_and_asked_again() {
    let wrong = [("sources.deals.date_order [1]:", "backwards\n"), ("stages.won", "Omega\n")];
    let right = [("sources.deals.date_order [1]:", "1\n"), ("there is no", ""), ("stages.won", "Mu\n")];
    let told = talk(&wrong.into_iter().chain(right).collect::<Vec<_>>());
    assert_eq!(told.code, 0, "{}", told.seen);
    assert!(told.seen.contains("the answer sources.deals.date_order=backwards cannot be used"), "{}", told.seen);
    assert!(told.config().contains("date_order = \"day-first\""), "{}", told.config());
}

fn an_interrupt_at_a_question_leaves_nothing_behind() {
    let told = talk(&[("sources.deals.date_order [1]:", "\u{3}")]);
    assert_eq!(told.code, 130, "{}", told.seen);
    assert_eq!(told.names(), ["deals.csv"]);
}

fn the_end_of_the_input_names_what_must_be_decided() {
    let told = talk(&[("sources.deals.date_order [1]:", "\u{4}")]);
    assert_eq!(told.code, 2, "{}", told.seen);
    assert!(told.seen.contains("sources.deals.date_order must be decided"), "{}", told.seen);
    assert_eq!(told.names(), ["deals.csv"]);
}

fn main() -> ExitCode {
    let has_python = Command::new("python3").arg("-c").arg("import pty").status().is_ok_and(|status| status.success());
    let mut tests: Vec<(&str, fn())> = vec![
        ("questions_appear_and_answers_are_taken", questions_appear_and_answers_are_taken),
        ("nothing_typed_takes_the_first_choice", nothing_typed_takes_the_first_choice),
        ("a_wrong_answer_is_told_and_asked_again", a_wrong_answer_is_told_and_asked_again),
        ("an_interrupt_at_a_question_leaves_nothing_behind", an_interrupt_at_a_question_leaves_nothing_behind),
        ("the_end_of_the_input_names_what_must_be_decided", the_end_of_the_input_names_what_must_be_decided),
    ];
    tests.extend(tables::TESTS);
    let trials = tests.into_iter().map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
        .with_ignored_flag(!has_python)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
