//! The tables as the rest of the engine sees them: typed, checked, ids resolved, names coded.
//!
//! [`Deals`] is a polars frame; the change log and the activities are parallel columns with one number per cell,
//! because they are only ever walked deal by deal.

mod attribute;
mod changes;
mod codes;
mod deals;
mod marketing;

use std::collections::BTreeMap;

use polars::prelude::{Column, DataFrame, NamedFrom, PolarsResult, Series};
use rust_decimal::Decimal;

use crate::domain::code::Dictionary;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{CampaignId, CurrencyId, Id, OwnerId, SourceId, StageNameId};
use crate::domain::period::Period;
use crate::domain::stage::StageKind;

pub use attribute::{Attribute, Numbers, Words};
pub use changes::{Activities, Change, Changes};
pub use codes::{category_code, category_of, status_code, status_of};
pub use deals::Deals;
pub use marketing::{CampaignCost, LeadEnd, Leads, Touches};

/// Everything that was loaded.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// One row per deal.
    pub deals: Deals,
    /// What changed on which deal and when, in file order.
    pub changes: Changes,
    /// Activities, in file order.
    pub activities: Activities,
    /// Leads, in file order.
    pub leads: Leads,
    /// Marketing touches, in file order.
    pub touches: Touches,
    /// Targets.
    pub quotas: Vec<Quota>,
    /// Owners and their place in the structure.
    pub users: Vec<User>,
    /// Rates to the base currency, sorted by currency and day.
    pub fx_rates: Vec<FxRate>,
    /// Marketing spend.
    pub campaign_costs: Vec<CampaignCost>,
    /// Submitted forecasts.
    pub revisions: Vec<Revision>,
    /// Stage names as written, shared by deals and changes.
    pub stage_names: Dictionary<StageNameId>,
    /// Owner ids, shared by deals, changes, users and quotas.
    pub owners: Dictionary<OwnerId>,
    /// Marketing sources of leads and touches. Deals have a dictionary of their own.
    pub sources: Dictionary<SourceId>,
    /// Campaigns of leads and touches.
    pub campaigns: Dictionary<CampaignId>,
    /// Currency codes in upper case.
    pub currencies: Dictionary<CurrencyId>,
    /// Decimal places by currency.
    pub decimals: Vec<u32>,
}

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
    /// By [`Tables::currencies`].
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
    /// By [`Tables::currencies`].
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
    /// By [`Tables::currencies`].
    pub currency: CurrencyId,
    /// Free text.
    pub note: Option<String>,
}

impl Tables {
    /// The id of a currency, adding it (with its ISO decimal places) when new.
    pub fn currency(&mut self, code: &str) -> CurrencyId {
        let id = self.currencies.intern(code);
        while self.decimals.len() < self.currencies.len() {
            let name = self.currencies.name(CurrencyId::at(self.decimals.len())).unwrap_or_default();
            self.decimals.push(crate::domain::money::exponent(name));
        }
        id
    }

    /// Decimal places of a currency.
    #[must_use]
    pub fn decimals_of(&self, currency: CurrencyId) -> u32 {
        self.decimals.get(currency.index()).copied().unwrap_or(2)
    }

    /// The day after the newest event of the input: the default as-of day. `None` without deals.
    ///
    /// Events are creations, closings, changes, activities, what happens to leads, and touches. Expected close dates and quotas are plans, not events.
    #[must_use]
    pub fn day_after_newest_event(&self) -> Option<Day> {
        let closed = self.deals.closed_at();
        let ends = closed.iter().chain(&self.leads.ended).filter_map(|at| at.get());
        let logs = self.changes.at.iter().chain(&self.activities.at).chain(&self.touches.at).chain(&self.leads.created);
        let newest = self.deals.created_at().into_iter().chain(logs.copied()).chain(ends).max()?;
        Some(newest.day().plus(1))
    }
}

/// How an id is written in a column of the deals frame.
pub(crate) fn code(id: impl Id) -> u32 {
    id.index() as u32
}

/// One deal, for building tables in memory.
#[derive(Clone, Debug, Default)]
pub struct DealRow {
    /// Unique id.
    pub deal_id: String,
    /// Name of the deal; a column where any deal has one.
    pub name: Option<String>,
    /// Stage as written.
    pub stage: String,
    /// When created.
    pub created_at: i64,
    /// When closed.
    pub closed_at: Option<i64>,
    /// Open, won or lost, where the input says so.
    pub status: Option<StageKind>,
    /// Minor units of `currency`.
    pub amount_minor: Option<i64>,
    /// ISO code; empty = `USD`.
    pub currency: String,
    /// Owner id.
    pub owner: Option<String>,
    /// Expected close date.
    pub expected_close_date: Option<i32>,
    /// The CRM's own chance to win.
    pub probability: Option<f64>,
    /// Marketing source.
    pub source: Option<String>,
    /// Product.
    pub product: Option<String>,
    /// Sales process; a column where any deal has one.
    pub pipeline: Option<String>,
    /// Marketing campaign; a column where any deal has one.
    pub campaign: Option<String>,
    /// Further text columns; every row of a table must name the same ones.
    pub extras: Vec<(String, Option<String>)>,
}

impl Tables {
    /// Tables with these deals and nothing else, for embedding and for tests. Row `i` is deal number `i`.
    ///
    /// # Errors
    /// A polars error where the columns cannot form a frame.
    pub fn from_deals(rows: &[DealRow]) -> PolarsResult<Self> {
        let mut tables = Self::default();
        let mut columns: Vec<Column> = Vec::new();
        let mut add = |series: Series| columns.push(series.into());
        add(Series::new("deal_id".into(), rows.iter().map(|r| r.deal_id.as_str()).collect::<Vec<_>>()));
        if rows.iter().any(|r| r.name.is_some()) {
            add(Series::new("name".into(), rows.iter().map(|r| r.name.as_deref()).collect::<Vec<_>>()));
        }
        add(Series::new("created_at".into(), rows.iter().map(|r| r.created_at).collect::<Vec<_>>()));
        add(Series::new("closed_at".into(), rows.iter().map(|r| r.closed_at).collect::<Vec<_>>()));
        let stages = rows.iter().map(|r| code(tables.stage_names.intern(&r.stage))).collect::<Vec<_>>();
        add(Series::new("stage".into(), stages));
        add(Series::new("status".into(), rows.iter().map(|r| r.status.map(status_code)).collect::<Vec<_>>()));
        let owners = rows.iter().map(|r| r.owner.as_deref().map(|o| code(tables.owners.intern(o)))).collect::<Vec<_>>();
        add(Series::new("owner".into(), owners));
        let currency = |r: &DealRow| if r.currency.is_empty() { "USD".to_owned() } else { r.currency.clone() };
        let codes = rows.iter().map(|r| code(tables.currency(&currency(r)))).collect::<Vec<_>>();
        add(Series::new("currency".into(), codes));
        add(Series::new("amount_minor".into(), rows.iter().map(|r| r.amount_minor).collect::<Vec<_>>()));
        add(Series::new("expected_close_date".into(), rows.iter().map(|r| r.expected_close_date).collect::<Vec<_>>()));
        add(Series::new("probability".into(), rows.iter().map(|r| r.probability).collect::<Vec<_>>()));
        let mut dictionaries = BTreeMap::new();
        let extras: Vec<String> =
            rows.first().map(|r| r.extras.iter().map(|e| e.0.clone()).collect()).unwrap_or_default();
        let mut text = |name: &str, read: &dyn Fn(&DealRow) -> Option<&str>| {
            let mut dictionary = Dictionary::default();
            let codes = rows.iter().map(|r| read(r).map(|v| code(dictionary.intern(v)))).collect::<Vec<_>>();
            add(Series::new(name.into(), codes));
            dictionaries.insert(name.to_owned(), dictionary);
        };
        text("source", &|r| r.source.as_deref());
        text("product", &|r| r.product.as_deref());
        if rows.iter().any(|r| r.pipeline.is_some()) {
            text("pipeline", &|r| r.pipeline.as_deref());
        }
        if rows.iter().any(|r| r.campaign.is_some()) {
            text("campaign", &|r| r.campaign.as_deref());
        }
        for (i, name) in extras.iter().enumerate() {
            text(name, &|r| r.extras.get(i).and_then(|e| e.1.as_deref()));
        }
        tables.deals = Deals::new(DataFrame::new_infer_height(columns)?, dictionaries, extras)?;
        Ok(tables)
    }
}
