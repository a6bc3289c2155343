//! What is everyone's quota in that period?
//!
//! Quotas table and [`Structure`] to [`QuotaBook`]: a quota per node and period, exact, per currency and in the base
//! currency. Knows nothing of deals.
//!
//! - Several quotas of one node, period and currency (one per product line, say) add up.
//! - A longer period without a quota of its own is the sum of the shorter ones if **all** are there: three months make
//!   a quarter, four quarters a year. A quarter's quota is never split into months.
//! - A node without a quota of its own gets the sum of what lies below it, as placed on the period's last day (or the
//!   last known day if earlier): a team its owners, a region its teams, the company its regions, a manager all owners of
//!   the subtree. Owners without a quota add nothing. A team that spans regions with a quota of its own gives each
//!   region its own members' quotas instead: nothing says how the team's would be divided.
//! - In the base currency a quota counts at the rate of its period's first day (or the newest rate before the as-of day).

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::currency::{CurrencyConverter, CurrencyError};
use super::structure::{COMPANY, Level, NO_REGION, Place, Structure};
use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};
use crate::ingest::tables::{Quota, QuotaNode};

/// Where a node's quota comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaSource {
    /// Set for the node itself (a period may be the sum of its parts).
    Own,
    /// The sum of the quotas below it.
    Sum,
    /// There is none.
    Absent,
}

impl QuotaSource {
    /// As printed in the `quota_source` column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Sum => "sum",
            Self::Absent => "none",
        }
    }
}

/// One amount in its own and in the base currency, minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuotaAmount {
    /// In the quota's own currency.
    pub native: i128,
    /// In the base currency; 0 where nothing can be converted.
    pub base: i128,
}

/// Amounts by currency code.
pub type QuotaAmounts = BTreeMap<u32, QuotaAmount>;

/// The quota of one node in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeQuota {
    /// Which level.
    pub level: Level,
    /// Owner id, team, region or [`COMPANY`].
    pub node: String,
    /// Which period.
    pub period: Period,
    /// Own or summed.
    pub source: QuotaSource,
    /// How much; never empty.
    pub amounts: QuotaAmounts,
}

/// Every quota that was set, completed over time.
#[derive(Clone, Debug)]
pub struct QuotaBook {
    own: BTreeMap<Period, BTreeMap<QuotaNode, QuotaAmounts>>,
    last_known: Day,
}

impl QuotaBook {
    /// Adds up `quotas` and completes quarters and years. `converter` is `None` where no base currency is reported.
    ///
    /// # Errors
    /// [`CurrencyError`] where a quota cannot be converted.
    pub fn new<'q>(
        quotas: impl IntoIterator<Item = &'q Quota>,
        calendar: &FiscalCalendar,
        converter: Option<&CurrencyConverter>,
        as_of: Day,
    ) -> Result<Self, CurrencyError> {
        let mut book = Self { own: BTreeMap::new(), last_known: as_of.plus(-1) };
        for quota in quotas {
            let day = quota.period.first.min(book.last_known);
            let base = converter.map_or(Ok(0), |c| c.convert(quota.quota_minor, quota.currency, day))?;
            let nodes = book.own.entry(quota.period).or_default();
            let amounts = nodes.entry(quota.node.clone()).or_default();
            add(amounts, quota.currency, QuotaAmount { native: quota.quota_minor.into(), base: base.into() });
        }
        book.complete(calendar, PeriodKind::Month, PeriodKind::Quarter);
        book.complete(calendar, PeriodKind::Quarter, PeriodKind::Year);
        Ok(book)
    }

    /// Sums whole sets of `parts` into each missing `whole`.
    fn complete(&mut self, calendar: &FiscalCalendar, parts: PeriodKind, whole: PeriodKind) {
        let of_kind = self.own.keys().filter(|period| period.kind == parts);
        let wholes: BTreeSet<Period> = of_kind.map(|part| calendar.period_of(whole, part.first)).collect();
        for whole in wholes {
            let mut part = calendar.period_of(parts, whole.first);
            let mut sums: BTreeMap<QuotaNode, BTreeMap<u32, (u32, QuotaAmount)>> = BTreeMap::new();
            let mut count = 0;
            while part.first <= whole.last {
                for (node, amounts) in self.own.get(&part).into_iter().flatten() {
                    let of_node = sums.entry(node.clone()).or_default();
                    for (currency, amount) in amounts {
                        let (seen, sum) = of_node.entry(*currency).or_default();
                        *seen += 1;
                        sum.native += amount.native;
                        sum.base += amount.base;
                    }
                }
                count += 1;
                part = calendar.shift(&part, 1);
            }
            let target = self.own.entry(whole).or_default();
            for (node, by_currency) in sums {
                let full = by_currency.into_iter().filter(|(_, (seen, _))| *seen == count);
                for (currency, (_, sum)) in full {
                    target.entry(node.clone()).or_default().entry(currency).or_insert(sum);
                }
            }
        }
        self.own.retain(|_, nodes| !nodes.is_empty());
    }

    /// Every node's quota in every period that has any, own or summed, by period, level and node.
    #[must_use]
    pub fn node_quotas(&self, structure: &Structure<'_>) -> Vec<NodeQuota> {
        self.own.par_iter().flat_map_iter(|(period, own)| self.roll_up(*period, own, structure)).collect()
    }

    fn roll_up(
        &self,
        period: Period,
        own: &BTreeMap<QuotaNode, QuotaAmounts>,
        structure: &Structure<'_>,
    ) -> Vec<NodeQuota> {
        let mut sums = Sums::new(own, structure, period.last.min(self.last_known));
        sums.teams_into_regions(own);
        let mut quotas = Vec::new();
        let mut emit = |level, node: &str, source, amounts: QuotaAmounts| {
            if !amounts.is_empty() {
                quotas.push(NodeQuota { level, node: node.to_owned(), period, source, amounts });
            }
        };
        for (owner, amounts) in owner_quotas(own) {
            emit(Level::Owner, owner, QuotaSource::Own, amounts.clone());
        }
        for (manager, amounts) in sums.managers {
            emit(Level::Manager, &manager, QuotaSource::Sum, amounts);
        }
        for (team, amounts) in &sums.teams {
            let source = source_of(own, &QuotaNode::Team(team.clone()));
            emit(Level::Team, team, source, amounts.clone());
        }
        let mut company = QuotaAmounts::new();
        for (region, amounts) in sums.regions {
            add_all(&mut company, &amounts);
            let source = source_of(own, &QuotaNode::Region(region.clone()));
            emit(Level::Region, &region, source, amounts);
        }
        let company = own.get(&QuotaNode::Company).cloned().unwrap_or(company);
        emit(Level::Company, COMPANY, source_of(own, &QuotaNode::Company), company);
        quotas
    }
}

/// Sums of the nodes of one period, on the way up.
struct Sums {
    managers: BTreeMap<String, QuotaAmounts>,
    teams: BTreeMap<String, QuotaAmounts>,
    regions: BTreeMap<String, QuotaAmounts>,
    regions_of_team: BTreeMap<String, BTreeSet<String>>,
    parts: BTreeMap<(String, String), QuotaAmounts>,
}

impl Sums {
    /// Owners' quotas summed into managers, teams and parts of teams; own team quotas put in their place.
    fn new(own: &BTreeMap<QuotaNode, QuotaAmounts>, structure: &Structure<'_>, day: Day) -> Self {
        let mut sums = Self {
            managers: BTreeMap::new(),
            teams: BTreeMap::new(),
            regions: BTreeMap::new(),
            regions_of_team: BTreeMap::new(),
            parts: BTreeMap::new(),
        };
        for owner in structure.listed_owners() {
            let place = structure.place_of(Some(owner), day);
            sums.regions_of_team.entry(place.team).or_default().insert(place.region);
        }
        for (owner, amounts) in owner_quotas(own) {
            sums.add_owner(structure.place_of(Some(owner), day), amounts);
        }
        for (node, amounts) in own {
            if let QuotaNode::Team(team) = node {
                sums.teams.insert(team.clone(), amounts.clone());
            }
        }
        sums
    }

    fn add_owner(&mut self, place: Place, amounts: &QuotaAmounts) {
        for manager in place.managers {
            add_all(self.managers.entry(manager).or_default(), amounts);
        }
        add_all(self.teams.entry(place.team.clone()).or_default(), amounts);
        self.regions_of_team.entry(place.team.clone()).or_default().insert(place.region.clone());
        add_all(self.parts.entry((place.team, place.region)).or_default(), amounts);
    }

    fn teams_into_regions(&mut self, own: &BTreeMap<QuotaNode, QuotaAmounts>) {
        for (team, amounts) in &self.teams {
            let regions: Vec<&String> = self.regions_of_team.get(team).into_iter().flatten().collect();
            match regions[..] {
                [] => add_all(self.regions.entry(NO_REGION.to_owned()).or_default(), amounts),
                [region] => add_all(self.regions.entry(region.clone()).or_default(), amounts),
                _ => {
                    for region in regions {
                        if let Some(part) = self.parts.get(&(team.clone(), region.clone())) {
                            add_all(self.regions.entry(region.clone()).or_default(), part);
                        }
                    }
                }
            }
        }
        for (node, amounts) in own {
            if let QuotaNode::Region(region) = node {
                self.regions.insert(region.clone(), amounts.clone());
            }
        }
    }
}

fn owner_quotas(own: &BTreeMap<QuotaNode, QuotaAmounts>) -> impl Iterator<Item = (&str, &QuotaAmounts)> {
    own.iter().filter_map(|(node, amounts)| match node {
        QuotaNode::Owner(owner) => Some((owner.as_str(), amounts)),
        _ => None,
    })
}

fn source_of(own: &BTreeMap<QuotaNode, QuotaAmounts>, node: &QuotaNode) -> QuotaSource {
    if own.contains_key(node) { QuotaSource::Own } else { QuotaSource::Sum }
}

fn add(amounts: &mut QuotaAmounts, currency: u32, amount: QuotaAmount) {
    let sum = amounts.entry(currency).or_default();
    sum.native += amount.native;
    sum.base += amount.base;
}

fn add_all(amounts: &mut QuotaAmounts, more: &QuotaAmounts) {
    for (currency, amount) in more {
        add(amounts, *currency, *amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Dictionary;
    use crate::domain::period::FiscalYearName;
    use crate::ingest::tables::User;

    fn calendar() -> FiscalCalendar {
        FiscalCalendar::new(4, FiscalYearName::End).expect("april")
    }

    fn quota(node: QuotaNode, period: &str, quota_minor: i64) -> Quota {
        Quota { node, period: calendar().parse(period).expect("a period"), quota_minor, currency: 0 }
    }

    fn owner(id: &str) -> QuotaNode {
        QuotaNode::Owner(id.to_owned())
    }

    fn member(owner: &str, team: &str, region: &str) -> User {
        User {
            owner: owner.to_owned(),
            manager: Some("boss".to_owned()),
            team: Some(team.to_owned()),
            region: Some(region.to_owned()),
            ..User::default()
        }
    }

    /// (node, source, native amount) of a period and level.
    fn of(users: &[User], quotas: &[Quota], period: &str, level: Level) -> Vec<(String, QuotaSource, i128)> {
        let as_of = "2030-01-01".parse().expect("a day");
        let owners = Dictionary::default();
        let book = QuotaBook::new(quotas, &calendar(), None, as_of).expect("no rates needed");
        let all = book.node_quotas(&Structure::new(users, &owners, as_of));
        let wanted = all.into_iter().filter(|q| q.level == level && q.period.to_string() == period);
        wanted.map(|q| (q.node, q.source, q.amounts[&0].native)).collect()
    }

    #[test]
    fn only_whole_sets_of_parts_make_a_longer_period() {
        let months =
            [quota(owner("a"), "2025-04", 1), quota(owner("a"), "2025-05", 2), quota(owner("a"), "2025-06", 4)];
        assert_eq!(of(&[], &months, "2026-Q1", Level::Owner), [("a".to_owned(), QuotaSource::Own, 7)]);
        assert_eq!(of(&[], &months[1..], "2026-Q1", Level::Owner), []);
        let mut year = months.to_vec();
        year.extend(["2026-Q2", "2026-Q3", "2026-Q4"].map(|q| quota(owner("a"), q, 100)));
        assert_eq!(of(&[], &year, "2026", Level::Owner), [("a".to_owned(), QuotaSource::Own, 307)]);
        assert_eq!(of(&[], &year[1..], "2026", Level::Owner), []);
        year.push(quota(owner("a"), "2026", 5));
        assert_eq!(of(&[], &year, "2026", Level::Owner), [("a".to_owned(), QuotaSource::Own, 5)]);
        assert_eq!(of(&[], &year, "2025-07", Level::Owner), []);
    }

    #[test]
    fn a_node_without_a_quota_sums_what_lies_below() {
        let users = [member("a", "North", "EU"), member("b", "North", "EU"), member("c", "South", "US")];
        let mut quotas =
            vec![quota(owner("a"), "2026-Q1", 10), quota(owner("b"), "2026-Q1", 20), quota(owner("x"), "2026-Q1", 5)];
        let find = |quotas: &[Quota], level| of(&users, quotas, "2026-Q1", level);
        let sum = |node: &str, amount| (node.to_owned(), QuotaSource::Sum, amount);
        assert_eq!(find(&quotas, Level::Team), [sum("(no team)", 5), sum("North", 30)]);
        assert_eq!(find(&quotas, Level::Region), [sum("(no region)", 5), sum("EU", 30)]);
        assert_eq!(find(&quotas, Level::Manager), [sum("(no manager)", 5), sum("boss", 30)]);
        assert_eq!(find(&quotas, Level::Company), [sum(COMPANY, 35)]);
        quotas.push(quota(QuotaNode::Team("North".to_owned()), "2026-Q1", 50));
        assert_eq!(find(&quotas, Level::Region), [sum("(no region)", 5), sum("EU", 50)]);
        quotas.push(quota(QuotaNode::Region("US".to_owned()), "2026-Q1", 100));
        assert_eq!(find(&quotas, Level::Company), [sum(COMPANY, 155)]);
        quotas.push(quota(QuotaNode::Company, "2026-Q1", 1));
        assert_eq!(find(&quotas, Level::Company), [(COMPANY.to_owned(), QuotaSource::Own, 1)]);
    }

    #[test]
    fn a_team_over_two_regions_gives_each_its_own_members() {
        let users = [member("a", "Split", "EU"), member("b", "Split", "US")];
        let quotas = [
            quota(owner("a"), "2026", 10),
            quota(owner("b"), "2026", 20),
            quota(QuotaNode::Team("Split".to_owned()), "2026", 99),
        ];
        let regions = of(&users, &quotas, "2026", Level::Region);
        assert_eq!(regions, [("EU".to_owned(), QuotaSource::Sum, 10), ("US".to_owned(), QuotaSource::Sum, 20)]);
        assert_eq!(of(&users, &quotas, "2026", Level::Team), [("Split".to_owned(), QuotaSource::Own, 99)]);
    }
}
