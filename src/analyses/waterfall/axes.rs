//! Nodes, periods and currencies of a waterfall, each numbered in report order, so that sorting numbers sorts the report.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::waterfall::input::WaterfallInput;
use crate::analyses::waterfall::transitions::Transitions;
use crate::books::currency_axis::CurrencyAxis;
use crate::books::hierarchy::{Hierarchy, Level};
use crate::books::node_axis::NodeAxis;
use crate::domain::day::Day;
use crate::domain::period::{Period, PeriodKind};

/// The axes of the waterfall.
pub(super) struct WaterfallAxes<'a> {
    pub nodes: NodeAxis<'a>,
    pub currencies: CurrencyAxis,
    /// By kind, then by time, each with the morning it is compared with.
    periods: Vec<(Period, Day)>,
    /// Number of the period of a kind around a month, by the month's first day.
    around: BTreeMap<(PeriodKind, Day), u32>,
}

impl<'a> WaterfallAxes<'a> {
    pub fn new(input: &WaterfallInput<'a>, spans: &[Transitions<'a>]) -> Self {
        let calendar = input.config.fiscal_calendar();
        let mut periods = BTreeSet::new();
        let mut around = BTreeMap::new();
        for span in spans {
            for month in months(span) {
                for kind in span.kinds {
                    let period = calendar.period_of(*kind, month);
                    if input.filter.admits_period(&period) {
                        periods.insert((*kind, period, span.mornings.from));
                        around.insert((*kind, month), period);
                    }
                }
            }
        }
        let periods: Vec<(Period, Day)> = periods.into_iter().map(|(_, period, from)| (period, from)).collect();
        let numbers: BTreeMap<(PeriodKind, Day), u32> =
            periods.iter().zip(0..).map(|((period, _), number)| ((period.kind, period.first), number)).collect();
        let around = around.into_iter().filter_map(|(key, period)| Some((key, *numbers.get(&(key.0, period.first))?)));
        let mornings = spans.iter().map(|span| &span.mornings);
        let hierarchies = mornings.flat_map(|mornings| [mornings.starts(), mornings.ends()]);
        let codes = spans.iter().flat_map(|span| &span.sums).map(|(transition, _)| transition.currency);
        Self {
            nodes: NodeAxis::new(hierarchies.flat_map(Hierarchy::positions), std::iter::empty()),
            currencies: CurrencyAxis::new(codes, input.tables),
            periods,
            around: around.collect(),
        }
    }

    /// Per position of `hierarchy` the numbers of its nodes of `level`, empty where the level is not reported.
    pub fn nodes_of_positions(&self, hierarchy: &Hierarchy<'a>, level: Level) -> Vec<Vec<u32>> {
        hierarchy.positions().iter().map(|position| self.nodes.numbers(position, level).collect()).collect()
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
}

/// The first day of every month a deal counts in.
fn months(span: &Transitions<'_>) -> BTreeSet<Day> {
    span.sums.iter().flat_map(|(transition, _)| [transition.from, transition.to]).flatten().map(|at| at.month).collect()
}
