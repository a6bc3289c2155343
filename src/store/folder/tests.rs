//! Whatever happens before the swap leaves the earlier outputs as they were.

use std::fs;
use std::path::Path;

use super::output_folder::OutputFolder;
use super::place::MANIFEST;
use crate::store::error::OutputError;
use crate::store::file::OutputFile;

fn put(folder: &OutputFolder, file: &str, text: &str) -> OutputFile {
    folder.write(file, |out| out.write_all(text.as_bytes()).map(|()| None)).expect("written")
}

fn publish(dir: &Path, text: &str) {
    let folder = OutputFolder::open(dir).expect("opens");
    put(&folder, "a.csv", text);
    put(&folder, MANIFEST, r#"{"files":[{"file":"a.csv"}]}"#);
    folder.commit().expect("committed");
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).expect("reads").map(|e| e.expect("entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

#[test]
fn a_run_replaces_the_earlier_one_and_leaves_nothing_else() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("deep/out");
    publish(&dir, "one");
    publish(&dir, "two");
    assert_eq!(fs::read_to_string(dir.join("a.csv")).expect("there"), "two");
    assert_eq!(names(&home.path().join("deep")), ["out"]);
}

#[test]
fn dropping_or_abandoning_leaves_the_earlier_run() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("out");
    publish(&dir, "one");
    let folder = OutputFolder::open(&dir).expect("opens");
    put(&folder, "a.csv", "half");
    drop(folder);
    let folder = OutputFolder::open(&dir).expect("opens again");
    put(&folder, "a.csv", "half");
    folder.abandon_handle().abandon();
    assert!(matches!(folder.commit(), Err(OutputError::Abandoned)));
    assert_eq!(fs::read_to_string(dir.join("a.csv")).expect("there"), "one");
    assert_eq!(names(home.path()), ["out"]);
}

#[test]
fn one_run_at_a_time() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("out");
    let first = OutputFolder::open(&dir).expect("opens");
    assert!(matches!(OutputFolder::open(&dir), Err(OutputError::Locked { .. })));
    drop(first);
    OutputFolder::open(&dir).expect("free again");
}

#[test]
fn what_others_put_there_is_never_replaced() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("out");
    publish(&dir, "one");
    fs::write(dir.join("notes.txt"), "mine").expect("written");
    let error = OutputFolder::open(&dir).expect_err("foreign");
    assert!(matches!(&error, OutputError::Foreign { entry, .. } if entry == "notes.txt"), "{error}");
    assert!(matches!(OutputFolder::open(Path::new("/")), Err(OutputError::Unusable { .. })));
}

#[test]
fn leftovers_of_killed_runs_are_cleaned_or_restored() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("out");
    publish(&dir, "one");
    fs::rename(&dir, home.path().join(".out.previous")).expect("killed between the two steps");
    fs::create_dir(home.path().join(".out.partial")).expect("made");
    fs::write(home.path().join(".out.partial/x"), "half").expect("written");
    drop(OutputFolder::open(&dir).expect("opens"));
    assert_eq!(fs::read_to_string(dir.join("a.csv")).expect("restored"), "one");
    assert_eq!(names(home.path()), ["out"]);
}
