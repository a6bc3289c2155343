//! The deals behind the bars of the owners' rows.

use crate::analyses::forecast::{ForecastCurrency, ForecastError};
use crate::analyses::waterfall::axes::Axes;
use crate::analyses::waterfall::bars::{Bar, Stand, Way, touches};
use crate::analyses::waterfall::ways::{Sides, Told, Ways};
use crate::analyses::waterfall::{Span, WaterfallInput};
use crate::books::currency::CurrencyConverter;
use crate::books::hierarchy::{Hierarchy, Level};
use crate::domain::day::Day;
use crate::domain::ids::{DealIx, RowIx};
use crate::domain::period::Period;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::snapshot::{Standing, Standings};

/// What one deal adds to one bar of its owner in one period. Money in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DealBar<'a> {
    /// Row in [`Deals`](crate::ingest::tables::Deals).
    pub row: RowIx,
    /// The owner whose bar it is.
    pub owner: &'a str,
    /// The period.
    pub period: Period,
    /// The first morning.
    pub from: Day,
    /// The bar.
    pub bar: Bar,
    /// Position of its currency in [`WaterfallDeals::currencies`].
    pub currency: usize,
    /// What it adds, in its own currency.
    pub native: i64,
    /// The same in the base currency; `None` without rates.
    pub base: Option<i64>,
    /// Why it came into, or left, the period.
    pub reason: Option<&'static str>,
    /// Stage on the first morning, `None` unless open.
    pub stage_from: Option<&'a str>,
    /// Stage on the second morning.
    pub stage_to: &'a str,
    /// Expected close date on the first morning, `None` unless open.
    pub expected_from: Option<Day>,
    /// Expected close date on the second morning.
    pub expected_to: Option<Day>,
}

/// Every deal behind every bar.
#[derive(Clone, Debug)]
pub struct WaterfallDeals<'a> {
    /// The second morning.
    pub to: Day,
    /// The currencies rows refer to, the base currency last.
    pub currencies: Vec<ForecastCurrency>,
    /// By deal, period kind, period, owner and bar.
    pub rows: Vec<DealBar<'a>>,
    /// The first mornings without base amounts.
    pub without_base: Vec<Day>,
}

pub(super) fn list<'a>(input: &WaterfallInput<'a>) -> Result<WaterfallDeals<'a>, ForecastError> {
    let ways = input.spans.iter().map(|span| Ways::gather(input, span)).collect::<Result<Vec<_>, _>>()?;
    let axes = Axes::new(input, &ways);
    let mut rows: Vec<(DealIx, DealBar<'a>)> = Vec::new();
    for span in input.spans {
        let listed = |rows: &mut Vec<(DealIx, DealBar<'a>)>, sides: &Sides<'a>, told: &Told<'a>| {
            append(rows, input, &axes, span, sides, told);
        };
        rows.extend(Sides::walk(input, span.from, listed)?.1);
    }
    let order = |deal: DealIx, row: &DealBar<'a>| (deal, row.period.kind, row.period, row.owner, row.bar);
    rows.sort_by(|a, b| order(a.0, &a.1).cmp(&order(b.0, &b.1)));
    let converter = CurrencyConverter::new(input.tables, &input.config.money.base_currency, input.snapshot.as_of);
    Ok(WaterfallDeals {
        to: input.snapshot.as_of,
        currencies: axes.currencies(&converter),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        without_base: crate::analyses::waterfall::without_base(&ways),
    })
}

fn append<'a>(
    rows: &mut Vec<(DealIx, DealBar<'a>)>,
    input: &WaterfallInput<'a>,
    axes: &Axes<'a>,
    span: &Span<&'a Standings>,
    sides: &Sides<'a>,
    told: &Told<'a>,
) {
    let Told { deal, start, end, way, load } = told;
    let (from, to) = (owner(sides.starts(), way.from), owner(sides.ends(), way.to));
    // Two owners at most: 0 and 1 are their numbers.
    let (first, second) = ([0], [u32::from(from != to)]);
    let first = if from.is_some() { &first[..] } else { &[] };
    let second = if to.is_some() { &second[..] } else { &[] };
    for kind in &span.kinds {
        let period = |stand: Option<Stand>| stand.and_then(|stand| axes.period(*kind, stand.month));
        touches((first, period(way.from)), (second, period(way.to)), |number, period, touch| {
            let Some(owner) = (if number == 0 { from.or(to) } else { to }) else { return };
            way.bars(load, touch, |bar, deals, money| {
                if deals == 0 {
                    return;
                }
                rows.push((
                    *deal,
                    DealBar {
                        row: end.row,
                        owner,
                        period: axes.period_at(period).0,
                        from: span.from.day,
                        bar,
                        currency: axes.currency(way.currency) as usize,
                        native: money.native,
                        base: sides.has_base().then_some(money.base),
                        reason: reason(bar, *start, end, way),
                        stage_from: start.map(|start| span.from.stages.name(start.stage)),
                        stage_to: input.timeline.stages.name(end.stage),
                        expected_from: start.and_then(|start| start.expected_close.get()),
                        expected_to: end.expected_close.get(),
                    },
                ));
            });
        });
    }
}

fn owner<'a>(hierarchy: &Hierarchy<'a>, stand: Option<Stand>) -> Option<&'a str> {
    let position = stand.and_then(|stand| stand.position)?;
    hierarchy.positions()[position as usize].nodes(Level::Owner).first().copied()
}

/// Why a deal came into, or left, the period.
fn reason(bar: Bar, start: Option<&Standing>, end: &Standing, way: &Way) -> Option<&'static str> {
    let closed = end.kind != StageKind::Open;
    match (bar, start) {
        (Bar::PulledIn, None) => Some("was closed"),
        (Bar::PulledIn, Some(start)) if way.from.is_none() => Some(match start {
            _ if start.category == ForecastCategory::Omitted => "was omitted",
            _ if start.expected_close.is_none() => "had no date",
            _ => "was of another category",
        }),
        (Bar::PulledIn, _) if closed => Some("won in this period"),
        (Bar::PushedOut, _) if way.to.is_none() => Some(match end {
            _ if closed => "closed before",
            _ if end.category == ForecastCategory::Omitted => "omitted",
            _ if end.expected_close.is_none() => "date removed",
            _ => "of another category",
        }),
        (Bar::PushedOut, _) if closed => Some("won in another period"),
        (Bar::PulledIn | Bar::PushedOut, _) => Some("date moved"),
        _ => None,
    }
}
