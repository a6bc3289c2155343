//! The reports a run writes beside its tables: [`Reports`].
//!
//! Made from the files of the run, before these are put in place. A report that cannot be made is told as a [`Finding`];
//! the run goes on without it.

use serde_json::Value;

use crate::render::language::Language;
use crate::render::{Material, ReportKind};
use crate::report::finding::{Finding, Subject};
use crate::store::error::OutputError;
use crate::store::finished_run::FinishedRun;
use crate::store::outputs::Outputs;

/// Which reports a run writes.
#[derive(Clone, Debug)]
pub enum Reports {
    /// None.
    None,
    /// These, in one language.
    Of(Vec<ReportKind>, Box<Language>),
}

/// Writes the reports of what is in `outputs`, which `manifest` describes. Returns what went wrong.
pub(super) fn write_reports(reports: &Reports, manifest: &Value, outputs: &mut Outputs) -> Vec<Finding> {
    let Reports::Of(kinds, language) = reports else { return Vec::new() };
    let material = match outputs.staged(manifest).and_then(|run| run.map(|run| material(&run)).transpose()) {
        Ok(Some(material)) => material,
        Ok(None) => return Vec::new(),
        Err(error) => return kinds.iter().map(|kind| without(*kind, &error.to_string())).collect(),
    };
    let failed = kinds.iter().filter_map(|kind| {
        let bytes = kind.bytes(&material, language).map_err(|error| error.to_string());
        let written = bytes.and_then(|bytes| outputs.optional(kind.file(), &bytes).map_err(|error| error.to_string()));
        written.err().map(|error| without(*kind, &error))
    });
    failed.collect()
}

fn material(run: &FinishedRun) -> Result<Material, OutputError> {
    Material::read(run).map_err(OutputError::io("read back", run.folder()))
}

fn without(kind: ReportKind, error: &str) -> Finding {
    let sentence = format!("the run has no {}: {error}", kind.file());
    Finding::warning("output.report", Subject::named("report", kind.file()), sentence)
        .remedy("every other file is complete; `dealcast report` makes it from them")
}
