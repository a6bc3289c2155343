//! The rows of the tables of few rows: targets, owners, rates, revisions.

use rust_decimal::Decimal;

use crate::domain::day::{Day, Moment};
use crate::domain::ids::CurrencyId;
use crate::domain::period::Period;

/// Whom a quota is set for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuotaNode {
    /// One owner (id as written).
    Owner(String),
    /// One team.
    Team(String),
    /// One region.
    Region(String),
    /// Everyone.
    Company,
}

/// One target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// For whom.
    pub node: QuotaNode,
    /// For which period.
    pub period: Period,
    /// Minor units of `currency`.
    pub quota_minor: i64,
    /// By [`Tables::currencies`](crate::ingest::tables::Tables::currencies).
    pub currency: CurrencyId,
}

/// One row of the users table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Owner id as it stands on deals.
    pub owner: String,
    /// Name to print.
    pub name: Option<String>,
    /// Owner id (or name) of the manager.
    pub manager: Option<String>,
    /// Team.
    pub team: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// First day this row holds.
    pub active_from: Option<Day>,
    /// Last day this row holds.
    pub active_to: Option<Day>,
}

/// What one unit of `currency` is worth in the base currency from `day` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FxRate {
    /// By [`Tables::currencies`](crate::ingest::tables::Tables::currencies).
    pub currency: CurrencyId,
    /// First day the rate holds.
    pub day: Day,
    /// Base units per unit.
    pub rate: Decimal,
}

/// One submitted forecast or adjustment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// When.
    pub submitted_at: Moment,
    /// By whom.
    pub author: String,
    /// For whom.
    pub owner: String,
    /// For which period.
    pub period: Period,
    /// Category as written.
    pub category: String,
    /// Minor units of `currency`.
    pub amount_minor: i64,
    /// By [`Tables::currencies`](crate::ingest::tables::Tables::currencies).
    pub currency: CurrencyId,
    /// Free text.
    pub note: Option<String>,
}
