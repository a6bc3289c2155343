//! A finished run as a page that people open.

use std::path::Path;

use crate::render::language::Language;
use crate::render::{Material, page};
use crate::run::error::RunError;
use crate::store::error::OutputError;
use crate::store::finished_run::FinishedRun;

/// The run in `folder` as `report.html`, in `language`.
///
/// # Errors
/// [`RunError`] where the folder holds no finished run, or a damaged one.
pub fn report(folder: &Path, language: &Language) -> Result<String, RunError> {
    let run = FinishedRun::open(folder)?;
    let unreadable = OutputError::io("read", folder);
    let page = Material::read(&run).and_then(|material| page::html(&material, language));
    Ok(page.map_err(unreadable)?)
}
