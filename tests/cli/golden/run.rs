//! The nightly run on the sample.

use std::path::PathBuf;

use crate::harness::{Desk, Table};

use super::cells::Rounding;
use super::changed::Changes;
use super::compare::{Terms, differences};
use super::parquet::assert_holds;
use super::renames::Renames;
use super::stored;

/// The configuration of the sample.
pub fn sample() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/data/sample/dealcast.toml"))
}

/// A desk with a copy of the sample's models.
pub fn desk_with_models() -> Desk {
    let desk = Desk::empty();
    let models = concat!(env!("CARGO_MANIFEST_DIR"), "/models");
    std::fs::create_dir(desk.path("models")).unwrap();
    for entry in std::fs::read_dir(models).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        std::fs::copy(entry.path(), desk.path("models").join(entry.file_name())).unwrap();
    }
    desk
}

/// Today's file of a stored table, without extension: under its new name, or under its old one where it still has it.
fn written(desk: &Desk, old: &str, new: &str) -> PathBuf {
    let at = |name: &str| desk.path("out").join(name);
    if at(new).with_extension("csv").exists() { at(new) } else { at(old) }
}

#[test]
fn the_nightly_run_writes_what_it_wrote() {
    let (desk, renames, changes) = (desk_with_models(), Renames::read(), Changes::read());
    desk.ok(&format!("run --config {} --models models --out out", sample().display()));
    let tables = stored::run_tables();
    assert_eq!(tables.len(), 15, "{tables:?}");
    let mut wrong = Vec::new();
    for table in &tables {
        let file = written(&desk, table, renames.table(table));
        let (before, after) =
            (Table::parse(&stored::text(&format!("run/{table}.csv"))), Table::read(&file.with_extension("csv")));
        let terms = Terms {
            stored: &format!("run/{table}"),
            table: renames.table(table),
            renames: &renames,
            changes: &changes,
            rounding: Rounding::LastDigits,
        };
        wrong.extend(differences(&terms, &before, &after));
        assert_holds(&file.with_extension("parquet"), &after);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn renamed_tables_bear_their_new_names() {
    let (desk, renames) = (desk_with_models(), Renames::read());
    desk.ok(&format!("run --config {} --models models --out out", sample().display()));
    for table in stored::run_tables() {
        let name = format!("out/{}.csv", renames.table(&table));
        assert!(desk.path(&name).exists(), "no {name}");
    }
}
