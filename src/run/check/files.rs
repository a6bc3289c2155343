//! The manifest against the folder: every file it lists is there, as long and with the content it says, and no other.

use std::collections::BTreeSet;

use crate::report::invariants::Violation;
use crate::store::file::OutputFile;
use crate::store::finished_run::{FinishedRun, RowBalance};

/// What the folder holds otherwise than the manifest says.
pub(super) fn files_hold(run: &FinishedRun) -> Vec<Violation> {
    let names = match run.names() {
        Ok(names) => names,
        Err(error) => return vec![Violation::of_file("(folder)", error.to_string(), "a folder that can be read")],
    };
    let listed: BTreeSet<&str> = run.manifest().files.iter().map(|file| file.file.as_str()).collect();
    let foreign = names.iter().filter(|name| !listed.contains(name.as_str()));
    let foreign = foreign.map(|name| Violation::of_file(name, "a file", "no file: manifest.json does not list it"));
    let mut violations: Vec<Violation> = foreign.collect();
    for file in &run.manifest().files {
        violations.extend(file_holds(run, file));
    }
    violations.extend(balance_holds(run));
    violations
}

fn file_holds(run: &FinishedRun, listed: &OutputFile) -> Vec<Violation> {
    let found = match run.describe(&listed.file) {
        Ok(found) => found,
        Err(error) => {
            return vec![Violation::of_file(&listed.file, error.to_string(), "a file: manifest.json lists it")];
        }
    };
    let mut violations = Vec::new();
    if found.bytes != listed.bytes {
        let expected = format!("{}, as manifest.json has it", listed.bytes);
        violations.push(Violation::of_file(&listed.file, found.bytes.to_string(), expected).column("bytes"));
    } else if found.blake3 != listed.blake3 {
        let expected = format!("{}, as manifest.json has it", listed.blake3);
        violations.push(Violation::of_file(&listed.file, found.blake3, expected).column("blake3"));
    }
    violations.extend(rows_hold(run, listed));
    violations
}

/// Whether a table has as many rows as the manifest says.
fn rows_hold(run: &FinishedRun, listed: &OutputFile) -> Option<Violation> {
    let expected = listed.rows?;
    let rows = match listed.file.rsplit_once('.')? {
        (name, "parquet") => run.table(name).ok()?.0.rows() as u64,
        (_, "csv") => {
            csv::Reader::from_reader(run.bytes(&listed.file).ok()?.as_slice()).into_byte_records().count() as u64
        }
        _ => return None,
    };
    let words = format!("{expected}, as manifest.json has it");
    (rows != expected).then(|| Violation::of_file(&listed.file, rows.to_string(), words).column("rows"))
}

/// Rows in = rows used + rows rejected, of each input and of all; and every rejected row is listed.
fn balance_holds(run: &FinishedRun) -> Vec<Violation> {
    let manifest = run.manifest();
    let all = manifest.inputs.iter().fold(RowBalance::default(), |sum, input| RowBalance {
        rows: sum.rows.saturating_add(input.rows),
        used: sum.used.saturating_add(input.used),
        rejected: sum.rejected.saturating_add(input.rejected),
    });
    let total = manifest.row_balance;
    let mut violations = Vec::new();
    if all != total {
        violations.push(balance(total, &format!("{} rows, {} used, {} rejected", all.rows, all.used, all.rejected)));
    }
    for balanced in manifest.inputs.iter().chain([&total]) {
        if balanced.used.checked_add(balanced.rejected) != Some(balanced.rows) {
            violations.push(balance(*balanced, "rows = used + rejected"));
        }
    }
    let listed = manifest.files.iter().find(|file| file.file == "rejects.csv").and_then(|file| file.rows);
    if listed.is_some_and(|rows| rows != total.rejected) {
        violations.push(balance(total, &format!("{} rejected, as rejects.csv has rows", listed.unwrap_or(0))));
    }
    violations
}

fn balance(got: RowBalance, expected: &str) -> Violation {
    let got = format!("{} rows, {} used, {} rejected", got.rows, got.used, got.rejected);
    Violation::of_file("manifest.json", got, expected).column("row_balance")
}
