//! Fiscal periods: months, quarters and years with any first month.
//!
//! A fiscal year carries the calendar year it ends in, as most CRMs name it, unless told to use the year it
//! starts in. Months keep their calendar names, quarters and years are fiscal.

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::day::Day;

/// The length of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PeriodKind {
    /// One calendar month.
    Month,
    /// Three months of the fiscal year.
    Quarter,
    /// One fiscal year.
    Year,
}

impl PeriodKind {
    /// All kinds, shortest first.
    pub const ALL: [Self; 3] = [Self::Month, Self::Quarter, Self::Year];

    /// `month`, `quarter` or `year`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }
}

/// One fiscal period. `label` is `2026-01`, `2026-Q1` or `2026`; the period runs from `first` to `last`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    /// Month, quarter or year.
    pub kind: PeriodKind,
    /// Number in the label: the calendar year of a month, the fiscal year otherwise.
    pub year: i32,
    /// Month 1-12, quarter 1-4, or 1 for a year.
    pub number: u8,
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
        match self.kind {
            PeriodKind::Month => write!(f, "{:04}-{:02}", self.year, self.number),
            PeriodKind::Quarter => write!(f, "{:04}-Q{}", self.year, self.number),
            PeriodKind::Year => write!(f, "{:04}", self.year),
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

/// The fiscal calendar: the month a fiscal year starts in and how it is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiscalCalendar {
    first_month: u8,
    name: FiscalYearName,
}

impl Default for FiscalCalendar {
    fn default() -> Self {
        Self { first_month: 1, name: FiscalYearName::End }
    }
}

impl FiscalCalendar {
    /// A calendar whose fiscal years start in `first_month` (1-12), or `None` for another number.
    #[must_use]
    pub fn new(first_month: u8, name: FiscalYearName) -> Option<Self> {
        (1..=12).contains(&first_month).then_some(Self { first_month, name })
    }

    /// The period of `kind` that `day` lies in.
    #[must_use]
    pub fn period_of(&self, kind: PeriodKind, day: Day) -> Period {
        let month_index = day.year() * 12 + i32::from(day.month()) - 1;
        let anchor = if kind == PeriodKind::Month { 0 } else { i32::from(self.first_month) - 1 };
        let months = kind.months();
        self.period_at(kind, (month_index - anchor).div_euclid(months) * months + anchor)
    }

    /// The period `steps` after (or before) `period`.
    #[must_use]
    pub fn shift(&self, period: &Period, steps: i32) -> Period {
        let start = period.first.year() * 12 + i32::from(period.first.month()) - 1;
        self.period_at(period.kind, start + steps * period.kind.months())
    }

    /// The period a label such as `2026-01`, `2026-Q1`, `2026`, `FY2026` or `FY2026-Q1` names.
    #[must_use]
    pub fn parse(&self, label: &str) -> Option<Period> {
        let label = label.trim();
        let label = label.strip_prefix("FY").or_else(|| label.strip_prefix("fy")).unwrap_or(label);
        let (year, rest) = label.split_at_checked(4)?;
        let year: i32 = year.parse().ok()?;
        match rest.strip_prefix(['-', ' ']).unwrap_or(rest) {
            "" => Some(self.period_at(PeriodKind::Year, self.year_start(year))),
            rest if rest.starts_with(['Q', 'q']) => {
                let number: i32 = rest[1..].parse().ok().filter(|q| (1..=4).contains(q))?;
                Some(self.period_at(PeriodKind::Quarter, self.year_start(year) + (number - 1) * 3))
            }
            rest => {
                let month: i32 = rest.parse().ok().filter(|m| (1..=12).contains(m))?;
                Some(self.period_at(PeriodKind::Month, year * 12 + month - 1))
            }
        }
    }

    fn spans_two_years(self) -> bool {
        self.first_month > 1 && self.name == FiscalYearName::End
    }

    fn year_start(self, fiscal_year: i32) -> i32 {
        (fiscal_year - i32::from(self.spans_two_years())) * 12 + i32::from(self.first_month) - 1
    }

    fn period_at(self, kind: PeriodKind, start: i32) -> Period {
        let (year, number) = match kind {
            PeriodKind::Month => (start.div_euclid(12), start.rem_euclid(12) + 1),
            _ => {
                let fiscal = start - (i32::from(self.first_month) - 1);
                (fiscal.div_euclid(12) + i32::from(self.spans_two_years()), fiscal.rem_euclid(12) / kind.months() + 1)
            }
        };
        Period {
            kind,
            year,
            number: number as u8,
            first: month_start(start),
            last: month_start(start + kind.months()).plus(-1),
        }
    }
}

fn month_start(month_index: i32) -> Day {
    let year = month_index.div_euclid(12).clamp(-9999, 9999) as i16;
    Day::from_ymd(year, month_index.rem_euclid(12) as i8 + 1, 1).unwrap_or(Day(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a date")
    }

    #[test]
    fn calendar_year_periods() {
        let calendar = FiscalCalendar::default();
        let quarter = calendar.period_of(PeriodKind::Quarter, day("2026-02-14"));
        assert_eq!(quarter.to_string(), "2026-Q1");
        assert_eq!((quarter.first, quarter.last), (day("2026-01-01"), day("2026-03-31")));
        assert_eq!(calendar.shift(&quarter, -1).to_string(), "2025-Q4");
        assert_eq!(calendar.period_of(PeriodKind::Month, day("2024-02-29")).last, day("2024-02-29"));
    }

    #[test]
    fn fiscal_years_are_named_by_their_end_or_their_start() {
        let end = FiscalCalendar::new(4, FiscalYearName::End).expect("april");
        let start = FiscalCalendar::new(4, FiscalYearName::Start).expect("april");
        let january = day("2026-01-15");
        assert_eq!(end.period_of(PeriodKind::Quarter, january).to_string(), "2026-Q4");
        assert_eq!(start.period_of(PeriodKind::Quarter, january).to_string(), "2025-Q4");
        assert_eq!(end.period_of(PeriodKind::Month, january).to_string(), "2026-01");
        assert_eq!(end.parse("2026").map(|p| p.first), Some(day("2025-04-01")));
    }

    #[test]
    fn every_label_reads_back() {
        for first_month in 1..=12 {
            for name in [FiscalYearName::Start, FiscalYearName::End] {
                let calendar = FiscalCalendar::new(first_month, name).expect("a month");
                for offset in (0..900).step_by(29) {
                    for kind in PeriodKind::ALL {
                        let period = calendar.period_of(kind, Day(20_000 + offset));
                        assert!(period.contains(Day(20_000 + offset)));
                        assert_eq!(calendar.parse(&period.to_string()), Some(period));
                    }
                }
            }
        }
    }
}
