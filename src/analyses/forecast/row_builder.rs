//! Cells to report rows: the sums of one node and period side by side, and the ratios between them.

use std::collections::BTreeMap;

use crate::analyses::forecast::axes::ForecastAxes;
use crate::analyses::forecast::cells::SumCell;
use crate::analyses::forecast::conversion::Closings;
use crate::analyses::forecast::measures::{ForecastMeasure, MEASURES};
use crate::analyses::forecast::rows::{ForecastRow, RowBasis};
use crate::analyses::revisions::HeldForecast;
use crate::books::quota::QuotaSource;
use crate::domain::day::Day;
use crate::domain::period::Period;

/// The sums and counts of one row, by measure.
#[derive(Clone, Copy)]
struct Totals([(i64, u32); MEASURES]);

impl Totals {
    fn of(cells: &[SumCell]) -> Self {
        let mut totals = [(0, 0); MEASURES];
        for cell in cells {
            if let Some((amount, count)) = totals.get_mut(cell.measure as usize) {
                *amount += cell.amount;
                *count += cell.count;
            }
        }
        Self(totals)
    }

    fn money(&self, measure: ForecastMeasure) -> i64 {
        self.0[measure as usize].0
    }

    fn count(&self, measure: ForecastMeasure) -> u32 {
        self.0[measure as usize].1
    }

    fn closings(&self) -> Closings {
        Closings {
            won: self.money(ForecastMeasure::WonTrailing).into(),
            lost: self.money(ForecastMeasure::LostTrailing).into(),
            deals: self.count(ForecastMeasure::WonTrailing) + self.count(ForecastMeasure::LostTrailing),
        }
    }
}

/// What deals closed in the trailing year, by node, basis and currency.
pub(super) type TrailingYear = BTreeMap<(u32, RowBasis, u32), Closings>;

/// What every row needs beside its own sums.
pub(super) struct RowBuilder<'a> {
    pub axes: &'a ForecastAxes<'a>,
    /// The periods the scores speak of.
    pub scored: Vec<Period>,
    pub has_scores: bool,
    pub as_of: Day,
}

/// What the deals of sorted `cells` closed in the trailing year.
pub(super) fn trailing_year(cells: &[SumCell], axes: &ForecastAxes<'_>) -> TrailingYear {
    let rows = cells.chunk_by(|a, b| a.row() == b.row()).filter(|cells| cells[0].period == axes.trailing());
    rows.map(|cells| ((cells[0].node, cells[0].basis, cells[0].currency), Totals::of(cells).closings())).collect()
}

impl RowBuilder<'_> {
    /// Appends the rows of one level's sorted `cells`, in report order. `company` is what the company closed.
    pub fn append(&self, rows: &mut Vec<ForecastRow>, cells: &[SumCell], company: &TrailingYear) {
        let closings = trailing_year(cells, self.axes);
        let required_coverage = |key: &SumCell| {
            let of =
                |year: &TrailingYear, node| year.get(&(node, key.basis, key.currency)).copied().unwrap_or_default();
            of(&closings, key.node).required_coverage(&of(company, self.axes.nodes.company()))
        };
        let of_rows = || cells.chunk_by(|a, b| a.row() == b.row());
        // One block of memory, filled in place: this is the largest thing a large run makes.
        rows.reserve_exact(of_rows().count());
        rows.extend(of_rows().filter_map(|cells| self.row(&cells[0], &Totals::of(cells), required_coverage)));
    }

    fn row(
        &self,
        key: &SumCell,
        totals: &Totals,
        required_coverage: impl Fn(&SumCell) -> Option<f64>,
    ) -> Option<ForecastRow> {
        let period = self.axes.period_at(key.period)?;
        let past = period.last < self.as_of;
        let covered = past || self.scored.contains(&period);
        let (quota, quota_source) = quota(totals);
        let in_base = key.basis == RowBasis::Base;
        let without_rate = if in_base { totals.count(ForecastMeasure::WithoutRate) } else { 0 };
        Some(ForecastRow {
            node: key.node as usize,
            period,
            currency: key.currency as usize,
            basis: key.basis,
            quota,
            quota_source,
            quota_rollup: (totals.count(ForecastMeasure::QuotaRollup) > 0)
                .then(|| totals.money(ForecastMeasure::QuotaRollup)),
            won: totals.money(ForecastMeasure::Won),
            lost: totals.money(ForecastMeasure::Lost),
            pipeline: totals.money(ForecastMeasure::Pipeline),
            best_case: totals.money(ForecastMeasure::BestCase),
            commit: totals.money(ForecastMeasure::Commit),
            omitted: totals.money(ForecastMeasure::Omitted),
            weighted: weighted(totals),
            expected_from_open: (self.has_scores && covered).then(|| totals.money(ForecastMeasure::Expected)),
            required_coverage: if past { None } else { required_coverage(key) },
            overdue: period.contains(self.as_of).then(|| totals.money(ForecastMeasure::Overdue)),
            won_deals: totals.count(ForecastMeasure::Won),
            lost_deals: totals.count(ForecastMeasure::Lost),
            open_deals: totals.count(ForecastMeasure::Pipeline),
            overdue_deals: totals.count(ForecastMeasure::Overdue),
            deals_without_amount: totals.count(ForecastMeasure::WithoutAmount) + without_rate,
            held: HeldForecast::default(),
            is_past: past,
            final_sum: None,
        })
    }
}

/// A quota of 0 is one too.
fn quota(totals: &Totals) -> (Option<i64>, QuotaSource) {
    if totals.count(ForecastMeasure::OwnQuota) > 0 {
        (Some(totals.money(ForecastMeasure::OwnQuota)), QuotaSource::Own)
    } else if totals.count(ForecastMeasure::SummedQuota) > 0 {
        (Some(totals.money(ForecastMeasure::SummedQuota)), QuotaSource::Sum)
    } else {
        (None, QuotaSource::Absent)
    }
}

/// `None` where there is a pipeline but no deal of it has a probability.
fn weighted(totals: &Totals) -> Option<i64> {
    let unknown = totals.count(ForecastMeasure::Pipeline) > 0 && totals.count(ForecastMeasure::Weighted) == 0;
    (!unknown).then(|| totals.money(ForecastMeasure::Weighted))
}
