//! Which part of the hierarchy, and which money, a forecast is about.

use std::collections::BTreeSet;

use crate::books::hierarchy::{Hierarchy, NO_OWNER, NO_REGION, NO_TEAM, Position};
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::period::Period;
use crate::domain::spelling::nearest;
use crate::domain::stage::ForecastCategory;
use crate::ingest::tables::{Quota, QuotaNode, Tables, User};
use crate::snapshot::Snapshot;

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

/// A name a filter asks for that nothing has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// `owner`, `team`, `region` or `currency`.
    pub column: &'static str,
    /// What was asked for.
    pub wanted: String,
    /// A name there is that may be meant.
    pub guess: Option<String>,
}

impl ForecastFilter {
    /// The first name asked for that no deal, user or quota has, not even on another day. A team whose people have
    /// moved on has a past, a new owner a quota: nobody needs to have a deal today.
    #[must_use]
    pub fn unknown_name(&self, tables: &Tables, snapshot: &Snapshot) -> Option<UnknownName> {
        let in_users = |of: fn(&User) -> Option<&str>| tables.users.iter().filter_map(of).map(str::trim);
        let in_quotas = |of: fn(&QuotaNode) -> Option<&str>| tables.quotas.iter().filter_map(move |q| of(&q.node));
        let owners = tables.owners.names().chain([NO_OWNER]).chain(in_users(|user| Some(&user.owner)));
        let owners = owners.chain(in_quotas(|node| match node {
            QuotaNode::Owner(owner) => Some(owner),
            _ => None,
        }));
        let teams = in_users(|user| user.team.as_deref()).chain([NO_TEAM]).chain(in_quotas(|node| match node {
            QuotaNode::Team(team) => Some(team),
            _ => None,
        }));
        let regions = in_users(|user| user.region.as_deref()).chain([NO_REGION]).chain(in_quotas(|node| match node {
            QuotaNode::Region(region) => Some(region),
            _ => None,
        }));
        let codes: BTreeSet<CurrencyId> = snapshot.states.iter().map(|state| state.currency).collect();
        let codes = codes.into_iter().chain(tables.quotas.iter().map(|quota| quota.currency));
        let currencies = codes.filter_map(|code| tables.currencies.name(code));
        unknown("owner", &self.owners, owners)
            .or_else(|| unknown("team", &self.teams, teams))
            .or_else(|| unknown("region", &self.regions, regions))
            .or_else(|| unknown("currency", &self.currencies, currencies))
    }

    pub(crate) fn admits_position(&self, position: &Position<'_>) -> bool {
        admits(&self.owners, position.owner)
            && admits(&self.teams, position.team)
            && admits(&self.regions, position.region)
    }

    /// Whether deals of this currency count.
    #[must_use]
    pub fn admits_currency(&self, currency: CurrencyId, tables: &Tables) -> bool {
        self.currencies.is_empty()
            || tables.currencies.name(currency).is_some_and(|code| admits(&self.currencies, code))
    }

    pub(crate) fn admits_category(&self, category: ForecastCategory) -> bool {
        self.categories.is_empty() || self.categories.contains(&category)
    }

    pub(crate) fn admits_period(&self, period: &Period) -> bool {
        self.periods.is_empty() || self.periods.contains(period)
    }

    pub(crate) fn admits_quota<'a>(
        &self,
        quota: &'a Quota,
        tables: &Tables,
        hierarchy: &Hierarchy<'a>,
        as_of: Day,
    ) -> bool {
        let day = quota.period.last.min(as_of.plus(-1));
        let (no_owners, no_teams, no_regions) =
            (self.owners.is_empty(), self.teams.is_empty(), self.regions.is_empty());
        let node = match &quota.node {
            QuotaNode::Owner(owner) => self.admits_position(&hierarchy.position_of(Some(owner), day)),
            QuotaNode::Team(team) => no_owners && no_regions && admits(&self.teams, team),
            QuotaNode::Region(region) => no_owners && no_teams && admits(&self.regions, region),
            QuotaNode::Company => no_owners && no_teams && no_regions,
        };
        node && self.admits_currency(quota.currency, tables)
    }
}

/// The first of `people` who has no deal and is no user and nobody's manager.
#[must_use]
pub fn unknown_person(people: &[String], tables: &Tables) -> Option<UnknownName> {
    let users = tables.users.iter().flat_map(|user| [Some(user.owner.as_str()), user.manager.as_deref()]);
    unknown("owner", people, tables.owners.names().chain(users.flatten().map(str::trim)))
}

fn unknown<'n>(column: &'static str, wanted: &[String], names: impl Iterator<Item = &'n str>) -> Option<UnknownName> {
    if wanted.is_empty() {
        return None;
    }
    let names: BTreeSet<&str> = names.collect();
    let wanted = wanted.iter().find(|wanted| !names.contains(wanted.as_str()))?.clone();
    let guess = nearest(&wanted, names).map(str::to_owned);
    Some(UnknownName { column, wanted, guess })
}

fn admits(wanted: &[String], value: &str) -> bool {
    wanted.is_empty() || wanted.iter().any(|name| name == value)
}
