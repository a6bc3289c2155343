//! Fiscal months by a table of their first days.
//!
//! Outside the table months begin on the same day of every calendar month as the table does, or as it would go on: old
//! deals and far expected closes have to fall somewhere.

use crate::domain::day::Day;
use crate::domain::period::fiscal_start::calendar_month;

/// The first day of every month of some fiscal years in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodTable {
    first_year: i32,
    /// Twelve per year.
    firsts: Vec<Day>,
    last: Day,
}

impl PeriodTable {
    /// Years from `first_year` on, of the months that begin on `firsts`, the last of which ends on `last`. `None` unless
    /// there are twelve for each and all days ascend.
    #[must_use]
    pub fn new(first_year: i32, firsts: Vec<Day>, last: Day) -> Option<Self> {
        let whole = !firsts.is_empty() && firsts.len().is_multiple_of(12);
        let ascending = firsts.is_sorted_by(|a, b| a < b) && firsts.last().is_some_and(|first| *first <= last);
        (whole && ascending).then_some(Self { first_year, firsts, last })
    }

    /// First and last day.
    #[must_use]
    pub fn range(&self) -> (Day, Day) {
        (self.firsts.first().copied().unwrap_or(self.last), self.last)
    }

    pub(super) fn month_of(&self, day: Day) -> i32 {
        let (first, last) = self.range();
        let passed = if day < first {
            months_since(first, day)
        } else if day > last {
            self.firsts.len() as i32 + months_since(last.plus(1), day)
        } else {
            self.firsts.partition_point(|first| *first <= day) as i32 - 1
        };
        self.first_year * 12 + passed
    }

    pub(super) fn month_first(&self, month: i32) -> Day {
        let passed = month - self.first_year * 12;
        let beyond = passed - self.firsts.len() as i32;
        if passed < 0 {
            months_after(self.range().0, passed)
        } else if beyond >= 0 {
            months_after(self.last.plus(1), beyond)
        } else {
            self.firsts[passed as usize]
        }
    }
}

fn month_index(day: Day) -> i32 {
    day.year() * 12 + i32::from(day.month()) - 1
}

/// The day `months` calendar months after `day`; the month's last one if it is shorter.
fn months_after(day: Day, months: i32) -> Day {
    calendar_month(month_index(day) + months, day.civil().day())
}

/// Whole months from `from` to `day`, negative before it.
fn months_since(from: Day, day: Day) -> i32 {
    let months = month_index(day) - month_index(from);
    months - i32::from(months_after(from, months) > day)
}
