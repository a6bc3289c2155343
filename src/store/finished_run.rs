//! The folder of a finished run, read back: [`FinishedRun`]. Says what is there; judges nothing.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::ingest::decoded;
use crate::report::sinks::{SCHEMA_VERSION, Stamp, read_parquet, read_parquet_rows};
use crate::report::table::Table;
use crate::store::error::OutputError;
use crate::store::file::{OutputFile, describe};
use crate::store::folder::MANIFEST;

/// What `manifest.json` says, as far as it can be held against the files.
#[derive(Clone, Debug, Deserialize)]
pub struct RunManifest {
    /// Version of the output tables.
    pub schema_version: u32,
    /// The first day that was not known.
    pub as_of: String,
    /// The model the scores come from.
    pub model_id: Option<String>,
    /// Checksum of the configuration.
    #[serde(default)]
    pub config_blake3: Option<String>,
    /// The as-of day of the run that these outputs replaced, where they say what moved since.
    #[serde(default)]
    pub since: Option<String>,
    /// Rows of each input table.
    pub inputs: Vec<RowBalance>,
    /// Rows of all together.
    pub row_balance: RowBalance,
    /// Every other file.
    pub files: Vec<OutputFile>,
}

/// Rows that were read, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct RowBalance {
    /// All.
    pub rows: u64,
    /// Used.
    pub used: u64,
    /// Rejected.
    pub rejected: u64,
}

/// A folder with a manifest.
#[derive(Clone, Debug)]
pub struct FinishedRun {
    folder: PathBuf,
    manifest: RunManifest,
}

impl FinishedRun {
    /// The run in `folder`.
    ///
    /// # Errors
    /// [`OutputError::NoRun`] where there is no manifest, or none of this version.
    pub fn open(folder: &Path) -> Result<Self, OutputError> {
        let no_run = |reason: String| OutputError::NoRun { dir: folder.to_owned(), reason };
        let text = fs::read_to_string(folder.join(MANIFEST))
            .map_err(|error| no_run(format!("{MANIFEST} cannot be read: {error}")))?;
        let manifest: RunManifest =
            serde_json::from_str(&text).map_err(|error| no_run(format!("{MANIFEST} is damaged: {error}")))?;
        if manifest.schema_version != SCHEMA_VERSION {
            let got = manifest.schema_version;
            return Err(no_run(format!("its tables are of schema version {got}, expected {SCHEMA_VERSION}")));
        }
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    /// The run whose files lie in `folder`, not yet in their place; `manifest` says what it says so far.
    ///
    /// # Errors
    /// [`OutputError::NoRun`] where `manifest` is none.
    pub(super) fn staged(folder: &Path, manifest: &serde_json::Value) -> Result<Self, OutputError> {
        let no_run =
            |error: serde_json::Error| OutputError::NoRun { dir: folder.to_owned(), reason: error.to_string() };
        let manifest = RunManifest::deserialize(manifest).map_err(no_run)?;
        Ok(Self { folder: folder.to_owned(), manifest })
    }

    /// What its manifest says.
    #[must_use]
    pub fn manifest(&self) -> &RunManifest {
        &self.manifest
    }

    /// Where it lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The names in the folder, without the manifest.
    ///
    /// # Errors
    /// What the file system refused.
    pub fn names(&self) -> io::Result<BTreeSet<String>> {
        let entries = fs::read_dir(&self.folder)?;
        let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
        names.filter(|name| !name.as_ref().is_ok_and(|name| name == MANIFEST)).collect()
    }

    /// Length and checksum of a file.
    ///
    /// # Errors
    /// What the file system refused.
    pub fn describe(&self, name: &str) -> io::Result<OutputFile> {
        describe(&self.folder, name)
    }

    /// The content of a file.
    ///
    /// # Errors
    /// What the file system refused.
    pub fn bytes(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.folder.join(name))
    }

    /// A table by its Parquet file, and what the file says of its origin.
    ///
    /// # Errors
    /// What the file system refused; [`io::ErrorKind::InvalidData`] where it is no Parquet file.
    pub fn table(&self, name: &str) -> io::Result<(Table, Stamp)> {
        let file = File::open(self.folder.join(format!("{name}.parquet")))?;
        decoded(|| read_parquet(name, file))
    }

    /// Of a table, the rows whose `column` has `text`, in `columns` and that one.
    ///
    /// # Errors
    /// As of [`FinishedRun::table`].
    pub fn table_rows(&self, name: &str, columns: &[&str], column: &str, text: &str) -> io::Result<Table> {
        let file = File::open(self.folder.join(format!("{name}.parquet")))?;
        decoded(|| read_parquet_rows(name, file, columns, column, text))
    }
}
