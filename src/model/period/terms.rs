//! What the period head sees of a deal and of the day a period ends.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::snapshot::DealState;

/// Log-odds are kept within this of 0 before they are multiplied with anything.
const FURTHEST_LOG_ODDS: f64 = 6.0;
/// Days from the expected close to the period's end are felt on this scale.
const SLACK_DAYS: f64 = 14.0;
/// Mean length of a quarter.
const QUARTER_DAYS: f64 = 365.25 / 4.0;

/// What is known of a deal on its day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeriodInput {
    /// Calibrated log-odds to be won within the model's horizon.
    pub win_log_odds: f64,
    /// Log-odds to be closed, either way, soon.
    pub soon_log_odds: f64,
    /// Days until the expected close; negative: overdue.
    pub expected_in: Option<i32>,
}

impl PeriodInput {
    /// Of a state, given the two log-odds the win and the soon regression give it.
    #[must_use]
    pub fn of(state: &DealState, win_log_odds: f64, soon_log_odds: f64) -> Self {
        let expected_in = state.expected_close.get().map(|due| due.0.saturating_sub(state.day.0));
        Self { win_log_odds, soon_log_odds, expected_in }
    }
}

/// A horizon as the period head sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Until {
    /// Days from the morning the deal is looked at to the evening of the last day.
    pub days: i32,
    /// Fiscal quarter ends among them, less what that many days have on average.
    pub quarter_ends: f64,
}

impl Until {
    /// From the morning of `day` on, `days` days.
    #[must_use]
    pub fn days(day: Day, days: i32, calendar: &FiscalCalendar) -> Self {
        let after = day.plus(days);
        let mut quarter = calendar.period_of(PeriodKind::Quarter, day);
        let mut ends = 0;
        while quarter.last < after {
            ends += 1;
            quarter = calendar.shift(&quarter, 1);
        }
        Self { days, quarter_ends: f64::from(ends) - f64::from(days) / QUARTER_DAYS }
    }

    /// From the morning of `day` to the evening of `last`.
    #[must_use]
    pub fn end_of(day: Day, last: Day, calendar: &FiscalCalendar) -> Self {
        Self::days(day, last.0 - day.0 + 1, calendar)
    }
}

/// A column of the period head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeriodTerm {
    /// Log of the days until the end.
    Days,
    /// Its square.
    DaysSquared,
    /// Quarter ends until then, more than that many days have on average.
    QuarterEnds,
    /// Log-odds to be won.
    Win,
    /// Log-odds to be closed soon.
    Soon,
    /// Product of the two.
    WinSoon,
    /// `Win` times `Days`.
    WinDays,
    /// `Soon` times `Days`.
    SoonDays,
    /// Whether there is no expected close date.
    NoDate,
    /// Whether the expected close is before the end.
    Expected,
    /// How long before the end it is, negative after it; linear within two weeks, logarithmic beyond.
    Slack,
    /// Whether the expected close has passed.
    Overdue,
    /// `Overdue` times `Days`.
    OverdueDays,
}

impl fmt::Display for PeriodTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Days => "log of the days until the end",
            Self::DaysSquared => "log of the days until the end, squared",
            Self::QuarterEnds => "quarter ends until then, beyond the average number",
            Self::Win => "log-odds to be won",
            Self::Soon => "log-odds to be closed soon",
            Self::WinSoon => "log-odds to be won x to be closed soon",
            Self::WinDays => "log-odds to be won x log days",
            Self::SoonDays => "log-odds to be closed soon x log days",
            Self::NoDate => "no expected close date",
            Self::Expected => "expected close before the end",
            Self::Slack => "days from the expected close to the end",
            Self::Overdue => "expected close has passed",
            Self::OverdueDays => "expected close has passed x log days",
        })
    }
}

impl PeriodTerm {
    /// What speaks of the horizon alone.
    pub(crate) const OF_THE_HORIZON: [Self; 3] = [Self::Days, Self::DaysSquared, Self::QuarterEnds];
    /// Everything.
    pub(crate) const ALL: [Self; 13] = [
        Self::Days,
        Self::DaysSquared,
        Self::QuarterEnds,
        Self::Win,
        Self::Soon,
        Self::WinSoon,
        Self::WinDays,
        Self::SoonDays,
        Self::NoDate,
        Self::Expected,
        Self::Slack,
        Self::Overdue,
        Self::OverdueDays,
    ];

    /// The term's value.
    pub(crate) fn value(self, input: &PeriodInput, until: &Until) -> f64 {
        let days = f64::from(until.days.max(1)).ln();
        let win = input.win_log_odds.clamp(-FURTHEST_LOG_ODDS, FURTHEST_LOG_ODDS);
        let soon = input.soon_log_odds.clamp(-FURTHEST_LOG_ODDS, FURTHEST_LOG_ODDS);
        let overdue = f64::from(input.expected_in.is_some_and(|days| days < 0));
        match self {
            Self::Days => days,
            Self::DaysSquared => days * days,
            Self::QuarterEnds => until.quarter_ends,
            Self::Win => win,
            Self::Soon => soon,
            Self::WinSoon => win * soon,
            Self::WinDays => win * days,
            Self::SoonDays => soon * days,
            Self::NoDate => f64::from(input.expected_in.is_none()),
            Self::Expected => f64::from(input.expected_in.is_some_and(|expected| expected < until.days)),
            Self::Slack => input
                .expected_in
                .map_or(0.0, |expected| (f64::from(until.days.saturating_sub(expected)) / SLACK_DAYS).asinh()),
            Self::Overdue => overdue,
            Self::OverdueDays => overdue * days,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarter_ends_count_those_before_the_end() {
        let calendar = FiscalCalendar::default();
        let ends = |days| (Until::days(Day(85), days, &calendar).quarter_ends + f64::from(days) * 4.0 / 365.25).round();
        assert_eq!([4, 5, 95, 96].map(ends), [0.0, 1.0, 1.0, 2.0]);
    }
}
