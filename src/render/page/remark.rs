//! Findings as the page lists them, in its language.

use serde::Serialize;

use super::setting::PageSetting;
use crate::render::material::ToldFinding;

/// A finding as the page lists it.
#[derive(Debug, Serialize)]
pub(in crate::render) struct Remark {
    pub sentence: String,
    pub remedy: Option<String>,
    pub warning: bool,
}

impl PageSetting<'_> {
    /// What `found` says, as a sentence begins.
    pub(in crate::render) fn sentence(self, found: &ToldFinding) -> String {
        sentence(&self.language.sentence(found))
    }

    /// `found` with what to do about it.
    pub(super) fn remark(self, found: &ToldFinding) -> Remark {
        Remark {
            sentence: self.sentence(found),
            remedy: self.language.remedy(found),
            warning: found.severity == "warning",
        }
    }
}

/// A fragment as a sentence begins: findings are lowercase. Names of files and columns keep their letters.
fn sentence(fragment: &str) -> String {
    let first_word = fragment.split([' ', ':']).next().unwrap_or_default();
    if first_word.contains(['.', '_']) {
        return fragment.to_owned();
    }
    let mut letters = fragment.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
