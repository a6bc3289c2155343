//! The JSON documents of a run against its manifest: readable, of its day, its model, its schema version.

use serde_json::{Value, json};

use crate::report::invariants::Violation;
use crate::store::finished_run::FinishedRun;

/// The documents, and which of the manifest's values each repeats.
const REPEATED: [(&str, &[&str]); 3] = [
    ("findings.json", &["as_of", "model_id", "schema_version"]),
    ("quality.json", &["as_of"]),
    ("model.json", &["model_id"]),
];

/// Documents that cannot be read, and what they say otherwise than the manifest.
pub(super) fn documents_hold(run: &FinishedRun) -> Vec<Violation> {
    let listed = |name: &str| run.manifest().files.iter().any(|file| file.file == name);
    let documents = REPEATED.into_iter().filter(|(name, _)| listed(name));
    documents.flat_map(|(name, keys)| document_holds(run, name, keys)).collect()
}

fn document_holds(run: &FinishedRun, name: &str, keys: &[&str]) -> Vec<Violation> {
    let Some(document) = read_json(run, name) else {
        return vec![Violation::of_file(name, "a file that cannot be read", "JSON")];
    };
    let manifest = run.manifest();
    let expected = json!({
        "as_of": manifest.as_of, "model_id": manifest.model_id, "schema_version": manifest.schema_version,
    });
    let differing = keys.iter().filter(|key| document[**key] != expected[**key]);
    let said = differing.map(|key| {
        let words = format!("{}, as manifest.json has it", expected[*key]);
        Violation::of_file(name, document[*key].to_string(), words).column(*key)
    });
    said.collect()
}

/// A document of the run.
pub(super) fn read_json(run: &FinishedRun, name: &str) -> Option<Value> {
    serde_json::from_slice(&run.bytes(name).ok()?).ok()
}
