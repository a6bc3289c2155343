//! In which period was each deal created?
//!
//! [`Timeline`] in, [`Cohorts`] out: the periods that have deals, and each deal's position among them. Counts nothing.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::domain::period::{FiscalCalendar, Period, PeriodKind};
use crate::timeline::{DealHead, Timeline};

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
        let mut days: Vec<_> = timeline.deals.iter().map(|deal| deal.created).collect();
        days.par_sort_unstable();
        days.dedup();
        let periods: BTreeSet<Period> = days.iter().map(|&day| calendar.period_of(kind, day)).collect();
        let periods: Vec<Period> = periods.into_iter().collect();
        let position =
            |deal: &DealHead| periods.partition_point(|period| period.first <= deal.created).saturating_sub(1) as u32;
        let of_deal = timeline.deals.par_iter().map(position).collect();
        Self { periods, of_deal }
    }
}
