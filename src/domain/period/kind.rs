//! [`Period`]s and their lengths, with the labels they are printed by. Knows no calendar.

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::day::Day;

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

    /// Fiscal months it has.
    pub(super) fn months(self) -> i32 {
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
