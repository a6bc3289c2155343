//! The reports a run writes beside its tables: [`Reports`].
//!
//! Made from the files of the run, before these are put in place. A report that cannot be made is told as a [`Finding`];
//! the run goes on without it.

use rayon::prelude::*;
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

impl Reports {
    /// Whether there is none to write.
    pub(super) fn is_none(&self) -> bool {
        match self {
            Self::None => true,
            Self::Of(kinds, _) => kinds.is_empty(),
        }
    }
}

/// Writes the reports of what is in `outputs`, which `manifest` describes. Returns what went wrong.
pub(super) fn write_reports(reports: &Reports, manifest: &Value, outputs: &mut Outputs) -> Vec<Finding> {
    let Reports::Of(kinds, language) = reports else { return Vec::new() };
    if reports.is_none() {
        return Vec::new();
    }
    let material = match outputs.staged(manifest).and_then(|run| run.map(|run| material(&run)).transpose()) {
        Ok(Some(material)) => material,
        Ok(None) => return Vec::new(),
        Err(error) => return kinds.iter().map(|kind| without(*kind, &error.to_string())).collect(),
    };
    let made: Vec<Result<Vec<u8>, String>> =
        kinds.par_iter().map(|kind| kind.bytes(&material, language).map_err(|error| error.to_string())).collect();
    let failed = kinds.iter().zip(made).filter_map(|(kind, bytes)| {
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

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;
    use crate::store::reserved::ReservedPlaces;

    fn manifest(files: &Value) -> Value {
        let none = json!({ "rows": 0, "used": 0, "rejected": 0 });
        json!({ "schema_version": 2, "as_of": "2026-02-14", "model_id": null, "inputs": [], "row_balance": none, "files": files })
    }

    fn both() -> Reports {
        Reports::Of(ReportKind::ALL.to_vec(), Box::new(Language::of("en").expect("a language")))
    }

    #[test]
    fn a_report_that_cannot_be_made_is_told_and_the_run_is_put_in_place() {
        let home = tempfile::tempdir().expect("a folder");
        let out = home.path().join("out");
        let mut outputs = Outputs::open(&out, &ReservedPlaces::default()).expect("a folder");
        outputs.text("findings.json", r#"{"as_of": "2026-02-14", "model_id": null, "sections": []}"#).expect("written");
        outputs.text("scores.parquet", "no Parquet").expect("written");
        let found = write_reports(&both(), &manifest(&json!(outputs.written())), &mut outputs);
        let said: Vec<&str> = found.iter().map(|finding| finding.sentence.as_str()).collect();
        assert!(said.len() == 2 && said[0].starts_with("the run has no report.html: cannot read back"), "{said:?}");
        outputs.commit("{}").expect("in place");
        assert!(out.join("scores.parquet").exists() && !out.join("report.html").exists());
    }

    #[test]
    fn half_a_report_is_not_left_behind() {
        let home = tempfile::tempdir().expect("a folder");
        let out = home.path().join("out");
        let mut outputs = Outputs::open(&out, &ReservedPlaces::default()).expect("a folder");
        outputs.text("findings.json", r#"{"as_of": "2026-02-14", "model_id": null, "sections": []}"#).expect("written");
        outputs.optional("none/report.html", b"page").expect_err("there is no such folder");
        let found = write_reports(&both(), &manifest(&json!(outputs.written())), &mut outputs);
        assert_eq!(found, []);
        outputs.commit("{}").expect("in place");
        let mut names: Vec<_> =
            fs::read_dir(&out).expect("a folder").map(|entry| entry.expect("a file").file_name()).collect();
        names.sort();
        assert_eq!(names, ["findings.json", "manifest.json", "report.html", "report.xlsx"]);
    }
}
