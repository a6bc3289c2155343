//! [`Tables`]: everything that was loaded, with the dictionaries the tables share.

use std::collections::BTreeMap;

use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::{CampaignId, CurrencyId, OwnerId, RowIx, SourceId, StageNameId};
use crate::ingest::tables::changes::{Activities, Changes};
use crate::ingest::tables::dating::Dating;
use crate::ingest::tables::deals::Deals;
use crate::ingest::tables::field_changes::FieldChanges;
use crate::ingest::tables::marketing::{CampaignCost, Leads, Touches};
use crate::ingest::tables::newest::NewestEvent;
use crate::ingest::tables::small::{FxRate, Quota, Revision, User};

/// Everything that was loaded.
///
/// Loading leaves nothing in it that rests on the order of rows or files: the tables stand in the order of what their rows
/// say, but for the two logs that are only walked deal by deal, and names have ids in their own order.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// One row per deal, in the order of their ids.
    pub deals: Deals,
    /// Deals that vanished from dated copies of their table, with the day since when: they count until then.
    pub gone: BTreeMap<RowIx, Day>,
    /// What changed on which deal and when, in no order.
    pub changes: Changes,
    /// What changed of columns only the input knows, in no order.
    pub field_changes: FieldChanges,
    /// Activities, in no order.
    pub activities: Activities,
    /// Leads, in the order of their ids.
    pub leads: Leads,
    /// Marketing touches, in the order of time, deal, source and campaign.
    pub touches: Touches,
    /// Targets.
    pub quotas: Vec<Quota>,
    /// Owners and their position in the hierarchy.
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
    /// The only currency there is, where nobody named a base currency.
    pub sole_currency: Option<String>,
    /// Names that were made one, and names that may be meant to be.
    pub spellings: Spellings,
    /// Whether days of creation are given.
    pub dating: Dating,
    /// When the input ends, as loading found it.
    pub newest: Option<NewestEvent>,
}

/// Ways names are written: what, the name, the other name.
#[derive(Clone, Debug, Default)]
pub struct Spellings {
    /// Names that count as another, from which they differ in case or blanks only.
    pub folded: Vec<(&'static str, String, String)>,
    /// Names that are nearly another, far more frequent one.
    pub near: Vec<(&'static str, String, String)>,
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

    /// Code of the base currency, upper case: the configured one, or the only one there is where nobody named any.
    #[must_use]
    pub fn base_currency(&self, configured: &str) -> String {
        self.sole_currency.as_deref().unwrap_or(configured).to_uppercase()
    }

    /// Decimal places of a currency.
    #[must_use]
    pub fn decimals_of(&self, currency: CurrencyId) -> u32 {
        self.decimals.get(currency.index()).copied().unwrap_or(2)
    }

    /// The day after the newest event of the input: the default as-of day. `None` without a deal. See
    /// [`NewestEvent`] for what counts as one.
    #[must_use]
    pub fn day_after_newest_event(&self) -> Option<Day> {
        self.newest.as_ref().map(|newest| newest.day.plus(1))
    }
}
