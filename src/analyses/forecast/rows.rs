//! The rows of a forecast, and what follows from their sums.
//!
//! Plain values: how they come about is `build`'s.

use crate::analyses::forecast::base_money::BaseRows;
use crate::analyses::forecast::final_sum::FinalSum;
use crate::analyses::forecast::without_rate::WithoutRate;
use crate::analyses::revisions::{HeldForecast, Revisions};
use crate::books::currency_axis::RowCurrency;
use crate::books::hierarchy::Level;
use crate::books::node_axis::NamedNode;
use crate::books::quota::QuotaSource;
use crate::domain::day::Day;
use crate::domain::period::{Period, PeriodKind};

/// Which deals a row is about, and in which currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowBasis {
    /// All deals, converted into the base currency.
    Base,
    /// The deals in the row's currency, as they are.
    Native,
}

impl RowBasis {
    /// As printed in the `basis` column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Native => "native",
        }
    }
}

/// What the money columns do not show. All counts are of deals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForecastQuality {
    /// Rows in the base currency.
    pub base_rows: BaseRows,
    /// Won or lost on an unknown day: in no period.
    pub closed_without_date: u64,
    /// Open without an expected close date: in no period's pipeline.
    pub open_without_date: u64,
    /// Open or closed without an amount: counted as 0.
    pub without_amount: u64,
    /// Open, not omitted, without any chance to win: left out of `weighted`.
    pub open_without_probability: u64,
}

/// One node in one period, one currency and one basis. Money in minor units of the currency.
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastRow {
    /// Position in [`Forecast::nodes`].
    pub node: usize,
    /// The period.
    pub period: Period,
    /// Position in [`Forecast::currencies`].
    pub currency: usize,
    /// All deals converted, or those of the currency.
    pub basis: RowBasis,
    /// Target.
    pub quota: Option<i64>,
    /// Set for the node, or summed from below.
    pub quota_source: QuotaSource,
    /// What lies below adds up to.
    pub quota_rollup: Option<i64>,
    /// Won in the period.
    pub won: i64,
    /// Lost in the period.
    pub lost: i64,
    /// Open, not omitted, expected to close in the period.
    pub pipeline: i64,
    /// Of that: best case.
    pub best_case: i64,
    /// Of that: commit.
    pub commit: i64,
    /// Open, omitted, expected to close in the period.
    pub omitted: i64,
    /// Pipeline x the CRM's chance to win.
    pub weighted: Option<i64>,
    /// All open deals x the model's chance to be won in the period.
    pub expected_from_open: Option<i64>,
    /// Coverage that would do at the node's past dollar conversion.
    pub required_coverage: Option<f64>,
    /// Open, not omitted, expected before the as-of day.
    pub overdue: Option<i64>,
    /// Deals won in the period.
    pub won_deals: u32,
    /// Deals lost in the period.
    pub lost_deals: u32,
    /// Deals in `pipeline`.
    pub open_deals: u32,
    /// Deals in `overdue`.
    pub overdue_deals: u32,
    /// Of the won, lost and open deals those without an amount, in base rows also those without a rate.
    pub deals_without_amount: u32,
    /// What was submitted and adjusted by hand; base rows.
    pub held: HeldForecast,
    /// Whether the period is over.
    pub is_past: bool,
    /// How the period may end; none for past periods, and where nothing is known.
    pub final_sum: Option<Box<FinalSum>>,
}

impl ForecastRow {
    /// Quota - won.
    #[must_use]
    pub fn gap(&self) -> Option<i64> {
        self.quota.map(|quota| quota - self.won)
    }

    /// A quota that can be reached: not one below 0.
    #[must_use]
    pub fn target(&self) -> Option<i64> {
        self.quota.filter(|quota| *quota >= 0)
    }

    /// Of the pipeline: no better category.
    #[must_use]
    pub fn pipeline_single(&self) -> i64 {
        self.pipeline - self.best_case - self.commit
    }

    /// Won + commit.
    #[must_use]
    pub fn commit_cumulative(&self) -> i64 {
        self.won + self.commit
    }

    /// Won + commit + best case.
    #[must_use]
    pub fn best_case_cumulative(&self) -> i64 {
        self.commit_cumulative() + self.best_case
    }

    /// Won + pipeline.
    #[must_use]
    pub fn pipeline_cumulative(&self) -> i64 {
        self.won + self.pipeline
    }

    /// From deals that do not exist yet; nothing where the period is over.
    #[must_use]
    pub fn expected_from_new(&self) -> Option<i64> {
        let over = self.expected_from_open.filter(|_| self.is_past).map(|_| 0);
        self.final_sum.as_ref().map(|sum| sum.expected_from_new).or(over)
    }

    /// Won + expected from open + expected from new.
    #[must_use]
    pub fn expected(&self) -> Option<i64> {
        let new = self.expected_from_new().unwrap_or(0);
        self.expected_from_open.map(|expected| self.won + expected + new)
    }

    /// The quota set for the node less the sum of those below it, where they differ.
    #[must_use]
    pub fn quota_difference(&self) -> Option<i64> {
        let own = self.quota.filter(|_| self.quota_source == QuotaSource::Own)?;
        Some(own - self.quota_rollup?).filter(|difference| *difference != 0)
    }

    /// Quota - expected.
    #[must_use]
    pub fn expected_gap(&self) -> Option<i64> {
        Some(self.quota? - self.expected()?)
    }

    /// Quota - the median of what will have been won.
    #[must_use]
    pub fn gap_at_p50(&self) -> Option<i64> {
        Some(self.quota? - self.final_sum.as_ref()?.p50())
    }

    /// Won / quota.
    #[must_use]
    pub fn attainment(&self) -> Option<f64> {
        ratio(self.won, self.quota?)
    }

    /// Expected / quota: the attainment at the period's end.
    #[must_use]
    pub fn expected_attainment(&self) -> Option<f64> {
        ratio(self.expected()?, self.quota?)
    }

    /// Pipeline / what remains of the quota.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        ratio(self.pipeline, self.target()? - self.won)
    }
}

/// `part / whole`; `None` unless the whole is positive.
fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Every row, by level, node, period kind, period, basis and currency.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// The first day that is not known.
    pub as_of: Day,
    /// The nodes rows refer to, by level and key.
    pub nodes: Vec<NamedNode>,
    /// The currencies rows refer to.
    pub currencies: Vec<RowCurrency>,
    /// The rows.
    pub rows: Vec<ForecastRow>,
    /// What the rows do not show.
    pub quality: ForecastQuality,
    /// Every submitted forecast and adjustment, beside the actuals.
    pub revisions: Revisions,
    /// What the base rows leave out.
    pub without_rate: WithoutRate,
}

impl Forecast {
    /// The company's rows of the running period of `kind`: the one in the base currency, else one per currency.
    #[must_use]
    pub fn summary(&self, kind: PeriodKind) -> Vec<&ForecastRow> {
        let running = |row: &&ForecastRow| {
            let company = self.nodes.get(row.node).is_some_and(|node| node.level == Level::Company);
            company && row.period.kind == kind && row.period.contains(self.as_of)
        };
        let rows: Vec<&ForecastRow> = self.rows.iter().filter(running).collect();
        let base: Vec<&ForecastRow> = rows.iter().copied().filter(|row| row.basis == RowBasis::Base).collect();
        if base.is_empty() { rows } else { base }
    }

    /// The rows of running and coming periods with a quota set for the node: in the base currency, or native where there
    /// are no such rows.
    pub fn own_quotas(&self) -> impl Iterator<Item = &ForecastRow> {
        let basis = if self.quality.base_rows == BaseRows::NoRates { RowBasis::Native } else { RowBasis::Base };
        let own = move |row: &&ForecastRow| row.basis == basis && row.quota_source == QuotaSource::Own;
        self.rows.iter().filter(|row| !row.is_past).filter(own)
    }

    /// Those whose quota is not the sum of those below it.
    pub fn quota_differences(&self) -> impl Iterator<Item = &ForecastRow> {
        self.own_quotas().filter(|row| row.quota_difference().is_some())
    }
}
