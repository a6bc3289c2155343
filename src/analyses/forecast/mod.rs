//! How far is everyone from quota, and what is in the pipeline to close the gap?
//!
//! Timeline, snapshot, scores and quotas to a [`Forecast`]: one [`ForecastRow`] per node, period, currency and basis,
//! money exact in minor units; with an [`Outlook`] also how the period may end.
//!
//! | column | definition | empty |
//! |---|---|---|
//! | `quota` | see [`quota`](crate::books::quota) | null without a quota |
//! | `won`, `lost` | amounts of deals closed in the period, as known on the as-of day | 0 |
//! | `quota_rollup` | what lies below the node adds up to, beside the quota set for it | null for owners and where nothing lies below |
//! | `gap` | quota - won; negative beyond the quota | null without a quota |
//! | `pipeline` | open deals, but omitted ones, whose expected close date lies in the period: the sum over all categories | 0 |
//! | `best_case`, `commit`, `pipeline_single` | the part of `pipeline` in exactly that category (single): together they are `pipeline`. An open deal called closed counts as commit, one without a category as pipeline | 0 |
//! | `omitted` | open deals of that category whose expected close date lies in the period; in no other column but expected_from_open | 0 |
//! | `commit_cumulative` | won + commit | 0 |
//! | `best_case_cumulative` | commit_cumulative + best_case | 0 |
//! | `pipeline_cumulative` | best_case_cumulative + pipeline_single = won + pipeline | 0 |
//! | `weighted` | `pipeline` deals x the CRM's chance to win: the deal's, else its stage's, else the stage's past win rate | null where no deal has one |
//! | `expected_from_open` | all open deals x the model's chance to be won in the period, at the pace of past periods, x what amounts become | null without scores, 0 for past periods |
//! | `expected_from_new` | deals not yet created, see [`outlook`](crate::analyses::outlook) | null without scores and under a category filter, 0 for past periods |
//! | `expected` | won + expected_from_open + expected_from_new | null without scores |
//! | `p10`, `p50`, `p90` | what will have been won, won included; base rows | null without scores, for past periods, under a category filter |
//! | `p_hit_quota` | chance that what will have been won reaches the quota, 0 to 1 | as above, and without a quota |
//! | `p_beat_last` | chance to win more than in the period before | as above, and while that runs |
//! | `deals_to_close` | fewest open deals whose expected wins cover the gap; [`forecast_deals`] names them | as above, and where all of them do not |
//! | `attainment` | won / quota, 0 and up | null without a quota, or a quota of 0 |
//! | `coverage` | pipeline / (quota - won) | null where nothing remains |
//! | `required_coverage` | 1 / own dollar conversion, 1 and up; see `conversion` | null for past periods |
//! | `overdue` | open deals, but omitted ones, expected to close before the as-of day; on running periods only | null elsewhere |
//!
//! A closed deal belongs to where its owner stood on the closing day, an open one to where its owner stood on the last
//! known day (the one before the as-of day). Base amounts are converted deal by deal, at the closing day's rate or the
//! last known one, and rounded once; so is every product with a probability. All sums are sums of those integers:
//! owners, teams, regions and the company agree to the cent, and so do the months of a quarter for what is won, lost
//! and in the pipeline.
//!
//! Rows exist where a node has a deal, a quota or something submitted in the period, and always for the company in the
//! running periods.

mod axes;
mod cells;
pub mod columns;
mod conversion;
pub mod deal_columns;
mod facts;
pub mod findings;
mod listing;
mod ranges;
mod rows;
#[cfg(test)]
mod tests;
mod win_rates;

use std::mem;

use polars::prelude::PolarsError;
use rayon::prelude::*;
use thiserror::Error;

use crate::analyses::outlook::Outlook;
use crate::analyses::revisions::{Held, Revisions};
use crate::books::currency::{CurrencyConverter, CurrencyError};
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::{Hierarchy, Level};
use crate::books::quota::{QuotaBook, QuotaSource};
use crate::config::Config;
use crate::domain::code::{NO_AMOUNT, NO_DAY};
use crate::domain::day::Day;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::stage::StageKind;
use crate::ingest::tables::{Quota, Revision, Tables};
use crate::scoring::Scores;
use crate::snapshot::{DealState, Snapshot};
use crate::timeline::Timeline;

pub use listing::{DealInRow, ForecastDeals, forecast_deals};
pub use ranges::FinalSum;
pub use win_rates::stage_win_rates;

pub(crate) use facts::Chances;

use axes::Axes;
use cells::{Cell, DealSums};
use facts::Facts;
use ranges::{NewPart, Ranges};
use rows::trailing_year;

/// What a forecast is made from.
#[derive(Clone, Copy, Debug)]
pub struct ForecastInput<'a> {
    /// Quotas, users, rates and dictionaries.
    pub tables: &'a Tables,
    /// Stages, with their categories and probabilities.
    pub timeline: &'a Timeline,
    /// Every deal as of the timeline's day.
    pub snapshot: &'a Snapshot,
    /// The model's view of the open deals; without it nothing is expected from them.
    pub scores: Option<&'a Scores>,
    /// What the past says of what is to come; without it there is no range and nothing is expected of new business.
    pub outlook: Option<&'a Outlook>,
    /// Calendar and base currency.
    pub config: &'a Config,
    /// Past share won per stage, by position in the stage list, for deals without a probability:
    /// [`stage_win_rates`], or empty.
    pub stage_win_rates: &'a [Option<f64>],
    /// Which of the timeline's deals count; all without it. Quotas are not affected.
    pub mask: Option<&'a [bool]>,
    /// Which owners, periods, currencies and categories count.
    pub filter: &'a ForecastFilter,
}

/// Largest sum of absolute amounts, and of quotas: what is added to or taken from it once more still fits 64 bits.
pub(crate) const MOST_MONEY: u128 = i64::MAX as u128 / 2;

/// Why there is no forecast.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ForecastError {
    /// An amount has no value in the base currency.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
    /// The sums could overflow.
    #[error("the amounts of all deals add up to {total} minor units, expected fewer than 4.6e18")]
    TooMuchMoney {
        /// The sum of absolute amounts.
        total: u128,
    },
    /// The grouping itself failed.
    #[error("grouping the deals failed: {0}")]
    Grouping(#[from] PolarsError),
}

/// Which deals a row is about, and in which currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// All deals, converted into the base currency.
    Base,
    /// The deals in the row's currency, as they are.
    Native,
}

impl Basis {
    /// As printed in the `basis` column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Native => "native",
        }
    }
}

/// Whether there are rows in the base currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseRows {
    /// Yes, at dated rates.
    Converted,
    /// Yes: every amount is in the base currency already.
    SameCurrency,
    /// No: there are several currencies and no rates.
    NoRates,
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

/// A node of the organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForecastNode {
    /// Which level.
    pub level: Level,
    /// Owner id, team, region or [`COMPANY`](crate::books::hierarchy::COMPANY).
    pub key: String,
    /// The name of an owner or manager where the users table has one, else the key.
    pub name: String,
}

/// A currency rows are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForecastCurrency {
    /// ISO code, upper case.
    pub code: String,
    /// Decimal places of its minor units.
    pub decimals: u32,
}

impl ForecastCurrency {
    /// `minor` units, a mean say, in whole units.
    #[must_use]
    pub fn whole_units(&self, minor: f64) -> f64 {
        minor / 10_f64.powi(self.decimals as i32)
    }
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
    pub basis: Basis,
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
    /// Of the won, lost and open deals those without an amount.
    pub deals_without_amount: u32,
    /// What was submitted and adjusted by hand; base rows.
    pub held: Held,
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

    /// Pipeline / what remains of the quota.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        ratio(self.pipeline, self.gap()?)
    }
}

/// `amount` x `probability` x what amounts become on their way, rounded half to even.
pub(crate) fn expected_value(amount: i64, probability: f64, change: f64) -> i64 {
    (amount as f64 * probability.clamp(0.0, 1.0) * change).round_ties_even() as i64
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
    pub nodes: Vec<ForecastNode>,
    /// The currencies rows refer to.
    pub currencies: Vec<ForecastCurrency>,
    /// The rows.
    pub rows: Vec<ForecastRow>,
    /// What the rows do not show.
    pub quality: ForecastQuality,
    /// Every submitted forecast and adjustment, beside what came.
    pub revisions: Revisions,
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
        let base: Vec<&ForecastRow> = rows.iter().copied().filter(|row| row.basis == Basis::Base).collect();
        if base.is_empty() { rows } else { base }
    }

    /// The rows of running and coming periods whose quota is not the sum of those below it: in the base currency, or
    /// native where there are no such rows.
    pub fn quota_differences(&self) -> impl Iterator<Item = &ForecastRow> {
        let basis = if self.quality.base_rows == BaseRows::NoRates { Basis::Native } else { Basis::Base };
        let told = self.rows.iter().filter(move |row| row.basis == basis && !row.is_past);
        told.filter(|row| row.quota_difference().is_some())
    }
}

/// The forecast of every node and period.
///
/// # Errors
/// [`ForecastError`] where rates exist but one is missing, or the money does not fit 64 bits.
pub fn forecast(input: &ForecastInput<'_>) -> Result<Forecast, ForecastError> {
    let as_of = input.snapshot.as_of;
    let calendar = input.config.fiscal_calendar();
    let (converter, base_rows) = money(input);
    let into_base = (base_rows != BaseRows::NoRates).then_some(&converter);
    let mut hierarchy = Hierarchy::new(&input.tables.users, &input.tables.owners, as_of);
    let admitted = |quota: &&Quota| input.filter.admits_quota(quota, input.tables, &hierarchy, as_of);
    let quotas: Vec<&Quota> = input.tables.quotas.iter().filter(admitted).collect();
    let (quotas, facts) = rayon::join(
        || QuotaBook::new(quotas, &calendar, into_base, as_of),
        || Facts::gather(input, &mut hierarchy, into_base, base_rows),
    );
    let (quotas, mut facts) = (quotas?.node_quotas(&hierarchy), facts?);
    let parts = new_parts(input, &mut hierarchy);
    let mut revisions = revisions(input, &hierarchy, into_base)?;
    let held = revisions.by_node(input.tables, &hierarchy, as_of);
    let axes = Axes::new(input, &calendar, &hierarchy, &quotas, &held, &facts);
    let quality = facts.quality;
    let context =
        rows::Context { axes: &axes, scored: facts.scored_periods(), has_scores: input.scores.is_some(), as_of };
    let with_base = into_base.is_some();
    let (open, scored) = (mem::take(&mut facts.open_deals), mem::take(&mut facts.scored));
    // Part of the pipeline has no range of its own: what else will be won is not known.
    let whole = with_base && input.filter.categories.is_empty();
    let ranges = input.outlook.zip(input.scores).filter(|_| whole).map(|(outlook, scores)| {
        let positions = (&axes, hierarchy.positions());
        Ranges::new(outlook, scores, open, parts, &scored, positions, base_rows, calendar.clone())
    });
    let deals = DealSums::new(facts, &axes, hierarchy.positions())?;
    // Level by level: all cells at once would be several times the report.
    let cells = |level| -> Result<Vec<Cell>, ForecastError> {
        let mut cells = deals.cells(level, with_base)?;
        cells.extend(cells::of_quotas(&quotas, &axes, level, with_base)?);
        if level == Level::Company {
            cells.extend(cells::of_running_company(&axes, &calendar, as_of, with_base));
        }
        if with_base {
            cells.extend(cells::of_held(&held, &axes, level));
        }
        if let Some(ranges) = &ranges {
            cells.extend(ranges.cells(&axes, level));
        }
        cells.par_sort_unstable();
        Ok(cells)
    };
    let company = trailing_year(&cells(Level::Company)?, &axes);
    let mut rows = Vec::new();
    for level in Level::ALL {
        context.append(&mut rows, &cells(level)?, &company);
    }
    if let Some(ranges) = &ranges {
        ranges.fill(&mut rows);
    }
    // Only now: a period is held against the one before it, and numbers do not depend on what else is asked for.
    rows.retain(|row| input.filter.admits_period(&row.period));
    let nodes = axes.named_nodes(&hierarchy);
    for row in rows.iter_mut().filter(|row| row.basis == Basis::Base || base_rows == BaseRows::SameCurrency) {
        let node = axes.node_at(row.node);
        row.held = node.and_then(|node| held.get(&(node, row.period))).copied().unwrap_or_default();
    }
    if let Some(converter) = into_base.filter(|_| !revisions.lines.is_empty()) {
        revisions.fill_actuals(won(input, converter), as_of);
    }
    Ok(Forecast { as_of, nodes, currencies: axes.currencies(&converter), rows, quality, revisions })
}

/// What was submitted for whom the filter admits, in the currencies it admits.
fn revisions<'a>(
    input: &ForecastInput<'a>,
    hierarchy: &Hierarchy<'a>,
    into_base: Option<&CurrencyConverter>,
) -> Result<Revisions, CurrencyError> {
    let as_of = input.snapshot.as_of;
    let admits = |revision: &'a Revision| {
        let day = revision.period.last.min(as_of.plus(-1));
        input.filter.admits_currency(revision.currency, input.tables)
            && input.filter.admits_position(&hierarchy.position_of(Some(&revision.owner), day))
    };
    Revisions::new(input.tables, hierarchy, into_base, as_of, admits)
}

/// Every deal won: by whom, when, and its amount in the base currency.
fn won<'a>(input: &ForecastInput<'a>, converter: &CurrencyConverter) -> impl Iterator<Item = (&'a str, Day, i64)> {
    let is_won = |state: &&DealState| {
        let told = state.kind == StageKind::Won && state.closed != NO_DAY && state.amount_minor != NO_AMOUNT;
        told && input.filter.admits_currency(state.currency, input.tables)
    };
    let admitted = input.snapshot.states.iter().enumerate();
    let admitted = admitted.filter(|(i, _)| input.mask.is_none_or(|mask| mask.get(*i) != Some(&false)));
    admitted.map(|(_, state)| state).filter(is_won).filter_map(|state| {
        let day = Day(state.closed);
        // A missing rate has stopped the forecast before.
        let base = converter.convert(state.amount_minor, state.currency, day).ok()?;
        Some((input.tables.owners.name(state.owner)?, day, base))
    })
}

/// The new business by the positions of those who sell, as of the last known day.
fn new_parts<'a>(input: &ForecastInput<'a>, hierarchy: &mut Hierarchy<'a>) -> Vec<NewPart> {
    let last_known = input.snapshot.as_of.plus(-1);
    let parts = input.outlook.map_or(&[][..], |outlook| &outlook.new.parts);
    let mut placed = Vec::new();
    for part in parts {
        let position = hierarchy.position(part.owner, last_known);
        if hierarchy.positions().get(position as usize).is_some_and(|position| input.filter.admits_position(position)) {
            placed.push(NewPart { position, share: part.share, size: part.size });
        }
    }
    placed
}

/// How amounts are converted, and whether there are rows in the base currency.
fn money(input: &ForecastInput<'_>) -> (CurrencyConverter, BaseRows) {
    let converter = CurrencyConverter::new(input.tables, &input.config.money.base_currency, input.snapshot.as_of);
    let amounts = input.snapshot.states.iter().filter(|state| state.amount_minor != NO_AMOUNT).map(|s| s.currency);
    let base_rows = base_rows(input.tables, &converter, amounts);
    (converter, base_rows)
}

/// Whether there are rows in the base currency; `amounts` are the currency codes of the deals' amounts.
pub(crate) fn base_rows(
    tables: &Tables,
    converter: &CurrencyConverter,
    mut amounts: impl Iterator<Item = u32>,
) -> BaseRows {
    if converter.has_rates() {
        return BaseRows::Converted;
    }
    let mut quotas = tables.quotas.iter().map(|quota| quota.currency);
    let same =
        amounts.all(|currency| converter.is_base(currency)) && quotas.all(|currency| converter.is_base(currency));
    if same { BaseRows::SameCurrency } else { BaseRows::NoRates }
}
