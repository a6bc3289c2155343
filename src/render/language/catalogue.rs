//! The catalogues: `en.toml`, `fr.toml`; a further language is one file and one line in [`LANGUAGES`].

use std::collections::BTreeMap;

use serde::Deserialize;

/// Every language there is: its code and its catalogue.
pub const LANGUAGES: [(&str, &str); 2] = [("en", include_str!("en.toml")), ("fr", include_str!("fr.toml"))];

/// The columns whose texts are words of this program, which a language has its own for. Every other text is somebody's
/// own name: a stage may be called `won`.
pub(crate) const WORDED: [&str; 17] = [
    "basis",
    "change",
    "event",
    "forecast_category",
    "forecaster",
    "grade",
    "kind",
    "level",
    "main_cause",
    "model",
    "period_kind",
    "previous_status",
    "severity",
    "stagnation",
    "status",
    "trend",
    "validation",
];

/// One language.
#[derive(Clone, Debug, Deserialize)]
pub struct Language {
    /// `en`, `fr`: what the page says of itself.
    pub code: String,
    /// Between whole units and their parts.
    pub decimal: String,
    /// Between groups of three digits.
    pub thousands: String,
    /// Between a number and `%`.
    pub before_percent: String,
    /// The order of a day's parts: `{d}`, `{m}`, `{y}`.
    pub date: String,
    words: BTreeMap<String, String>,
    columns: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
    /// Sentences of findings, by code.
    #[serde(default)]
    findings: BTreeMap<String, String>,
    /// What to do about them, by code.
    #[serde(default)]
    remedies: BTreeMap<String, String>,
}

impl Language {
    /// The language `code`; none where there is no catalogue of it.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        let (_, text) = LANGUAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code))?;
        toml::from_str(text).ok()
    }

    /// The text of `key`, which a test holds to be there.
    pub(crate) fn word<'l>(&'l self, key: &'l str) -> &'l str {
        self.words.get(key).map_or(key, String::as_str)
    }

    /// The heading of a column: the catalogue's, else its name as words.
    pub(crate) fn column(&self, name: &str) -> String {
        self.columns.get(name).cloned().unwrap_or_else(|| sentence_case(&name.replace('_', " ")))
    }

    /// What the catalogue calls values of columns.
    pub(crate) fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// The templates of findings, by code.
    pub(super) fn findings(&self) -> &BTreeMap<String, String> {
        &self.findings
    }

    /// What to do about findings, by code.
    pub(super) fn remedies(&self) -> &BTreeMap<String, String> {
        &self.remedies
    }

    /// The text of a cell of `column`: a word of this program in the language, a name as it is. What stands for no name,
    /// such as `(no team)`, is a word wherever it stands.
    pub(crate) fn text<'l>(&'l self, column: &str, text: &'l str) -> &'l str {
        if WORDED.contains(&column) || text.starts_with('(') { self.value(text) } else { text }
    }

    /// A value a column declares, such as `on pace`: the catalogue's word, else itself.
    pub(crate) fn value<'l>(&'l self, value: &'l str) -> &'l str {
        self.values.get(value).map_or(value, String::as_str)
    }
}

fn sentence_case(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_the_same_things() {
        let all = LANGUAGES.map(|(code, text)| (code, toml::from_str::<Language>(text).expect("a catalogue")));
        let (_, english) = &all[0];
        for (code, language) in &all {
            assert_eq!(language.code, *code);
            assert_eq!(language.words.keys().collect::<Vec<_>>(), english.words.keys().collect::<Vec<_>>(), "{code}");
            let missing: Vec<&String> =
                english.columns.keys().filter(|column| !language.columns.contains_key(*column)).collect();
            assert!(missing.is_empty(), "{code} has no label of {missing:?}");
        }
        assert_eq!(english.column("no_such_column"), "No such column");
        assert!(Language::of("xx").is_none());
    }
}
