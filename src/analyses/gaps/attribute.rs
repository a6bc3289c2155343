//! Tallies and the forecast's rows to rows: target, expected, and the gap between them taken apart.

use rayon::prelude::*;

use crate::analyses::forecast::{Basis, ForecastRow};
use crate::analyses::gaps::factors::{Cause, Counts};
use crate::analyses::gaps::history::Looks;
use crate::analyses::gaps::tally::{Tallies, Tally};
use crate::analyses::gaps::{LagRow, LagsInput, Reasons, TargetSource};
use crate::books::hierarchy::Level;
use crate::books::segment::Segment;
use crate::stats::shapley::{apportioned, rounded, shapley};

/// What all rows of one length of period share.
struct Frame<'f> {
    looks: &'f Looks,
    /// All deals.
    all: &'f Tally,
    /// Whether pushes are told apart.
    slips: bool,
    /// Deals not yet created that are expected to be won, by everybody.
    new_wins: f64,
}

/// What a row is known by and what its node has, before the gap is taken apart.
struct Case {
    row: LagRow,
    tally: Tally,
}

/// Every row, in report order.
pub(super) fn rows<'i>(input: &LagsInput<'i>, tallies: &Tallies<'_>) -> Vec<LagRow> {
    let frame = |(k, looks): (usize, &'i Looks)| Frame {
        looks,
        all: &tallies.of_kinds[k].all,
        slips: input.history.tells_pushes(k),
        new_wins: input.outlook.new.deals(&looks.running, input.calendar),
    };
    let frames: Vec<Frame<'_>> = input.history.kinds.iter().enumerate().map(frame).collect();
    let mut cases = node_cases(input, tallies, &frames);
    for (s, segment) in input.history.segments.iter().enumerate() {
        for (k, frame) in frames.iter().enumerate() {
            cases.extend(segment_cases(input, segment, &tallies.of_kinds[k].of_segments[s], frame));
        }
    }
    let finish = |case: Case| {
        let frame = frames.iter().find(|frame| frame.looks.running == case.row.period);
        let reasons = frame.and_then(|frame| frame.reasons(&case));
        LagRow { reasons, ..case.row }
    };
    let mut rows: Vec<LagRow> = cases.into_par_iter().map(finish).collect();
    for rows in rows.chunk_by_mut(|a, b| a.level == b.level) {
        rows.sort_by(|a, b| {
            let widest_first = || b.gap().cmp(&a.gap()).then_with(|| a.node.cmp(&b.node));
            a.period.kind.cmp(&b.period.kind).then_with(widest_first)
        });
    }
    rows
}

/// The nodes of the forecast that have a target, level by level.
fn node_cases(input: &LagsInput<'_>, tallies: &Tallies<'_>, frames: &[Frame<'_>]) -> Vec<Case> {
    let nodes = &input.forecast.nodes;
    let mut of_nodes = vec![vec![Tally::default(); nodes.len()]; frames.len()];
    for (place, of_place) in tallies.places() {
        for level in Level::ALL {
            for key in place.nodes(level) {
                let found = nodes.binary_search_by(|node| (node.level, node.key.as_str()).cmp(&(level, *key)));
                let Ok(node) = found else { continue };
                of_nodes.iter_mut().zip(&of_place).for_each(|(tallies, tally)| tallies[node].add(tally));
            }
        }
    }
    let case = |row: &ForecastRow| -> Option<Case> {
        let k = frames.iter().position(|frame| frame.looks.running == row.period)?;
        let (node, tally) = (&nodes[row.node], of_nodes[k][row.node]);
        let quota = row.quota.map(|quota| (quota, TargetSource::Quota));
        let (target, target_source) = quota.or_else(|| frames[k].past_mean(&tally))?;
        let behind = match (row.final_sum.as_ref(), target_source) {
            (Some(sum), TargetSource::Quota) => sum.hits_quota.map_or(row.expected()? < target, |chance| chance < 0.5),
            (Some(sum), _) => sum.quantiles[1] < target,
            (None, _) => row.expected()? < target,
        };
        let row = LagRow {
            level: node.level.name().to_owned(),
            node: node.key.clone(),
            name: node.name.clone(),
            period: row.period,
            target,
            target_source,
            won: row.won,
            expected_from_open: row.expected_from_open?,
            expected_from_new: row.final_sum.as_ref().map_or(0, |sum| sum.expected_from_new),
            hits_quota: row.final_sum.as_ref().and_then(|sum| sum.hits_quota),
            behind,
            reasons: None,
        };
        Some(Case { row, tally })
    };
    input.forecast.rows.iter().filter(|row| row.basis == Basis::Base).filter_map(case).collect()
}

/// The values of a column in one running period, if the forecast tells that of the company.
fn segment_cases(input: &LagsInput<'_>, segment: &Segment, tallies: &[Tally], frame: &Frame<'_>) -> Vec<Case> {
    let is_company = |row: &&ForecastRow| {
        let level = input.forecast.nodes[row.node].level;
        level == Level::Company && row.basis == Basis::Base && row.period == frame.looks.running
    };
    let Some(company) = input.forecast.rows.iter().find(is_company) else { return Vec::new() };
    let weights = |i: usize| tallies.iter().map(|tally| tally.weights()[i]).collect::<Vec<i64>>();
    let quotas = company.quota.and_then(|quota| apportioned(quota, &weights(0)));
    let to_come = company.final_sum.as_ref().map_or(0, |sum| sum.expected_from_new);
    let new = (0..3).find_map(|i| apportioned(to_come, &weights(i)));
    let case = |(value, tally): (usize, &Tally)| -> Option<Case> {
        let quota = quotas.as_ref().map(|quotas| (quotas[value], TargetSource::Share));
        let (target, target_source) = quota.or_else(|| frame.past_mean(tally))?;
        let mut row = LagRow {
            level: segment.column.clone().unwrap_or_default(),
            node: segment.values[value].clone(),
            name: segment.values[value].clone(),
            period: frame.looks.running,
            target,
            target_source,
            won: tally.won,
            expected_from_open: tally.from_open,
            expected_from_new: new.as_ref().map_or(0, |new| new[value]),
            hits_quota: None,
            behind: false,
            reasons: None,
        };
        row.behind = row.gap() > 0;
        Some(Case { row, tally: *tally })
    };
    tallies.iter().enumerate().filter(|(_, tally)| !tally.is_empty()).filter_map(case).collect()
}

impl Frame<'_> {
    /// What a past period brought, rounded half to even.
    fn past_mean(&self, tally: &Tally) -> Option<(i64, TargetSource)> {
        let periods = self.looks.past.len();
        let mean = (tally.past_won as f64 / periods as f64).round_ties_even() as i64;
        (periods > 0).then_some((mean, TargetSource::Past))
    }

    /// Without pushes told apart all deals are kept.
    fn seen(&self, counts: Counts) -> Counts {
        if self.slips { counts } else { Counts { kept: counts.deals, ..counts } }
    }

    fn reasons(&self, Case { row, tally }: &Case) -> Option<Reasons> {
        let company = self.seen(self.all.past()).norms()?;
        let norms = match row.target_source {
            TargetSource::Quota => company,
            TargetSource::Share | TargetSource::Past => company.of(&self.seen(tally.past())),
        };
        let counts = self.seen(tally.counts(self.all, self.new_wins * tally.new_share, row.expected()));
        let (usual, mut factors) = (norms.factors(row.target), counts.factors());
        let mut actual = usual;
        actual.iter_mut().zip(factors).for_each(|(actual, factor)| *actual = factor.unwrap_or(*actual));
        let mut parts = shapley(&usual, &actual);
        // Nothing but floating point, and amounts that are nobody's win.
        parts[Cause::DealSize as usize] += row.gap() as f64 - parts.iter().sum::<f64>();
        let mut usual = usual.map(Some);
        if !self.slips {
            (factors[Cause::Slippage as usize], usual[Cause::Slippage as usize]) = (None, None);
        }
        let beyond_chance = norms.differ(&counts, row.target);
        Some(Reasons { parts: rounded(&parts, row.gap()), factors, norms: usual, beyond_chance })
    }
}
