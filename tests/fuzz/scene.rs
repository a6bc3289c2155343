//! What the soak stops in the middle: a command, what it begins with, and what must be true wherever it was stopped.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::look::{Files, copy, files};
use crate::outputs;
use crate::process::run;
use crate::spoil::seal;
use crate::worlds::{OF_OTHERS, World};

/// Exit codes of what was done: a model without a signal (4) is saved and put to use like any other.
const DONE: [Option<i32>; 2] = [Some(0), Some(4)];

/// Commands that write, each over what an earlier one left.
pub const SCENES: [&str; 8] = [
    "run --out out --retrain always --threads 1",
    "revise --owner u00002 --period 2026-Q1 --amount 2000 --note a,b",
    "models promote OLDER",
    "run --out fresh/out --models fresh/models --threads 1",
    "train --threads 1 --promote",
    "simulate --deals 80 --seed 9 --out other",
    "backtest --periods 2 --threads 1",
    "forecast --out tables --threads 1",
];

/// A command with the folder it begins in and what it makes of it when nobody stops it.
pub struct Scene {
    scratch: TempDir,
    pub arguments: Vec<OsString>,
    before: Files,
    finished: Files,
}

impl Scene {
    /// The scene of `command` in `world`.
    pub fn new(world: &World, command: &str) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let base = scratch.path().join("base");
        copy(&world.home(), &base);
        let words = command.split(' ').map(|word| if word == "OLDER" { &world.models[0] } else { word });
        let arguments: Vec<OsString> = words.map(OsString::from).collect();
        fs::create_dir(scratch.path().join("tmp")).unwrap();
        let prepare = "simulate --quiet --deals 60 --seed 8 --out other".split(' ').map(OsString::from);
        ask(&base, &prepare.collect::<Vec<_>>());
        let before = files(&base);
        let mut scene = Self { scratch, arguments, before, finished: Files::new() };
        let home = scene.set();
        ask(&home, &scene.arguments);
        scene.finished = files(&home);
        scene
    }

    /// The folder as the command finds it.
    pub fn set(&self) -> PathBuf {
        let home = self.scratch.path().join("home");
        let _ = fs::remove_dir_all(&home);
        copy(&self.scratch.path().join("base"), &home);
        let temporary = self.temporary();
        let _ = fs::remove_dir_all(&temporary);
        fs::create_dir(temporary).unwrap();
        home
    }

    /// Where its temporary files go.
    pub fn temporary(&self) -> PathBuf {
        self.scratch.path().join("tmp")
    }

    /// What is wrong after the command was stopped somewhere, and after it was then asked once more.
    pub fn faults(&self, home: &Path) -> Vec<String> {
        let mut found = self.whole(&files(home), home);
        let again = run(home, &self.temporary(), &self.arguments, None);
        if !DONE.contains(&again.code) {
            let stderr = String::from_utf8_lossy(&again.stderr).into_owned();
            found.push(format!("the next one ends with {:?}: {stderr}", again.code));
            return found;
        }
        let after = files(home);
        found.extend(self.whole(&after, home).into_iter().map(|fault| format!("after the next one: {fault}")));
        let names = |files: &Files| files.keys().cloned().collect::<BTreeSet<String>>();
        for name in names(&after).symmetric_difference(&names(&self.finished)) {
            found.push(format!(
                "after the next one: {name} is {}",
                if after.contains_key(name) { "left" } else { "lost" }
            ));
        }
        found.extend(log_and_current(&after));
        found
    }

    /// Old or new, never half: each file, each folder as a whole, the models folder.
    fn whole(&self, now: &Files, home: &Path) -> Vec<String> {
        let mut found: Vec<String> = self.before.keys().filter_map(|path| self.file_fault(path, now)).collect();
        for out in ["out", "fresh/out"] {
            let is_there = now.keys().any(|path| path.starts_with(&format!("{out}/")));
            found.extend(if is_there { outputs::faults(home, now, out) } else { Vec::new() });
        }
        if ![&self.before, &self.finished].iter().any(|files| below(files, "other/").eq(below(now, "other/"))) {
            found.push("other is neither the earlier world nor the new one".to_owned());
        }
        found.extend(current_fault(now));
        found
    }

    /// A file that was there and is neither what it was nor what it was to be.
    fn file_fault(&self, path: &str, now: &Files) -> Option<String> {
        let (old, new) = (self.before.get(path)?, self.finished.get(path));
        let Some(here) = now.get(path) else {
            return new.is_some().then(|| format!("{path} is lost"));
        };
        let as_planned = here == old || new == Some(here);
        // Their content tells of the moment, or of how often it was tried.
        let grows = path == "revisions.csv" || path == "models/log.jsonl";
        let of_a_run = path.starts_with("out/") && self.arguments[0] == "run";
        let fine = as_planned || of_a_run || (grows && here.content.starts_with(&old.content));
        let is_mine = OF_OTHERS.contains(&path) && here != old;
        (!fine || is_mine).then(|| format!("{path} is neither what it was nor what it was to be"))
    }
}

fn ask(home: &Path, arguments: &[OsString]) {
    let finished = run(home, &home.with_file_name("tmp"), arguments, None);
    assert!(DONE.contains(&finished.code), "{arguments:?}: {}", String::from_utf8_lossy(&finished.stderr));
}

fn below<'f>(files: &'f Files, folder: &str) -> impl Iterator<Item = (&'f String, &'f crate::look::Seen)> {
    files.iter().filter(move |(path, _)| path.starts_with(folder))
}

/// Where `current` names a model that is not there whole.
fn current_fault(now: &Files) -> Vec<String> {
    let folders = ["models", "fresh/models"];
    folders
        .iter()
        .filter_map(|models| {
            let current = now.get(&format!("{models}/current"))?;
            let id = String::from_utf8_lossy(&current.content).trim().to_owned();
            let stored = now.get(&format!("{models}/{id}.json"));
            let stored = stored.and_then(|file| serde_json::from_slice::<Value>(&file.content).ok());
            let is_whole = stored.is_some_and(|mut stored| seal(&mut stored) == id);
            (!is_whole).then(|| format!("{models}/current names {id:?}, which is not there whole"))
        })
        .collect()
}

/// Where the last decision of the log is not the one in use.
fn log_and_current(now: &Files) -> Option<String> {
    let current = String::from_utf8_lossy(&now.get("models/current")?.content).trim().to_owned();
    let log = String::from_utf8_lossy(&now.get("models/log.jsonl")?.content).into_owned();
    let decisions = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let last = decisions.rev().find(|decision| decision["action"] != "kept")?;
    (last["model_id"] != current.as_str())
        .then(|| format!("the log ends with {}, in use is {current}", last["model_id"]))
}
