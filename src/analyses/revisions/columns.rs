//! The columns of `revisions`, and the table made of [`Revisions`]; and the file new revisions are appended to.

use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use arrow::error::ArrowError;
use rustix::fs::{FlockOperation, flock};

use crate::analyses::revisions::{AuthorRecord, RevisionLine, Revisions};
use crate::books::node_columns::{OfPeriod, period};
use crate::domain::inputs::revisions;
use crate::domain::period::Period;
use crate::ingest::tables::Tables;
use crate::report::column::{Column, MoneyCell, TableSpec};
use crate::report::table::Table;

/// Columns of the file, in the order a new one gets: those of the input table.
fn names() -> impl Iterator<Item = &'static str> {
    revisions::SPEC.columns.iter().map(|column| column.name)
}

/// One row of `revisions`, with its author's record and what its money is in.
pub struct RevisionCells<'a> {
    line: &'a RevisionLine,
    record: Option<AuthorRecord>,
    currency: Option<&'a str>,
    decimals: u32,
    base_decimals: u32,
}

impl RevisionCells<'_> {
    fn in_base(&self, minor: i64) -> Option<MoneyCell> {
        Some(MoneyCell::new(minor, self.base_decimals))
    }
}

impl OfPeriod for RevisionCells<'_> {
    fn period(&self) -> Period {
        self.line.period
    }
}

type RevisionColumn<'a> = Column<RevisionCells<'a>>;

/// The columns of `revisions`.
#[must_use]
pub fn spec<'a>() -> TableSpec<RevisionCells<'a>> {
    let mut columns = vec![
        RevisionColumn::date("submitted_on", "the day it was submitted", |cells| Some(cells.line.submitted_at.day())),
        RevisionColumn::text("author", "forecaster who submitted it", |cells| Some(cells.line.author.as_str().into())),
        RevisionColumn::text("owner", "owner whose forecast it is", |cells| Some(cells.line.owner.as_str().into())),
        period(),
        RevisionColumn::text("category", "category as written", |cells| Some(cells.line.category.as_str().into())),
        RevisionColumn::flag("adjustment", "true: adjusted by somebody else; false: submitted by the owner", |cells| {
            Some(cells.line.is_adjustment)
        }),
        RevisionColumn::money("amount", "amount as written", |cells| {
            Some(MoneyCell::new(cells.line.amount_minor, cells.decimals))
        }),
        RevisionColumn::text("currency", "currency of `amount`", |cells| cells.currency.map(Into::into))
            .unit("ISO 4217")
            .empty("it has none"),
        RevisionColumn::money("base_amount", "`amount` at the rate of the day it was submitted", |cells| {
            cells.in_base(cells.line.base_minor?)
        })
        .unit("base currency")
        .empty("without rates, where it is in another currency"),
        RevisionColumn::money("actual", "what the owner won in the period", |cells| {
            cells.in_base(cells.line.actual_minor?)
        })
        .unit("base currency")
        .empty("until the period is over, and without rates where there are several currencies"),
    ];
    columns.extend(record_columns());
    columns.push(
        RevisionColumn::text("note", "free text", |cells| cells.line.note.as_deref().map(Into::into))
            .empty("without a note"),
    );
    TableSpec::new("revisions", "submitted forecast or adjustment", columns)
}

fn record_columns<'a>() -> Vec<RevisionColumn<'a>> {
    vec![
        RevisionColumn::integer(
            "author_cases",
            "owners and periods the author forecast that are over; the last forecast of each counts",
            |cells| Some(cells.record?.cases.into()),
        )
        .unit("forecasts")
        .empty("nothing the author forecast is over"),
        RevisionColumn::number(
            "author_bias",
            "sum of the author's errors over what was won; above 0 the forecasts are too high",
            |cells| cells.record?.bias,
        )
        .unit("ratio")
        .formula("sum of (base_amount - actual) / sum of actual")
        .empty("where `author_cases` is, and nothing was won"),
        RevisionColumn::number("author_wape", "sum of the author's absolute errors over what was won", |cells| {
            cells.record?.wape
        })
        .unit("0 and up")
        .formula("sum of |base_amount - actual| / sum of actual")
        .empty("where `author_cases` is, and nothing was won"),
    ]
}

/// The `revisions` table: one row per revision, oldest first.
///
/// # Errors
/// An arrow error where two columns have one name.
pub fn table(revisions: &Revisions, tables: &Tables, base_decimals: u32) -> Result<Table, ArrowError> {
    let records = revisions.records();
    let cells = |line| RevisionCells {
        line,
        record: records.get(line.author.as_str()).copied(),
        currency: tables.currencies.name(line.currency),
        decimals: tables.decimals_of(line.currency),
        base_decimals,
    };
    let rows: Vec<RevisionCells<'_>> = revisions.lines.iter().map(cells).collect();
    let scale = rows.iter().map(|row| row.decimals).max().unwrap_or(2).max(base_decimals);
    spec().table(&rows, scale)
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
mod spec_tests;

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
