//! Which open deals are behind a row, and which of them close its gap?
//!
//! Forecast input to [`ForecastDeals`]: per node and period the open deals expected to close in it, and where the period
//! has scores all that may be won in it, the most expected first. In a row's currencies `expected` adds up to its
//! `expected_from_open`, the amounts `in_pipeline` to its `pipeline`.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::analyses::forecast::base_money::{BaseRows, base_money};
use crate::analyses::forecast::build::forecast;
use crate::analyses::forecast::chances::Chances;
use crate::analyses::forecast::facts::Facts;
use crate::analyses::forecast::gather::gather;
use crate::analyses::forecast::input::{ForecastError, ForecastInput};
use crate::analyses::forecast::open_deals::{OpenDeal, ScoredPeriod};
use crate::analyses::forecast::rows::{Forecast, ForecastRow, RowBasis};
use crate::books::currency_axis::RowCurrency;
use crate::books::hierarchy::{Hierarchy, Level};
use crate::domain::day::Day;
use crate::domain::ids::{CurrencyId, RowIx};
use crate::domain::period::Period;
use crate::domain::stage::ForecastCategory;

/// One open deal behind one row. Money in minor units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DealInRow<'a> {
    /// Position in [`Forecast::nodes`].
    pub node: usize,
    /// The period.
    pub period: Period,
    /// Row in [`Deals`](crate::ingest::tables::Deals).
    pub row: RowIx,
    /// Whose deal it is, or [`NO_OWNER`](crate::books::hierarchy::NO_OWNER).
    pub owner: &'a str,
    /// Stage.
    pub stage: &'a str,
    /// Its currency.
    pub currency: CurrencyId,
    /// Present amount; none where it has none.
    pub amount: Option<i64>,
    /// The same in the base currency; none without a rate either.
    pub base_amount: Option<i64>,
    /// Expected close date, if it has one.
    pub expected_close: Option<Day>,
    /// Forecast category.
    pub category: ForecastCategory,
    /// Whether it is part of the row's `pipeline`.
    pub in_pipeline: bool,
    /// Chance to be won in the period, 0 to 1, at the pace of past periods; none where the scores do not cover the period.
    pub win_in_period: Option<f64>,
    /// Its part of `expected_from_open`, in its currency.
    pub expected: Option<i64>,
    /// The same in the base currency.
    pub base_expected: Option<i64>,
    /// `base_expected` of this deal and all before it.
    pub base_cumulative: Option<i64>,
    /// Whether it is one of the row's `deals_to_close`; none where the row has none.
    pub closes_gap: Option<bool>,
}

/// The open deals behind every row.
#[derive(Clone, Debug)]
pub struct ForecastDeals<'a> {
    /// The rows, with the nodes and currencies deals refer to.
    pub forecast: Forecast,
    /// By level, node, period kind and period; then what is expected in the base currency, the largest first, then the
    /// order of the deals. Without a base currency by currency first, then what is expected in it.
    pub deals: Vec<DealInRow<'a>>,
}

/// The open deals behind the rows of `levels` (all if empty).
///
/// # Errors
/// As [`forecast`].
pub fn forecast_deals<'a>(input: &ForecastInput<'a>, levels: &[Level]) -> Result<ForecastDeals<'a>, ForecastError> {
    let forecast = forecast(input)?;
    let as_of = input.snapshot.as_of;
    let (converter, base_rows) = base_money(input);
    let into_base = (base_rows != BaseRows::NoRates).then_some(&converter);
    let mut hierarchy = Hierarchy::new(&input.tables.users, &input.tables.owners, as_of);
    let facts = gather(input, &mut hierarchy, into_base, base_rows)?;
    let code = |currency: &RowCurrency| input.tables.currencies.code(&currency.code);
    let listing = DealLister {
        input,
        has_base: into_base.is_some(),
        currencies: forecast.currencies.iter().map(code).collect(),
        owners: owners(&hierarchy, &facts),
        facts: &facts,
    };
    let mut under: BTreeMap<(Level, &str), Vec<usize>> = BTreeMap::new();
    for (i, deal) in facts.open_deals.iter().enumerate() {
        for level in Level::ALL.into_iter().filter(|level| levels.is_empty() || levels.contains(level)) {
            for node in hierarchy.positions()[deal.position as usize].nodes(level) {
                under.entry((level, node)).or_default().push(i);
            }
        }
    }
    let mut deals = Vec::new();
    // Native rows of one node and period stand side by side, the base row before them.
    for rows in forecast.rows.chunk_by(|a, b| (a.node, a.period) == (b.node, b.period)) {
        let node = &forecast.nodes[rows[0].node];
        if let Some(under) = under.get(&(node.level, node.key.as_str())) {
            listing.append(&mut deals, rows, under);
        }
    }
    Ok(ForecastDeals { forecast, deals })
}

/// Owner of every open deal.
fn owners<'a>(hierarchy: &Hierarchy<'a>, facts: &Facts) -> Vec<&'a str> {
    facts.open_deals.iter().map(|deal| hierarchy.positions()[deal.position as usize].owner).collect()
}

/// The deals of `row`, the most expected first: the fewest that cover the gap come first.
fn ranked<'a>(
    mut deals: Vec<DealInRow<'a>>,
    row: &ForecastRow,
    expected: impl Fn(&DealInRow<'a>) -> Option<i64>,
) -> Vec<DealInRow<'a>> {
    deals.sort_by_key(|deal| Reverse(expected(deal)));
    let to_close = row.final_sum.as_ref().and_then(|sum| sum.deals_to_close);
    let mut sum = 0;
    for (deal, rank) in deals.iter_mut().zip(0_u32..) {
        sum += deal.base_expected.unwrap_or(0);
        deal.base_cumulative = deal.base_expected.map(|_| sum);
        deal.closes_gap = to_close.map(|fewest| rank < fewest);
    }
    deals
}

struct DealLister<'l, 'a> {
    input: &'l ForecastInput<'a>,
    facts: &'l Facts,
    owners: Vec<&'a str>,
    has_base: bool,
    /// By position among the currencies of the rows.
    currencies: Vec<Option<CurrencyId>>,
}

impl<'a> DealLister<'_, 'a> {
    /// The deals of one node in the period of `rows`: behind the base row, else behind one native row after the other.
    fn append(&self, deals: &mut Vec<DealInRow<'a>>, rows: &[ForecastRow], under: &[usize]) {
        let Some(first) = rows.first() else { return };
        let scored = self.facts.scored.iter().find(|scored| scored.period == first.period);
        let listed: Vec<DealInRow<'a>> = under.iter().filter_map(|&i| self.deal(i, first, scored)).collect();
        if first.basis == RowBasis::Base {
            deals.extend(ranked(listed, first, |deal| deal.base_expected));
            return;
        }
        for row in rows {
            let is_of_row = |deal: &&DealInRow<'_>| self.currencies.get(row.currency) == Some(&Some(deal.currency));
            let of_row = listed.iter().filter(is_of_row).copied().collect();
            deals.extend(ranked(of_row, row, |deal| deal.expected));
        }
    }

    /// `None` where the deal has no part in the period.
    fn deal(&self, i: usize, row: &ForecastRow, scored: Option<&ScoredPeriod>) -> Option<DealInRow<'a>> {
        let deal: &OpenDeal = self.facts.open_deals.get(i)?;
        let state = self.input.snapshot.state(deal.deal);
        let stages = &self.input.timeline.stages;
        let category = state.forecast_category(stages);
        let due = state.expected_close.get().is_some_and(|due| row.period.contains(due));
        let chances = Chances::of(self.input, deal).zip(scored);
        if !due && chances.is_none() {
            return None;
        }
        let priced = state.amount_minor.is_some();
        let expected = |amount| chances.map(|(chances, scored)| chances.expected(amount, scored));
        Some(DealInRow {
            node: row.node,
            period: row.period,
            row: state.row,
            owner: self.owners[i],
            stage: stages.name(state.stage),
            currency: state.currency,
            amount: priced.then_some(deal.native),
            base_amount: (priced && self.has_base && deal.rated).then_some(deal.base),
            expected_close: state.expected_close.get(),
            category,
            in_pipeline: due && category != ForecastCategory::Omitted,
            win_in_period: chances.map(|(chances, scored)| chances.win_in(scored)),
            expected: expected(deal.native),
            base_expected: expected(deal.base).filter(|_| self.has_base && deal.rated),
            base_cumulative: None,
            closes_gap: None,
        })
    }
}
