//! Where the public exports are, and which tests wait for them.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

/// A test that needs an export: its name, the folder of the export, and what it does with that folder.
#[derive(Clone, Copy)]
pub struct PublicTest {
    pub name: &'static str,
    pub export: &'static str,
    pub run: fn(&Path),
}

impl PublicTest {
    /// The test as the harness runs it.
    pub fn trial(self, required: bool) -> Trial {
        let folder = folder(self.export);
        let ignored = is_ignored(folder.is_dir(), required);
        let trial = Trial::test(self.name, move || {
            assert!(folder.is_dir(), "{} is absent, and DEALCAST_DATA=required", folder.display());
            (self.run)(&folder);
            Ok(())
        });
        let reason = if ignored { format!("no ../shared/data/{}", self.export) } else { String::new() };
        trial.with_kind(reason).with_ignored_flag(ignored)
    }
}

/// Whether a test is reported as ignored: its export is absent, and nobody insists on it.
pub fn is_ignored(present: bool, required: bool) -> bool {
    !present && !required
}

/// Whether `DEALCAST_DATA` insists on the exports.
pub fn is_required(setting: Option<&str>) -> Result<bool, String> {
    match setting {
        None | Some("") => Ok(false),
        Some("required") => Ok(true),
        Some(other) => Err(format!("DEALCAST_DATA is {other:?}, expected \"required\" or nothing")),
    }
}

fn folder(export: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(export)
}

/// The file of that name in `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// The configuration in `tests/fixtures` that bears the name of the export.
pub fn configuration(export: &Path) -> String {
    let name = export.file_name().and_then(|name| name.to_str()).expect("a folder name");
    std::fs::read_to_string(fixture(&format!("{name}.toml"))).expect("a fixture")
}
