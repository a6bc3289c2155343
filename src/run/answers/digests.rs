//! A finished run as a page per owner and manager.

use std::path::Path;

use crate::render::Material;
use crate::render::digest::{DigestFile, digests as render};
use crate::render::language::Language;
use crate::run::error::RunError;
use crate::store::error::OutputError;
use crate::store::finished_run::FinishedRun;

/// The run in `folder` as digests, in `language`.
///
/// # Errors
/// [`RunError`] where the folder holds no finished run, or a damaged one.
pub fn digests(folder: &Path, language: &Language) -> Result<Vec<DigestFile>, RunError> {
    let run = FinishedRun::open(folder)?;
    let unreadable = OutputError::io("read", folder);
    let files = Material::read(&run).and_then(|material| render(&material, language));
    Ok(files.map_err(unreadable)?)
}
