//! Running the binary in a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

use crate::world::World;

/// A working folder with an export in it.
pub struct Desk {
    home: TempDir,
}

/// What a finished command left behind.
pub struct Finished {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    /// Whatever happens, nobody sees a panic.
    pub fn of(output: Output, told: &str) -> Self {
        let finished = Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        for word in ["panicked", "internal error", "RUST_BACKTRACE", "stack backtrace"] {
            assert!(!finished.stderr.contains(word), "{told}: {}", finished.stderr);
        }
        finished
    }
}

impl Desk {
    pub fn empty() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    /// A world of `deals` exported on `day`, with users and quotas.
    pub fn with_world(deals: usize, day: i32) -> Self {
        let desk = Self::empty();
        World::new(deals).export(desk.home.path(), day);
        World::structure(desk.home.path());
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The command with `arguments`, split at blanks, in this folder.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command.current_dir(self.home.path()).args(arguments.split_whitespace());
        command.env_remove("DEALCAST_LOG").env_remove("POLARS_MAX_THREADS").env_remove("RUST_BACKTRACE");
        command
    }

    /// Runs to the end.
    pub fn run(&self, arguments: &str) -> Finished {
        Finished::of(self.command(arguments).output().unwrap(), arguments)
    }

    /// Runs and expects success.
    pub fn ok(&self, arguments: &str) -> Finished {
        let finished = self.run(arguments);
        assert_eq!(finished.code, 0, "{arguments}: {}", finished.stderr);
        finished
    }

    /// The nightly run on the whole export.
    pub fn nightly(&self, more: &str) -> Finished {
        self.ok(&format!("run {TABLES} {more}"))
    }

    /// Names in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        names(self.home.path())
    }
}

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_dealcast");

/// The flags that name the tables of [`World::marketing`](crate::world::World::marketing).
pub const MARKETING: &str = "--leads leads.csv --touches touches.csv --campaign-costs campaign_costs.csv";

/// The flags that name every table of [`Desk::with_world`].
pub const TABLES: &str = "--deals deals.csv --stage-history stage_history.csv --users users.csv --quotas quotas.csv";

/// A CSV file in memory.
#[derive(PartialEq)]
pub struct Table {
    header: csv::StringRecord,
    records: Vec<csv::StringRecord>,
}

/// A row of a [`Table`].
#[derive(Clone, Copy)]
pub struct Row<'a> {
    table: &'a Table,
    record: &'a csv::StringRecord,
}

impl<'a> Row<'a> {
    /// The cell of a column.
    pub fn get(self, name: &str) -> &'a str {
        &self.record[self.table.position(name)]
    }

    /// All cells, in the order of the columns.
    pub fn cells(self) -> impl Iterator<Item = &'a str> {
        self.record.iter()
    }
}

impl Table {
    pub fn read(path: &Path) -> Self {
        Self::parse(&fs::read_to_string(path).unwrap())
    }

    pub fn parse(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().clone();
        Self { header, records: reader.records().map(Result::unwrap).collect() }
    }

    pub fn rows(&self) -> usize {
        self.records.len()
    }

    /// The names of the columns, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.header.iter()
    }

    pub fn has(&self, name: &str) -> bool {
        self.names().any(|column| column == name)
    }

    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|record| Row { table: self, record })
    }

    /// The cells of a column.
    pub fn column(&self, name: &str) -> Vec<&str> {
        let position = self.position(name);
        self.records.iter().map(|record| &record[position]).collect()
    }

    fn position(&self, name: &str) -> usize {
        self.header.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"))
    }
}

pub fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every file of a folder of outputs but the manifest, whose timings differ from run to run; and the findings without
/// those that tell, as the manifest does, what the files hold and how the model came to score. Reports show all of it, and
/// are made of these files alone (`report::what_a_run_writes_is_what_report_makes_of_it`).
pub fn outputs(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let content = |name: &str| match name {
        "findings.json" => findings_of_the_deals(&fs::read_to_string(dir.join(name)).unwrap()),
        _ => fs::read(dir.join(name)).unwrap(),
    };
    let names =
        names(dir).into_iter().filter(|name| !["manifest.json", "report.html", "report.xlsx"].contains(&name.as_str()));
    names.map(|name| (name.clone(), content(&name))).collect()
}

fn findings_of_the_deals(document: &str) -> Vec<u8> {
    let mut document: serde_json::Value = serde_json::from_str(document).unwrap();
    for section in document["sections"].as_array_mut().unwrap() {
        section["findings"].as_array_mut().unwrap().retain(|finding| {
            let code = finding["code"].as_str().unwrap();
            code != "model.decision" && (!code.starts_with("input.") || code == "input.absent_table")
        });
    }
    format!("{document:#}").into_bytes()
}

/// Asserts that two folders of outputs hold the same bytes, naming the file that does not.
pub fn assert_same_outputs(left: &Path, right: &Path) {
    let (left, right) = (outputs(left), outputs(right));
    assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
    for (name, bytes) in &left {
        let other = &right[name];
        if bytes != other {
            let (a, b) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(other));
            let line = a.lines().zip(b.lines()).find(|(a, b)| a != b);
            panic!("{name} differs, first at {line:?}");
        }
    }
}
