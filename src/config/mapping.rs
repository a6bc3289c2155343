//! Where an input table is and how its columns become the canonical ones.
//!
//! Plain settings: `ingest` carries them out.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::period::PeriodKind;
use crate::domain::stage::StageKind;

/// One input table: files and how to read them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TableSource {
    /// A file, a folder of parts or a glob; `-` is standard input.
    pub path: String,
    /// Canonical name -> column (or columns, or a recipe) of the file.
    pub columns: BTreeMap<String, ColumnNames>,
    /// Canonical name -> value to use where the row has none.
    pub constants: BTreeMap<String, String>,
    /// Canonical name -> (value in the file -> value meant; `""` = no value). Case does not matter.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Other files that add columns to this one by a shared key.
    pub lookups: Vec<Lookup>,
    /// Column of the file with the moment a row was last changed: of several rows of one deal the latest counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_by: Option<String>,
    /// Column of the file that holds the day a deal entered a stage -> the stage: one row per deal. For `deals`, whose history
    /// it is then and whose stage it is where no column has that, or for `stage_history`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub entered: BTreeMap<String, String>,
    /// Rows to keep: all conditions must hold. The others are listed in `rejects.csv` under the rule `filtered`.
    pub filters: Vec<Condition>,
    /// Columns of the file to leave unread.
    pub ignore: Vec<String>,
    /// CSV separator, when sniffing gets it wrong.
    pub separator: Option<char>,
    /// Text encoding (`utf-8`, `utf-16le`, `windows-1252`…), when sniffing gets it wrong.
    pub encoding: Option<String>,
    /// Which part of an ambiguous date such as 03/04/2025 comes first.
    pub date_order: Option<DateOrder>,
    /// `,` or `.`, when it cannot be told from the column.
    pub decimal_mark: Option<char>,
    /// Whether chances are `percent` (50 is one in two) or `share` (0.5 is), when it cannot be told from the column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability_scale: Option<ChanceScale>,
    /// The kind of period a date in the `period` column stands for (any day of the period will do).
    pub period_from_date: Option<PeriodKind>,
    /// Exchange rates only: the rates are units of the currency per unit of the base currency, not the other way round.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub units_per_base: bool,
    /// Deals only: every file is a dated copy of the table, and what differs between copies is the deals' history. The day of a
    /// copy stands in the file's name, or in the column `copied_at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies: Option<Copies>,
    /// What became of deals that were open in one copy and are gone from the next: stage -> `won` or `lost`, `*` for every
    /// other stage.
    #[serde(skip_serializing_if = "Vanished::is_empty")]
    pub vanished: Vanished,
    /// Deals only: folder in which every nightly run keeps a dated copy of what is new or has changed. Once it has copies they
    /// are read in the place of `path`, and what differs between them is the deals' history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_in: Option<String>,
    /// Text cells that mean "no value", beside the empty cell, `NULL`, `\N`, `#N/A`, `NaN`, `n/a`, `-` and `0000-00-00`.
    pub null_values: Vec<String>,
}

/// What became of deals that were open in one copy and are gone from the next, by stage.
pub type Vanished = BTreeMap<String, ClosedAs>;

/// What a dated copy of the deals table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Copies {
    /// All deals: one that is open and not in the next copy has vanished.
    Whole,
    /// Deals that are new or have changed; one that has vanished stands there with the column `gone` filled.
    Changes,
}

/// How chances are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChanceScale {
    /// 0 to 100.
    Percent,
    /// 0 to 1.
    Share,
}

/// How a deal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClosedAs {
    /// Won.
    Won,
    /// Lost.
    Lost,
}

impl ClosedAs {
    /// The same as the kind of a stage.
    #[must_use]
    pub fn kind(self) -> StageKind {
        match self {
            Self::Won => StageKind::Won,
            Self::Lost => StageKind::Lost,
        }
    }
}

impl TableSource {
    /// A source that reads `path` and takes every column by its canonical name.
    #[must_use]
    pub fn at(path: impl Into<String>) -> Self {
        Self { path: path.into(), ..Self::default() }
    }
}

/// How a canonical column is made from columns of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a column, a list of columns, or { first_filled or join, with, json, except, when }"
)]
pub enum ColumnNames {
    /// One column.
    One(String),
    /// The first filled one of these.
    FirstFilled(Vec<String>),
    /// More than that.
    Recipe(ColumnRecipe),
}

impl ColumnNames {
    /// The same as a recipe.
    #[must_use]
    pub fn recipe(&self) -> ColumnRecipe {
        match self {
            Self::One(name) => ColumnRecipe { first_filled: vec![name.clone()], ..ColumnRecipe::default() },
            Self::FirstFilled(names) => ColumnRecipe { first_filled: names.clone(), ..ColumnRecipe::default() },
            Self::Recipe(recipe) => recipe.clone(),
        }
    }

    /// Whether this is the column `header` of the file, and nothing else.
    #[must_use]
    pub fn is_column(&self, header: &str) -> bool {
        matches!(self, Self::One(name) if name == header)
    }
}

/// A column made from others: the first filled one, or several joined; only for some rows, without some values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnRecipe {
    /// The first filled one of these columns.
    pub first_filled: Vec<String>,
    /// These columns, joined by `with`; empty parts are left out.
    pub join: Vec<String>,
    /// What stands between joined parts; one space when absent.
    pub with: Option<String>,
    /// The cells are JSON objects: the first of these keys that has a text, a number or a truth value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub json: Vec<String>,
    /// Only what stands behind the first of these marks in a cell counts: `Acme` of `Accounts::::Acme` behind `::::`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
    /// Cells to treat as empty in these columns.
    pub except: Vec<String>,
    /// Only in rows where this holds; elsewhere the cell is empty.
    pub when: Option<Condition>,
}

/// A test of one cell; every part given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Condition {
    /// Column of the file.
    pub column: String,
    /// Whether the cell must be filled (`true`) or empty (`false`).
    pub filled: Option<bool>,
    /// The cell must be one of these; case does not matter.
    pub any_of: Option<Vec<String>>,
    /// The cell must be none of these; case does not matter.
    pub none_of: Vec<String>,
}

/// A file that adds columns to a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// The file, folder or glob.
    pub path: String,
    /// Canonical column of the table (after `columns` and `values` were applied) or column of its file to match on.
    pub left: String,
    /// Column of the file to match with.
    pub right: String,
    /// Columns of the file to take; all but the key when empty.
    #[serde(default)]
    pub take: Vec<String>,
}

/// Order of day and month in dates such as 03/04/2025.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// 31/12/2025.
    DayFirst,
    /// 12/31/2025.
    MonthFirst,
}
