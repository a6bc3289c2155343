//! Which part of the organisation, and which money, a forecast is about.

use crate::analytics::structure::{Place, Structure};
use crate::domain::day::Day;
use crate::domain::period::Period;
use crate::domain::stage::ForecastCategory;
use crate::ingest::tables::{Quota, QuotaNode, Tables};

/// Narrows a forecast. Several values of one field widen it, different fields narrow it; an empty field admits all.
///
/// Owner, team and region hold where the owner stood on the deal's day. A quota counts where its node is named, or is
/// an owner who belongs to what is named; quotas of larger nodes are left out, so that every node shows the sum of
/// what was asked for. Categories concern open deals only: what is won stays won.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForecastFilter {
    /// Owner ids.
    pub owners: Vec<String>,
    /// Teams.
    pub teams: Vec<String>,
    /// Regions.
    pub regions: Vec<String>,
    /// Periods to report.
    pub periods: Vec<Period>,
    /// ISO currency codes, upper case.
    pub currencies: Vec<String>,
    /// Forecast categories of open deals.
    pub categories: Vec<ForecastCategory>,
}

impl ForecastFilter {
    pub(in crate::analytics) fn admits_place(&self, place: &Place<'_>) -> bool {
        admits(&self.owners, place.owner) && admits(&self.teams, place.team) && admits(&self.regions, place.region)
    }

    /// Whether deals of the currency with this code count.
    #[must_use]
    pub fn admits_currency(&self, currency: u32, tables: &Tables) -> bool {
        self.currencies.is_empty()
            || tables.currencies.name(currency).is_some_and(|code| admits(&self.currencies, code))
    }

    pub(in crate::analytics) fn admits_category(&self, category: ForecastCategory) -> bool {
        self.categories.is_empty() || self.categories.contains(&category)
    }

    pub(in crate::analytics) fn admits_period(&self, period: &Period) -> bool {
        self.periods.is_empty() || self.periods.contains(period)
    }

    pub(super) fn admits_quota<'a>(
        &self,
        quota: &'a Quota,
        tables: &Tables,
        structure: &Structure<'a>,
        as_of: Day,
    ) -> bool {
        let day = quota.period.last.min(as_of.plus(-1));
        let (no_owners, no_teams, no_regions) =
            (self.owners.is_empty(), self.teams.is_empty(), self.regions.is_empty());
        let node = match &quota.node {
            QuotaNode::Owner(owner) => self.admits_place(&structure.place_of(Some(owner), day)),
            QuotaNode::Team(team) => no_owners && no_regions && admits(&self.teams, team),
            QuotaNode::Region(region) => no_owners && no_teams && admits(&self.regions, region),
            QuotaNode::Company => no_owners && no_teams && no_regions,
        };
        node && self.admits_currency(quota.currency, tables)
    }
}

fn admits(wanted: &[String], value: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|name| name == value)
}
