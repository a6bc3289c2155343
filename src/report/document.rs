//! The findings of a run as one document: what was said, as of which day, by which model.
//!
//! [`Section`]s in, one serialisable [`Document`] out, which `findings.json` is the JSON of. Renders nothing itself.

use serde::Serialize;

use super::finding::{Finding, Section};
use super::sinks::SCHEMA_VERSION;
use crate::domain::day::Day;

/// Everything a run has to say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Document {
    /// [`SCHEMA_VERSION`] of the build that made it.
    pub schema_version: u32,
    /// The first day that is not known.
    pub as_of: Day,
    /// The model the scores come from; none without scores.
    pub model_id: Option<String>,
    /// In the order to read them; none is empty.
    pub sections: Vec<Section>,
}

impl Document {
    /// `sections` as of a day, those without findings left away.
    #[must_use]
    pub fn new(as_of: Day, model_id: Option<String>, sections: Vec<Section>) -> Self {
        let sections = sections.into_iter().filter(|section| !section.findings.is_empty()).collect();
        Self { schema_version: SCHEMA_VERSION, as_of, model_id, sections }
    }

    /// The findings of all sections, in order.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.sections.iter().flat_map(|section| &section.findings)
    }

    /// As `findings.json`, with a line break at the end.
    ///
    /// # Errors
    /// What the serialiser refuses; a document of findings has nothing of the kind.
    pub fn to_json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::finding::{Quantity, Subject};

    #[test]
    fn a_document_is_json_and_has_no_empty_section() {
        let finding =
            Finding::info("scores.grades", Subject::the("deals"), "1 open deal").with("deals", Quantity::count(1));
        let sections = vec![Section::new("Gaps", Vec::new()), Section::new("Scores", vec![finding])];
        let document = Document::new(Day(20_498), Some("m1".to_owned()), sections);
        assert_eq!(document.findings().map(|finding| finding.code).collect::<Vec<_>>(), ["scores.grades"]);
        let text = document.to_json().expect("JSON");
        assert!(text.ends_with("}\n"));
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((json["as_of"].as_str(), json["model_id"].as_str()), (Some("2026-02-14"), Some("m1")));
        let expected = serde_json::json!([{ "title": "Scores", "findings": [{
            "code": "scores.grades",
            "severity": "info",
            "subject": { "kind": "deals" },
            "numbers": { "deals": { "unit": "count", "value": 1 } },
            "sentence": "1 open deal",
        }] }]);
        assert_eq!(json["sections"], expected);
    }
}
