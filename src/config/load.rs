//! From `dealcast.toml` to a checked [`Config`], and the JSON Schema of it.
//!
//! The only place of this stage that touches a file, and the only file is the configuration itself.

use std::path::Path;

use thiserror::Error;

use crate::config::calendar::Fault;
use crate::config::settings::Config;
use crate::domain::spelling::nearest;

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {file}: {source}")]
    Unreadable {
        /// The configuration file.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// Not TOML, an unknown key, or a value of the wrong type; the message carries line and column.
    #[error("{file}: {message}")]
    Syntax {
        /// The configuration file.
        file: String,
        /// What the parser says, with line and column.
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

impl ConfigError {
    /// What to do about it: the key that may have been meant.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let Self::Syntax { message, .. } = self else { return None };
        let (_, rest) = message.split_once("unknown field `").or_else(|| message.split_once("unknown variant `"))?;
        let (unknown, known) = rest.split_once('`')?;
        let guess = nearest(unknown, known.split('`').skip(1).step_by(2))?;
        Some(format!("did you mean `{guess}`?"))
    }
}

impl Config {
    /// Reads the configuration file at `path`.
    ///
    /// # Errors
    /// [`ConfigError`] on a file that cannot be read or is not a usable configuration.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &file),
            Err(source) => Err(ConfigError::Unreadable { file, source }),
        }
    }

    /// Reads the text of a configuration; `file` is only used in messages.
    ///
    /// # Errors
    /// [`ConfigError`] on anything that is not a usable configuration.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text)
            .map_err(|error| ConfigError::Syntax { file: file.to_owned(), message: error.to_string() })?;
        config.check(file)?;
        Ok(config)
    }

    fn check(&self, file: &str) -> Result<(), ConfigError> {
        let bad = |key: &str, got: String, expected: &str| {
            Err(ConfigError::Value { file: file.to_owned(), key: key.to_owned(), got, expected: expected.to_owned() })
        };
        if let Err(Fault { key, got, expected }) = self.calendar.check() {
            return bad(&key, got, &expected);
        }
        let share = self.rules.max_reject_share;
        if !(0.0..=1.0).contains(&share) {
            return bad("rules.max_reject_share", share.to_string(), "a share, 0 to 1");
        }
        for (table, source) in self.sources.iter() {
            if let Some(mark) = source.decimal_mark.filter(|mark| !matches!(mark, '.' | ',')) {
                return bad(&format!("sources.{table}.decimal_mark"), format!("{mark:?}"), "\".\" or \",\"");
            }
        }
        for (at, stage) in self.stages.iter().enumerate() {
            if self.stages[..at].iter().any(|other| (&other.name, &other.pipeline) == (&stage.name, &stage.pipeline)) {
                return bad("stages.name", format!("{:?} twice", stage.name), "every stage of a pipeline once");
            }
            if let Some(empty) = stage.was.iter().find(|was| was.days().is_some_and(|(from, until)| from >= until)) {
                return bad("stages.was", format!("{:?} on no day", empty.name()), "`from` before `until`");
            }
            if let Some(chance) = stage.probability.filter(|chance| !(0.0..=1.0).contains(chance)) {
                return bad("stages.probability", chance.to_string(), "a chance, 0 to 1");
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> ConfigError {
        Config::parse(text, "dealcast.toml").expect_err("must not parse")
    }

    #[test]
    fn an_empty_configuration_is_the_default() {
        assert_eq!(Config::parse("", "dealcast.toml").expect("parses"), Config::default());
    }

    #[test]
    fn a_configuration_reads_back_as_it_was_written() {
        let text = r#"
            [sources.deals]
            path = "deals/*.csv"
            columns = { deal_id = "Id", owner = { join = ["First", "Last"] }, amount = ["A", "B"] }
            filters = [{ column = "Deleted", none_of = ["1"] }]
            date_order = "day-first"
            [rules.severity]
            bad_date = "warn"
            [[stages]]
            name = "Open"
            kind = "open"
        "#;
        let config = Config::parse(text, "dealcast.toml").expect("parses");
        let written = toml::to_string(&config).expect("writes");
        assert_eq!(Config::parse(&written, "dealcast.toml").expect("parses again"), config);
    }

    #[test]
    fn unknown_keys_are_told_with_their_place_and_the_likely_one() {
        let error = fault("[sources.deals]\npath = \"a.csv\"\ncolums = {}\n");
        assert!(error.to_string().starts_with("dealcast.toml: TOML parse error at line 3, column 1"), "{error}");
        assert_eq!(error.hint().as_deref(), Some("did you mean `columns`?"));
        let error = fault("[rules.severity]\nbad_dates = \"warn\"\n");
        assert_eq!(error.hint().as_deref(), Some("did you mean `bad_date`?"));
    }

    #[test]
    fn values_out_of_range_name_their_key() {
        let faults = [
            ("[calendar]\ntime_zone = \"Mars/Base\"", "calendar.time_zone"),
            ("[calendar]\nfiscal_year_start = 13", "calendar.fiscal_year_start"),
            ("[rules]\nmax_reject_share = 5", "rules.max_reject_share"),
            ("[sources.quotas]\ndecimal_mark = \";\"", "sources.quotas.decimal_mark"),
            ("[[stages]]\nname = \"a\"\nkind = \"open\"\n[[stages]]\nname = \"a\"\nkind = \"won\"", "stages.name"),
            ("[[stages]]\nname = \"a\"\nkind = \"open\"\nprobability = 50", "stages.probability"),
        ];
        for (text, key) in faults {
            assert!(fault(text).to_string().starts_with(&format!("dealcast.toml: `{key}` is ")), "{}", fault(text));
        }
    }

    #[test]
    fn the_schema_describes_sources_and_rules() {
        let text = json_schema().to_string();
        for name in [
            "stage_history",
            "first_filled",
            "unknown_deal",
            "date_order",
            "max_reject_share",
            "4-5-4",
            "year_ends",
            "half",
        ] {
            assert!(text.contains(name), "{name}");
        }
    }
}
