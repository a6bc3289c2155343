//! `[money]`: the base currency, and the currency of amounts whose row names none.

use std::borrow::Cow;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Currencies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MoneyConfig {
    /// ISO code everything is converted to where rates are given; when absent the only currency of the input, else USD.
    pub base_currency: BaseCurrency,
    /// ISO code of amounts whose row names none; the base currency when absent.
    pub default_currency: Option<String>,
}

/// The code of the base currency, and whether somebody named it.
#[derive(Clone, Debug)]
pub struct BaseCurrency {
    code: String,
    is_named: bool,
}

impl BaseCurrency {
    /// A currency that somebody named.
    #[must_use]
    pub fn named(code: impl Into<String>) -> Self {
        Self { code: code.into(), is_named: true }
    }

    /// Whether somebody named it; if not, the input may know better.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.is_named
    }
}

impl Default for BaseCurrency {
    fn default() -> Self {
        Self { code: "USD".to_owned(), is_named: false }
    }
}

impl Deref for BaseCurrency {
    type Target = str;

    fn deref(&self) -> &str {
        &self.code
    }
}

/// Two are the same where their codes are: that is all that is written.
impl PartialEq for BaseCurrency {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Serialize for BaseCurrency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.code.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for BaseCurrency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::named)
    }
}

impl JsonSchema for BaseCurrency {
    fn schema_name() -> Cow<'static, str> {
        "BaseCurrency".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn only_what_is_written_is_named() {
        let base = |text: &str| Config::parse(text, "dealcast.toml").expect("parses").money.base_currency;
        let absent = base("[money]\ndefault_currency = \"EUR\"");
        assert_eq!((&*absent, absent.is_named()), ("USD", false));
        let named = base("[money]\nbase_currency = \"USD\"");
        assert_eq!((&*named, named.is_named()), ("USD", true));
    }
}
