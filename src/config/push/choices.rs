//! What can be chosen in a section: targets, layouts, fields of scores, places of secrets.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What scores can be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PushTarget {
    /// Files with what changed, in the import layout of a CRM.
    File,
    /// A table of our own in an SQLite file.
    Sqlite,
    /// A table of our own in a PostgreSQL database.
    Postgres,
    /// A table of our own in a MySQL or MariaDB database.
    Mysql,
    /// The REST interface of EspoCRM.
    Espocrm,
    /// The web service of vtiger.
    Vtiger,
    /// Salesforce's sObject Collections and Bulk API 2.0.
    Salesforce,
    /// HubSpot's batches of deals.
    Hubspot,
    /// Odoo's JSON-2 interface.
    Odoo,
    /// Pipedrive's interface, version 2.
    Pipedrive,
    /// Zoho CRM's REST interface.
    Zoho,
    /// Any REST interface, as `template` says.
    Template,
}

impl PushTarget {
    /// Whether it is somebody else's server.
    #[must_use]
    pub fn is_server(self) -> bool {
        !matches!(self, Self::File) && !self.is_table()
    }

    /// The address everybody has; none where each customer has one.
    #[must_use]
    pub fn address(self) -> Option<&'static str> {
        match self {
            Self::Hubspot => Some("https://api.hubapi.com"),
            Self::Zoho => Some("https://www.zohoapis.com"),
            _ => None,
        }
    }

    /// How the address of a database server begins, and its usual port; nothing where it is none.
    #[must_use]
    pub fn sql_schemes(self) -> Option<(&'static [&'static str], u16)> {
        match self {
            Self::Postgres => Some((&["postgres", "postgresql"], 5432)),
            Self::Mysql => Some((&["mysql", "mariadb"], 3306)),
            _ => None,
        }
    }

    /// How many requests may be on the way at once, and how that is said. EspoCRM locks an address out after ten failed logins in a
    /// minute, and a key that is revoked fails with everything that is on the way.
    #[must_use]
    pub fn most_parallel(self) -> (u32, &'static str) {
        match self {
            Self::Espocrm => (8, "1 to 8: EspoCRM locks an address out after 10 failed logins"),
            _ => (32, "1 to 32"),
        }
    }

    /// Whether it is a table of our own.
    #[must_use]
    pub fn is_table(self) -> bool {
        matches!(self, Self::Sqlite | Self::Postgres | Self::Mysql)
    }
}

/// Whose import a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImportLayout {
    /// Salesforce Data Loader, operation Update.
    Salesforce,
    /// HubSpot, import of existing deals by their record id.
    Hubspot,
    /// Vtiger, import that merges by the opportunity's number.
    Vtiger,
    /// EspoCRM, import that updates by id.
    Espocrm,
    /// Zoho CRM, import that updates existing records by their id.
    Zoho,
    /// Dynamics 365, update of opportunities by their id.
    Dynamics,
    /// Dynamics 365, its own table of scores, `msdyn_predictivescores`, by the opportunity.
    DynamicsScores,
}

/// Form of a file of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeltaFormat {
    /// Comma-separated.
    #[default]
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// Where a secret comes from. Never the configuration itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecretSource {
    /// A variable of the environment.
    Env(String),
    /// The first line of a file.
    File(PathBuf),
    /// The first line a command prints.
    Command(Vec<String>),
}

/// What of a score can be fed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreField {
    /// `score`: 0 to 100.
    Score,
    /// `win_probability`: 0 to 1.
    Probability,
    /// `grade`: A to D.
    Grade,
    /// `trend`: improving, steady or declining.
    Trend,
    /// `stagnation`: on pace, slow or stalled.
    Stagnation,
    /// `predicted_close_date`.
    PredictedCloseDate,
    /// `previous_score`. Goes along when something else changes.
    PreviousScore,
    /// `model_id`. Goes along when something else changes.
    ModelId,
    /// `as_of`, the day the deal was scored as of. Goes along when something else changes.
    ScoredAt,
    /// The factors that count most, as text. Goes along when something else changes.
    TopFactors,
}

impl ScoreField {
    /// Every field, in order.
    pub const ALL: [Self; 10] = [
        Self::Score,
        Self::Probability,
        Self::Grade,
        Self::Trend,
        Self::Stagnation,
        Self::PredictedCloseDate,
        Self::PreviousScore,
        Self::ModelId,
        Self::ScoredAt,
        Self::TopFactors,
    ];

    /// The name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Probability => "probability",
            Self::Grade => "grade",
            Self::Trend => "trend",
            Self::Stagnation => "stagnation",
            Self::PredictedCloseDate => "predicted_close_date",
            Self::PreviousScore => "previous_score",
            Self::ModelId => "model_id",
            Self::ScoredAt => "scored_at",
            Self::TopFactors => "top_factors",
        }
    }

    /// Every word that can go in, where there are only a few.
    #[must_use]
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Grade => &["A", "B", "C", "D"],
            Self::Trend => &["improving", "steady", "declining"],
            Self::Stagnation => &["on pace", "slow", "stalled"],
            _ => &[],
        }
    }

    /// The column of Dynamics' own table of scores; none where that has none for it.
    #[must_use]
    pub fn dynamics_column(self) -> Option<&'static str> {
        match self {
            Self::Score => Some("msdyn_score"),
            Self::Grade => Some("msdyn_grade"),
            Self::Trend => Some("msdyn_scoretrend"),
            Self::ScoredAt => Some("msdyn_scoredon"),
            _ => None,
        }
    }

    /// Whether it is written only along with another one: it changes every night, and a record that is touched for it alone
    /// looks as if somebody had worked on the deal.
    #[must_use]
    pub fn goes_along(self) -> bool {
        matches!(self, Self::PreviousScore | Self::ModelId | Self::ScoredAt | Self::TopFactors)
    }
}
