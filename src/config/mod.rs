//! `dealcast.toml`: where the tables are, what their columns mean, and how the organisation sells.
//!
//! Text in, [`Config`] out. Every key has a default, so that canonical column names need no file at all.
//! Reads nothing but the text it is given; paths stay as written, relative to the configuration's own folder.

mod load;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::period::{FiscalYearName, PeriodKind};
use crate::domain::stage::Stage;

pub use load::{ConfigError, json_schema};

/// The whole configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Input tables, by canonical name.
    pub sources: Sources,
    /// The sales process in order. Empty: proposed from the data.
    pub stages: Vec<Stage>,
    /// Time zone and fiscal calendar.
    pub calendar: CalendarConfig,
    /// Base currency and defaults.
    pub money: MoneyConfig,
    /// Training window and model choices.
    pub training: TrainingConfig,
    /// Columns to keep out of, or to force into, the model.
    pub features: FeatureConfig,
    /// Fixed stagnation thresholds, in days, by stage; learned where absent.
    pub stagnation: StagnationConfig,
    /// What to do with rows that break a rule.
    pub rules: RuleConfig,
}

/// The input tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Sources {
    /// One row per deal. Required, here or on the command line.
    pub deals: Option<Source>,
    /// What changed on a deal and when.
    pub stage_history: Option<Source>,
    /// Calls, mails, meetings.
    pub activities: Option<Source>,
    /// Targets per owner, team, region or company and period.
    pub quotas: Option<Source>,
    /// Owners, their managers, teams and regions.
    pub users: Option<Source>,
    /// Dated rates to the base currency.
    pub fx_rates: Option<Source>,
    /// Marketing spend per source and period.
    pub campaign_costs: Option<Source>,
    /// Submitted forecasts and adjustments.
    pub revisions: Option<Source>,
}

/// One input table: files and how to read them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Source {
    /// A file, a folder of parts or a glob; `-` is standard input.
    pub path: String,
    /// Canonical name -> column (or columns: the first that is filled wins) of the file.
    pub columns: BTreeMap<String, ColumnNames>,
    /// Canonical name -> value to use in every row.
    pub constants: BTreeMap<String, String>,
    /// Canonical name -> (value in the file -> value meant).
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Other files that add columns to this one by a shared key.
    pub lookups: Vec<Lookup>,
    /// Columns of the file to leave unread.
    pub ignore: Vec<String>,
    /// CSV separator, when sniffing gets it wrong.
    pub separator: Option<char>,
    /// Text encoding (`utf-8`, `utf-16`, `windows-1252`…), when sniffing gets it wrong.
    pub encoding: Option<String>,
    /// Which part of an ambiguous date such as 03/04/2025 comes first.
    pub date_order: Option<DateOrder>,
    /// `,` or `.`, when it cannot be told from the column.
    pub decimal_mark: Option<char>,
    /// Column holding the period's start (or any day in it), for tables whose `period` is a date.
    pub period_from_date: Option<PeriodKind>,
    /// Text cells that mean "no value", beside the empty cell.
    pub null_values: Vec<String>,
}

/// One column name, or several in order of preference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ColumnNames {
    /// One column.
    One(String),
    /// The first filled one of these.
    FirstFilled(Vec<String>),
}

/// A file that adds columns to a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// The file, folder or glob.
    pub path: String,
    /// Column of the table (after `columns` and `values` were applied) to match on.
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

/// Time zone and fiscal calendar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CalendarConfig {
    /// IANA time zone in which a day begins.
    pub time_zone: String,
    /// Month (1-12) the fiscal year starts in.
    pub fiscal_year_start: u8,
    /// Whether a fiscal year carries the calendar year it starts or ends in.
    pub fiscal_year_name: FiscalYearName,
    /// Period lengths to report.
    pub periods: Vec<PeriodKind>,
    /// The period `win_in_period` of the scores speaks of.
    pub score_period: PeriodKind,
}

impl Default for CalendarConfig {
    fn default() -> Self {
        Self {
            time_zone: "UTC".to_owned(),
            fiscal_year_start: 1,
            fiscal_year_name: FiscalYearName::End,
            periods: PeriodKind::ALL.to_vec(),
            score_period: PeriodKind::Quarter,
        }
    }
}

/// Currencies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MoneyConfig {
    /// ISO code everything is converted to where rates are given.
    pub base_currency: String,
    /// ISO code of amounts whose row names none; the base currency when absent.
    pub default_currency: Option<String>,
}

impl Default for MoneyConfig {
    fn default() -> Self {
        Self { base_currency: "USD".to_owned(), default_currency: None }
    }
}

/// Days between two landmarks of one deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LandmarkGrid {
    /// Every seventh day.
    Weekly,
    /// The first of every month.
    Monthly,
}

/// Training window and model choices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrainingConfig {
    /// Landmark days.
    pub landmarks: LandmarkGrid,
    /// Days after a landmark within which a win counts; learned from the won cycle when absent.
    pub horizon_days: Option<u32>,
    /// Days of history before the as-of day to learn from; all when absent.
    pub window_days: Option<u32>,
    /// Ridge penalties to choose from, per row of training data.
    pub alphas: Vec<f64>,
    /// Rolling-origin folds.
    pub folds: usize,
    /// Most landmark rows a fit may use; deals are sampled by hash above it.
    pub max_rows: usize,
    /// Seed of that sample.
    pub seed: u64,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            landmarks: LandmarkGrid::Monthly,
            horizon_days: None,
            window_days: None,
            alphas: vec![1e-4, 1e-3, 1e-2, 1e-1],
            folds: 4,
            max_rows: 100_000,
            seed: 1,
        }
    }
}

/// Columns the model may or must not use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FeatureConfig {
    /// Deals columns never to use.
    pub exclude: Vec<String>,
    /// Deals columns to use even where they look like leaks.
    pub force: Vec<String>,
}

/// Fixed stagnation thresholds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StagnationConfig {
    /// Stage -> days after which a deal is slow.
    pub slow_after_days: BTreeMap<String, u32>,
    /// Stage -> days after which a deal is stalled.
    pub stalled_after_days: BTreeMap<String, u32>,
}

/// What happens to a row that breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Keep the row, say so.
    Warn,
    /// Set the row aside in `rejects.csv`.
    Reject,
    /// Stop the run.
    Error,
}

/// What to do with dirty rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RuleConfig {
    /// Share of rejected rows in one table above which the run stops, 0 to 1.
    pub max_reject_share: f64,
    /// Rule name -> severity, where the default is not wanted. `dealcast check` lists the rules.
    pub severity: BTreeMap<String, Severity>,
}

impl Default for RuleConfig {
    fn default() -> Self {
        Self { max_reject_share: 0.05, severity: BTreeMap::new() }
    }
}
