//! From the text of `dealcast.toml` to a checked [`Config`], and the JSON Schema of it.

use thiserror::Error;

use super::Config;
use crate::domain::period::FiscalCalendar;

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Not TOML, an unknown key, or a value of the wrong type; the message carries line and column.
    #[error("{file}: {message}")]
    Syntax {
        /// The configuration file.
        file: String,
        /// What the parser says, with the place.
        message: String,
    },
    /// A value that cannot be used.
    #[error("{file}: `{key}` is {got}, expected {expected}")]
    Value {
        /// The configuration file.
        file: String,
        /// Dotted key.
        key: String,
        /// The value found.
        got: String,
        /// What would do.
        expected: String,
    },
}

impl Config {
    /// Reads a configuration; `file` is only used in messages.
    ///
    /// # Errors
    /// [`ConfigError`] on anything that is not a usable configuration.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text)
            .map_err(|error| ConfigError::Syntax { file: file.to_owned(), message: error.to_string() })?;
        config.check(file)?;
        Ok(config)
    }

    /// The fiscal calendar this configuration describes.
    #[must_use]
    pub fn fiscal_calendar(&self) -> FiscalCalendar {
        FiscalCalendar::new(self.calendar.fiscal_year_start, self.calendar.fiscal_year_name).unwrap_or_default()
    }

    fn check(&self, file: &str) -> Result<(), ConfigError> {
        let bad = |key: &str, got: String, expected: &str| {
            Err(ConfigError::Value { file: file.to_owned(), key: key.to_owned(), got, expected: expected.to_owned() })
        };
        let month = self.calendar.fiscal_year_start;
        if !(1..=12).contains(&month) {
            return bad("calendar.fiscal_year_start", month.to_string(), "a month, 1 to 12");
        }
        let zone = &self.calendar.time_zone;
        if jiff::tz::TimeZone::get(zone).is_err() {
            return bad("calendar.time_zone", format!("{zone:?}"), "an IANA time zone such as Europe/Berlin");
        }
        let share = self.rules.max_reject_share;
        if !(0.0..=1.0).contains(&share) {
            return bad("rules.max_reject_share", share.to_string(), "a share, 0 to 1");
        }
        if self.training.alphas.iter().any(|alpha| !(alpha.is_finite() && *alpha > 0.0))
            || self.training.alphas.is_empty()
        {
            return bad("training.alphas", format!("{:?}", self.training.alphas), "one or more positive numbers");
        }
        if self.training.folds == 0 || self.training.max_rows == 0 {
            return bad("training.folds / max_rows", "0".to_owned(), "at least 1");
        }
        Ok(())
    }
}

/// The JSON Schema of `dealcast.toml`.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Config).to_value()
}
