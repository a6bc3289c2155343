//! What a person decided: dotted keys with values.

use std::collections::BTreeMap;

use thiserror::Error;
use toml_edit::Value;

use crate::config::{ColumnNames, ConfigError};
use crate::presets::TableRole;
use crate::setup::before::Before;
use crate::setup::made_of::column_of;
use crate::setup::proposal::{ANSWERED, Proposal, Sure};

/// The key that names the closing day.
pub(super) const CLOSED_AT: &str = "sources.deals.columns.closed_at";
/// The answer that no column says it.
pub(super) const NO_COLUMN: &str = "none";

/// An answer that is none.
#[derive(Debug, Error)]
pub enum AnswerError {
    /// Not `key=value`.
    #[error("{got:?} is no answer, expected key=value such as money.base_currency=EUR")]
    NoPair {
        /// What was given.
        got: String,
    },
    /// No such key, or no such value.
    #[error("the answer {key}={got} cannot be used: {problem}")]
    Unusable {
        /// The key.
        key: String,
        /// The value given.
        got: String,
        /// What would do.
        problem: String,
    },
}

impl AnswerError {
    /// The key of the question it answers, if it does.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::NoPair { .. } => None,
            Self::Unusable { key, .. } => Some(key),
        }
    }

    /// An answer that names something there is not.
    pub(super) fn unknown(key: &str, got: &str, known: &str) -> Self {
        Self::Unusable {
            key: key.to_owned(),
            got: got.to_owned(),
            problem: format!("there is no {got:?}, expected of {known}"),
        }
    }
}

/// Answers by the key they are about.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    given: BTreeMap<String, String>,
    before: Before,
}

/// Keys that are no keys of the configuration, but are turned into some.
const TURNED: [&str; 4] = ["stages.won", "stages.lost", "stages.order", "sources.deals.path"];

impl Answers {
    /// Takes in `key=value`.
    ///
    /// # Errors
    /// [`AnswerError`] where that is no answer.
    pub fn add(&mut self, text: &str) -> Result<(), AnswerError> {
        let no_pair = || AnswerError::NoPair { got: text.to_owned() };
        let (key, value) = split_pair(text).ok_or_else(no_pair)?;
        if key.is_empty() {
            return Err(no_pair());
        }
        self.set(key, value);
        Ok(())
    }

    /// Answers the question about `key`.
    pub fn set(&mut self, key: &str, value: &str) {
        self.given.insert(key.to_owned(), value.to_owned());
    }

    /// Takes in what an earlier configuration says of columns.
    pub fn look_back(&mut self, earlier: &str) {
        self.before = Before::of(earlier);
    }

    /// What an earlier configuration says of columns.
    pub(super) fn before(&self) -> &Before {
        &self.before
    }

    /// Answers the question about `key`, if nobody did.
    pub fn set_default(&mut self, key: &str, value: &str) {
        self.given.entry(key.to_owned()).or_insert_with(|| value.to_owned());
    }

    /// Takes the answer about `key` back.
    pub fn forget(&mut self, key: &str) {
        self.given.remove(key);
    }

    /// The answer about `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.given.get(key).map(String::as_str)
    }

    /// The columns of a table that are answered; what is no way to make one is left out.
    pub(super) fn columns_of(&self, role: TableRole) -> Vec<(&'static str, ColumnNames)> {
        let TableRole::Input(table) = role else { return Vec::new() };
        let of = format!("sources.{table}.columns.");
        let named = self.given.iter().filter_map(|(key, text)| Some((key, key.strip_prefix(&of)?, text)));
        let said = named.filter(|(key, _, text)| *key != CLOSED_AT || *text != NO_COLUMN);
        said.filter_map(|(_, name, text)| {
            let column = table.spec().columns.get(table.spec().position(name)?)?;
            Some((column.name, column_of(text)?))
        })
        .collect()
    }

    /// The columns of a table a person wrote into an earlier configuration.
    pub(super) fn written_before(&self, role: TableRole) -> impl Iterator<Item = (&'static str, &ColumnNames)> {
        let named = self.before.columns.iter().filter(move |named| TableRole::Input(named.table) == role);
        named.filter(|named| !named.by_init).map(|named| (named.name, &named.names))
    }

    /// Lays the answers over what was guessed.
    ///
    /// # Errors
    /// [`AnswerError`] where one is no key or no value of the configuration.
    pub(super) fn lay_over(&self, proposal: &mut Proposal) -> Result<(), AnswerError> {
        for (key, text) in self.given.iter().filter(|(key, text)| !is_turned(key, text)) {
            let (section, last) = place_of(key);
            check(key, text, &section, last)?;
            proposal.set(&section, last, value_of(text), ANSWERED, Sure::Certain);
        }
        proposal.questions.retain(|question| self.get(&question.key).is_none());
        Ok(())
    }
}

/// Key and value: split at the first `=` behind the key, which may be quoted in part.
fn split_pair(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let at = text.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == '=' && !quoted
    });
    let (at, _) = at.or_else(|| text.char_indices().find(|(_, c)| *c == '='))?;
    Some((text[..at].trim(), text[at + 1..].trim()))
}

/// Whether an answer is turned into other settings, in the place it is asked.
fn is_turned(key: &str, text: &str) -> bool {
    TURNED.contains(&key) || key == CLOSED_AT && !text.starts_with(['[', '{'])
}

/// The section and the last part of a key: what stands behind `values.<column>` may hold dots.
pub(super) fn place_of(key: &str) -> (String, &str) {
    let parts: Vec<&str> = key.split('.').collect();
    let depth = match parts.as_slice() {
        ["sources", _, "values", _, _, ..] => 4,
        ["sources", _, "columns" | "constants" | "entered", _, ..] => 3,
        _ => return key.rsplit_once('.').map_or((String::new(), key), |(section, last)| (section.to_owned(), last)),
    };
    let section = parts[..depth].join(".");
    let last = key.get(section.len() + 1..).unwrap_or_default().trim_matches('"');
    (section, last)
}

/// Whether the configuration takes the value under this key.
fn check(key: &str, text: &str, section: &str, last: &str) -> Result<(), AnswerError> {
    let unusable = |problem: String| AnswerError::Unusable { key: key.to_owned(), got: text.to_owned(), problem };
    if section.is_empty() {
        return Err(unusable("a key has a section, such as money.base_currency".to_owned()));
    }
    if section == "stages" || section.starts_with("stages.") {
        return Err(unusable("of stages say stages.won, stages.lost or stages.order, with their names".to_owned()));
    }
    let mut alone = Proposal::default();
    alone.set(section, last, value_of(text), "", Sure::Certain);
    let Err(error) = alone.config() else { return Ok(()) };
    let problem = match &error {
        ConfigError::Value { got, expected, .. } => format!("it is {got}, expected {expected}"),
        ConfigError::Syntax { message, .. } => in_words(message),
        other => other.to_string(),
    };
    let hint = error.hint().map_or(String::new(), |hint| format!(" ({hint})"));
    Err(unusable(format!("{problem}{hint}")))
}

/// What a parser says, without the place in a text nobody sees.
fn in_words(message: &str) -> String {
    let lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_place = |line: &&str| {
        line.starts_with("TOML parse error")
            || line.starts_with('|')
            || line
                .split('|')
                .next()
                .is_some_and(|start| line.contains('|') && start.trim().chars().all(|c| c.is_ascii_digit()))
    };
    lines.filter(|line| !is_place(line)).collect::<Vec<_>>().join("; ")
}

/// A list, a number or a truth value as TOML writes it; any other text is a text.
fn value_of(text: &str) -> Value {
    let plain = || Value::from(text);
    match text.parse::<Value>() {
        Ok(
            value @ (Value::Array(_) | Value::Boolean(_) | Value::Float(_) | Value::Integer(_) | Value::InlineTable(_)),
        ) => value,
        Ok(Value::String(quoted)) => Value::from(quoted.value().as_str()),
        Ok(_) | Err(_) => plain(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(answer: &str) -> String {
        let mut answers = Answers::default();
        let laid = answers.add(answer).and_then(|()| answers.lay_over(&mut Proposal::default()));
        laid.expect_err("no answer").to_string()
    }

    #[test]
    fn a_wrong_answer_is_told_in_its_own_words() {
        for (answer, told) in [
            ("money.base_curency=EUR", "base_currency"),
            ("calendar.fiscal_year_start=13", "13"),
            ("calendar.time_zone=Mars/Base", "IANA"),
            ("sources.deals.date_order=dayfirst", "day-first"),
            ("sources.quota.path=x.csv", "quotas"),
            ("base_currency=EUR", "a key has a section"),
            ("stages", "expected key=value"),
        ] {
            let error = fault(answer);
            assert!(error.contains(told), "{answer}: {error}");
            assert!(!error.contains("TOML") && !error.contains("line 1"), "{error}");
        }
    }

    #[test]
    fn words_with_dots_and_signs_are_keys_too() {
        assert_eq!(place_of("sources.deals.values.status.in progr. (new)").1, "in progr. (new)");
        assert_eq!(place_of("sources.deals.vanished"), ("sources.deals".to_owned(), "vanished"));
        assert_eq!(
            split_pair("sources.deals.values.status.\"a=b\"=won"),
            Some(("sources.deals.values.status.\"a=b\"", "won"))
        );
    }
}
