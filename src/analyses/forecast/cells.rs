//! Cells: one sum per node, period, basis, currency and measure; those of quotas, and empty ones that make a row.
//!
//! Those of deals are made by `deal_sums`.

use std::collections::BTreeMap;

use crate::analyses::forecast::axes::ForecastAxes;
use crate::analyses::forecast::input::{ForecastError, MOST_MONEY};
use crate::analyses::forecast::measures::ForecastMeasure;
use crate::analyses::forecast::rows::RowBasis;
use crate::analyses::revisions::HeldForecast;
use crate::books::hierarchy::{Level, Node};
use crate::books::quota::{NodeQuota, QuotaAmount, QuotaSource};
use crate::domain::day::Day;
use crate::domain::ids::CurrencyId;
use crate::domain::period::{FiscalCalendar, Period};

/// One sum. Sorts into report order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SumCell {
    pub node: u32,
    pub period: u32,
    pub basis: RowBasis,
    pub currency: u32,
    pub measure: u32,
    pub amount: i64,
    /// Deals, or quotas.
    pub count: u32,
}

impl SumCell {
    /// Nothing but a row of its own in the base currency.
    pub fn presence(node: u32, period: u32, axes: &ForecastAxes<'_>) -> Self {
        let (basis, currency) = (RowBasis::Base, axes.currencies.base());
        Self { node, period, basis, currency, measure: ForecastMeasure::Presence as u32, amount: 0, count: 0 }
    }

    /// Nothing but a row of its own in the base currency, and in the native one that is the same.
    pub fn presences(node: u32, period: u32, axes: &ForecastAxes<'_>) -> impl Iterator<Item = Self> {
        let base = Self::presence(node, period, axes);
        let native = axes.same_currency.map(|currency| Self { basis: RowBasis::Native, currency, ..base });
        [base].into_iter().chain(native)
    }

    /// What the cells of one row share.
    pub fn row(&self) -> (u32, u32, RowBasis, u32) {
        (self.node, self.period, self.basis, self.currency)
    }
}

/// The cells of one level's quotas. `quotas` stand by period and node.
///
/// # Errors
/// [`ForecastError::TooMuchMoney`] where a sum does not fit.
pub(super) fn of_quotas<'a>(
    quotas: &[NodeQuota<'a>],
    axes: &ForecastAxes<'a>,
    level: Level,
    with_base: bool,
) -> Result<Vec<SumCell>, ForecastError> {
    let by_node = quotas.chunk_by(|a, b| (a.period, a.node) == (b.period, b.node));
    let mut cells = Vec::new();
    for quotas in by_node.filter(|quotas| quotas[0].node.0 == level) {
        let (Some(node), Some(period)) = (axes.nodes.number(quotas[0].node), axes.period(&quotas[0].period)) else {
            continue;
        };
        let measure = match quotas[0].source {
            QuotaSource::Own => ForecastMeasure::OwnQuota,
            QuotaSource::Sum | QuotaSource::Absent => ForecastMeasure::SummedQuota,
        };
        let mut add = |measure: ForecastMeasure, of: fn(&NodeQuota<'a>) -> Option<QuotaAmount>| {
            let amounts: Vec<(CurrencyId, QuotaAmount)> =
                quotas.iter().filter_map(|quota| Some((quota.currency, of(quota)?))).collect();
            for (currency, amount) in &amounts {
                let currency = axes.currencies.rank(*currency);
                cells.push(quota_cell(node, period, RowBasis::Native, currency, measure, amount.native)?);
            }
            // Part of a quota is none.
            let base: Option<i128> = amounts.iter().map(|(_, amount)| amount.base).sum();
            if let Some(base) = base.filter(|_| with_base && !amounts.is_empty()) {
                cells.push(quota_cell(node, period, RowBasis::Base, axes.currencies.base(), measure, base)?);
            }
            Ok::<(), ForecastError>(())
        };
        add(measure, |quota| quota.amount)?;
        add(ForecastMeasure::QuotaRollup, |quota| quota.rollup)?;
    }
    Ok(cells)
}

fn quota_cell(
    node: u32,
    period: u32,
    basis: RowBasis,
    currency: u32,
    measure: ForecastMeasure,
    minor: i128,
) -> Result<SumCell, ForecastError> {
    let total = minor.unsigned_abs();
    let amount = i64::try_from(minor).ok().filter(|_| total <= MOST_MONEY);
    let amount = amount.ok_or(ForecastError::TooMuchMoney { total })?;
    Ok(SumCell { node, period, basis, currency, measure: measure as u32, amount, count: 1 })
}

/// Empty cells that make sure the company has a row in every running period and currency.
pub(super) fn of_running_company(
    axes: &ForecastAxes<'_>,
    calendar: &FiscalCalendar,
    as_of: Day,
    with_base: bool,
) -> Vec<SumCell> {
    let mut cells = Vec::new();
    for period in axes.kinds().filter_map(|kind| axes.period(&calendar.period_of(kind, as_of))) {
        let presence = SumCell::presence(axes.nodes.company(), period, axes);
        let native = (0..axes.currencies.base()).map(|currency| (RowBasis::Native, currency));
        cells.extend(native.map(|(basis, currency)| SumCell { basis, currency, ..presence }));
        cells.extend(with_base.then_some(presence));
    }
    cells
}

/// Empty cells that make sure every node with something submitted has a row to show it in.
pub(super) fn of_held<'a>(
    held: &BTreeMap<(Node<'a>, Period), HeldForecast>,
    axes: &ForecastAxes<'a>,
    level: Level,
) -> Vec<SumCell> {
    let of_level = held.keys().filter(|(node, _)| node.0 == level);
    let numbers = of_level.filter_map(|(node, period)| Some((axes.nodes.number(*node)?, axes.period(period)?)));
    numbers.flat_map(|(node, period)| SumCell::presences(node, period, axes)).collect()
}
