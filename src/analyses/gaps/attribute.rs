//! Counts and the forecast's rows to rows: target, expected, and the gap between them taken apart.

use std::cmp::Reverse;

use rayon::prelude::*;

use crate::analyses::forecast::{Forecast, ForecastRow, RowsOfMoney};
use crate::analyses::gaps::benchmarks::StepCounts;
use crate::analyses::gaps::causes::GapCause;
use crate::analyses::gaps::counts::{AllCounts, NodeCounts};
use crate::analyses::gaps::history::ReferencePeriods;
use crate::analyses::gaps::input::GapsInput;
use crate::analyses::gaps::money::GapMoney;
use crate::analyses::gaps::rows::{GapAttribution, GapRow, Gaps, NoGaps, TargetSource};
use crate::books::hierarchy::Level;
use crate::books::segment::Segment;
use crate::scoring::Scores;
use crate::stats::shapley::{apportioned, rounded, shapley};

/// The gap of every node of the forecast and of every value of the segments, taken apart, money by money.
#[must_use]
pub fn gaps(input: &GapsInput<'_>) -> Gaps {
    let (rows, absence) = match input.scores {
        None => (Vec::new(), Some(NoGaps::NoScores)),
        Some(scores) => (all_rows(input, scores), None),
    };
    Gaps { as_of: input.snapshot.as_of, currencies: input.forecast.currencies.clone(), rows, absence }
}

/// Every row, in report order.
fn all_rows(input: &GapsInput<'_>, scores: &Scores) -> Vec<GapRow> {
    let of_rows = |of_money: RowsOfMoney| {
        let money = GapMoney { rows: of_money };
        rows(input, &AllCounts::of(input, scores, &money), &money)
    };
    let mut rows: Vec<GapRow> =
        RowsOfMoney::complete(input.forecast, input.tables).into_iter().flat_map(of_rows).collect();
    let mut order: Vec<String> = Level::ALL.into_iter().map(|level| level.name().to_owned()).collect();
    order.extend(input.history.segments.iter().filter_map(|segment| segment.column.clone()));
    rows.sort_by_cached_key(|row| {
        let level = order.iter().position(|level| *level == row.level);
        (level, row.period.kind, row.basis, row.currency, Reverse(row.gap()), row.node.clone())
    });
    rows
}

/// What all rows of one length of period share.
struct Comparison<'f> {
    periods: &'f ReferencePeriods,
    /// All deals.
    all: &'f NodeCounts,
    /// Whether pushes out of a period are known.
    knows_slips: bool,
    /// Deals not yet created that are expected to be won, by everybody.
    new_wins: f64,
}

/// What a row is known by and what its node has, before the gap is taken apart.
struct OpenGap {
    row: GapRow,
    counts: NodeCounts,
}

/// Every row of one money, whose counts these are.
fn rows(input: &GapsInput<'_>, counts: &AllCounts<'_>, money: &GapMoney) -> Vec<GapRow> {
    let kinds = 0..input.history.kinds.len();
    let comparisons: Vec<Comparison<'_>> = kinds.map(|kind| Comparison::of(input, counts, kind)).collect();
    let mut open_gaps = node_gaps(input, counts, &comparisons, money);
    for (s, segment) in input.history.segments.iter().enumerate() {
        for (k, comparison) in comparisons.iter().enumerate() {
            open_gaps.extend(segment_gaps(input, segment, &counts.of_kinds[k].of_segments[s], comparison, money));
        }
    }
    open_gaps.into_par_iter().map(|gap| gap.attributed(&comparisons)).collect()
}

/// The nodes of the forecast that have a target, level by level.
fn node_gaps(
    input: &GapsInput<'_>,
    counts: &AllCounts<'_>,
    comparisons: &[Comparison<'_>],
    money: &GapMoney,
) -> Vec<OpenGap> {
    let of_nodes = counts_of_nodes(input.forecast, counts, comparisons.len());
    let gap = |row: &ForecastRow| {
        let kind = comparisons.iter().position(|comparison| comparison.periods.running == row.period)?;
        node_gap(input.forecast, row, of_nodes[kind][row.node], &comparisons[kind])
    };
    input.forecast.rows.iter().filter(|row| money.rows.hold(row)).filter_map(gap).collect()
}

/// By length of period and node of the forecast.
fn counts_of_nodes(forecast: &Forecast, counts: &AllCounts<'_>, kinds: usize) -> Vec<Vec<NodeCounts>> {
    let nodes = &forecast.nodes;
    let mut of_nodes = vec![vec![NodeCounts::default(); nodes.len()]; kinds];
    for (position, of_position) in counts.positions() {
        for level in Level::ALL {
            for key in position.nodes(level) {
                let found = nodes.binary_search_by(|node| (node.level, node.key.as_str()).cmp(&(level, *key)));
                let Ok(node) = found else { continue };
                of_nodes.iter_mut().zip(&of_position).for_each(|(of_kind, more)| of_kind[node].add(more));
            }
        }
    }
    of_nodes
}

/// The gap of one node in a running period; `None` without a target or an expectation.
fn node_gap(
    forecast: &Forecast,
    row: &ForecastRow,
    counts: NodeCounts,
    comparison: &Comparison<'_>,
) -> Option<OpenGap> {
    let node = &forecast.nodes[row.node];
    let quota = row.target().map(|quota| (quota, TargetSource::Quota));
    let (target, target_source) = quota.or_else(|| comparison.past_mean(&counts))?;
    let behind = match (row.final_sum.as_ref(), target_source) {
        (Some(end), TargetSource::Quota) => end.hits_quota.map_or(row.expected()? < target, |hits| hits < 0.5),
        (Some(end), _) => end.p50() < target,
        (None, _) => row.expected()? < target,
    };
    let row = GapRow {
        level: node.level.name().to_owned(),
        node: node.key.clone(),
        name: node.name.clone(),
        period: row.period,
        basis: row.basis,
        currency: row.currency,
        target,
        target_source,
        won: row.won,
        expected_from_open: row.expected_from_open?,
        expected_from_new: row.final_sum.as_ref().map_or(0, |end| end.expected_from_new),
        hits_quota: row.final_sum.as_ref().and_then(|end| end.hits_quota),
        behind,
        attribution: None,
    };
    Some(OpenGap { row, counts })
}

/// The values of a column in one running period, if the forecast has that of the company.
fn segment_gaps(
    input: &GapsInput<'_>,
    segment: &Segment,
    of_values: &[NodeCounts],
    comparison: &Comparison<'_>,
    money: &GapMoney,
) -> Vec<OpenGap> {
    let is_company = |row: &&ForecastRow| {
        let level = input.forecast.nodes[row.node].level;
        level == Level::Company && money.rows.hold(row) && row.period == comparison.periods.running
    };
    let Some(company) = input.forecast.rows.iter().find(is_company) else { return Vec::new() };
    let weights = |i: usize| of_values.iter().map(|counts| counts.weights()[i]).collect::<Vec<i64>>();
    let quotas = company.target().and_then(|quota| apportioned(quota, &weights(0)));
    let to_come = company.final_sum.as_ref().map_or(0, |end| end.expected_from_new);
    let new = (0..3).find_map(|i| apportioned(to_come, &weights(i)));
    let gap = |value: usize| -> Option<OpenGap> {
        let counts = of_values[value];
        let quota = quotas.as_ref().map(|quotas| (quotas[value], TargetSource::Share));
        let (target, target_source) = quota.or_else(|| comparison.past_mean(&counts))?;
        let mut row = GapRow {
            level: segment.column.clone().unwrap_or_default(),
            node: segment.values[value].clone(),
            name: segment.values[value].clone(),
            period: comparison.periods.running,
            basis: money.rows.basis,
            currency: money.rows.currency,
            target,
            target_source,
            won: counts.won,
            expected_from_open: counts.from_open,
            expected_from_new: new.as_ref().map_or(0, |new| new[value]),
            hits_quota: None,
            behind: false,
            attribution: None,
        };
        row.behind = row.gap() > 0;
        Some(OpenGap { row, counts })
    };
    (0..of_values.len()).filter(|&value| !of_values[value].is_empty()).filter_map(gap).collect()
}

impl OpenGap {
    /// The row, with its gap taken apart where past periods allow it.
    fn attributed(self, comparisons: &[Comparison<'_>]) -> GapRow {
        let comparison = comparisons.iter().find(|comparison| comparison.periods.running == self.row.period);
        let attribution = comparison.and_then(|comparison| comparison.attribution(&self.row, &self.counts));
        GapRow { attribution, ..self.row }
    }
}

impl<'f> Comparison<'f> {
    fn of(input: &GapsInput<'f>, counts: &'f AllCounts<'_>, kind: usize) -> Self {
        let periods = &input.history.kinds[kind];
        Self {
            periods,
            all: &counts.of_kinds[kind].all,
            knows_slips: input.history.knows_pushes(kind),
            new_wins: input.outlook.new.deals(&periods.running, input.calendar),
        }
    }

    /// What a past period brought, rounded half to even; nothing to reach where credits outweigh it.
    fn past_mean(&self, counts: &NodeCounts) -> Option<(i64, TargetSource)> {
        let periods = self.periods.past.len();
        let mean = (counts.past_won as f64 / periods as f64).round_ties_even() as i64;
        (periods > 0).then_some((mean.max(0), TargetSource::Past))
    }

    /// Where no push is known all deals are kept.
    fn without_slips(&self, counts: StepCounts) -> StepCounts {
        if self.knows_slips { counts } else { StepCounts { kept: counts.deals, ..counts } }
    }

    fn attribution(&self, row: &GapRow, counts: &NodeCounts) -> Option<GapAttribution> {
        let company = self.without_slips(self.all.past()).benchmarks()?;
        let benchmarks = match row.target_source {
            TargetSource::Quota => company,
            TargetSource::Share | TargetSource::Past => company.of(&self.without_slips(counts.past())),
        };
        let new_wins = self.new_wins * counts.new_share;
        let counts = self.without_slips(counts.expected(self.all, new_wins, row.expected()));
        let (of_benchmarks, mut factors) = (benchmarks.factors(row.target), counts.factors());
        let mut actual = of_benchmarks;
        actual.iter_mut().zip(factors).for_each(|(actual, factor)| *actual = factor.unwrap_or(*actual));
        let mut parts = shapley(&of_benchmarks, &actual);
        // Nothing but floating point, and amounts that are nobody's win.
        parts[GapCause::SmallerDeals as usize] += row.gap() as f64 - parts.iter().sum::<f64>();
        let mut measured = of_benchmarks.map(Some);
        if !self.knows_slips {
            let slips = GapCause::SlippedDeals as usize;
            (factors[slips], measured[slips]) = (None, None);
        }
        let significant = benchmarks.differ(&counts, row.target);
        Some(GapAttribution { parts: rounded(&parts, row.gap()), factors, benchmarks: measured, significant })
    }
}
