//! A finished run as a page per owner and manager.

use std::path::Path;

use crate::render::digest::{DigestFile, digests as render};
use crate::render::language::Language;
use crate::run::answers::report::material;
use crate::run::error::RunError;
use crate::store::error::OutputError;

/// The run in `folder` as digests, in `language`.
///
/// # Errors
/// [`RunError`] where the folder holds no finished run, or a damaged one.
pub fn digests(folder: &Path, since: Option<&Path>, language: &Language) -> Result<Vec<DigestFile>, RunError> {
    let material = material(folder, since)?;
    Ok(render(&material, language).map_err(OutputError::io("read", folder))?)
}
