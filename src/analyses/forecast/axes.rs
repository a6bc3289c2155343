//! Nodes, periods and currencies of a forecast, each numbered in report order, so that sorting numbers sorts the report.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::forecast::base_money::BaseRows;
use crate::analyses::forecast::facts::{Bucket, Facts};
use crate::analyses::forecast::input::ForecastInput;
use crate::analyses::revisions::HeldForecast;
use crate::books::currency::CurrencyConverter;
use crate::books::currency_axis::CurrencyAxis;
use crate::books::hierarchy::{Hierarchy, Node};
use crate::books::node_axis::NodeAxis;
use crate::books::quota::NodeQuota;
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};

/// The axes of the forecast.
#[derive(Debug)]
pub(super) struct ForecastAxes<'a> {
    pub nodes: NodeAxis<'a>,
    pub currencies: CurrencyAxis,
    /// The native currency that is the base currency, where every amount is in it: its rows show what base rows show.
    pub same_currency: Option<u32>,
    /// By kind, then by time.
    periods: Vec<Period>,
    kinds: BTreeSet<PeriodKind>,
    /// (bucket number, period number), many to many.
    pub period_of_bucket: Vec<(u64, u64)>,
}

impl<'a> ForecastAxes<'a> {
    pub fn new(
        input: &ForecastInput<'_>,
        calendar: &FiscalCalendar,
        hierarchy: &Hierarchy<'a>,
        quotas: &[NodeQuota<'a>],
        held: &BTreeMap<(Node<'a>, Period), HeldForecast>,
        facts: &Facts,
        converter: &CurrencyConverter,
    ) -> Self {
        let kinds: BTreeSet<PeriodKind> = input.config.calendar.periods.iter().copied().collect();
        let spread = PeriodSpread { kinds: &kinds, calendar, as_of: input.snapshot.as_of, facts };
        let named_nodes = quotas.iter().map(|quota| quota.node).chain(held.keys().map(|(node, _)| *node));
        let named_periods = quotas.iter().map(|quota| quota.period).chain(held.keys().map(|(_, period)| *period));
        let used: BTreeSet<CurrencyId> = facts.currencies().chain(quotas.iter().map(|quota| quota.currency)).collect();
        let base = used.iter().copied().find(|currency| converter.is_base(*currency));
        let base = base.filter(|_| facts.quality.base_rows == BaseRows::SameCurrency);
        let currencies = CurrencyAxis::new(used.into_iter(), input.tables);
        let mut axes = Self {
            nodes: NodeAxis::new(hierarchy.positions().iter(), named_nodes),
            same_currency: base.map(|currency| currencies.rank(currency)),
            currencies,
            periods: spread.all(named_periods),
            kinds: kinds.clone(),
            period_of_bucket: Vec::new(),
        };
        for (bucket, number) in facts.buckets() {
            let of_bucket = spread.of(bucket);
            let numbers = of_bucket.iter().filter_map(|period| axes.period(period));
            let trailing = (bucket == Bucket::Trailing).then(|| axes.trailing());
            let pairs: Vec<(u64, u64)> = numbers.chain(trailing).map(|period| (number.into(), period.into())).collect();
            axes.period_of_bucket.extend(pairs);
        }
        axes
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
    pub fn kinds(&self) -> impl Iterator<Item = PeriodKind> {
        self.kinds.iter().copied()
    }
}

/// What buckets become: the months, quarters and years around them.
struct PeriodSpread<'s> {
    kinds: &'s BTreeSet<PeriodKind>,
    calendar: &'s FiscalCalendar,
    as_of: Day,
    facts: &'s Facts,
}

impl PeriodSpread<'_> {
    fn of(&self, bucket: Bucket) -> Vec<Period> {
        match bucket {
            Bucket::Month(first) => self.around(first),
            Bucket::Running => self.around(self.as_of),
            Bucket::Scored(period_index) => self.facts.scored_period(period_index).into_iter().collect(),
            Bucket::Trailing => Vec::new(),
        }
    }

    fn around(&self, day: Day) -> Vec<Period> {
        self.kinds.iter().map(|kind| self.calendar.period_of(*kind, day)).collect()
    }

    /// Every period of a bucket or of `named`, and the running ones, by kind and time.
    fn all(&self, named: impl Iterator<Item = Period>) -> Vec<Period> {
        let occurring = self.facts.buckets().flat_map(|(bucket, _)| self.of(bucket)).chain(self.of(Bucket::Running));
        let named = named.filter(|period| self.kinds.contains(&period.kind));
        let by_kind: BTreeSet<(PeriodKind, Period)> =
            occurring.chain(named).map(|period| (period.kind, period)).collect();
        by_kind.into_iter().map(|(_, period)| period).collect()
    }
}
