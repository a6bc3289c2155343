//! The outputs of a run against its own manifest: the files are those it names, and every input row is used or rejected.

use std::collections::BTreeSet;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;

use crate::look::Files;

/// What does not agree in the folder `out` of `home`, where `files` lie.
pub fn faults(home: &Path, files: &Files, out: &str) -> Vec<String> {
    let Some(manifest) = files.get(&format!("{out}/manifest.json")) else {
        return vec![format!("{out} has no manifest")];
    };
    let Ok(manifest) = serde_json::from_slice::<Value>(&manifest.content) else {
        return vec![format!("the manifest of {out} is no JSON")];
    };
    let mut found = names(files, out, &manifest);
    for file in list(&manifest, "files") {
        found.extend(file_fault(home, files, out, file));
    }
    found.extend(rows(files, out, &manifest));
    found
}

fn list<'m>(manifest: &'m Value, name: &str) -> &'m [Value] {
    manifest[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn names(files: &Files, out: &str, manifest: &Value) -> Vec<String> {
    let inside = files.keys().filter_map(|path| path.strip_prefix(out)?.strip_prefix('/'));
    let there: BTreeSet<&str> = inside.filter(|name| *name != "manifest.json").collect();
    let named: BTreeSet<&str> = list(manifest, "files").iter().filter_map(|file| file["file"].as_str()).collect();
    there
        .symmetric_difference(&named)
        .map(|name| format!("{name} is in the folder or the manifest, not in both"))
        .collect()
}

/// A file that is not what the manifest says of it.
fn file_fault(home: &Path, files: &Files, out: &str, told: &Value) -> Option<String> {
    let name = told["file"].as_str().unwrap_or_default();
    let content = &files.get(&format!("{out}/{name}"))?.content;
    if told["bytes"].as_u64() != Some(content.len() as u64) {
        return Some(format!("{name} has {} bytes, the manifest says {}", content.len(), told["bytes"]));
    }
    if told["blake3"].as_str() != Some(blake3::hash(content).to_hex().as_str()) {
        return Some(format!("{name} has another hash than the manifest says"));
    }
    let rows = match name.rsplit_once('.') {
        Some((_, "csv")) => csv_rows(content),
        Some((_, "parquet")) => parquet_rows(&home.join(out).join(name)),
        Some((_, "json")) => serde_json::from_slice::<Value>(content).map(|_| None).map_err(|error| error.to_string()),
        _ => Ok(None),
    };
    match rows {
        Err(error) => Some(format!("{name} cannot be read: {error}")),
        Ok(rows) if rows.is_some() && rows != told["rows"].as_u64() => {
            Some(format!("{name} has {rows:?} rows, the manifest says {}", told["rows"]))
        }
        Ok(_) => None,
    }
}

fn csv_rows(content: &[u8]) -> Result<Option<u64>, String> {
    let rows: Result<Vec<csv::StringRecord>, _> = csv::Reader::from_reader(content).records().collect();
    rows.map(|rows| Some(rows.len() as u64)).map_err(|error| error.to_string())
}

fn parquet_rows(path: &Path) -> Result<Option<u64>, String> {
    let reader = SerializedFileReader::try_from(path).map_err(|error| error.to_string())?;
    u64::try_from(reader.metadata().file_metadata().num_rows()).map(Some).map_err(|error| error.to_string())
}

/// Rows in are rows used and rows rejected, and every rejected one has its line.
fn rows(files: &Files, out: &str, manifest: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut rejected = 0;
    for input in list(manifest, "inputs") {
        let count = |name: &str| input[name].as_u64().unwrap_or_default();
        rejected += count("rejected");
        if count("rows") != count("used") + count("rejected") {
            found.push(format!("the books of {} do not balance: {input}", input["table"]));
        }
    }
    let lines = files.get(&format!("{out}/rejects.csv")).and_then(|file| csv_rows(&file.content).ok().flatten());
    if lines != Some(rejected) {
        found.push(format!("{rejected} rows are rejected, rejects.csv has {lines:?}"));
    }
    found
}
