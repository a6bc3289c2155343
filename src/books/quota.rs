//! What is everyone's quota in that period?
//!
//! Quotas table and [`Hierarchy`] to [`QuotaBook`]: a quota per node and period, exact, per currency and in the base
//! currency. Knows nothing of deals.
//!
//! - Several quotas of one node, period and currency (one per product line, say) add up.
//! - A longer period without a quota of its own is the sum of the shorter ones if **all** are there: three months make
//!   a quarter, two quarters a half, two halves a year. A quarter's quota is never split into months.
//! - A node without a quota of its own gets the sum of what lies below it, as placed on the period's last day (or the
//!   last known day if earlier): a team its owners, a region its teams, the company its regions, a manager all owners of
//!   the subtree. Owners without a quota add nothing. A team that spans regions with a quota of its own gives each
//!   region its own members' quotas instead: nothing says how the team's would be divided.
//! - What lies below a node is also known where the node has a quota of its own, so that the two can be compared.
//! - In the base currency a quota counts at the rate of its period's first day (or the newest rate before the as-of day).
//!   Without a rate there is no quota in the base currency, for its node or any above: a part of a sum is not the sum.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::books::currency::{CurrencyConverter, CurrencyError};
use crate::books::hierarchy::{COMPANY, Hierarchy, Level, NO_REGION, Node, Position};
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaAmount {
    /// In the quota's own currency.
    pub native: i128,
    /// In the base currency; none where a part of it has no rate.
    pub base: Option<i128>,
}

impl Default for QuotaAmount {
    fn default() -> Self {
        Self { native: 0, base: Some(0) }
    }
}

/// Amounts by node and currency.
type Amounts<'a> = BTreeMap<(Node<'a>, CurrencyId), QuotaAmount>;

/// The quota of one node in one period and currency; `amount`, `rollup` or both are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeQuota<'a> {
    /// Whose.
    pub node: Node<'a>,
    /// Which period.
    pub period: Period,
    /// Own or summed.
    pub source: QuotaSource,
    /// The currency.
    pub currency: CurrencyId,
    /// How much; none where the node has its own quota in other currencies only.
    pub amount: Option<QuotaAmount>,
    /// Its roll-up: the sum of the quotas below it; none for owners and where nothing is below.
    pub rollup: Option<QuotaAmount>,
}

/// Every quota that was set, completed over time.
#[derive(Clone, Debug)]
pub struct QuotaBook<'a> {
    own: BTreeMap<Period, Amounts<'a>>,
    last_known: Day,
    /// How many quotas have no rate, by currency.
    without_rate: BTreeMap<CurrencyId, u64>,
}

impl<'a> QuotaBook<'a> {
    /// Adds up `quotas` and completes quarters, halves and years. `converter` is `None` where no base currency is reported.
    ///
    /// # Errors
    /// [`CurrencyError`] where a converted quota is too large.
    pub fn new(
        quotas: impl IntoIterator<Item = &'a Quota>,
        calendar: &FiscalCalendar,
        converter: Option<&CurrencyConverter>,
        as_of: Day,
    ) -> Result<Self, CurrencyError> {
        let mut book = Self { own: BTreeMap::new(), last_known: as_of.plus(-1), without_rate: BTreeMap::new() };
        for quota in quotas {
            let day = quota.period.first.min(book.last_known);
            let in_base = |c: &CurrencyConverter| c.convert_if_known(quota.quota_minor, quota.currency, day);
            let base = converter.map_or(Ok(Some(0)), in_base)?;
            if base.is_none() {
                *book.without_rate.entry(quota.currency).or_default() += 1;
            }
            let amount = QuotaAmount { native: quota.quota_minor.into(), base: base.map(Into::into) };
            add(book.own.entry(quota.period).or_default(), node_of(quota), quota.currency, amount);
        }
        book.complete(calendar, PeriodKind::Month, PeriodKind::Quarter);
        book.complete(calendar, PeriodKind::Quarter, PeriodKind::Half);
        book.complete(calendar, PeriodKind::Half, PeriodKind::Year);
        Ok(book)
    }

    /// How many quotas have no exchange rate, by currency.
    #[must_use]
    pub fn without_rate(&self) -> &BTreeMap<CurrencyId, u64> {
        &self.without_rate
    }

    /// Sums whole sets of `parts` into each missing `whole`.
    fn complete(&mut self, calendar: &FiscalCalendar, parts: PeriodKind, whole: PeriodKind) {
        let of_kind = self.own.keys().filter(|period| period.kind == parts);
        let wholes: BTreeSet<Period> = of_kind.map(|part| calendar.period_of(whole, part.first)).collect();
        for whole in wholes {
            let mut sums: BTreeMap<(Node<'a>, CurrencyId), (u32, QuotaAmount)> = BTreeMap::new();
            let mut count = 0;
            for part in calendar.parts(&whole, parts) {
                for (key, amount) in self.own.get(&part).into_iter().flatten() {
                    let (seen, sum) = sums.entry(*key).or_default();
                    *seen += 1;
                    sum.add(*amount);
                }
                count += 1;
            }
            let full = sums.into_iter().filter(|(_, (seen, _))| *seen == count).map(|(key, (_, sum))| (key, sum));
            let target = self.own.entry(whole).or_default();
            full.for_each(|(key, sum)| {
                target.entry(key).or_insert(sum);
            });
        }
        self.own.retain(|_, amounts| !amounts.is_empty());
    }

    /// Every node's quota in every period that has any, own or summed, by period.
    #[must_use]
    pub fn node_quotas(&self, hierarchy: &Hierarchy<'a>) -> Vec<NodeQuota<'a>> {
        self.own.par_iter().flat_map_iter(|(period, own)| self.roll_up(*period, own, hierarchy)).collect()
    }

    fn roll_up(&self, period: Period, own: &Amounts<'a>, hierarchy: &Hierarchy<'a>) -> Vec<NodeQuota<'a>> {
        let RollUp { all, sums: rollups, .. } =
            RollUp::new(own, hierarchy, period.last.min(self.last_known)).into_company();
        let keys: BTreeSet<(Node<'a>, CurrencyId)> = all.keys().chain(rollups.keys()).copied().collect();
        let quota = |key: (Node<'a>, CurrencyId)| {
            let (node, currency) = key;
            let source = if is_set(own, node) { QuotaSource::Own } else { QuotaSource::Sum };
            let (amount, rollup) = (all.get(&key).copied(), rollups.get(&key).copied());
            NodeQuota { node, period, source, currency, amount, rollup }
        };
        keys.into_iter().map(quota).collect()
    }
}

/// The quotas of one period, on the way up.
struct RollUp<'q, 'a> {
    own: &'q Amounts<'a>,
    /// What is settled so far.
    all: Amounts<'a>,
    /// The sums of what lies below, whatever was set.
    sums: Amounts<'a>,
    /// Members' quotas by team and region.
    parts: BTreeMap<(&'a str, &'a str, CurrencyId), QuotaAmount>,
    regions_of_team: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'q, 'a> RollUp<'q, 'a> {
    /// Owners, managers and teams.
    fn new(own: &'q Amounts<'a>, hierarchy: &Hierarchy<'a>, day: Day) -> Self {
        let mut up = Self {
            own,
            all: Amounts::new(),
            sums: Amounts::new(),
            parts: BTreeMap::new(),
            regions_of_team: BTreeMap::new(),
        };
        for owner in hierarchy.listed_owners() {
            let position = hierarchy.position_of(Some(owner), day);
            up.regions_of_team.entry(position.team).or_default().insert(position.region);
        }
        for (&((_, owner), currency), &amount) in of_level(own, Level::Owner) {
            up.add_owner(&hierarchy.position_of(Some(owner), day), currency, amount);
        }
        for (&((_, team), currency), &amount) in of_level(own, Level::Team) {
            up.regions_of_team.entry(team).or_insert_with(|| BTreeSet::from([NO_REGION]));
            add(&mut up.all, (Level::Team, team), currency, amount);
        }
        up
    }

    fn add_owner(&mut self, position: &Position<'a>, currency: CurrencyId, amount: QuotaAmount) {
        add(&mut self.all, (Level::Owner, position.owner), currency, amount);
        for manager in &position.managers {
            self.add_sum((Level::Manager, manager), currency, amount);
        }
        self.add_sum((Level::Team, position.team), currency, amount);
        self.regions_of_team.entry(position.team).or_default().insert(position.region);
        self.parts.entry((position.team, position.region, currency)).or_default().add(amount);
    }

    /// Adds to what lies below a node, and to the node itself unless its quota is set.
    fn add_sum(&mut self, node: Node<'a>, currency: CurrencyId, amount: QuotaAmount) {
        add(&mut self.sums, node, currency, amount);
        if !is_set(self.own, node) {
            add(&mut self.all, node, currency, amount);
        }
    }

    /// Teams into regions, regions into the company.
    fn into_company(mut self) -> Self {
        for ((team, region, currency), amount) in std::mem::take(&mut self.parts) {
            if self.regions_of_team.get(team).is_some_and(|regions| regions.len() > 1) {
                self.add_sum((Level::Region, region), currency, amount);
            }
        }
        self.lift(Level::Team, |up, team| {
            let regions = up.regions_of_team.get(team).filter(|regions| regions.len() == 1)?;
            Some((Level::Region, *regions.first()?))
        });
        for (&(region, currency), &amount) in of_level(self.own, Level::Region) {
            add(&mut self.all, region, currency, amount);
        }
        self.lift(Level::Region, |_, _| Some((Level::Company, COMPANY)));
        for (&(company, currency), &amount) in of_level(self.own, Level::Company) {
            add(&mut self.all, company, currency, amount);
        }
        self
    }

    /// Adds every node of `level` to the one it is part of.
    fn lift(&mut self, level: Level, into: impl Fn(&Self, &'a str) -> Option<Node<'a>>) {
        let amounts: Vec<_> = of_level(&self.all, level).map(|(key, amount)| (*key, *amount)).collect();
        for (((_, node), currency), amount) in amounts {
            if let Some(above) = into(self, node) {
                self.add_sum(above, currency, amount);
            }
        }
    }
}

fn node_of(quota: &Quota) -> Node<'_> {
    match &quota.node {
        QuotaNode::Owner(owner) => (Level::Owner, owner),
        QuotaNode::Team(team) => (Level::Team, team),
        QuotaNode::Region(region) => (Level::Region, region),
        QuotaNode::Company => (Level::Company, COMPANY),
    }
}

fn of_level<'m, 'a>(
    amounts: &'m Amounts<'a>,
    level: Level,
) -> impl Iterator<Item = (&'m (Node<'a>, CurrencyId), &'m QuotaAmount)> {
    amounts.range(((level, ""), CurrencyId::at(0))..).take_while(move |(((of, _), _), _)| *of == level)
}

/// Whether a node's quota is set, in any currency.
fn is_set<'a>(own: &Amounts<'a>, node: Node<'a>) -> bool {
    own.range((node, CurrencyId::at(0))..).next().is_some_and(|((first, _), _)| *first == node)
}

fn add<'a>(amounts: &mut Amounts<'a>, node: Node<'a>, currency: CurrencyId, amount: QuotaAmount) {
    amounts.entry((node, currency)).or_default().add(amount);
}

impl QuotaAmount {
    fn add(&mut self, more: Self) {
        self.native += more.native;
        self.base = self.base.zip(more.base).map(|(base, more)| base + more);
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
        Quota { node, period: calendar().parse(period).expect("a period"), quota_minor, currency: CurrencyId::at(0) }
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
        let all = book.node_quotas(&Hierarchy::new(users, &owners, as_of));
        let wanted = all.into_iter().filter(|q| q.node.0 == level && q.period.to_string() == period);
        wanted.filter_map(|q| Some((q.node.1.to_owned(), q.source, q.amount?.native))).collect()
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
    fn halves_stand_between_quarters_and_the_year() {
        let of = |quotas: &[Quota], period: &str| {
            of(&[], quotas, period, Level::Owner).first().map(|(_, _, amount)| *amount)
        };
        let mut quotas = ["2026-Q1", "2026-Q2"].map(|q| quota(owner("a"), q, 100)).to_vec();
        assert_eq!((of(&quotas, "2026-H1"), of(&quotas, "2026")), (Some(200), None));
        quotas.push(quota(owner("a"), "2026-H2", 500));
        assert_eq!((of(&quotas, "2026-Q3"), of(&quotas, "2026")), (None, Some(700)));
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
