//! Nodes, periods and currencies of a waterfall, each numbered in report order, so that sorting numbers sorts the report.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::forecast::{ForecastCurrency, ForecastNode};
use crate::analyses::waterfall::WaterfallInput;
use crate::analyses::waterfall::ways::Ways;
use crate::books::currency::CurrencyConverter;
use crate::books::hierarchy::{COMPANY, Hierarchy, Level, NO_MANAGER, NO_REGION, NO_TEAM};
use crate::books::quota::Node;
use crate::domain::day::Day;
use crate::domain::period::{Period, PeriodKind};

/// The axes of the report.
pub(super) struct Axes<'a> {
    nodes: Vec<Node<'a>>,
    /// By kind, then by time, each with the morning it is compared with.
    periods: Vec<(Period, Day)>,
    /// Number of the period of a kind around a month, by the month's first day.
    around: BTreeMap<(PeriodKind, Day), u32>,
    /// Rank of a currency code, by the currency's name.
    currency_ranks: BTreeMap<u32, u32>,
    currency_list: Vec<ForecastCurrency>,
}

impl<'a> Axes<'a> {
    pub fn new(input: &WaterfallInput<'a>, ways: &[Ways<'a>]) -> Self {
        let calendar = input.config.fiscal_calendar();
        let mut periods = BTreeSet::new();
        let mut around = BTreeMap::new();
        for ways in ways {
            let months = ways.sums.iter().flat_map(|(way, _)| [way.from, way.to]).flatten().map(|stand| stand.month);
            for month in months.collect::<BTreeSet<Day>>() {
                for kind in ways.kinds {
                    let period = calendar.period_of(*kind, month);
                    if input.filter.admits_period(&period) {
                        periods.insert((*kind, period, ways.sides.from));
                        around.insert((*kind, month), period);
                    }
                }
            }
        }
        let periods: Vec<(Period, Day)> = periods.into_iter().map(|(_, period, from)| (period, from)).collect();
        let numbers: BTreeMap<(PeriodKind, Day), u32> =
            periods.iter().zip(0..).map(|((period, _), number)| ((period.kind, period.first), number)).collect();
        let around = around.into_iter().filter_map(|(key, period)| Some((key, *numbers.get(&(key.0, period.first))?)));
        let (currency_ranks, currency_list) = currencies(input, ways);
        Self { nodes: nodes(ways), periods, around: around.collect(), currency_ranks, currency_list }
    }

    /// Per position of `hierarchy` the numbers of its nodes of `level`, empty where the level is not reported.
    pub fn nodes_of_positions(&self, hierarchy: &Hierarchy<'a>, level: Level) -> Vec<Vec<u32>> {
        let number = |key: &&'a str| self.nodes.binary_search(&(level, *key)).ok().map(|i| i as u32);
        let of_position = |nodes: &[&'a str]| nodes.iter().filter_map(number).collect();
        hierarchy.positions().iter().map(|position| of_position(position.nodes(level))).collect()
    }

    /// The number of the period of `kind` around `month`; `None` where it is not reported.
    pub fn period(&self, kind: PeriodKind, month: Day) -> Option<u32> {
        self.around.get(&(kind, month)).copied()
    }

    /// The period of a number, and the morning it is compared with.
    pub fn period_at(&self, number: u32) -> (Period, Day) {
        self.periods[number as usize]
    }

    /// How many periods there are.
    pub fn periods(&self) -> u64 {
        self.periods.len() as u64
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
    pub fn named_nodes(&self, ways: &[Ways<'a>]) -> Vec<ForecastNode> {
        let hierarchy = ways.first().map(|ways| ways.sides.ends());
        let name = |level: Level, key: &'a str| match level {
            Level::Owner | Level::Manager => hierarchy.and_then(|s| s.name_of(key)).unwrap_or(key),
            _ => key,
        };
        let node = |&(level, key): &Node<'a>| {
            let name = name(level, key).to_owned();
            ForecastNode { level, key: key.to_owned(), name }
        };
        self.nodes.iter().map(node).collect()
    }
}

/// Every node of a deal, and the company; no level of which nothing is known.
fn nodes<'a>(ways: &[Ways<'a>]) -> Vec<Node<'a>> {
    let mut nodes: BTreeSet<Node<'a>> = BTreeSet::from([(Level::Company, COMPANY)]);
    for position in
        ways.iter().flat_map(|ways| ways.sides.starts().positions().iter().chain(ways.sides.ends().positions()))
    {
        for level in Level::ALL {
            nodes.extend(position.nodes(level).iter().map(|node| (level, *node)));
        }
    }
    for unknown in [(Level::Manager, NO_MANAGER), (Level::Team, NO_TEAM), (Level::Region, NO_REGION)] {
        if nodes.iter().all(|node| node.0 != unknown.0 || *node == unknown) {
            nodes.remove(&unknown);
        }
    }
    nodes.into_iter().collect()
}

fn currencies(input: &WaterfallInput<'_>, ways: &[Ways<'_>]) -> (BTreeMap<u32, u32>, Vec<ForecastCurrency>) {
    let codes: BTreeSet<u32> = ways.iter().flat_map(|ways| &ways.sums).map(|(way, _)| way.currency).collect();
    let name = |code: u32| input.tables.currencies.name(code).unwrap_or("(none)").to_owned();
    let by_name: BTreeMap<String, u32> = codes.into_iter().map(|code| (name(code), code)).collect();
    let ranks = by_name.values().zip(0..).map(|(code, rank)| (*code, rank)).collect();
    let list =
        by_name.into_iter().map(|(code, number)| ForecastCurrency { code, decimals: input.tables.decimals_of(number) });
    (ranks, list.collect())
}
