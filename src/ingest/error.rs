//! Why input cannot be used: file and line, what was found, what was expected and what to do.

use std::{fmt, io};

use thiserror::Error;

use crate::config::Rule;

/// A stage of the data that the configuration does not list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageOutsideList {
    /// Its name.
    pub name: String,
    /// Rows it stands in.
    pub rows: u64,
    /// File of the first.
    pub file: String,
    /// Line of the first.
    pub line: u64,
}

impl fmt::Display for StageOutsideList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, rows, file, line } = self;
        write!(f, "{name:?} ({rows} rows, first {file} line {line})")
    }
}

/// Why the tables could not be loaded. `Display` says what is wrong and where, [`IngestError::hint`] what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum IngestError {
    /// No deals table was named.
    #[error("no deals table is given")]
    NoDeals,
    /// The configuration asks for what the input does not have.
    #[error("`{key}` {problem}")]
    Config {
        /// Dotted key of the configuration.
        key: String,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        hint: Option<String>,
    },
    /// No such file.
    #[error("no file at {path}")]
    NotFound {
        /// What was looked for.
        path: String,
    },
    /// Something that is no file.
    #[error("{path} is a disk, a device or a socket, expected a file, a folder, a glob or a pipe")]
    NoFile {
        /// What was named.
        path: String,
    },
    /// The operating system refuses.
    #[error("{file}: {source}")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// A damaged file.
    #[error("{file} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the decoder says.
        reason: String,
    },
    /// A file that holds something else.
    #[error("{file} holds no table: {reason}")]
    NoTable {
        /// The file.
        file: String,
        /// What it is, and what to do about it.
        reason: String,
    },
    /// A file that is larger, wider or one of more than any export is.
    #[error("{file} {what}")]
    TooLarge {
        /// The file, or the source.
        file: String,
        /// What is too large, and what was expected.
        what: String,
        /// What to do.
        hint: &'static str,
    },
    /// A file without a header.
    #[error("{file} is empty, expected a header line")]
    EmptyFile {
        /// The file.
        file: String,
    },
    /// A deals table without deals.
    #[error("{file} has a header and no rows, expected one row per deal")]
    NoRows {
        /// The file.
        file: String,
    },
    /// A deals table of which nothing is left.
    #[error("every one of the {rows} rows of {table} is rejected: {}", reasons.join("; "))]
    AllRejected {
        /// Table of the contract.
        table: &'static str,
        /// Rows in.
        rows: u64,
        /// The leading reasons, most frequent first, each with its count and first example.
        reasons: Vec<String>,
    },
    /// A quote that opens a cell and never closes it.
    #[error("{file} line {line}: a quoted cell is never closed")]
    UnclosedQuote {
        /// The file.
        file: String,
        /// Where the record with the quote starts.
        line: u64,
    },
    /// A row that does not end where any row does.
    #[error("{file} line {line}: a row is longer than 4 MiB; a quoted cell may never be closed")]
    EndlessRow {
        /// The file.
        file: String,
        /// Where it starts.
        line: u64,
    },
    /// A required column is not there.
    #[error("{file} has no column `{column}`, which the table {table} needs")]
    MissingColumn {
        /// The file.
        file: String,
        /// Table of the contract.
        table: &'static str,
        /// Canonical name.
        column: String,
        /// The file's columns.
        found: Vec<String>,
        /// The column that may be meant.
        guess: Option<String>,
    },
    /// Two columns of one name.
    #[error("{file} has the column \"{column}\" twice, at positions {first} and {second}")]
    DuplicateColumn {
        /// The file.
        file: String,
        /// The name.
        column: String,
        /// Position of the first, from 1.
        first: usize,
        /// Position of the second, from 1.
        second: usize,
    },
    /// A row breaks a rule whose severity is `error`.
    #[error("{file} line {line}: {}", cell_text(column, value, reason))]
    Row {
        /// The file.
        file: String,
        /// Line (CSV) or row number (Parquet).
        line: u64,
        /// Column as the file calls it.
        column: String,
        /// What stands there.
        value: String,
        /// What was expected.
        reason: String,
        /// The rule.
        rule: Rule,
    },
    /// Stages outside the configured list.
    #[error("{table}: {} the configuration does not list: {}", plural(stages.len(), "stage"), list_stages(stages))]
    UnknownStages {
        /// Table of the contract.
        table: &'static str,
        /// The stages, that of most rows first.
        stages: Vec<StageOutsideList>,
    },
    /// Day and month cannot be told apart.
    #[error("{file} line {line}: `{column}` is \"{value}\", and nothing in the column tells day from month")]
    AmbiguousDate {
        /// Table of the contract.
        table: &'static str,
        /// The file.
        file: String,
        /// Line of the first such cell.
        line: u64,
        /// Column.
        column: String,
        /// The cell.
        value: String,
    },
    /// Decimal and thousands marks cannot be told apart.
    #[error(
        "{file} line {line}: `{column}` is \"{value}\", and nothing in the column tells a decimal mark from a thousands mark"
    )]
    AmbiguousAmount {
        /// Table of the contract.
        table: &'static str,
        /// The file.
        file: String,
        /// Line of the first such cell.
        line: u64,
        /// Column.
        column: String,
        /// The cell.
        value: String,
    },
    /// A column that is written in two ways.
    #[error("`{column}` of {table} is written in two ways: {one} and {other}")]
    TwoStyles {
        /// Table of the contract.
        table: &'static str,
        /// Column.
        column: String,
        /// A cell of the one way, with its place.
        one: String,
        /// A cell of the other way, with its place.
        other: String,
        /// The key that says which counts.
        key: &'static str,
    },
    /// Too many rows had to be rejected.
    #[error("{rejected} of {rows} rows of {table} are rejected ({:.1} %), more than the allowed {:.1} %: {}", share(*rejected, *rows), limit * 100.0, reasons.join("; "))]
    TooManyRejects {
        /// Table of the contract.
        table: &'static str,
        /// Rows rejected, those filtered out not counted.
        rejected: u64,
        /// Rows in.
        rows: u64,
        /// The allowed share, 0 to 1.
        limit: f64,
        /// The leading reasons, most frequent first, each with its count and first example.
        reasons: Vec<String>,
    },
    /// Internal: columns must be looked through before their cells can be read.
    #[error("the columns were not looked through")]
    #[doc(hidden)]
    NeedsEvidence,
    /// Internal: reading ended because of an error elsewhere.
    #[error("reading was stopped by another error")]
    #[doc(hidden)]
    Stopped,
    /// The columns could not form a frame: our mistake.
    #[error("the deals cannot be put together: {0}")]
    Frame(#[from] polars::error::PolarsError),
}

impl IngestError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoDeals => "name the file with --deals or under [sources.deals] in dealcast.toml".to_owned(),
            Self::Config { hint, .. } => return hint.clone(),
            Self::NotFound { .. } | Self::Io { .. } => {
                "paths in dealcast.toml are relative to its own folder, those of flags to the present folder".to_owned()
            }
            Self::Unreadable { .. } => {
                "export or copy the file again; it may have been cut short on the way".to_owned()
            }
            Self::TooLarge { hint, .. } => (*hint).to_owned(),
            Self::UnclosedQuote { .. } | Self::EndlessRow { .. } => {
                "close the quote on that line, or double the quotes inside cells (\"\" for \")".to_owned()
            }
            Self::MissingColumn { table, column, found, guess, .. } => {
                missing_hint(table, column, found, guess.as_deref())
            }
            Self::DuplicateColumn { column, .. } => {
                format!("list \"{column}\" under `ignore` to read the first of them, or rename one")
            }
            Self::Row { rule: Rule::ShrunkenCopy, .. } => {
                "export that copy again, or set `rules.severity.shrunken_copy = \"warn\"` where so many deals are gone indeed".to_owned()
            }
            Self::Row { rule, .. } => format!(
                "set `rules.severity.{rule} = \"reject\"` to go on without such rows, or correct the row; `values`, \
                 `null_values` and `constants` of its source say what its cells mean"
            ),
            Self::UnknownStages { stages, .. } => {
                let name = stages.first().map_or("", |stage| stage.name.as_str());
                format!("add it to the stage list: [[stages]] name = {name:?}, kind = \"open\", \"won\" or \"lost\"")
            }
            Self::AmbiguousDate { table, .. } => {
                format!("say which comes first: sources.{table}.date_order = \"day-first\" or \"month-first\"")
            }
            Self::AmbiguousAmount { table, .. } => {
                format!("say which mark is the decimal one: sources.{table}.decimal_mark = \".\" or \",\"")
            }
            Self::TwoStyles { table, key, .. } => {
                format!(
                    "correct the export, or say which way counts with sources.{table}.{key}: cells of the other way are rejected then"
                )
            }
            Self::AllRejected { table, .. } => format!("{}; or correct `filters`", cures(table)),
            Self::TooManyRejects { table, .. } => {
                format!("{}; `rules.max_reject_share` sets the allowed share", cures(table))
            }
            Self::NoFile { .. }
            | Self::NoTable { .. }
            | Self::EmptyFile { .. }
            | Self::NoRows { .. }
            | Self::NeedsEvidence
            | Self::Stopped
            | Self::Frame(_) => return None,
        })
    }

    /// Whether the configuration is at fault rather than the input.
    #[must_use]
    pub fn is_config(&self) -> bool {
        matches!(self, Self::NoDeals | Self::Config { .. })
    }
}

/// The keys that cure rows a table could not use.
fn cures(table: &str) -> String {
    format!(
        "under [sources.{table}] `null_values` names cells without a value, `values` translates words, `columns` and `constants` \
         say where a value comes from, `date_order`, `decimal_mark` and `encoding` how it is written; `rules.severity` keeps rows"
    )
}

fn missing_hint(table: &str, column: &str, found: &[String], guess: Option<&str>) -> String {
    match guess {
        Some(guess) => format!("is it \"{guess}\"? then: [sources.{table}.columns] {column} = {guess:?}"),
        None if matches!(found, [only] if only.chars().filter(|c| !c.is_alphanumeric() && *c != '_').count() > 1) => {
            let only: String = found.concat().chars().take(80).collect();
            format!("the file has one column only, {only:?}: sources.{table}.separator says what stands between cells")
        }
        None => format!("name its column under [sources.{table}.columns]; the file has: {}", found.join(", ")),
    }
}

fn cell_text(column: &str, value: &str, reason: &str) -> String {
    match (column.is_empty(), value.is_empty()) {
        (true, _) => reason.to_owned(),
        (false, true) => format!("`{column}` is empty, {reason}"),
        (false, false) => format!("`{column}` is \"{value}\", {reason}"),
    }
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("a {noun}") } else { format!("{count} {noun}s") }
}

fn list_stages(stages: &[StageOutsideList]) -> String {
    stages.iter().take(5).map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn share(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
