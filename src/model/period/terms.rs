//! What the period head sees of a deal and of the days ahead.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::period::ahead::DaySpan;
use crate::snapshot::DealState;

/// Log-odds are kept within this of 0 before they are multiplied with anything.
const FURTHEST_LOG_ODDS: f64 = 6.0;
/// Days from the expected close are felt on this scale.
const SLACK_DAYS: f64 = 14.0;
/// A deal is due within so many days of its expected close.
const DUE_DAYS: f64 = 3.5;
/// The middle of a span of one day is less than this from the middle of the day.
const ON_THE_DAY: f64 = 0.5;

/// What is known of a deal on its day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeriodInput {
    /// Calibrated log-odds to be won within the model's horizon.
    pub win_log_odds: f64,
    /// Log-odds to be closed, either way, soon.
    pub soon_log_odds: f64,
    /// Days until the expected close; negative: overdue.
    pub expected_in: Option<i32>,
    /// Days since it was created.
    pub age: i32,
}

impl PeriodInput {
    /// Of a state, given the two log-odds the win and the soon regression give it.
    #[must_use]
    pub fn of(state: &DealState, win_log_odds: f64, soon_log_odds: f64, knows_dates: bool) -> Self {
        let expected_close = state.expected_close.get().filter(|_| knows_dates);
        let expected_in = expected_close.map(|due| due.0.saturating_sub(state.day.0));
        Self { win_log_odds, soon_log_odds, expected_in, age: state.age_days() }
    }
}

/// A column of the period head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PeriodTerm {
    /// Log of the days until then.
    Days,
    /// Its square.
    DaysSquared,
    /// The last days of a fiscal quarter.
    QuarterEnd,
    /// The first weeks of a fiscal quarter.
    QuarterStart,
    /// The last days of a fiscal month.
    MonthEnd,
    /// Log-odds to be won.
    Win,
    /// How clear that is, either way: log of the cosh of half the log-odds. What is won and what is lost of the deals
    /// that close is no power of the odds, but a share: its log bends where this does.
    WinClear,
    /// Log-odds to be closed soon.
    Soon,
    /// Product of the two.
    WinSoon,
    /// `Win` times `Days`.
    WinDays,
    /// `Soon` times `Days`.
    SoonDays,
    /// `Soon` times `QuarterEnd`.
    SoonQuarterEnd,
    /// Whether there is no expected close date.
    NoDate,
    /// Within some days of the expected close.
    Due,
    /// On the very day.
    DueDay,
    /// After the expected close.
    Passed,
    /// How long before the expected close; linear within two weeks, logarithmic beyond.
    DaysBefore,
    /// How long after it, the same way.
    DaysAfter,
    /// Whether the expected close had passed on the day looked from.
    Overdue,
    /// `Overdue` times `Days`.
    OverdueDays,
}

impl fmt::Display for PeriodTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Days => "log of the days until then",
            Self::DaysSquared => "log of the days until then, squared",
            Self::QuarterEnd => "last days of a quarter",
            Self::QuarterStart => "first weeks of a quarter",
            Self::MonthEnd => "last days of a month",
            Self::Win => "log-odds to be won",
            Self::WinClear => "how clear it is whether it is won",
            Self::Soon => "log-odds to be closed soon",
            Self::WinSoon => "log-odds to be won x to be closed soon",
            Self::WinDays => "log-odds to be won x log days",
            Self::SoonDays => "log-odds to be closed soon x log days",
            Self::SoonQuarterEnd => "log-odds to be closed soon x last days of a quarter",
            Self::NoDate => "no expected close date",
            Self::Due => "around the expected close",
            Self::DueDay => "day of the expected close",
            Self::Passed => "after the expected close",
            Self::DaysBefore => "days before the expected close",
            Self::DaysAfter => "days after the expected close",
            Self::Overdue => "expected close has passed already",
            Self::OverdueDays => "expected close has passed already x log days",
        })
    }
}

impl PeriodTerm {
    /// What speaks of the days ahead alone.
    pub(crate) const OF_THE_DAYS: [Self; 5] =
        [Self::Days, Self::DaysSquared, Self::QuarterEnd, Self::QuarterStart, Self::MonthEnd];
    /// Everything.
    pub(crate) const ALL: [Self; 20] = [
        Self::Days,
        Self::DaysSquared,
        Self::QuarterEnd,
        Self::QuarterStart,
        Self::MonthEnd,
        Self::Win,
        Self::WinClear,
        Self::Soon,
        Self::WinSoon,
        Self::WinDays,
        Self::SoonDays,
        Self::SoonQuarterEnd,
        Self::NoDate,
        Self::Due,
        Self::DueDay,
        Self::Passed,
        Self::DaysBefore,
        Self::DaysAfter,
        Self::Overdue,
        Self::OverdueDays,
    ];

    /// Its value where `seen` is seen.
    pub(crate) fn value(self, seen: &SeenSpan) -> f64 {
        let SeenSpan { span, days, win, soon, overdue, late } = *seen;
        match self {
            Self::Days => days,
            Self::DaysSquared => days * days,
            Self::QuarterEnd => span.quarter_end,
            Self::QuarterStart => span.quarter_start,
            Self::MonthEnd => span.month_end,
            Self::Win => win,
            Self::WinClear => (win / 2.0).cosh().ln(),
            Self::Soon => soon,
            Self::WinSoon => win * soon,
            Self::WinDays => win * days,
            Self::SoonDays => soon * days,
            Self::SoonQuarterEnd => soon * span.quarter_end,
            Self::NoDate => f64::from(late.is_none()),
            Self::Due => f64::from(late.is_some_and(|late| late.abs() <= DUE_DAYS)),
            Self::DueDay => f64::from(late.is_some_and(|late| late.abs() < ON_THE_DAY)),
            Self::Passed => f64::from(late.is_some_and(|late| late > 0.0)),
            Self::DaysBefore => late.filter(|late| *late < 0.0).map_or(0.0, |late| (-late / SLACK_DAYS).asinh()),
            Self::DaysAfter => late.filter(|late| *late > 0.0).map_or(0.0, |late| (late / SLACK_DAYS).asinh()),
            Self::Overdue => overdue,
            Self::OverdueDays => overdue * days,
        }
    }
}

/// A deal over a span of the days ahead, as all terms see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeenSpan {
    span: DaySpan,
    /// Log of the days until its middle.
    days: f64,
    win: f64,
    soon: f64,
    overdue: f64,
    /// Days from the middle of the expected day to that of the span.
    late: Option<f64>,
}

impl SeenSpan {
    pub(crate) fn of(input: &PeriodInput, span: DaySpan) -> Self {
        Self {
            span,
            days: span.middle().ln_1p(),
            win: input.win_log_odds.clamp(-FURTHEST_LOG_ODDS, FURTHEST_LOG_ODDS),
            soon: input.soon_log_odds.clamp(-FURTHEST_LOG_ODDS, FURTHEST_LOG_ODDS),
            overdue: f64::from(input.expected_in.is_some_and(|days| days < 0)),
            late: input.expected_in.map(|expected| span.middle() - f64::from(expected) - 0.5),
        }
    }
}
