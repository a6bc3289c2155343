//! The form of a preset's data file.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer};

use crate::config::{ColumnNames, Condition};
use crate::domain::inputs::InputTable;
use crate::domain::period::PeriodKind;
use crate::domain::stage::StageKind;

/// A CRM's exports.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Lower case, one word.
    pub name: String,
    /// As its maker writes it.
    pub title: String,
    /// Which exports are meant, in one sentence.
    pub about: String,
    /// What to know about them.
    #[serde(default)]
    pub quirks: Vec<String>,
    /// Its tables.
    pub tables: Vec<PresetTable>,
    /// The stages it comes with, in order.
    #[serde(default)]
    pub stages: Vec<PresetStage>,
}

/// One table of an export.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetTable {
    /// What it is to dealcast.
    pub role: TableRole,
    /// What names of its files contain, lower case.
    pub files: Vec<String>,
    /// What a row is, for histories.
    #[serde(default)]
    pub shape: String,
    /// How its header may be written.
    pub headers: Vec<HeaderStyle>,
    /// The column that says whether a deal is won, by its name in `columns`.
    #[serde(default)]
    pub won_flag: Option<String>,
    /// The column that says whether a deal is closed.
    #[serde(default)]
    pub closed_flag: Option<String>,
    /// Rows to keep; a condition on a column the file has not is left out.
    #[serde(default)]
    pub filters: Vec<Condition>,
    /// Columns that are known only at the end, repeat another, or say nothing about the deal.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// What a cell's words mean, by canonical column.
    #[serde(default)]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Words for "no value".
    #[serde(default)]
    pub null_values: Vec<String>,
    /// The period a date in `period` stands for.
    #[serde(default)]
    pub period_from_date: Option<PeriodKind>,
    /// How the columns begin that hold the day a stage was entered, one column a stage.
    #[serde(default)]
    pub wide_stage_prefixes: Vec<String>,
}

/// What a file is to dealcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableRole {
    /// An input table.
    Input(InputTable),
    /// The list of stages: ids with labels, order, and what they mean.
    Stages,
}

impl TableRole {
    /// Columns a preset may name beside those of the input table.
    pub const BESIDE: [&'static str; 4] = ["is_won", "is_closed", "fiscal_quarter", "fiscal_year"];
    /// Columns of a list of stages.
    pub const OF_STAGES: [&'static str; 7] = ["id", "label", "order", "probability", "is_won", "is_closed", "pipeline"];
    const STAGES: &'static str = "stages";

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Input(table) => table.name(),
            Self::Stages => Self::STAGES,
        }
    }

    /// Whether a preset may give this column.
    #[must_use]
    pub fn has_column(self, name: &str) -> bool {
        match self {
            Self::Input(table) => table.spec().position(name).is_some() || Self::BESIDE.contains(&name),
            Self::Stages => Self::OF_STAGES.contains(&name),
        }
    }
}

impl fmt::Display for TableRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'de> Deserialize<'de> for TableRole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == Self::STAGES {
            return Ok(Self::Stages);
        }
        let unknown = || serde::de::Error::unknown_variant(&name, InputTable::NAMES);
        InputTable::from_name(&name).map(Self::Input).ok_or_else(unknown)
    }
}

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

/// A stage a CRM comes with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetStage {
    /// Its name in several languages.
    pub names: Vec<String>,
    /// What being in it says.
    #[serde(default)]
    pub kind: StageKind,
}
