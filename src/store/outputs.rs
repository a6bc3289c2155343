//! Tables and texts to the files of one output folder: [`Outputs`].
//!
//! Every table in every format of [`FORMATS`]; documents beside them. The folder is opened before the long work and
//! replaced once everything is written.

use std::fs;
use std::io::{self, Write};
use std::iter;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use arrow::error::ArrowError;

use crate::report::sinks::{Format, Stamp, write_parts};
use crate::report::table::Table;
use crate::store::error::OutputError;
use crate::store::file::OutputFile;
use crate::store::finished_run::FinishedRun;
use crate::store::folder::{Abandon, MANIFEST, OutputFolder};
use crate::store::reserved::ReservedPlaces;

/// The formats every table is written in.
pub const FORMATS: [Format; 2] = [Format::Csv, Format::Parquet];

/// Parts of a table that wait for a file.
const PARTS_AHEAD: usize = 1;

/// Gives a part to every file that is still written; a writer that failed takes no more.
fn hand_out(part: &Result<Table, ArrowError>, entries: &[SyncSender<Result<Table, ArrowError>>]) {
    for entry in entries {
        let copy = match part {
            Ok(table) => Ok(table.clone()),
            Err(error) => Err(ArrowError::ExternalError(error.to_string().into())),
        };
        // It says itself why it failed.
        let _ = entry.send(copy);
    }
}

/// The files of one run, as they are written.
#[derive(Debug)]
pub struct Outputs {
    /// None of a rehearsal, which writes nothing.
    folder: Option<OutputFolder>,
    stamp: Stamp,
    written: Vec<OutputFile>,
}

impl Outputs {
    /// Opens the folder `dir`; see [`OutputFolder::open`].
    ///
    /// # Errors
    /// As [`OutputFolder::open`].
    pub fn open(dir: &Path, reserved: &ReservedPlaces) -> Result<Self, OutputError> {
        let folder = Some(OutputFolder::open(dir, reserved)?);
        Ok(Self { folder, ..Self::nowhere() })
    }

    /// Outputs that are written nowhere, of a run that is only rehearsed.
    #[must_use]
    pub fn nowhere() -> Self {
        Self { folder: None, stamp: Stamp::default(), written: Vec::new() }
    }

    /// Checks that [`Outputs::open`] could open the folder `dir`, and changes nothing.
    ///
    /// # Errors
    /// As [`OutputFolder::rehearse`].
    pub fn rehearse(dir: &Path, reserved: &ReservedPlaces) -> Result<(), OutputError> {
        OutputFolder::rehearse(dir, reserved)
    }

    /// A handle for the thread that hears interrupts.
    #[must_use]
    pub fn abandon_handle(&self) -> Option<Abandon> {
        self.folder.as_ref().map(OutputFolder::abandon_handle)
    }

    /// What the tables from here on say of their origin.
    pub fn set_stamp(&mut self, stamp: Stamp) {
        self.stamp = stamp;
    }

    /// What is written so far, in order.
    #[must_use]
    pub fn written(&self) -> &[OutputFile] {
        &self.written
    }

    /// Writes a table.
    ///
    /// # Errors
    /// [`OutputError::Io`], a full disk included.
    pub fn table(&mut self, table: &Table) -> Result<(), OutputError> {
        self.parts(table.name(), iter::once(Ok(table.clone())))
    }

    /// Writes a table that is too large to be in memory whole: every part is made once, and goes into all files side by
    /// side.
    ///
    /// # Errors
    /// As [`Outputs::table`].
    pub fn parts(
        &mut self,
        name: &str,
        parts: impl Iterator<Item = Result<Table, ArrowError>>,
    ) -> Result<(), OutputError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let stamp = &self.stamp;
        let write = |format: Format, parts: Receiver<Result<Table, ArrowError>>| {
            let content = |out: &mut (dyn Write + Send)| write_parts(parts, format, stamp, out).map(Some);
            folder.write(&format!("{name}.{}", format.extension()), content)
        };
        let files = thread::scope(|scope| {
            let (entries, writers): (Vec<_>, Vec<_>) = FORMATS
                .map(|format| {
                    let (entry, parts) = sync_channel(PARTS_AHEAD);
                    (entry, scope.spawn(move || write(format, parts)))
                })
                .into_iter()
                .unzip();
            parts.for_each(|part| hand_out(&part, &entries));
            drop(entries);
            writers
                .into_iter()
                .map(|writer| writer.join().unwrap_or_else(|panic| resume_unwind(panic)))
                .collect::<Vec<_>>()
        });
        for file in files {
            self.written.push(file?);
        }
        Ok(())
    }

    /// Writes a document.
    ///
    /// # Errors
    /// As [`Outputs::table`].
    pub fn text(&mut self, name: &str, text: &str) -> Result<(), OutputError> {
        self.document(name, |out| out.write_all(text.as_bytes()).map(|()| None))
    }

    /// Writes a document that `content` fills; it returns the rows, if there are any.
    ///
    /// # Errors
    /// As [`Outputs::table`].
    pub fn document(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<Option<u64>>,
    ) -> Result<(), OutputError> {
        if let Some(folder) = &self.folder {
            self.written.push(folder.write(name, content)?);
        }
        Ok(())
    }

    /// Writes a document the run can do without; where that fails nothing of it is left.
    ///
    /// # Errors
    /// As [`Outputs::table`].
    pub fn optional(&mut self, name: &str, bytes: &[u8]) -> Result<(), OutputError> {
        let written = self.document(name, |out| out.write_all(bytes).map(|()| None));
        if let (Err(_), Some(folder)) = (&written, &self.folder) {
            // What cannot be removed is found by the next run, as a file no manifest lists.
            let _ = fs::remove_file(folder.staging().join(name));
        }
        written
    }

    /// What is written so far, to be read back; `manifest` says what it says of it. None of a rehearsal.
    ///
    /// # Errors
    /// As [`FinishedRun::open`].
    pub fn staged(&self, manifest: &serde_json::Value) -> Result<Option<FinishedRun>, OutputError> {
        self.folder.as_ref().map(|folder| FinishedRun::staged(folder.staging(), manifest)).transpose()
    }

    /// The finished run that these outputs will replace, which stays whole until then; none where there is none.
    #[must_use]
    pub fn replaced(&self) -> Option<FinishedRun> {
        self.folder.as_ref().and_then(|folder| FinishedRun::open(folder.target()).ok())
    }

    /// Writes the manifest and puts the folder in place of the earlier one. Returns the files, the manifest last, and
    /// where they are.
    ///
    /// # Errors
    /// As [`OutputFolder::commit`].
    pub fn commit(mut self, manifest: &str) -> Result<(Vec<OutputFile>, PathBuf), OutputError> {
        self.text(MANIFEST, manifest)?;
        let Some(folder) = self.folder else { return Ok((self.written, PathBuf::new())) };
        let target = folder.commit()?;
        tracing::info!(folder = %target.display(), files = self.written.len(), "outputs in place");
        Ok((self.written, target))
    }
}
