//! Nodes, periods and currencies of a forecast, each numbered in report order, so that sorting numbers sorts the report.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::forecast::facts::{Bucket, Facts};
use crate::analyses::forecast::{ForecastCurrency, ForecastInput, ForecastNode};
use crate::analyses::revisions::Held;
use crate::books::currency::CurrencyConverter;
use crate::books::hierarchy::{COMPANY, Hierarchy, Level, NO_MANAGER, NO_REGION, NO_TEAM};
use crate::books::quota::{Node, NodeQuota};
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};

/// The axes of the report.
#[derive(Debug)]
pub(super) struct Axes<'a> {
    nodes: Vec<Node<'a>>,
    /// By kind, then by time.
    periods: Vec<Period>,
    kinds: Vec<PeriodKind>,
    /// Rank of a currency code, by the currency's name.
    currency_ranks: BTreeMap<u32, u32>,
    currency_list: Vec<ForecastCurrency>,
    /// (bucket number, period number), many to many.
    pub period_of_bucket: Vec<(u64, u64)>,
}

impl<'a> Axes<'a> {
    pub fn new(
        input: &ForecastInput<'_>,
        calendar: &FiscalCalendar,
        hierarchy: &Hierarchy<'a>,
        quotas: &[NodeQuota<'a>],
        held: &BTreeMap<(Node<'a>, Period), Held>,
        facts: &Facts,
    ) -> Self {
        let kinds: BTreeSet<PeriodKind> = input.config.calendar.periods.iter().copied().collect();
        let spread = |bucket: Bucket| -> Vec<Period> {
            let around = |day| kinds.iter().map(|kind| calendar.period_of(*kind, day)).collect();
            match bucket {
                Bucket::Month(first) => around(first),
                Bucket::Running => around(input.snapshot.as_of),
                Bucket::Scored(period_index) => facts.scored_period(period_index).into_iter().collect(),
                Bucket::Trailing => Vec::new(),
            }
        };
        let named = quotas.iter().map(|quota| quota.period).chain(held.keys().map(|(_, period)| *period));
        let named = named.filter(|period| kinds.contains(&period.kind));
        let occurring = facts.buckets().flat_map(|(bucket, _)| spread(bucket)).chain(spread(Bucket::Running));
        let periods: BTreeSet<(PeriodKind, Period)> =
            occurring.chain(named).map(|period| (period.kind, period)).collect();
        let (currency_ranks, currency_list) = currencies(input, quotas, facts);
        let mut axes = Self {
            nodes: nodes(hierarchy, quotas.iter().map(|quota| quota.node).chain(held.keys().map(|(node, _)| *node))),
            periods: periods.into_iter().map(|(_, period)| period).collect(),
            kinds: kinds.iter().copied().collect(),
            currency_ranks,
            currency_list,
            period_of_bucket: Vec::new(),
        };
        for (bucket, number) in facts.buckets() {
            let periods = spread(bucket);
            let numbers = periods.iter().filter_map(|period| axes.period(period));
            let trailing = (bucket == Bucket::Trailing).then(|| axes.trailing());
            let pairs: Vec<(u64, u64)> = numbers.chain(trailing).map(|period| (number.into(), period.into())).collect();
            axes.period_of_bucket.extend(pairs);
        }
        axes
    }

    /// Number of a node; `None` where its level is not reported.
    pub fn node(&self, node: Node<'a>) -> Option<u32> {
        self.nodes.binary_search(&node).ok().map(|i| i as u32)
    }

    /// The node of a number.
    pub fn node_at(&self, number: usize) -> Option<Node<'a>> {
        self.nodes.get(number).copied()
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The level of a node by number.
    pub fn level(&self, node: u32) -> Option<Level> {
        self.nodes.get(node as usize).map(|node| node.0)
    }

    /// Number of the company.
    pub fn company(&self) -> u32 {
        self.node((Level::Company, COMPANY)).unwrap_or_default()
    }

    /// Number of a period; `None` where it is not reported.
    pub fn period(&self, period: &Period) -> Option<u32> {
        self.periods.binary_search_by_key(&(period.kind, *period), |p| (p.kind, *p)).ok().map(|i| i as u32)
    }

    /// The number of the trailing year: no period, sorted after all of them.
    pub fn trailing(&self) -> u32 {
        self.periods.len() as u32
    }

    /// How many period numbers there are, that of the trailing year included.
    pub fn period_numbers(&self) -> u64 {
        self.periods.len() as u64 + 1
    }

    /// The period of a number; `None` for the trailing year.
    pub fn period_at(&self, number: u32) -> Option<Period> {
        self.periods.get(number as usize).copied()
    }

    /// The period kinds reported.
    pub fn kinds(&self) -> &[PeriodKind] {
        &self.kinds
    }

    /// Rank of a native currency among those that occur, by name.
    pub fn currency(&self, code: u32) -> u32 {
        self.currency_ranks.get(&code).copied().unwrap_or_default()
    }

    /// Rank of the base currency: after all native ones.
    pub fn base_currency(&self) -> u32 {
        self.currency_list.len() as u32
    }

    /// The native currencies by rank, and the base currency last.
    pub fn currencies(&self, converter: &CurrencyConverter) -> Vec<ForecastCurrency> {
        let base = ForecastCurrency { code: converter.base().to_owned(), decimals: converter.base_decimals() };
        self.currency_list.iter().cloned().chain([base]).collect()
    }

    /// The nodes with their printed names.
    pub fn named_nodes(&self, hierarchy: &Hierarchy<'_>) -> Vec<ForecastNode> {
        let name = |level: Level, key: &str| match level {
            Level::Owner | Level::Manager => hierarchy.name_of(key).unwrap_or(key).to_owned(),
            _ => key.to_owned(),
        };
        let node = |&(level, key): &Node<'_>| ForecastNode { level, key: key.to_owned(), name: name(level, key) };
        self.nodes.iter().map(node).collect()
    }
}

/// Every node of a deal, and of a quota or something submitted (`named`), and the company; no level of which nothing is
/// known.
fn nodes<'a>(hierarchy: &Hierarchy<'a>, named: impl Iterator<Item = Node<'a>>) -> Vec<Node<'a>> {
    let mut nodes: BTreeSet<Node<'a>> = BTreeSet::from([(Level::Company, COMPANY)]);
    for position in hierarchy.positions() {
        for level in Level::ALL {
            nodes.extend(position.nodes(level).iter().map(|node| (level, *node)));
        }
    }
    nodes.extend(named);
    for unknown in [(Level::Manager, NO_MANAGER), (Level::Team, NO_TEAM), (Level::Region, NO_REGION)] {
        if nodes.iter().all(|node| node.0 != unknown.0 || *node == unknown) {
            nodes.remove(&unknown);
        }
    }
    nodes.into_iter().collect()
}

fn currencies(
    input: &ForecastInput<'_>,
    quotas: &[NodeQuota<'_>],
    facts: &Facts,
) -> (BTreeMap<u32, u32>, Vec<ForecastCurrency>) {
    let name = |code: u32| input.tables.currencies.name(code).unwrap_or("(none)").to_owned();
    let of_quotas: BTreeSet<u32> = quotas.iter().map(|quota| quota.currency).collect();
    let by_name: BTreeMap<String, u32> = facts.currencies().chain(of_quotas).map(|code| (name(code), code)).collect();
    let ranks = by_name.values().enumerate().map(|(rank, code)| (*code, rank as u32)).collect();
    let list =
        by_name.into_iter().map(|(code, number)| ForecastCurrency { code, decimals: input.tables.decimals_of(number) });
    (ranks, list.collect())
}
