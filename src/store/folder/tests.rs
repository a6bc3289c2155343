//! Whatever happens before the swap leaves the earlier outputs as they were.

use std::fs;
use std::path::Path;

use super::listing::MANIFEST;
use super::output_folder::OutputFolder;
use crate::store::error::OutputError;
use crate::store::file::OutputFile;
use crate::store::reserved::ReservedPlaces;

const LISTED: &str = r#"{"dealcast":"1","files":[{"file":"a.csv"}]}"#;

fn open(dir: &Path) -> Result<OutputFolder, OutputError> {
    OutputFolder::open(dir, &ReservedPlaces::default())
}

fn put(folder: &OutputFolder, file: &str, text: &str) -> OutputFile {
    folder.write(file, |out| out.write_all(text.as_bytes()).map(|()| None)).expect("written")
}

fn publish(dir: &Path, text: &str) {
    let folder = open(dir).expect("opens");
    put(&folder, "a.csv", text);
    put(&folder, MANIFEST, LISTED);
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
    let folder = open(&dir).expect("opens");
    put(&folder, "a.csv", "half");
    drop(folder);
    let folder = open(&dir).expect("opens again");
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
    let first = open(&dir).expect("opens");
    assert!(matches!(open(&dir), Err(OutputError::Locked { .. })));
    drop(first);
    open(&dir).expect("free again");
}

#[test]
fn what_others_put_there_is_never_replaced() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("out");
    publish(&dir, "one");
    fs::write(dir.join("notes.txt"), "mine").expect("written");
    let error = open(&dir).expect_err("foreign");
    assert!(matches!(&error, OutputError::Foreign { entry, .. } if entry == Path::new("notes.txt")), "{error}");
    assert!(matches!(open(Path::new("/")), Err(OutputError::Unusable { .. })));
}

#[test]
fn leftovers_of_killed_runs_are_cleaned_or_restored() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("out");
    publish(&dir, "one");
    fs::rename(&dir, home.path().join(".out.dealcast-previous")).expect("killed between the two steps");
    fs::create_dir(home.path().join(".out.dealcast-partial")).expect("made");
    fs::write(home.path().join(".out.dealcast-partial/x"), "half").expect("written");
    drop(open(&dir).expect("opens"));
    assert_eq!(fs::read_to_string(dir.join("a.csv")).expect("restored"), "one");
    assert_eq!(names(home.path()), ["out"]);
}

#[test]
fn what_is_put_there_during_the_work_keeps_the_folder_as_it_is() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("out");
    publish(&dir, "one");
    let folder = open(&dir).expect("opens");
    put(&folder, "a.csv", "two");
    fs::create_dir(dir.join("mine")).expect("made");
    let error = folder.commit().expect_err("foreign");
    assert!(matches!(&error, OutputError::Foreign { entry, .. } if entry == Path::new("mine")), "{error}");
    assert_eq!(fs::read_to_string(dir.join("a.csv")).expect("there"), "one");
    assert_eq!(
        (names(&dir), names(home.path())),
        (vec!["a.csv".into(), MANIFEST.into(), "mine".into()], vec!["out".into()])
    );
}

#[test]
fn a_replaced_folder_with_something_else_in_it_is_kept() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("out");
    publish(&dir, "one");
    publish(&home.path().join("later"), "two");
    // Killed between the swap and the removal, somebody having put a file there at the last moment.
    fs::rename(&dir, home.path().join(".out.dealcast-partial")).expect("moved");
    fs::rename(home.path().join("later"), &dir).expect("moved");
    fs::write(home.path().join(".out.dealcast-partial/notes.txt"), "mine").expect("written");
    publish(&dir, "three");
    assert_eq!(names(home.path()), ["out", "out.kept-1"]);
    assert_eq!(fs::read_to_string(home.path().join("out.kept-1/notes.txt")).expect("kept"), "mine");
}

#[test]
fn a_manifest_of_another_program_or_with_paths_in_it_lists_nothing() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("out");
    let manifests =
        [r#"{"files":[{"file":"a.csv"}]}"#, r#"{"dealcast":"1","files":[{"file":"../out/a.csv"}]}"#, "[]", ""];
    for manifest in manifests {
        fs::create_dir_all(&dir).expect("made");
        fs::write(dir.join("a.csv"), "mine").expect("written");
        fs::write(dir.join(MANIFEST), manifest).expect("written");
        assert!(matches!(open(&dir), Err(OutputError::Foreign { .. })), "{manifest}");
    }
    // What is listed as a file is none any more.
    fs::write(dir.join(MANIFEST), LISTED).expect("written");
    fs::remove_file(dir.join("a.csv")).expect("removed");
    fs::create_dir(dir.join("a.csv")).expect("made");
    assert!(matches!(open(&dir), Err(OutputError::Foreign { .. })));
}

#[test]
fn nothing_beside_the_folder_is_taken_for_a_lock() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("out");
    let lock = home.path().join(".out.dealcast-lock");
    fs::write(&lock, "mine").expect("written");
    assert!(matches!(open(&dir), Err(OutputError::Unusable { .. })));
    fs::remove_file(&lock).expect("removed");
    fs::write(home.path().join("precious"), "").expect("written");
    std::os::unix::fs::symlink("precious", &lock).expect("linked");
    assert!(open(&dir).is_err());
    fs::remove_file(&lock).expect("removed");
    fs::write(&lock, "").expect("left by a killed run");
    publish(&dir, "one");
    assert_eq!(names(home.path()), ["out", "precious"]);
}

#[test]
fn places_that_can_never_be_written_are_refused_at_once() {
    let home = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink("gone", home.path().join("dangling")).expect("linked");
    publish(&home.path().join("out"), "one");
    for name in ["dangling", "dangling/deep/out", "out/deep/other", &"x".repeat(250)] {
        let error = open(&home.path().join(name)).expect_err(name);
        assert!(matches!(error, OutputError::Unusable { .. } | OutputError::OfARun { .. }), "{error}");
    }
    assert_eq!(names(home.path()), ["dangling", "out"]);
}

#[test]
fn modes_are_carried_over() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("out");
    let mode = |name: &str| fs::metadata(dir.join(name)).expect("there").permissions().mode() & 0o7777;
    publish(&dir, "one");
    let manifest = mode(MANIFEST);
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o2750)).expect("set");
    fs::set_permissions(dir.join("a.csv"), fs::Permissions::from_mode(0o604)).expect("set");
    publish(&dir, "two");
    assert_eq!((mode(""), mode("a.csv"), mode(MANIFEST)), (0o2750, 0o604, manifest));
}
