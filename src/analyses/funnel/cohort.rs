//! In which period was each deal created?
//!
//! [`Timeline`] in, [`Cohorts`] out: the periods that have deals, and each deal's position among them. Counts nothing.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};
use crate::timeline::Timeline;

/// The created periods of a timeline's deals.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohorts {
    /// Periods in which a deal was created, ascending.
    pub periods: Vec<Period>,
    /// For every deal its position in `periods`.
    pub of_deal: Vec<u32>,
}

impl Cohorts {
    /// The periods of `kind` in which the deals of `timeline` were created.
    #[must_use]
    pub fn of(timeline: &Timeline, calendar: &FiscalCalendar, kind: PeriodKind) -> Self {
        Self::with_days(timeline, &[], calendar, kind)
    }

    /// The same with the periods of some more days.
    #[must_use]
    pub fn with_days(timeline: &Timeline, more: &[Day], calendar: &FiscalCalendar, kind: PeriodKind) -> Self {
        let mut days: Vec<_> = timeline.deals.iter().map(|deal| deal.created).chain(more.iter().copied()).collect();
        days.par_sort_unstable();
        days.dedup();
        let periods: BTreeSet<Period> = days.iter().map(|&day| calendar.period_of(kind, day)).collect();
        let periods: Vec<Period> = periods.into_iter().collect();
        let cohorts = Self { periods, of_deal: Vec::new() };
        let of_deal = timeline.deals.par_iter().map(|deal| cohorts.of_day(deal.created)).collect();
        Self { of_deal, ..cohorts }
    }

    /// The position among the periods of a day that lies in one of them.
    #[must_use]
    pub fn of_day(&self, day: Day) -> u32 {
        self.periods.partition_point(|period| period.first <= day).saturating_sub(1) as u32
    }
}
