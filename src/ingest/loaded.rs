//! What loading gives: the tables, the files they came from, and what was wrong with them.

use serde::Serialize;

use crate::config::Rule;
use crate::domain::inputs::InputTable;
use crate::ingest::assumption::Assumption;
use crate::ingest::decode::files::io_error;
use crate::ingest::error::IngestError;
use crate::ingest::issues::Issues;
use crate::ingest::tables::Tables;

/// What was loaded, from what, and what was wrong with it.
#[derive(Debug)]
pub struct Loaded {
    /// The tables.
    pub tables: Tables,
    /// The files, in the declared order of their tables; lookups last of their table, under the name `lookup`.
    pub inputs: Vec<InputFile>,
    /// Warnings and rejects.
    pub issues: Issues,
}

/// One file that was read. `rows` = `used` + `rejected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputFile {
    /// Canonical name of the table, or `lookup`.
    pub table: &'static str,
    /// File name.
    pub path: String,
    /// Size as stored.
    pub bytes: u64,
    /// BLAKE3 checksum of the file as stored, in hexadecimal.
    pub blake3: String,
    /// Rows below the header.
    pub rows: u64,
    /// Rows that are in the tables (or, like a blank quota, say nothing).
    pub used: u64,
    /// Rows in `rejects.csv`.
    pub rejected: u64,
    /// How it was read where nobody said how.
    #[serde(skip)]
    pub assumed: Vec<Assumption>,
    /// Columns that nothing was read from.
    #[serde(skip)]
    pub unread: Vec<String>,
}

/// The files read so far, and what was wrong with them.
#[derive(Default)]
pub(crate) struct FilesRead {
    pub inputs: Vec<InputFile>,
    pub issues: Issues,
}

impl FilesRead {
    /// Whether any row of `table` is left.
    pub(crate) fn some_used(&self, table: InputTable) -> Result<(), IngestError> {
        let of_table = || self.inputs.iter().filter(|input| input.table == table.name());
        if of_table().any(|input| input.used > 0) {
            return Ok(());
        }
        let rows = of_table().map(|input| input.rows).sum();
        let mut reasons = self.issues.leading_reasons(table.name());
        let filtered = self.issues.count(Rule::Filtered);
        if filtered > 0 {
            reasons.push(format!("{filtered} left out by the filters of the source"));
        }
        Err(IngestError::AllRejected { table: table.name(), rows, reasons })
    }

    /// Takes in the files of the next table.
    pub(crate) fn add(&mut self, next: Self) -> Result<(), IngestError> {
        self.inputs.extend(next.inputs);
        self.issues.merge(next.issues).map_err(|error| io_error("rejects", error))
    }
}
