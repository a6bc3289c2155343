//! The stored output: compressed files under `tests/golden`.

use std::fs;
use std::path::{Path, PathBuf};

/// `tests/golden` or something in it.
pub fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// The text of a stored file, such as `run/forecast.csv`.
pub fn text(name: &str) -> String {
    let bytes = fs::read(golden(&format!("{name}.zst"))).unwrap_or_else(|error| panic!("{name}: {error}"));
    String::from_utf8(zstd::decode_all(bytes.as_slice()).unwrap()).unwrap()
}

/// The names of the stored tables of the nightly run, sorted.
pub fn run_tables() -> Vec<String> {
    let files = fs::read_dir(golden("run")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        files.map(|file| file.strip_suffix(".csv.zst").expect("a compressed table").to_owned()).collect();
    names.sort();
    names
}
