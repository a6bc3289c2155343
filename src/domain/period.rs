//! Fiscal periods: months, quarters, halves and years of three kinds of calendar.
//!
//! - Calendar months, the year starting with any of them. Months keep their calendar names (`2026-01`), longer periods
//!   are fiscal.
//! - Weeks: months of four or five whole weeks, see [`weeks`]. Months are fiscal too (`2026-P01`).
//! - A table of the first day of every month, see [`table`]. Months as above.
//!
//! Always three months make a quarter, two quarters a half, two halves a year. A fiscal year carries the calendar year it
//! ends in, as most CRMs name it, unless told to use the year it starts in.

pub mod table;
#[cfg(test)]
mod tests;
pub mod weeks;

use std::cmp::Ordering;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use table::PeriodTable;
use weeks::WeekCalendar;

/// Years a label may name; days of others are told apart too, up to the last day there is.
pub const YEARS: RangeInclusive<i32> = 1..=9900;
/// More months than there are.
const MOST_STEPS: i32 = 300_000;

/// The length of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PeriodKind {
    /// One month: of the calendar, of four or five weeks, or of the table.
    Month,
    /// Three months of the fiscal year.
    Quarter,
    /// Six months of the fiscal year.
    Half,
    /// One fiscal year.
    Year,
}

impl PeriodKind {
    /// All kinds, shortest first.
    pub const ALL: [Self; 4] = [Self::Month, Self::Quarter, Self::Half, Self::Year];
    /// What is reported unless told otherwise, and what a model learns from.
    pub const USUAL: [Self; 3] = [Self::Month, Self::Quarter, Self::Year];

    /// `month`, `quarter`, `half` or `year`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Half => "half",
            Self::Year => "year",
        }
    }

    fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Half => 6,
            Self::Year => 12,
        }
    }
}

/// What the number of a month counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MonthNames {
    /// Months of the calendar year: `2026-01` is January.
    Calendar,
    /// Months of the fiscal year: `2026-P01` is its first.
    Fiscal,
}

/// One fiscal period. `label` is `2026-01` (or `2026-P01`), `2026-Q1`, `2026-H1` or `2026`; the period runs from `first`
/// to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// Month, quarter, half or year.
    pub kind: PeriodKind,
    /// Number in the label: the calendar year of a calendar month, the fiscal year otherwise.
    pub year: i32,
    /// Month 1-12, quarter 1-4, half 1-2, or 1 for a year.
    pub number: u8,
    /// How the calendar names its months.
    pub names: MonthNames,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
}

impl Period {
    /// Whether `day` lies in the period.
    #[must_use]
    pub fn contains(&self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }

    /// Days in the period.
    #[must_use]
    pub fn days(&self) -> i32 {
        self.last.0 - self.first.0 + 1
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, number, .. } = self;
        match (self.kind, self.names) {
            (PeriodKind::Month, MonthNames::Calendar) => write!(f, "{year:04}-{number:02}"),
            (PeriodKind::Month, MonthNames::Fiscal) => write!(f, "{year:04}-P{number:02}"),
            (PeriodKind::Quarter, _) => write!(f, "{year:04}-Q{number}"),
            (PeriodKind::Half, _) => write!(f, "{year:04}-H{number}"),
            (PeriodKind::Year, _) => write!(f, "{year:04}"),
        }
    }
}

impl Ord for Period {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.first, self.kind).cmp(&(other.first, other.kind))
    }
}

impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Which calendar year names a fiscal year that spans two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FiscalYearName {
    /// The year it starts in.
    Start,
    /// The year it ends in.
    #[default]
    End,
}

/// The month a fiscal year starts in and how the year is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FiscalStart {
    /// Months from January to the first one, 0-11.
    offset: u8,
    name: FiscalYearName,
}

impl FiscalStart {
    /// Years that start in `first_month` (1-12), or `None` for another number.
    #[must_use]
    pub fn new(first_month: u8, name: FiscalYearName) -> Option<Self> {
        (1..=12).contains(&first_month).then(|| Self { offset: first_month - 1, name })
    }

    /// Months from January to the first one.
    fn offset(self) -> i32 {
        self.offset.into()
    }

    /// What to add to the calendar year a fiscal year starts in to get its name.
    fn ahead(self) -> i32 {
        (self.offset > 0 && self.name == FiscalYearName::End).into()
    }
}

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
            MonthNames::Calendar => "2026-01, 2026-Q1, 2026-H1 or 2026",
            MonthNames::Fiscal => "2026-P01, 2026-Q1, 2026-H1 or 2026",
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

/// A day of the calendar month `index` = year x 12 + month from 0; the month's last one if it has fewer.
fn calendar_month(index: i32, day: i8) -> Day {
    let year = index.div_euclid(12).clamp(-9999, 9999) as i16;
    let month = index.rem_euclid(12) as i8 + 1;
    let fitting = (28..=day).rev().find_map(|day| Day::from_ymd(year, month, day));
    fitting.or_else(|| Day::from_ymd(year, month, day)).unwrap_or(Day(0))
}
