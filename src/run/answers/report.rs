//! A finished run as reports that people open.

use std::path::Path;

use crate::render::language::Language;
use crate::render::{ChartFile, Material, ReportKind, chart_files};
use crate::run::answers::compare::compare;
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

/// What the run in `folder` has to show, and what moved since the one in `since`.
pub(super) fn material(folder: &Path, since: Option<&Path>) -> Result<Material, RunError> {
    let run = FinishedRun::open(folder)?;
    let material = Material::read(&run).map_err(OutputError::io("read", folder))?;
    let Some(since) = since else { return Ok(material) };
    let moved = compare(since, folder, false)?;
    Ok(material.compared(moved.since, moved.table))
}

/// The charts of the run in `folder` as files, in `language`.
///
/// # Errors
/// As [`report`].
pub fn charts(folder: &Path, language: &Language) -> Result<Vec<ChartFile>, RunError> {
    let run = FinishedRun::open(folder)?;
    let material = Material::read(&run).map_err(OutputError::io("read", folder))?;
    Ok(chart_files(&material, language).map_err(OutputError::io("draw the charts of", folder))?)
}

/// The run in `folder` as reports of `kinds`, in `language`; what moved since the run in `since`, where one is named.
///
/// # Errors
/// [`RunError`] where the folder holds no finished run, or a damaged one.
pub fn report(
    folder: &Path,
    since: Option<&Path>,
    kinds: &[ReportKind],
    language: &Language,
) -> Result<Vec<ReportFile>, RunError> {
    let material = material(folder, since)?;
    let files = kinds.iter().map(|kind| {
        let bytes = kind.bytes(&material, language).map_err(OutputError::io("report on", folder))?;
        Ok(ReportFile { name: kind.file(), bytes })
    });
    files.collect()
}
