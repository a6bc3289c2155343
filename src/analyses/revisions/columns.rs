//! The `revisions` table, and the file new revisions are appended to.

use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use arrow::error::ArrowError;
use rustix::fs::{FlockOperation, flock};

use crate::analyses::revisions::{RevisionLine, Revisions};
use crate::domain::inputs::revisions;
use crate::ingest::tables::Tables;
use crate::report::table::{Table, TableBuilder};

/// Columns of the file, in the order a new one gets: those of the input table.
fn names() -> impl Iterator<Item = &'static str> {
    revisions::SPEC.columns.iter().map(|column| column.name)
}

/// One row per revision, oldest first.
///
/// # Errors
/// An arrow error where columns differ in length.
pub fn table(revisions: &Revisions, tables: &Tables, base_decimals: u32) -> Result<Table, ArrowError> {
    let lines = &revisions.lines;
    let records = revisions.records();
    let record = |line: &RevisionLine| records.get(line.author.as_str()).copied();
    let decimals = |line: &RevisionLine| tables.decimals_of(line.currency);
    let scale = lines.iter().map(decimals).max().unwrap_or(2).max(base_decimals);
    let base = |value: Option<i64>| value.map(|minor| (minor.into(), base_decimals));
    TableBuilder::default()
        .date("submitted_on", lines.iter().map(|line| Some(line.submitted_at.day().0)))
        .text("author", lines.iter().map(|line| Some(&line.author)))
        .text("owner", lines.iter().map(|line| Some(&line.owner)))
        .text("period", lines.iter().map(|line| Some(line.period.to_string())))
        .text("category", lines.iter().map(|line| Some(&line.category)))
        .flag("adjustment", lines.iter().map(|line| Some(line.is_adjustment)))
        .money("amount", scale, lines.iter().map(|line| Some((line.amount_minor.into(), decimals(line)))))
        .text("currency", lines.iter().map(|line| tables.currencies.name(line.currency)))
        .money("base_amount", scale, lines.iter().map(|line| base(line.base_minor)))
        .money("actual", scale, lines.iter().map(|line| base(line.actual_minor)))
        .integer("author_cases", lines.iter().map(|line| record(line).map(|record| record.cases.into())))
        .number("author_bias", lines.iter().map(|line| record(line)?.bias))
        .number("author_wape", lines.iter().map(|line| record(line)?.wape))
        .text("note", lines.iter().map(|line| line.note.as_ref()))
        .finish("revisions")
}

/// Appends a row to the file at `path`, which is made where it is not there. `row` gives the cell of each column; columns of the
/// file that the input table does not have stay empty. Writers wait for each other, and no row is ever changed or lost. A row
/// somebody was interrupted in is ended, within its quotes too, so that it swallows nothing.
///
/// # Errors
/// An I/O error; one of kind `InvalidData` where the file lacks a column.
pub fn append(path: &Path, row: impl Fn(&str) -> String) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    // Held until the file is closed.
    flock(&file, FlockOperation::LockExclusive)?;
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut text)?;
    let mut lines = csv::WriterBuilder::new().from_writer(Vec::new());
    let header: Vec<String> = if text.is_empty() {
        lines.write_record(names())?;
        names().map(str::to_owned).collect()
    } else {
        csv::ReaderBuilder::new().from_reader(&text[..]).headers()?.iter().map(|name| name.trim().to_owned()).collect()
    };
    let mut required = revisions::SPEC.columns.iter().filter(|column| column.required);
    if let Some(lacking) = required.find(|column| !header.iter().any(|name| name == column.name)) {
        let (lacking, found) = (lacking.name, header.join(", "));
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("no column {lacking} among {found}")));
    }
    lines.write_record(header.iter().map(|name| row(name)))?;
    let mut bytes = lines.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    let in_quotes = text.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
    if in_quotes || text.last().is_some_and(|last| *last != b'\n') {
        bytes.splice(0..0, if in_quotes { &b"\"\n"[..] } else { b"\n" }.iter().copied());
    }
    file.write_all(&bytes).and_then(|()| file.sync_all()).or_else(|error| {
        // Half a row, on a full disk say, is none.
        file.set_len(text.len() as u64)?;
        Err(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_writers_lose_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("revisions.csv");
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    for i in 0..25 {
                        let cell = |column: &str| match column {
                            "note" => format!("{writer}, \"{i}\""),
                            other => other.to_owned(),
                        };
                        append(path, cell).expect("appended");
                    }
                });
            }
        });
        let mut reader = csv::Reader::from_path(&path).expect("a file");
        assert_eq!(reader.headers().expect("a header").iter().collect::<Vec<_>>(), names().collect::<Vec<_>>());
        let mut notes: Vec<String> = reader.records().map(|row| row.expect("a whole row")[7].to_owned()).collect();
        notes.sort();
        notes.dedup();
        assert_eq!(notes.len(), 200);
    }

    #[test]
    fn a_file_of_another_kind_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deals.csv");
        std::fs::write(&path, "deal_id,stage\nD1,New").expect("written");
        let error = append(&path, |_| String::new()).expect_err("no revisions");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert_eq!(std::fs::read_to_string(&path).expect("text"), "deal_id,stage\nD1,New");
        // A last line without its end does not swallow the next.
        let own = folder.path().join("own.csv");
        std::fs::write(&own, "owner,author,submitted_at,period,category,amount\na,b,c,d,e,f").expect("written");
        append(&own, str::to_uppercase).expect("appended");
        let text = std::fs::read_to_string(&own).expect("text");
        assert!(text.ends_with("\na,b,c,d,e,f\nOWNER,AUTHOR,SUBMITTED_AT,PERIOD,CATEGORY,AMOUNT\n"), "{text}");
    }
}
