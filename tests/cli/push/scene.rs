//! A finished run to push, made once for all tests, and a desk with a configuration beside it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::harness::{Desk, Finished, Table};

/// What the deals of the run are called, and what they should have.
pub struct Scored {
    pub deal: String,
    pub chance: f64,
    pub score: i64,
}

/// Finished runs, as of day 600 and as of day 607.
pub struct Runs {
    pub desk: Desk,
}

impl Runs {
    /// Whose deals are called `begin` and three digits.
    pub fn of_deals(begin: &str) -> Self {
        let desk = Desk::with_world(600, 607);
        for table in ["deals.csv", "stage_history.csv"] {
            let text = desk.read(table).replace("D0", begin);
            desk.write(table, text);
        }
        let day = |day: i32| crate::world::date(day);
        desk.nightly(&format!("--as-of {} --out first", day(600)));
        desk.nightly(&format!("--as-of {} --out second", day(607)));
        Self { desk }
    }
}

/// The folder of the run `first` or `second`, with ids that vtiger could have given; `numbered` is the first with ids that
/// are plain numbers.
pub fn run(name: &str) -> PathBuf {
    static RUNS: OnceLock<Runs> = OnceLock::new();
    static NUMBERED: OnceLock<Runs> = OnceLock::new();
    match name {
        "numbered" => NUMBERED.get_or_init(|| Runs::of_deals("70")).desk.path("first"),
        _ => RUNS.get_or_init(|| Runs::of_deals("13x10")).desk.path(name),
    }
}

/// What the run scored.
pub fn scored(name: &str) -> Vec<Scored> {
    scored_in(&run(name))
}

/// What the run in `folder` scored.
pub fn scored_in(folder: &Path) -> Vec<Scored> {
    let table = Table::read(&folder.join("scores.csv"));
    let scored: Vec<Scored> = table
        .iter()
        .map(|row| Scored {
            deal: row.get("deal_id").to_owned(),
            chance: row.get("win_probability").parse().unwrap(),
            score: row.get("score").parse().unwrap(),
        })
        .collect();
    assert!(scored.len() > 25, "{} open deals are too few to test with", scored.len());
    scored
}

/// A desk with this configuration.
pub fn desk(config: &str) -> Desk {
    let desk = Desk::empty();
    desk.write("dealcast.toml", config);
    desk
}

/// `push plan` of the run `name`.
pub fn plan(desk: &Desk, name: &str) -> Finished {
    desk.run(&format!("push plan --format csv --run {}", run(name).display()))
}

/// The books, as `push status` tells them, whatever the exit code.
pub fn books(desk: &Desk) -> serde_json::Value {
    let told = desk.run("push status --format json");
    let books: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    let counts = books["counts"].as_object().unwrap();
    let sum: u64 = counts.values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(books["planned"].as_u64(), Some(sum), "the books close: {books}");
    let reasons: u64 = books["reasons"].as_array().unwrap().iter().map(|line| line["deals"].as_u64().unwrap()).sum();
    assert_eq!(reasons, sum, "every deal has a reason: {books}");
    books
}

/// One count of the books.
pub fn count(books: &serde_json::Value, outcome: &str) -> usize {
    usize::try_from(books["counts"][outcome].as_u64().unwrap()).unwrap()
}
