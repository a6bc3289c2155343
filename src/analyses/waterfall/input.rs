//! What a waterfall is made from: two mornings, and the lengths of periods compared between them.

use crate::books::filter::ForecastFilter;
use crate::config::Config;
use crate::domain::day::Day;
use crate::domain::period::PeriodKind;
use crate::ingest::tables::Tables;
use crate::snapshot::{Snapshot, Standings};
use crate::timeline::Timeline;

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
