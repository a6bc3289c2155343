//! The deals behind the bars of the owners' rows.

use crate::analyses::forecast::ForecastError;
use crate::analyses::waterfall::axes::WaterfallAxes;
use crate::analyses::waterfall::bars::Bar;
use crate::analyses::waterfall::input::{Span, WaterfallInput};
use crate::analyses::waterfall::mornings::{DealTransition, Mornings};
use crate::analyses::waterfall::rows::{DealBar, WaterfallDeals};
use crate::analyses::waterfall::transition::{MorningPosition, TouchedRows, Transition, touches};
use crate::analyses::waterfall::transitions::{Transitions, without_base};
use crate::books::currency::CurrencyConverter;
use crate::books::hierarchy::{Hierarchy, Level};
use crate::domain::ids::DealIx;
use crate::domain::period::{Period, PeriodKind};
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::snapshot::{Standing, Standings};

/// The deals behind each bar of the owners' rows, by deal, period kind, period, owner and bar.
///
/// # Errors
/// [`ForecastError`] where the money does not fit 64 bits.
pub fn waterfall_deals<'a>(input: &WaterfallInput<'a>) -> Result<WaterfallDeals<'a>, ForecastError> {
    let spans = Transitions::of_spans(input)?;
    let axes = WaterfallAxes::new(input, &spans);
    let mut listed: Vec<ListedBar<'a>> = Vec::new();
    for span in input.spans {
        let bars = SpanBars { input, axes: &axes, span };
        let append = |listed: &mut Vec<ListedBar<'a>>, mornings: &Mornings<'a>, deal: &DealTransition<'a>| {
            bars.append(listed, mornings, deal);
        };
        listed.extend(Mornings::walk(input, span.from, append)?.1);
    }
    listed.sort_by(|a, b| a.order().cmp(&b.order()));
    let converter = CurrencyConverter::new(input.tables, &input.config.money.base_currency, input.snapshot.as_of);
    Ok(WaterfallDeals {
        to: input.snapshot.as_of,
        currencies: axes.currencies.with_base(&converter),
        rows: listed.into_iter().map(|listed| listed.bar).collect(),
        without_base: without_base(&spans),
    })
}

/// One row of the listing, with what it is sorted by.
struct ListedBar<'a> {
    deal: DealIx,
    bar: DealBar<'a>,
}

impl ListedBar<'_> {
    fn order(&self) -> (DealIx, PeriodKind, Period, &str, Bar) {
        let DealBar { period, owner, bar, .. } = &self.bar;
        (self.deal, period.kind, *period, owner, *bar)
    }
}

/// What a deal adds to a bar; base none without rates.
#[derive(Clone, Copy)]
struct DealAmounts {
    native: i64,
    base: Option<i64>,
}

/// What makes the rows of one span.
struct SpanBars<'s, 'a> {
    input: &'s WaterfallInput<'a>,
    axes: &'s WaterfallAxes<'a>,
    span: &'s Span<&'a Standings>,
}

impl<'a> SpanBars<'_, 'a> {
    fn append(&self, listed: &mut Vec<ListedBar<'a>>, mornings: &Mornings<'a>, deal: &DealTransition<'a>) {
        let transition = &deal.transition;
        let (from, to) = (owner(mornings.starts(), transition.from), owner(mornings.ends(), transition.to));
        // Two owners at most: 0 and 1 are their numbers.
        let (first, second) = ([0], [u32::from(from != to)]);
        let first = if from.is_some() { &first[..] } else { &[] };
        let second = if to.is_some() { &second[..] } else { &[] };
        for kind in &self.span.kinds {
            let start = TouchedRows { nodes: first, period: self.period(*kind, transition.from) };
            let end = TouchedRows { nodes: second, period: self.period(*kind, transition.to) };
            touches(start, end, |number, period, touch| {
                let Some(owner) = (if number == 0 { from.or(to) } else { to }) else { return };
                let period = self.axes.period_at(period).0;
                transition.bars(&deal.sums, touch, |bar, deals, amount| {
                    if deals > 0 {
                        let base = mornings.has_base().then_some(amount.base);
                        let bar = self.bar(deal, owner, period, bar, DealAmounts { native: amount.native, base });
                        listed.push(ListedBar { deal: deal.deal, bar });
                    }
                });
            });
        }
    }

    fn bar(
        &self,
        deal: &DealTransition<'a>,
        owner: &'a str,
        period: Period,
        bar: Bar,
        adds: DealAmounts,
    ) -> DealBar<'a> {
        let DealTransition { start, end, transition, .. } = deal;
        DealBar {
            row: end.row,
            owner,
            period,
            from: self.span.from.day,
            bar,
            currency: self.axes.currencies.rank(transition.currency) as usize,
            native: adds.native,
            base: adds.base,
            reason: reason(bar, *start, end, transition),
            stage_from: start.map(|start| self.span.from.stages.name(start.stage)),
            stage_to: self.input.timeline.stages.name(end.stage),
            expected_from: start.and_then(|start| start.expected_close.get()),
            expected_to: end.expected_close.get(),
        }
    }

    fn period(&self, kind: PeriodKind, at: Option<MorningPosition>) -> Option<u32> {
        self.axes.period(kind, at?.month)
    }
}

fn owner<'a>(hierarchy: &Hierarchy<'a>, at: Option<MorningPosition>) -> Option<&'a str> {
    let position = at?.position?;
    hierarchy.positions()[position as usize].nodes(Level::Owner).first().copied()
}

/// Why a deal came into, or left, the period.
fn reason(bar: Bar, start: Option<&Standing>, end: &Standing, transition: &Transition) -> Option<&'static str> {
    let closed = end.kind != StageKind::Open;
    match (bar, start) {
        (Bar::PulledIn, None) => Some("was closed"),
        (Bar::PulledIn, Some(start)) if transition.from.is_none() => Some(match start {
            _ if start.category == ForecastCategory::Omitted => "was omitted",
            _ if start.expected_close.is_none() => "had no date",
            _ => "was of another category",
        }),
        (Bar::PulledIn, _) if closed => Some("won in this period"),
        (Bar::PushedOut, _) if transition.to.is_none() => Some(match end {
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
