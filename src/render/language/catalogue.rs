//! The catalogues: `en.toml`, `fr.toml`. A further language is one file: given to a run or a report as it is, or put here
//! with one line in [`LANGUAGES`].

use std::collections::BTreeMap;

use serde::Deserialize;

/// Every language there is: its code and its catalogue.
pub const LANGUAGES: [(&str, &str); 2] = [("en", include_str!("en.toml")), ("fr", include_str!("fr.toml"))];

/// The columns whose texts are words of this program, which a language has its own for. Every other text is somebody's
/// own name: a stage may be called `won`.
pub(crate) const WORDED: [&str; 23] = [
    "attribution",
    "basis",
    "benchmark_of",
    "by",
    "change",
    "cohort",
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
    "quota_source",
    "severity",
    "stagnation",
    "status",
    "target_source",
    "trend",
    "validation",
];

/// The columns whose `all` is a word of this program, and whose other texts are names or say themselves.
const ALL_TOGETHER: [&str; 4] = ["group", "period", "scope", "segment"];

/// Columns of deals every input may have, which are fields and factors of a model under these names: their label names them.
/// Other columns are somebody's own.
const OF_EVERY_INPUT: [&str; 6] = ["account", "campaign", "pipeline", "product", "region", "source"];

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
    /// What columns declare of themselves (meaning, formula, unit, when they are empty), by the English text.
    #[serde(default)]
    declared: BTreeMap<String, String>,
    /// Names of the factors and fields every model has, by the English name.
    #[serde(default)]
    factors: BTreeMap<String, String>,
    /// How these factors stand on a deal, by the English phrase.
    #[serde(default)]
    phrases: BTreeMap<String, String>,
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

    /// Whether it is the language that runs write.
    #[must_use]
    pub fn is_english(&self) -> bool {
        self.code == "en"
    }

    /// The language beside sentences as runs write them: English ones have `80 %`.
    #[must_use]
    pub fn beside_sentences(self) -> Self {
        if self.is_english() { Self { before_percent: " ".to_owned(), ..self } } else { self }
    }

    /// The language of a catalogue that is no part of the program.
    ///
    /// # Errors
    /// What is wrong with it: no TOML, a key of the wrong kind, or words that are missing.
    pub fn read(text: &str) -> Result<Self, String> {
        let language: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let english: Self = toml::from_str(LANGUAGES[0].1).map_err(|error| error.to_string())?;
        let missing: Vec<&str> =
            english.words.keys().filter(|key| !language.words.contains_key(*key)).map(String::as_str).collect();
        match missing.first() {
            None => Ok(language),
            Some(first) => {
                Err(format!("{} of {} [words] are missing, such as `{first}`", missing.len(), english.words.len()))
            }
        }
    }

    /// The text of `key`, which a test holds to be there.
    #[must_use]
    pub fn word<'l>(&'l self, key: &'l str) -> &'l str {
        self.words.get(key).map_or(key, String::as_str)
    }

    /// The heading of a column: the catalogue's, else its name as words.
    pub(crate) fn column(&self, name: &str) -> String {
        self.columns.get(name).cloned().unwrap_or_else(|| sentence_case(&name.replace('_', " ")))
    }

    /// The same of `table`, where another table has a column of this name that means something else.
    pub(crate) fn column_of(&self, table: &str, name: &str) -> String {
        self.columns.get(&format!("{table}.{name}")).cloned().unwrap_or_else(|| self.column(name))
    }

    /// The same in a terminal, whose lines are short: a shorter heading where the catalogue has one.
    pub(crate) fn column_in_a_line(&self, table: &str, name: &str) -> String {
        self.columns.get(&format!("line.{name}")).cloned().unwrap_or_else(|| self.column_of(table, name))
    }

    /// What the catalogue calls values of columns.
    pub(crate) fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// What a column says of itself: the catalogue's words for the English text, else that.
    pub(crate) fn declared<'l>(&'l self, text: &'l str) -> &'l str {
        self.declared.get(text).map_or(text, String::as_str)
    }

    /// What the catalogue calls a factor or field of the model; an organisation's own column keeps its name.
    pub(crate) fn factor<'l>(&'l self, name: &'l str) -> &'l str {
        let own = || self.values.get(name).filter(|_| OF_EVERY_INPUT.contains(&name));
        self.factors.get(name).or_else(own).map_or(name, String::as_str)
    }

    /// Whether every model has a factor of this name.
    pub(super) fn knows_factor(&self, name: &str) -> bool {
        self.factors.contains_key(name)
    }

    /// How factors stand on a deal: the English phrase, and the language's.
    pub(super) fn phrases(&self) -> &BTreeMap<String, String> {
        &self.phrases
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
        match column {
            "field" | "factor" => self.factor(text),
            "meaning" => self.declared(text),
            _ if text == "all" && ALL_TOGETHER.contains(&column) => self.value(text),
            _ if WORDED.contains(&column) || text.starts_with('(') => self.value(text),
            _ => text,
        }
    }

    /// A value a column declares, such as `on pace`, or the title of a section: the catalogue's word, else itself.
    #[must_use]
    pub fn value<'l>(&'l self, value: &'l str) -> &'l str {
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
            let keys = |language: &Language| {
                let maps = [&language.words, &language.factors, &language.phrases];
                maps.map(|map| map.keys().cloned().collect::<Vec<_>>())
            };
            assert_eq!(keys(language), keys(english), "{code}");
            let missing: Vec<&String> =
                english.columns.keys().filter(|column| !language.columns.contains_key(*column)).collect();
            assert!(missing.is_empty(), "{code} has no label of {missing:?}");
        }
        assert_eq!(english.column("no_such_column"), "No such column");
        assert!(Language::of("xx").is_none());
    }

    #[test]
    fn columns_of_every_input_are_named_and_own_ones_keep_their_names() {
        let french = Language::of("fr").expect("a language");
        let names = ["product", "region", "account", "source", "employees"].map(|name| french.factor(name));
        assert_eq!(names, ["produit", "région", "client", "source", "employees"]);
        let missing: Vec<&str> =
            OF_EVERY_INPUT.into_iter().filter(|name| !french.values().contains_key(*name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn french_breaks_no_line_before_a_sign() {
        let (_, french) = LANGUAGES[1];
        for line in french.lines().filter(|line| !line.starts_with('#')) {
            let Some((_, text)) = line.split_once(" = ") else { continue };
            for sign in [" :", " ;", " ?"] {
                assert!(!text.contains(sign), "a plain blank before a sign: {line}");
            }
        }
    }

    #[test]
    fn a_catalogue_that_lacks_words_is_refused_by_name() {
        let (_, french) = LANGUAGES[1];
        assert_eq!(Language::read(french).map(|language| language.code), Ok("fr".to_owned()));
        let cut = french.lines().filter(|line| !line.starts_with("monday = ")).collect::<Vec<_>>().join("\n");
        let refused = Language::read(&cut).expect_err("a word is missing");
        assert!(refused.starts_with("1 of ") && refused.ends_with("such as `monday`"), "{refused}");
        assert!(Language::read("words = 1").is_err());
    }
}
