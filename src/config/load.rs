//! From `dealcast.toml` to a checked [`Config`], and the JSON Schema of it.
//!
//! The only place of this stage that touches a file, and the only file is the configuration itself.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use thiserror::Error;

use crate::config::fault::Fault;
use crate::config::settings::{Config, check_stages};
use crate::domain::spelling::nearest;

/// More than any configuration has.
const MOST_BYTES: u64 = 1 << 24;

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
        match text_of(path) {
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
            .map_err(|error| ConfigError::Syntax { file: file.to_owned(), message: in_words(text, &error) })?;
        match config.check() {
            Ok(()) => Ok(config),
            Err(Fault { key, got, expected }) => Err(ConfigError::Value { file: file.to_owned(), key, got, expected }),
        }
    }

    fn check(&self) -> Result<(), Fault> {
        self.calendar.check()?;
        self.rules.check()?;
        self.sources.check()?;
        check_stages(&self.stages)?;
        self.funnel.check()?;
        self.stagnation.check()?;
        self.push.iter().try_for_each(|(name, push)| push.check(name))?;
        self.training.check()
    }
}

/// The text of the configuration at `path`; nothing where there is none.
///
/// # Errors
/// [`ConfigError::Unreadable`].
pub fn text_at(path: &Path) -> Result<Option<String>, ConfigError> {
    match text_of(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Unreadable { file: path.display().to_string(), source }),
    }
}

/// The fault in words, which quote the line it is in; not where somebody may have written a secret there.
fn in_words(text: &str, error: &toml::de::Error) -> String {
    const SECRETS: [&str; 3] = ["secret", "refresh_token", "password"];
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let at = before.matches('\n').count();
    let header = text.lines().take(at + 1).filter(|line| line.trim_start().starts_with('[')).last();
    let near: Vec<&str> = header.into_iter().chain(text.lines().nth(at)).collect();
    if SECRETS.iter().any(|word| near.iter().any(|line| line.contains(word))) {
        let key = text.lines().nth(at).and_then(|line| line.split_once('=')).map_or("a secret", |(key, _)| key.trim());
        return format!(
            "line {}: {key} is not understood, expected {{ env = \"NAME\" }}, {{ file = \"PATH\" }} or {{ command = [\"PROGRAM\"] }}",
            at + 1
        );
    }
    cut(&error.to_string())
}

/// The beginning of lines no terminal shows.
fn cut(message: &str) -> String {
    const SHOWN: usize = 2_000;
    message.lines().map(|line| line.chars().take(SHOWN).collect::<String>()).collect::<Vec<_>>().join("\n")
}

/// The text of a file, the beginning of one that has no end.
fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MOST_BYTES).read_to_string(&mut text)?;
    Ok(text)
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
    fn deeply_nested_text_is_a_fault_and_is_quoted_in_part() {
        for text in [format!("x = {}", "[".repeat(200_000)), format!("{} = 1", vec!["a"; 200_000].join("."))] {
            let told = fault(&text).to_string();
            assert!(told.starts_with("dealcast.toml: ") && told.len() < 8_000, "{} bytes", told.len());
        }
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
            ("[training]\nhorizon_days = 4000000000", "training.horizon_days"),
            ("[training]\nwindow_days = 36526", "training.window_days"),
            ("[training]\nfolds = 1000000", "training.folds"),
            ("[training.retrain]\nmax_age_days = 4294967295", "training.retrain.max_age_days"),
            ("[training.retrain]\ndrift_psi = nan", "training.retrain.drift_psi"),
            ("[funnel]\ncurrent_days = 4294967295", "funnel.current_days"),
            ("[stagnation]\nslow_after_days = { New = 99999 }", "stagnation.slow_after_days"),
            ("[stagnation]\nstalled_after_days = { New = 99999 }", "stagnation.stalled_after_days"),
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
