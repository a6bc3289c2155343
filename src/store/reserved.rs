//! What an output must leave alone: [`ReservedPlaces`].
//!
//! The input files, the configuration, the folder of models, the folder one stands in. Outputs that would replace one of
//! them, be put into it or be read as input the next time are refused before the work begins.

use std::path::{Path, PathBuf};

use crate::store::error::OutputError;
use crate::store::real_path::{is_same, is_within, real_path};

/// What a pattern of input files is made of.
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// A place that is taken.
#[derive(Clone, Debug)]
struct ReservedPlace {
    what: &'static str,
    /// Real.
    path: PathBuf,
    /// Whether nothing may be put into it either.
    is_closed: bool,
}

/// Every place that is taken.
#[derive(Clone, Debug, Default)]
pub struct ReservedPlaces {
    places: Vec<ReservedPlace>,
    /// Folders and patterns that name whatever files are there when they are read.
    input_folders: Vec<PathBuf>,
    input_patterns: Vec<glob::Pattern>,
    /// What is written into a folder that is replaced.
    tables: Vec<&'static str>,
}

impl ReservedPlaces {
    /// Reserves a file or folder: nothing may replace it. `what` says what it is: `the configuration`.
    pub fn reserve(&mut self, what: &'static str, path: &Path) {
        self.add(what, path, false);
    }

    /// Reserves the folder of models: nothing else may be put into it either.
    pub fn reserve_models(&mut self, folder: &Path) {
        const WHAT: &str = "the folder of models";
        self.add(WHAT, folder, true);
        for kept in ["scores", "forecasts", "run_forecasts", "quality"] {
            self.add(WHAT, &folder.join(kept), true);
        }
    }

    /// Reserves the input that `path` names: a file, a folder of parts, or a pattern with the files that match it.
    pub fn reserve_input(&mut self, path: &Path) {
        const WHAT: &str = "an input";
        let text = path.to_string_lossy().into_owned();
        self.add(WHAT, path, false);
        if path.is_dir() {
            self.input_folders.extend(real_path(path).ok());
        } else if !path.exists() && text.contains(WILDCARDS) {
            let found = glob::glob(&text).into_iter().flatten().flatten();
            found.for_each(|file| self.add(WHAT, &file, false));
            self.input_patterns.extend(real_pattern(path));
        }
    }

    /// Names the tables that will be written: no pattern of inputs may match their files.
    pub fn expect_tables(&mut self, names: impl IntoIterator<Item = &'static str>) {
        self.tables.extend(names);
    }

    fn add(&mut self, what: &'static str, path: &Path, is_closed: bool) {
        // One that cannot be followed cannot be read either, and is told there.
        if let Ok(path) = real_path(path) {
            self.places.push(ReservedPlace { what, path, is_closed });
        }
    }

    /// Whether the folder `out` may be replaced as a whole.
    pub(super) fn check_replaced(&self, out: &Path) -> Result<(), OutputError> {
        let real = real_path(out).map_err(OutputError::io("resolve", out))?;
        for place in &self.places {
            if is_within(&place.path, &real) {
                let relation = if is_same(&place.path, &real) { "is" } else { "contains" };
                return Err(overlap(out, relation, place));
            }
        }
        self.check_put_into(out, &real)?;
        let files = self.tables.iter().flat_map(|table| ["csv", "parquet"].map(|format| format!("{table}.{format}")));
        files.map(|file| real.join(file)).try_for_each(|file| self.check_not_read_back(&file, out))
    }

    /// Whether files may be added to the folder `out`.
    pub(super) fn check_added_to(&self, out: &Path) -> Result<(), OutputError> {
        let real = real_path(out).map_err(OutputError::io("resolve", out))?;
        if self.input_folders.iter().any(|folder| is_same(folder, &real)) {
            return Err(read_back(out));
        }
        self.check_put_into(out, &real)
    }

    /// Whether the file at `path`, which is real, may be written.
    pub(super) fn check_file(&self, path: &Path) -> Result<(), OutputError> {
        if let Some(place) = self.places.iter().find(|place| is_within(&place.path, path)) {
            return Err(overlap(path, "is", place));
        }
        let is_part = |folder: &PathBuf| path.parent().is_some_and(|parent| is_same(parent, folder));
        if self.input_folders.iter().any(is_part) {
            return Err(read_back(path));
        }
        self.check_put_into(path, path)?;
        self.check_not_read_back(path, path)
    }

    fn check_put_into(&self, out: &Path, real: &Path) -> Result<(), OutputError> {
        match self.places.iter().find(|place| place.is_closed && is_within(real, &place.path)) {
            Some(place) if is_same(&place.path, real) => Err(overlap(out, "is", place)),
            Some(place) => Err(overlap(out, "lies in", place)),
            None => Ok(()),
        }
    }

    /// A file that matches a pattern of inputs would be one of them the next time.
    fn check_not_read_back(&self, file: &Path, named: &Path) -> Result<(), OutputError> {
        // A `*` stands for no part of a path, as where the pattern is read.
        let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
        let is_read = self.input_patterns.iter().any(|pattern| pattern.matches_path_with(file, options));
        if is_read { Err(read_back(named)) } else { Ok(()) }
    }
}

/// The pattern with the links of the folder it begins in followed.
fn real_pattern(path: &Path) -> Option<glob::Pattern> {
    let has_wildcard = |part: &Path| part.to_string_lossy().contains(WILDCARDS);
    let begin = path.ancestors().find(|part| !has_wildcard(part))?;
    let real = real_path(if begin.as_os_str().is_empty() { Path::new(".") } else { begin }).ok()?;
    let rest = path.strip_prefix(begin).ok()?.to_string_lossy().into_owned();
    let real = glob::Pattern::escape(&real.to_string_lossy());
    glob::Pattern::new(&format!("{}/{rest}", real.trim_end_matches('/'))).ok()
}

fn overlap(out: &Path, relation: &'static str, place: &ReservedPlace) -> OutputError {
    OutputError::Overlap { path: out.to_owned(), relation, other: place.path.clone(), what: place.what }
}

fn read_back(out: &Path) -> OutputError {
    OutputError::Unusable { path: out.to_owned(), reason: "what is written there would be read as input the next time" }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_contains_equals_or_lies_in_a_taken_place_is_refused() {
        let home = tempfile::tempdir().expect("a folder");
        let at = |name: &str| home.path().join(name);
        fs::create_dir_all(at("real/models/scores")).expect("made");
        fs::create_dir_all(at("data/parts")).expect("made");
        fs::write(at("data/parts/a.csv"), "x").expect("written");
        symlink("real", at("link")).expect("linked");
        symlink("real/models/later", at("dangling")).expect("linked");
        let mut reserved = ReservedPlaces::default();
        reserved.reserve_models(&at("real/models"));
        reserved.reserve_input(&at("data/parts"));
        reserved.reserve_input(&at("data/x/../*/deals*.csv"));
        reserved.reserve("the configuration", &at("conf/dealcast.toml"));
        let refused = ["real", "real/models", "link", "link/models/out", "real/other/../models/new/out", "dangling"];
        for out in refused.into_iter().chain(["data", "data/parts", "conf", "conf/dealcast.toml", "."]) {
            assert!(reserved.check_replaced(&at(out)).is_err(), "{out}");
        }
        for out in ["out", "real/models2", "real/modelsx/out", "data/parts/out", "data/out", "conf/out"] {
            reserved.check_replaced(&at(out)).expect(out);
        }
        assert!(
            reserved.check_added_to(&at("data/parts")).is_err() && reserved.check_added_to(&at("link/models")).is_err()
        );
        for out in ["data", "conf", "real", "data/parts/deeper"] {
            reserved.check_added_to(&at(out)).expect(out);
        }
        let real = home.path().canonicalize().expect("real");
        for file in ["data/any/deals-2.csv", "conf/dealcast.toml", "data/parts/a.csv", "real/models/x.csv"] {
            assert!(reserved.check_file(&real.join(file)).is_err(), "{file}");
        }
        reserved.check_file(&real.join("data/any/forecast.csv")).expect("free");
    }

    #[test]
    fn a_pattern_that_matches_any_table_of_the_run_is_refused() {
        let home = tempfile::tempdir().expect("a folder");
        for (pattern, is_refused) in [
            ("*/*.parquet", true),
            ("*/revisions.csv", true),
            ("o?t/s*", true),
            ("*/deals*.csv", false),
            ("*/*.tsv", false),
            ("*.csv", false),
        ] {
            let mut reserved = ReservedPlaces::default();
            reserved.reserve_input(&home.path().join(pattern));
            reserved.expect_tables(["scores", "revisions"]);
            assert_eq!(reserved.check_replaced(&home.path().join("out")).is_err(), is_refused, "{pattern}");
        }
    }
}
