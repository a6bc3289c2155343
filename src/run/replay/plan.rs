//! Which past days are replayed: [`BacktestPlan`].

use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, Period, PeriodKind};

/// Which past days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BacktestPlan {
    /// Periods of this kind.
    pub kind: PeriodKind,
    /// The last so many that are over.
    pub periods: u32,
    /// Days into the period forecasts are made after: 0 is its first morning.
    pub days_in: Vec<u32>,
}

impl BacktestPlan {
    /// The first morning, and four and eight weeks in (of months: one and two), of each of the last eight periods.
    #[must_use]
    pub fn usual(kind: PeriodKind) -> Self {
        let days_in = if kind == PeriodKind::Month { vec![0, 7, 14] } else { vec![0, 28, 56] };
        Self { kind, periods: 8, days_in }
    }

    /// The periods and days, ascending.
    pub(super) fn origins(&self, calendar: &FiscalCalendar, as_of: Day) -> Vec<(Period, Day)> {
        let running = calendar.period_of(self.kind, as_of);
        let periods = (1..=self.periods as i32).rev().map(|back| calendar.shift(&running, -back));
        let of_period = |period: Period| self.days_in.iter().map(move |&days| (period, period.first.plus(days as i32)));
        let mut origins: Vec<(Period, Day)> =
            periods.flat_map(of_period).filter(|(period, day)| period.contains(*day)).collect();
        origins.sort_unstable_by_key(|origin| origin.1);
        origins.dedup();
        origins
    }
}
