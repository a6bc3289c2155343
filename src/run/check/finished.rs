//! All of it, in order: files, tables, documents.

use std::io;
use std::path::Path;

use crate::report::cell::TableCells;
use crate::report::invariants::{Others, Violation, check};
use crate::report::sinks::Stamp;
use crate::report::table::Table;
use crate::run::check::documents::documents_hold;
use crate::run::check::files::files_hold;
use crate::run::check::formats::{MOST, formats_agree};
use crate::run::check::told::findings_hold;
use crate::run::outputs;
use crate::store::error::OutputError;
use crate::store::finished_run::FinishedRun;

/// What was checked, and what did not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckedRun {
    /// Files the manifest lists.
    pub files: usize,
    /// Tables that were read.
    pub tables: usize,
    /// Rows of these.
    pub rows: usize,
    /// What cannot be.
    pub violations: Vec<Violation>,
}

/// Checks the run in `folder`.
///
/// # Errors
/// [`OutputError::NoRun`] where there is none.
pub fn check_run(folder: &Path) -> Result<CheckedRun, OutputError> {
    let run = FinishedRun::open(folder)?;
    let mut violations = files_hold(&run);
    let tables = read_tables(&run, &mut violations);
    let others: Others<'_> = tables.iter().map(|(table, _)| (table.name(), table)).collect();
    for declaration in outputs::tables() {
        if let Some(table) = others.get(declaration.name) {
            violations.extend(check(&declaration, table, &others));
        }
    }
    for (table, stamp) in &tables {
        violations.extend(formats_agree(&run, table));
        violations.extend(origin_holds(&run, table, stamp));
    }
    violations.extend(documents_hold(&run));
    violations.extend(findings_hold(&run, &others));
    let rows = tables.iter().map(|(table, _)| table.rows()).sum();
    Ok(CheckedRun { files: run.manifest().files.len(), tables: tables.len(), rows, violations })
}

/// Every declared table the folder has as Parquet.
fn read_tables(run: &FinishedRun, violations: &mut Vec<Violation>) -> Vec<(Table, Stamp)> {
    let mut tables = Vec::new();
    for declaration in outputs::tables() {
        match run.table(declaration.name) {
            Ok(table) => tables.push(table),
            // What is listed and missing is said with the files.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let file = format!("{}.parquet", declaration.name);
                violations.push(Violation::of_file(file, error.to_string(), "a Parquet file"));
            }
        }
    }
    tables
}

/// Whether a table comes from the day and the model of the manifest, by its own columns and by what its file says.
fn origin_holds(run: &FinishedRun, table: &Table, stamp: &Stamp) -> Vec<Violation> {
    let manifest = run.manifest();
    let as_of = ("as_of", stamp.as_of.as_deref(), Some(manifest.as_of.as_str()));
    let model = ("model_id", stamp.model_id.as_deref(), manifest.model_id.as_deref());
    let mut violations = Vec::new();
    for (column, stamped, expected) in [as_of, model] {
        let words = format!("{}, as manifest.json has it", expected.unwrap_or("nothing"));
        if stamped != expected {
            let got = stamped.unwrap_or("nothing");
            violations.push(Violation::of_file(format!("{}.parquet", table.name()), got, &words).column(column));
        }
        let cells = TableCells(table.batch());
        let texts = (0..cells.rows()).map(|row| (row, cells.at(column, row))).filter(|(_, cell)| !cell.is_empty());
        let told = texts.map(|(row, cell)| (row, cell.to_string()));
        for (row, got) in told.filter(|(_, got)| expected != Some(got.as_str())).take(MOST) {
            let row = format!("row {}", row + 1);
            violations.push(Violation::of_file(table.name(), got, &words).column(column).row(row));
        }
    }
    violations
}
