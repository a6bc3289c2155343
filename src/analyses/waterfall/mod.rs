//! What became of the pipeline between two days, deal by deal and summed?
//!
//! The open deals of an earlier morning ([`Standings`]) and a snapshot to a [`Waterfall`]: one [`WaterfallRow`] per
//! node, period, currency and basis, money exact in minor units; or to the deals behind each bar ([`waterfall_deals`]).
//!
//! Two mornings are compared, each with what was known then: what came and went in between is seen only if a deal
//! closed. The pipeline of a period is the forecast's: open deals, but omitted ones, whose expected close date lies in
//! the period, placed where their owner stood on the day before.
//!
//! | column | definition |
//! |---|---|
//! | `start`, `end` | the forecast's `pipeline` on the morning of `from`, of `to` |
//! | `created` | deals created on `from` or later that are in `end`, `won` or `lost` |
//! | `pulled_in` | older deals that came into the period: date moved or set, no longer omitted, opened again, or won in the period though expected in another |
//! | `increased`, `decreased` | change of amount of the deals in `start`, where they stood at the start; a missing amount is 0 |
//! | `pushed_out` | deals in `start` that left the period, neither won in it nor lost: date moved or removed, omitted, won in another period |
//! | `lost` | deals in `start` lost since, whenever; deals created since and lost, in the period they were last expected in, else lost in |
//! | `won` | deals won in the period, on `from` or later |
//! | `moved_in`, `moved_out` | deals of the period that came from, went to another node: other owner, or owner in another team |
//! | `revalued` | base rows: what the change of rates did to the deals in `start` |
//!
//! Hence start + created + pulled_in + moved_in + increased - decreased + revalued - pushed_out - moved_out - lost - won
//! = end, in every row, and the same with the counts of deals (changes apart). A deal leaves and arrives with its last
//! amount; the difference to the first is a change. So what one period pushes out another pulls in, and where `from` is
//! not after the period's first day, `won` is the forecast's. Closed deals count where their owner stood on the closing
//! day. A deal that changes both period and node is pushed and pulled, not moved. Owners add up to teams, regions and
//! the company in every column but the moves, which add up net.
//!
//! Base amounts are converted deal by deal and rounded once: at the rate of the day before `from`, the day before `to`,
//! or the closing day. Where either morning lacks the rates there are native rows only. Filters hold on both mornings:
//! a deal that leaves what they admit is moved out (owner, team, region) or pushed out (category).

mod axes;
mod bars;
pub mod columns;
pub mod findings;
mod listing;
mod rows;
#[cfg(test)]
mod tests;
mod ways;

use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::{Period, PeriodKind};
use crate::ingest::tables::Tables;
use crate::snapshot::{Snapshot, Standings};
use crate::timeline::Timeline;

use crate::analyses::forecast::{Basis, ForecastCurrency, ForecastError, ForecastNode};
use crate::books::currency::CurrencyConverter;
use crate::books::filter::ForecastFilter;
use crate::books::hierarchy::Level;

pub use bars::{BARS, Bar};
pub use listing::{DealBar, WaterfallDeals};

use axes::Axes;
use ways::Ways;

/// An earlier morning, and the lengths of the periods that are compared with it.
#[derive(Clone, Debug)]
pub struct Span<D> {
    /// The morning.
    pub from: D,
    /// Lengths of the periods reported; each stands in one span only.
    pub kinds: Vec<PeriodKind>,
}

/// For each configured length the first day of the period that the day before `as_of` lies in.
#[must_use]
pub fn running_spans(config: &Config, as_of: Day) -> Vec<Span<Day>> {
    let calendar = config.fiscal_calendar();
    let mut spans: Vec<Span<Day>> = Vec::new();
    for kind in PeriodKind::ALL.into_iter().filter(|kind| config.calendar.periods.contains(kind)) {
        let from = calendar.period_of(kind, as_of.plus(-1)).first;
        match spans.iter_mut().find(|span| span.from == from) {
            Some(span) => span.kinds.push(kind),
            None => spans.push(Span { from, kinds: vec![kind] }),
        }
    }
    spans
}

/// What a waterfall is made from.
#[derive(Clone, Copy, Debug)]
pub struct WaterfallInput<'a> {
    /// Users, rates and dictionaries.
    pub tables: &'a Tables,
    /// Stages at the end.
    pub timeline: &'a Timeline,
    /// Every deal as of the timeline's day, the end.
    pub snapshot: &'a Snapshot,
    /// The starts, all before the end.
    pub spans: &'a [Span<&'a Standings>],
    /// Calendar and base currency.
    pub config: &'a Config,
    /// Which owners, periods, currencies and categories count.
    pub filter: &'a ForecastFilter,
}

/// One node in one period, one currency and one basis. Money in minor units of the currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaterfallRow {
    /// Position in [`Waterfall::nodes`].
    pub node: usize,
    /// The period.
    pub period: Period,
    /// Position in [`Waterfall::currencies`].
    pub currency: usize,
    /// All deals converted, or those of the currency.
    pub basis: Basis,
    /// The first morning.
    pub from: Day,
    /// Amounts by [`Bar`].
    pub amounts: [i64; BARS],
    /// Deals by [`Bar`].
    pub deals: [u32; BARS],
}

impl WaterfallRow {
    /// The height of a bar; none is below zero unless amounts are, but for [`Bar::Revalued`].
    #[must_use]
    pub fn amount(&self, bar: Bar) -> i64 {
        self.amounts[bar as usize]
    }

    /// How many deals it is made of.
    #[must_use]
    pub fn deals(&self, bar: Bar) -> u32 {
        self.deals[bar as usize]
    }
}

/// Every row, by level, node, period kind, period, basis and currency.
#[derive(Clone, Debug)]
pub struct Waterfall {
    /// The second morning.
    pub to: Day,
    /// The nodes rows refer to, by level and key.
    pub nodes: Vec<ForecastNode>,
    /// The currencies rows refer to.
    pub currencies: Vec<ForecastCurrency>,
    /// The rows.
    pub rows: Vec<WaterfallRow>,
    /// The first mornings without base rows, for want of rates then or since.
    pub without_base: Vec<Day>,
}

/// The waterfall of every node of `levels` and period; of all levels where none is named.
///
/// # Errors
/// [`ForecastError`] where the money does not fit 64 bits.
pub fn waterfall(input: &WaterfallInput<'_>, levels: &[Level]) -> Result<Waterfall, ForecastError> {
    let ways = input.spans.iter().map(|span| Ways::gather(input, span)).collect::<Result<Vec<_>, _>>()?;
    let axes = Axes::new(input, &ways);
    let mut rows = Vec::new();
    for level in Level::ALL.into_iter().filter(|level| levels.is_empty() || levels.contains(level)) {
        rows::append(&mut rows, &axes, &ways, level);
    }
    let converter = CurrencyConverter::new(input.tables, &input.config.money.base_currency, input.snapshot.as_of);
    Ok(Waterfall {
        to: input.snapshot.as_of,
        nodes: axes.named_nodes(&ways),
        currencies: axes.currencies(&converter),
        rows,
        without_base: without_base(&ways),
    })
}

/// The deals behind each bar of the owners' rows, by deal, period kind, period, owner and bar.
///
/// # Errors
/// As [`waterfall`].
pub fn waterfall_deals<'a>(input: &WaterfallInput<'a>) -> Result<WaterfallDeals<'a>, ForecastError> {
    listing::list(input)
}

fn without_base(ways: &[Ways<'_>]) -> Vec<Day> {
    ways.iter().filter(|ways| !ways.sides.has_base()).map(|ways| ways.sides.from).collect()
}
