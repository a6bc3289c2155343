//! What a person decided: dotted keys with values.

use std::collections::BTreeMap;

use thiserror::Error;
use toml_edit::Value;

use crate::setup::proposal::{Proposal, Sure};

/// An answer that is none.
#[derive(Debug, Error)]
#[error("{got:?} is no answer, expected key=value such as money.base_currency=EUR")]
pub struct AnswerError {
    /// What was given.
    pub got: String,
}

/// Answers by the key they are about.
#[derive(Clone, Debug, Default)]
pub struct Answers(BTreeMap<String, String>);

/// Keys that are no keys of the configuration, but are turned into some.
const TURNED: [&str; 3] = ["stages.won", "stages.lost", "sources.deals.path"];

impl Answers {
    /// Takes in `key=value`.
    ///
    /// # Errors
    /// [`AnswerError`] where that is no answer.
    pub fn add(&mut self, text: &str) -> Result<(), AnswerError> {
        let (key, value) = text.split_once('=').ok_or_else(|| AnswerError { got: text.to_owned() })?;
        if key.trim().is_empty() {
            return Err(AnswerError { got: text.to_owned() });
        }
        self.set(key.trim(), value.trim());
        Ok(())
    }

    /// Answers the question about `key`.
    pub fn set(&mut self, key: &str, value: &str) {
        self.0.insert(key.to_owned(), value.to_owned());
    }

    /// The answer about `key`.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Lays the answers over what was guessed.
    pub(super) fn lay_over(&self, proposal: &mut Proposal) {
        for (key, text) in self.0.iter().filter(|(key, _)| !TURNED.contains(&key.as_str())) {
            let Some((section, key)) = key.rsplit_once('.') else { continue };
            proposal.set(section, key, value_of(text), "this was answered", Sure::Certain);
        }
        proposal.questions.retain(|question| self.get(&question.key).is_none());
    }
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
