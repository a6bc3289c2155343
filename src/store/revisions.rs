//! The file revisions are appended to.
//!
//! The one file that is not replaced as a whole: people keep it open, link to it and write in it too. One writer at a time
//! holds it; a row somebody was interrupted in is ended before the next.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::domain::inputs::revisions;
use crate::report::sinks::csv::csv_text;

/// Columns of the file, in the order a new one gets: those of the input table.
fn names() -> impl Iterator<Item = &'static str> {
    revisions::SPEC.columns.iter().map(|column| column.name)
}

/// Appends a row to the file at `path`, which is made where it is not there. `row` gives the cell of each column; columns
/// of the file that the input table does not have stay empty. Writers wait for each other, and no row is ever changed or lost. A
/// row somebody was interrupted in is ended, within its quotes too, so that it swallows nothing.
///
/// # Errors
/// An I/O error; one of kind `InvalidData` where the file lacks a column.
pub fn append(path: &Path, row: impl Fn(&str) -> String) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    // Held until the file is closed.
    file.lock()?;
    let mut text = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut text)?;
    let mut bytes = missing_end(&text).to_vec();
    bytes.extend(new_lines(&text, row)?);
    write_or_undo(&mut file, &bytes, text.len() as u64)
}

/// The lines to add to `text`: the row, after the header where there is none.
fn new_lines(text: &[u8], row: impl Fn(&str) -> String) -> io::Result<Vec<u8>> {
    let mut lines = csv::WriterBuilder::new().from_writer(Vec::new());
    let header: Vec<String> = if text.is_empty() {
        lines.write_record(names())?;
        names().map(str::to_owned).collect()
    } else {
        csv::ReaderBuilder::new().from_reader(text).headers()?.iter().map(|name| name.trim().to_owned()).collect()
    };
    let mut required = revisions::SPEC.columns.iter().filter(|column| column.required);
    if let Some(lacking) = required.find(|column| !header.iter().any(|name| name == column.name)) {
        let (lacking, found) = (lacking.name, header.join(", "));
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("no column {lacking} among {found}")));
    }
    // People open this file in a spreadsheet, as they do the outputs.
    lines.write_record(header.iter().map(|name| csv_text(&row(name)).into_owned()))?;
    lines.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

/// What ends the last row of `text`, where that is not ended.
fn missing_end(text: &[u8]) -> &'static [u8] {
    let in_quotes = text.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
    match text.last() {
        _ if in_quotes => b"\"\n",
        Some(last) if *last != b'\n' => b"\n",
        _ => b"",
    }
}

/// Appends `bytes`; half a row, on a full disk say, is none.
fn write_or_undo(file: &mut File, bytes: &[u8], length: u64) -> io::Result<()> {
    file.write_all(bytes).and_then(|()| file.sync_all()).or_else(|error| {
        file.set_len(length)?;
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
    fn nothing_a_spreadsheet_would_run_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("revisions.csv");
        for text in ["=1+1", "+x", "-x", "@a", "\t=1", "\r=1", "-500"] {
            append(&path, |_| text.to_owned()).expect("appended");
        }
        let mut reader = csv::Reader::from_path(&path).expect("a file");
        let notes: Vec<String> = reader.records().map(|row| row.expect("a row")[7].to_owned()).collect();
        assert_eq!(notes, ["'=1+1", "'+x", "'-x", "'@a", "'\t=1", "'\r=1", "-500"]);
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
