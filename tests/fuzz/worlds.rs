//! The folders every case begins with: a sales world that works, its outputs, two models, revisions, and files of others.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::process::run;

/// A folder that works, to be copied and spoilt.
pub struct World {
    folder: TempDir,
    /// Its tables, the deals first.
    pub tables: Vec<String>,
    /// Ids of its deals.
    pub deals: Vec<String>,
    /// Ids of its models, the older first.
    pub models: Vec<String>,
}

/// Files of others that stand where a careless program might take them for its own.
pub const OF_OTHERS: [&str; 6] =
    ["notes.txt", "Cargo.lock", "out.lock.txt", "models/README.md", "keep/forecast.csv", "models/mine.csv"];

impl World {
    /// All of them.
    pub fn all() -> Vec<Self> {
        vec![
            Self::new(|home| cut_sample(home, 30)),
            Self::simulated("--deals 120 --seed 5"),
            Self::simulated("--deals 100 --seed 6 --format parquet"),
            Self::simulated("--deals 300 --seed 100 --missing 0.3"),
        ]
    }

    /// A world of the simulator.
    pub fn simulated(options: &str) -> Self {
        Self::new(|home| {
            // A folder is not replaced while one stands in it.
            ok(home, &format!("simulate --quiet --out made {options}"));
            for entry in fs::read_dir(home.join("made")).unwrap().map(Result::unwrap) {
                fs::rename(entry.path(), home.join(entry.file_name())).unwrap();
            }
            fs::remove_dir(home.join("made")).unwrap();
        })
    }

    fn new(fill: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        fs::create_dir(&home).unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        fill(&home);
        for argument in [
            "run --quiet --out out --as-of 2025-12-20",
            "run --quiet --out out --retrain always",
            "revise --quiet --owner u00001 --period 2026-Q1 --amount 1000 --note x",
            "forecast --quiet --out tables",
        ] {
            ok(&home, argument);
        }
        for name in OF_OTHERS {
            fs::create_dir_all(home.join(name).parent().unwrap()).unwrap();
            fs::write(home.join(name), format!("{name} belongs to somebody else\n")).unwrap();
        }
        let tables = tables(&home);
        let (deals, models) = (deals(&home), models(&home));
        Self { folder, tables, deals, models }
    }

    /// The folder to copy.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }
}

fn ok(home: &Path, arguments: &str) {
    let words: Vec<OsString> = arguments.split(' ').map(OsString::from).collect();
    let finished = run(home, &home.with_file_name("tmp"), &words, None);
    assert_eq!(finished.code, Some(0), "{arguments}: {}", String::from_utf8_lossy(&finished.stderr));
}

/// Every `step`th deal of the shipped sample, with all its tables.
fn cut_sample(home: &Path, step: usize) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample");
    let mut reader = csv::Reader::from_path(sample.join("deals.csv")).unwrap();
    let kept: HashSet<String> = reader.records().step_by(step).map(|row| row.unwrap()[0].to_owned()).collect();
    for entry in fs::read_dir(sample).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if name.ends_with(".csv") {
            cut_table(&entry.path(), &home.join(name), &kept);
        } else if name.ends_with(".toml") {
            fs::copy(entry.path(), home.join(name)).unwrap();
        }
    }
}

/// The rows of the deals in `kept`, and every thirtieth of those of no deal.
fn cut_table(from: &Path, to: &Path, kept: &HashSet<String>) {
    let mut reader = csv::Reader::from_path(from).unwrap();
    let header = reader.headers().unwrap().clone();
    let deal = header.iter().position(|name| name == "deal_id");
    let mut writer = csv::Writer::from_path(to).unwrap();
    writer.write_record(&header).unwrap();
    for (number, row) in reader.records().map(Result::unwrap).enumerate() {
        let is_kept = |cell: &str| if cell.is_empty() { number % 30 == 0 } else { kept.contains(cell) };
        if deal.is_none_or(|at| is_kept(&row[at])) {
            writer.write_record(&row).unwrap();
        }
    }
    writer.flush().unwrap();
}

fn tables(home: &Path) -> Vec<String> {
    const TABLES: [&str; 10] = [
        "deals",
        "stage_history",
        "activities",
        "leads",
        "touches",
        "quotas",
        "users",
        "fx_rates",
        "campaign_costs",
        "revisions",
    ];
    let names = TABLES.iter().flat_map(|table| [format!("{table}.csv"), format!("{table}.parquet")]);
    names.filter(|name| home.join(name).is_file()).collect()
}

fn deals(home: &Path) -> Vec<String> {
    let mut scores = csv::Reader::from_path(home.join("out/scores.csv")).unwrap();
    let at = scores.headers().unwrap().iter().position(|name| name == "deal_id").unwrap();
    scores.records().map(|row| row.unwrap()[at].to_owned()).collect()
}

fn models(home: &Path) -> Vec<String> {
    let names = fs::read_dir(home.join("models")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut ids: Vec<String> = names
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .filter(|id| !id.ends_with(".card"))
        .collect();
    ids.sort();
    ids
}
