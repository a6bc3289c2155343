//! Fiscal years of 52 or 53 whole weeks, their months of four or five.
//!
//! A year ends on the day before `week_starts`: the last such day of the month before the fiscal year's first month, or
//! the one nearest to that month's end. Each quarter has 13 weeks in the order of the pattern; a 53rd week belongs to the
//! last month of the year, and so to its last quarter and half.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::domain::period::fiscal_start::{FiscalStart, calendar_month};

/// Weeks of the three months of a quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum WeekPattern {
    /// Four, four and five.
    #[serde(rename = "4-4-5")]
    FourFourFive,
    /// Four, five and four, as retailers do.
    #[serde(rename = "4-5-4")]
    FourFiveFour,
    /// Five, four and four.
    #[serde(rename = "5-4-4")]
    FiveFourFour,
}

impl WeekPattern {
    /// Weeks of a quarter before each of its months.
    fn before(self) -> [i32; 3] {
        match self {
            Self::FourFourFive => [0, 4, 8],
            Self::FourFiveFour => [0, 4, 9],
            Self::FiveFourFour => [0, 5, 9],
        }
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "they are what they say")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// Where a year of whole weeks ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum YearEnd {
    /// With the last full week of the month before `fiscal_year_start`.
    Last,
    /// With the week whose end is nearest to the end of that month, up to three days after it.
    Nearest,
}

/// A calendar of whole weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekCalendar {
    /// Weeks of the months.
    pub pattern: WeekPattern,
    /// First day of every week, month and year.
    pub week_starts: Weekday,
    /// Which week is the last of a year.
    pub year_ends: YearEnd,
    /// The month the years start around, and their names.
    pub start: FiscalStart,
}

/// Weeks of a quarter, but for the longer last one.
const WEEKS: i32 = 13;

impl WeekCalendar {
    pub(super) fn month_of(&self, day: Day) -> i32 {
        let mut year = day.year();
        if self.year_first(year) > day {
            year -= 1;
        } else if self.year_first(year + 1) <= day {
            year += 1;
        }
        let week = day.0.saturating_sub(self.year_first(year).0).div_euclid(7);
        let quarter = (week / WEEKS).clamp(0, 3);
        let month = self.pattern.before().iter().rposition(|&before| before <= week - quarter * WEEKS);
        (year + self.start.ahead()) * 12 + quarter * 3 + month.unwrap_or(0) as i32
    }

    pub(super) fn month_first(&self, month: i32) -> Day {
        let of_year = month.rem_euclid(12);
        let weeks = of_year / 3 * WEEKS + self.pattern.before()[of_year as usize % 3];
        self.year_first(month.div_euclid(12) - self.start.ahead()).plus(7 * weeks)
    }

    /// The first day of the fiscal year that starts around the first month of a calendar year.
    fn year_first(&self, year: i32) -> Day {
        let month_end = calendar_month(year * 12 + self.start.offset(), 1).plus(-1);
        // Day 0 was a Thursday. A week ends the day before the next begins.
        let past = (month_end.0 + 1 + 3 - self.week_starts as i32).rem_euclid(7);
        let to_end = if self.year_ends == YearEnd::Nearest && past > 3 { 7 - past } else { -past };
        month_end.plus(to_end + 1)
    }
}
