//! The ways to write the header of a table, and how far each was verified.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use crate::config::ColumnNames;

/// One way the header of a table is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderStyle {
    /// Which export writes it so.
    pub style: String,
    /// Language of the names.
    pub language: String,
    /// How far it was verified.
    pub verified: Verified,
    /// By what.
    pub source: String,
    /// Canonical column -> what it may be made of, the best first.
    pub columns: BTreeMap<String, Alternatives>,
    /// Further columns of such a file, which nothing is made of.
    #[serde(default)]
    pub also: Vec<String>,
}

impl HeaderStyle {
    /// Every column such a file may have.
    pub fn known(&self) -> impl Iterator<Item = &str> {
        let made_of = self.columns.values().flat_map(|ways| ways.0.iter()).flat_map(parts);
        made_of.chain(self.also.iter().map(String::as_str))
    }

    /// Every column a canonical one may be made of.
    #[must_use]
    pub fn names_of(&self, name: &str) -> Vec<&str> {
        self.columns.get(name).map(|ways| ways.0.iter().flat_map(parts).collect()).unwrap_or_default()
    }

    /// The columns in which such a file has a canonical column, by the best way to make it.
    #[must_use]
    pub fn written(&self, name: &str) -> Vec<&str> {
        self.columns.get(name).and_then(|ways| ways.0.first()).map(|way| parts(way).collect()).unwrap_or_default()
    }
}

/// The columns something is made of.
pub(super) fn parts(names: &ColumnNames) -> impl Iterator<Item = &str> {
    let (first, join) = match names {
        ColumnNames::One(name) => (std::slice::from_ref(name), [].as_slice()),
        ColumnNames::FirstFilled(names) => (names.as_slice(), [].as_slice()),
        ColumnNames::Recipe(recipe) => (recipe.first_filled.as_slice(), recipe.join.as_slice()),
    };
    first.iter().chain(join).map(String::as_str)
}

/// What a canonical column may be made of, the best first: each a column, a list of which the first filled counts, or a
/// recipe.
#[derive(Debug)]
pub struct Alternatives(pub Vec<ColumnNames>);

impl<'de> Deserialize<'de> for Alternatives {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Several(Vec<ColumnNames>),
            One(ColumnNames),
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Several(ways) => ways,
            Written::One(way) => vec![way],
        }))
    }
}

/// How far something was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verified {
    /// Nobody has seen it.
    Unverified,
    /// The maker's documentation says so.
    Docs,
    /// The source code of the CRM, or of a program that reads its exports, says so.
    #[serde(rename = "source code")]
    SourceCode,
    /// It was seen in a real export.
    #[serde(rename = "real export")]
    RealExport,
}

impl Verified {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Unverified => "unverified",
            Self::Docs => "by the documentation",
            Self::SourceCode => "by source code",
            Self::RealExport => "seen on a real export",
        }
    }
}
