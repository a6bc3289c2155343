//! [`FiscalCalendar`]: which period a day lies in, and which one a label names.
//!
//! Counts in fiscal months; how days fall into those is up to `fiscal_start`, `weeks` or `table`.

use std::sync::Arc;

use crate::domain::day::{Day, YEARS};
use crate::domain::period::fiscal_start::{FiscalStart, FiscalYearName, calendar_month};
use crate::domain::period::kind::{MonthNames, Period, PeriodKind};
use crate::domain::period::table::PeriodTable;
use crate::domain::period::weeks::WeekCalendar;

/// More months than there are.
const MOST_STEPS: i32 = 300_000;

/// The fiscal calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiscalCalendar {
    scheme: Scheme,
}

/// How the days fall into fiscal months. Everything else is counted from fiscal year x 12 + month of it, from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Scheme {
    Months(FiscalStart),
    Weeks(WeekCalendar),
    Table(Arc<PeriodTable>),
}

impl Default for FiscalCalendar {
    fn default() -> Self {
        FiscalStart::default().into()
    }
}

impl From<FiscalStart> for FiscalCalendar {
    fn from(start: FiscalStart) -> Self {
        Self { scheme: Scheme::Months(start) }
    }
}

impl From<WeekCalendar> for FiscalCalendar {
    fn from(weeks: WeekCalendar) -> Self {
        Self { scheme: Scheme::Weeks(weeks) }
    }
}

impl From<PeriodTable> for FiscalCalendar {
    fn from(table: PeriodTable) -> Self {
        Self { scheme: Scheme::Table(Arc::new(table)) }
    }
}

impl FiscalCalendar {
    /// Calendar months, the fiscal year starting in `first_month` (1-12), or `None` for another number.
    #[must_use]
    pub fn new(first_month: u8, name: FiscalYearName) -> Option<Self> {
        FiscalStart::new(first_month, name).map(Self::from)
    }

    /// The period of `kind` that `day` lies in.
    #[must_use]
    pub fn period_of(&self, kind: PeriodKind, day: Day) -> Period {
        self.period_at(kind, self.month_of(day))
    }

    /// The period `steps` after (or before) `period`.
    #[must_use]
    pub fn shift(&self, period: &Period, steps: i32) -> Period {
        let months = steps.clamp(-MOST_STEPS, MOST_STEPS) * period.kind.months();
        self.period_at(period.kind, self.month_of(period.first) + months)
    }

    /// The periods of `kind` that make up the longer period `whole`.
    pub fn parts(&self, whole: &Period, kind: PeriodKind) -> impl Iterator<Item = Period> {
        let (start, months) = (self.month_of(whole.first), kind.months());
        (0..whole.kind.months() / months).map(move |part| self.period_at(kind, start + part * months))
    }

    /// The period a label such as `2026-01`, `2026-Q1`, `2026-H1`, `2026`, `FY2026` or `FY2026-Q1` names. Fiscal months
    /// are `2026-P01`, and `2026-01` is none of them: a calendar has the one or the other.
    #[must_use]
    pub fn parse(&self, label: &str) -> Option<Period> {
        let label = label.trim();
        let label = label.strip_prefix("FY").or_else(|| label.strip_prefix("fy")).unwrap_or(label);
        let (year, rest) = label.split_at_checked(4)?;
        let year = number(year).filter(|year| YEARS.contains(year))?;
        let rest = rest.strip_prefix(['-', ' ']).unwrap_or(rest);
        let (kind, names, digits) = match rest.chars().next().map(|first| first.to_ascii_uppercase()) {
            None => return Some(self.period_at(PeriodKind::Year, year * 12)),
            Some('Q') => (PeriodKind::Quarter, self.month_names(), &rest[1..]),
            Some('H') => (PeriodKind::Half, self.month_names(), &rest[1..]),
            Some('P') => (PeriodKind::Month, MonthNames::Fiscal, &rest[1..]),
            Some(_) => (PeriodKind::Month, MonthNames::Calendar, rest),
        };
        let months = kind.months();
        let at = (number(digits).filter(|number| (1..=12).contains(number))? - 1) * months;
        if names != self.month_names() || at >= 12 {
            return None;
        }
        let month = match self.scheme {
            Scheme::Months(start) if kind == PeriodKind::Month => year * 12 + at - start.offset() + 12 * start.ahead(),
            _ => year * 12 + at,
        };
        Some(self.period_at(kind, month))
    }

    /// How this calendar's periods are written, for messages.
    #[must_use]
    pub fn labels(&self) -> &'static str {
        match self.month_names() {
            MonthNames::Calendar => "2026-01, 2026-Q1, 2026-H1 or 2026 (years 1900 to 2199)",
            MonthNames::Fiscal => "2026-P01, 2026-Q1, 2026-H1 or 2026 (years 1900 to 2199)",
        }
    }

    /// First and last day of a table; days beyond are guessed. `None`: any day is known.
    #[must_use]
    pub fn known(&self) -> Option<(Day, Day)> {
        match &self.scheme {
            Scheme::Table(table) => Some(table.range()),
            Scheme::Months(_) | Scheme::Weeks(_) => None,
        }
    }

    fn month_names(&self) -> MonthNames {
        match self.scheme {
            Scheme::Months(_) => MonthNames::Calendar,
            Scheme::Weeks(_) | Scheme::Table(_) => MonthNames::Fiscal,
        }
    }

    /// The period of `kind` around a fiscal month.
    fn period_at(&self, kind: PeriodKind, month: i32) -> Period {
        let months = kind.months();
        let start = month.div_euclid(months) * months;
        let named = match self.scheme {
            Scheme::Months(first) if kind == PeriodKind::Month => start + first.offset() - 12 * first.ahead(),
            _ => start,
        };
        Period {
            kind,
            year: named.div_euclid(12),
            number: (named.rem_euclid(12) / months + 1) as u8,
            names: self.month_names(),
            first: self.month_first(start),
            last: self.month_first(start + months).plus(-1),
        }
    }

    /// The fiscal month a day lies in.
    fn month_of(&self, day: Day) -> i32 {
        match &self.scheme {
            Scheme::Months(start) => (day.year() + start.ahead()) * 12 + i32::from(day.month()) - 1 - start.offset(),
            Scheme::Weeks(weeks) => weeks.month_of(day),
            Scheme::Table(table) => table.month_of(day),
        }
    }

    /// The first day of a fiscal month.
    fn month_first(&self, month: i32) -> Day {
        match &self.scheme {
            Scheme::Months(start) => calendar_month(month - 12 * start.ahead() + start.offset(), 1),
            Scheme::Weeks(weeks) => weeks.month_first(month),
            Scheme::Table(table) => table.month_first(month),
        }
    }
}

/// A number of nothing but digits.
fn number(digits: &str) -> Option<i32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}
