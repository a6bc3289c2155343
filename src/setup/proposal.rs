//! What a proposal consists of. Plain values.

use std::collections::BTreeMap;

use toml_edit::Value;

/// Why an answered value stands where it stands.
pub(super) const ANSWERED: &str = "this was answered";

/// How sure a guess is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// The data leave no other reading.
    Certain,
    /// The data speak for it.
    Likely,
    /// Nothing tells. The default changes no number, only what it is called.
    Assumed,
    /// Nothing tells, and it matters: a person must decide.
    Open,
}

impl Sure {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Assumed => "assumed",
            Self::Open => "open",
        }
    }
}

/// One value of the configuration.
#[derive(Clone, Debug)]
pub struct ConfigValue {
    /// Its key in the section.
    pub key: String,
    /// What is proposed.
    pub value: Value,
    /// On which evidence.
    pub why: String,
    /// How sure.
    pub sure: Sure,
}

/// A section of the configuration, such as `[sources.deals]` or one `[[stages]]`.
#[derive(Clone, Debug, Default)]
pub struct ConfigSection {
    /// The dotted name.
    pub name: String,
    /// Whether it is one of a list, as stages and lookups are.
    pub is_listed: bool,
    /// What stands above it.
    pub comment: String,
    /// Its values.
    pub settings: Vec<ConfigValue>,
}

impl ConfigSection {
    /// The dotted name of a key; of a list with the name of the thing it is about.
    fn key_of(&self, key: &str) -> String {
        let of = self.settings.iter().find(|setting| setting.key == "name").filter(|_| self.is_listed);
        match of {
            Some(of) => format!("{}.{}.{key}", self.name, of.value.as_str().unwrap_or_default()),
            None => format!("{}.{key}", self.name),
        }
    }
}

/// Something only a person can decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The key an answer sets.
    pub key: String,
    /// What is asked, with the evidence there is.
    pub asks: String,
    /// Values that would do, the most likely first; any other may be given where there are none.
    pub choices: Vec<String>,
}

/// A configuration nobody has seen yet.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    /// What is known, in the order it is written.
    pub sections: Vec<ConfigSection>,
    /// What is not.
    pub questions: Vec<Question>,
    /// What was recognised, a sentence each.
    pub found: Vec<String>,
    /// Files and columns that are read into nothing, each with the reason.
    pub unread: Vec<String>,
    /// What beside the values is less than certain and matters, a sentence each.
    pub doubts: Vec<String>,
    /// Section and key of what an earlier proposal had, and the files have no longer.
    pub gone: Vec<(String, String)>,
    /// The headers of each table's file.
    pub headers: BTreeMap<String, Vec<String>>,
}

impl Proposal {
    /// Whether nothing is left to decide.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.questions.is_empty()
    }

    /// The guesses that are less than certain and change numbers, as `section.key`.
    #[must_use]
    pub fn uncertain(&self) -> Vec<(String, &ConfigValue)> {
        let all = self
            .sections
            .iter()
            .flat_map(|section| section.settings.iter().map(move |setting| (section.key_of(&setting.key), setting)));
        all.filter(|(_, setting)| matches!(setting.sure, Sure::Likely | Sure::Open)).collect()
    }

    /// The section of this name, made where it is not there yet.
    pub(super) fn section(&mut self, name: &str) -> &mut ConfigSection {
        let at = self.sections.iter().position(|section| section.name == name && !section.is_listed);
        let at = at.unwrap_or_else(|| {
            self.sections.push(ConfigSection { name: name.to_owned(), ..ConfigSection::default() });
            self.sections.len() - 1
        });
        &mut self.sections[at]
    }

    /// Sets a value; one that is there already is replaced.
    pub(super) fn set(
        &mut self,
        section: &str,
        key: &str,
        value: impl Into<Value>,
        why: impl Into<String>,
        sure: Sure,
    ) {
        let setting = ConfigValue { key: key.to_owned(), value: value.into(), why: why.into(), sure };
        let section = self.section(section);
        match section.settings.iter().position(|known| known.key == key) {
            Some(at) => section.settings[at] = setting,
            None => section.settings.push(setting),
        }
    }

    /// The value under a key, if it is a text.
    pub(super) fn text_of(&self, section: &str, key: &str) -> Option<&str> {
        self.value_of(section, key)?.as_str()
    }

    /// The value under a key.
    pub(super) fn value_of(&self, section: &str, key: &str) -> Option<&Value> {
        let section = self.sections.iter().find(|known| known.name == section && !known.is_listed)?;
        Some(&section.settings.iter().find(|setting| setting.key == key)?.value)
    }

    /// Asks something, once.
    pub(super) fn ask(&mut self, question: Question) {
        if !self.questions.iter().any(|known| known.key == question.key) {
            self.questions.push(question);
        }
    }
}
