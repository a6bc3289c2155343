//! A finished run as reports that people open.

use std::path::Path;

use crate::render::language::Language;
use crate::render::{Material, ReportKind};
use crate::run::error::RunError;
use crate::store::error::OutputError;
use crate::store::finished_run::FinishedRun;

/// A report: the name of its file, and what is in it.
#[derive(Clone, Debug)]
pub struct ReportFile {
    /// `report.html`…
    pub name: &'static str,
    /// The content.
    pub bytes: Vec<u8>,
}

/// The run in `folder` as reports of `kinds`, in `language`.
///
/// # Errors
/// [`RunError`] where the folder holds no finished run, or a damaged one.
pub fn report(folder: &Path, kinds: &[ReportKind], language: &Language) -> Result<Vec<ReportFile>, RunError> {
    let run = FinishedRun::open(folder)?;
    let material = Material::read(&run).map_err(OutputError::io("read", folder))?;
    let files = kinds.iter().map(|kind| {
        let bytes = kind.bytes(&material, language).map_err(OutputError::io("report on", folder))?;
        Ok(ReportFile { name: kind.file(), bytes })
    });
    files.collect()
}
