//! Cells to report rows: the sums of one node and period side by side, and the ratios between them.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::axes::Axes;
use super::cells::Cell;
use super::conversion::Closings;
use super::facts::{MEASURES, Measure};
use super::{Basis, ForecastRow};
use crate::analytics::quota::{NodeQuota, QuotaSource};
use crate::domain::day::Day;
use crate::domain::period::Period;

/// The sums and counts of one row, by measure.
#[derive(Clone, Copy)]
struct Totals([(i64, i64); MEASURES]);

impl Totals {
    fn of(cells: &[Cell]) -> Self {
        let mut totals = [(0, 0); MEASURES];
        for cell in cells {
            if let Some((amount, deals)) = totals.get_mut(cell.measure as usize) {
                *amount += cell.amount;
                *deals += cell.deals;
            }
        }
        Self(totals)
    }

    fn money(&self, measure: Measure) -> i64 {
        self.0[measure as usize].0
    }

    fn deals(&self, measure: Measure) -> i64 {
        self.0[measure as usize].1
    }

    fn closings(&self) -> Closings {
        Closings {
            won: self.money(Measure::WonTrailing).into(),
            lost: self.money(Measure::LostTrailing).into(),
            deals: self.deals(Measure::WonTrailing) + self.deals(Measure::LostTrailing),
        }
    }
}

/// What a row needs beside its own sums.
struct Context<'a> {
    axes: &'a Axes,
    sources: BTreeMap<(u32, u32), QuotaSource>,
    closings: BTreeMap<(u32, Basis, u32), Closings>,
    scored: &'a [Period],
    has_scores: bool,
    as_of: Day,
}

/// The rows of `cells`, in report order. `scored` are the periods the scores speak of.
pub(super) fn assemble(
    mut cells: Vec<Cell>,
    axes: &Axes,
    quotas: &[NodeQuota],
    scored: &[Period],
    has_scores: bool,
    as_of: Day,
) -> Vec<ForecastRow> {
    cells.par_sort_unstable();
    let rows = || cells.chunk_by(|a, b| a.row() == b.row());
    let source =
        |quota: &NodeQuota| Some(((axes.node(quota.level, &quota.node)?, axes.period(&quota.period)?), quota.source));
    let closings = rows()
        .filter(|row| row[0].period == axes.trailing())
        .map(|row| ((row[0].node, row[0].basis, row[0].currency), Totals::of(row).closings()));
    let context = Context {
        axes,
        sources: quotas.iter().filter_map(source).collect(),
        closings: closings.collect(),
        scored,
        has_scores,
        as_of,
    };
    let rows = cells.par_chunk_by(|a, b| a.row() == b.row());
    rows.filter_map(|row| context.row(&row[0], &Totals::of(row), row.iter().any(is_quota))).collect()
}

fn is_quota(cell: &Cell) -> bool {
    cell.measure == Measure::Quota as u32
}

impl Context<'_> {
    fn row(&self, key: &Cell, totals: &Totals, has_quota: bool) -> Option<ForecastRow> {
        let period = self.axes.period_at(key.period)?;
        let won = totals.money(Measure::Won);
        let pipeline = totals.money(Measure::Pipeline);
        let quota = has_quota.then(|| totals.money(Measure::Quota));
        let expected_from_open = self.expected_from_open(&period, totals);
        Some(ForecastRow {
            node: key.node as usize,
            period,
            currency: key.currency as usize,
            basis: key.basis,
            quota,
            quota_source: self.quota_source(key, has_quota),
            won,
            gap: quota.map(|quota| quota - won),
            lost: totals.money(Measure::Lost),
            pipeline,
            best_case: totals.money(Measure::BestCase),
            commit: totals.money(Measure::Commit),
            weighted: weighted(totals),
            expected_from_open,
            expected: expected_from_open.map(|expected| won + expected),
            attainment: quota.and_then(|quota| ratio(won, quota)),
            coverage: quota.and_then(|quota| ratio(pipeline, quota - won)),
            required_coverage: self.required_coverage(key, &period),
            overdue: period.contains(self.as_of).then(|| totals.money(Measure::Overdue)),
            won_deals: totals.deals(Measure::Won),
            lost_deals: totals.deals(Measure::Lost),
            open_deals: totals.deals(Measure::Pipeline),
            overdue_deals: totals.deals(Measure::Overdue),
            deals_without_amount: totals.deals(Measure::WithoutAmount),
        })
    }

    fn quota_source(&self, key: &Cell, has_quota: bool) -> QuotaSource {
        let source = self.sources.get(&(key.node, key.period)).copied().filter(|_| has_quota);
        source.unwrap_or(QuotaSource::Absent)
    }

    fn expected_from_open(&self, period: &Period, totals: &Totals) -> Option<i64> {
        let told = period.last < self.as_of || self.scored.contains(period);
        (self.has_scores && told).then(|| totals.money(Measure::Expected))
    }

    fn required_coverage(&self, key: &Cell, period: &Period) -> Option<f64> {
        let closings = |node| self.closings.get(&(node, key.basis, key.currency)).copied().unwrap_or_default();
        let past = period.last < self.as_of;
        if past { None } else { closings(key.node).required_coverage(&closings(self.axes.company())) }
    }
}

/// `None` where there is a pipeline but no deal of it has a probability.
fn weighted(totals: &Totals) -> Option<i64> {
    let unknown = totals.deals(Measure::Pipeline) > 0 && totals.deals(Measure::Weighted) == 0;
    (!unknown).then(|| totals.money(Measure::Weighted))
}

/// `part / whole`; `None` unless the whole is positive.
fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
