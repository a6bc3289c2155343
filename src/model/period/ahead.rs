//! The days ahead of a morning, cut into spans over which a deal's rates of being won and lost count as constant.
//!
//! A day and a calendar in, spans out. Knows no deal but its expected close date.

use crate::domain::day::Day;
use crate::domain::period::{FiscalCalendar, PeriodKind};

/// Cuts of the first weeks, in days from the morning: closer together where more happens.
const FIRST_CUTS: [i32; 18] = [1, 2, 3, 4, 5, 6, 7, 10, 14, 21, 28, 35, 42, 56, 70, 91, 112, 140];
/// From there each cut is a quarter further away than the one before.
const GROWTH: f64 = 1.25;
/// No morning looks further ahead, in days.
const FURTHEST: i32 = 20_000;
/// Spans begin and end with the months so many days ahead, and with the quarters so many; further away they hold
/// parts of them.
const MONTHS_UNTIL: i32 = 70;
const QUARTERS_UNTIL: i32 = 200;
/// The last days of a quarter, in which many deals are closed.
const QUARTER_LAST_DAYS: i32 = 10;
/// The first weeks of a quarter, in which few are.
const QUARTER_FIRST_DAYS: i32 = 21;
/// The last days of a month.
const MONTH_LAST_DAYS: i32 = 5;
/// Around a deal's expected close date spans are cut here, in days from that day.
const EXPECTED_CUTS: [i32; 5] = [-3, 0, 1, 4, 21];

/// From the morning of day `from` to the evening before day `to`, both counted from the day looked from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DaySpan {
    /// First day.
    pub(crate) from: i32,
    /// The day after the last; above `from`.
    pub(crate) to: i32,
    /// Share of its days that are among the last of a fiscal quarter.
    pub(crate) quarter_end: f64,
    /// Share of its days that are among the first of a fiscal quarter.
    pub(crate) quarter_start: f64,
    /// Share of its days that are among the last of a fiscal month.
    pub(crate) month_end: f64,
}

impl DaySpan {
    /// Length in days.
    pub(crate) fn days(&self) -> f64 {
        f64::from(self.to - self.from)
    }

    /// Its middle, in days from the morning looked from.
    pub(crate) fn middle(&self) -> f64 {
        f64::midpoint(f64::from(self.from), f64::from(self.to))
    }

    /// Share of its days between `first` and `after`.
    fn share_of(&self, first: i32, after: i32) -> f64 {
        f64::from((self.to.min(after) - self.from.max(first)).max(0)) / self.days()
    }
}

/// The days ahead of a morning.
#[derive(Clone, Debug, PartialEq)]
pub struct DaysAhead {
    /// Without a gap, from day 0 on.
    pub(crate) spans: Vec<DaySpan>,
    /// The model's horizon; a span ends with it.
    pub(crate) horizon: i32,
}

impl DaysAhead {
    /// From the morning of `day`, as far as `until` and the model's `horizon`, both in days.
    #[must_use]
    pub fn of(day: Day, horizon: i32, until: i32, calendar: &FiscalCalendar) -> Self {
        let horizon = horizon.clamp(1, FURTHEST);
        let furthest = until.clamp(horizon, FURTHEST);
        let months = parts(PeriodKind::Month, day, furthest, calendar);
        let quarters = parts(PeriodKind::Quarter, day, furthest, calendar);
        let mut cuts = time_cuts(furthest);
        cuts.extend([horizon, furthest]);
        let near = months.iter().take_while(|month| month.after <= MONTHS_UNTIL);
        cuts.extend(near.flat_map(|month| [month.after - MONTH_LAST_DAYS, month.after]));
        let near = quarters.iter().take_while(|quarter| quarter.first <= QUARTERS_UNTIL);
        cuts.extend(near.flat_map(|quarter| {
            [quarter.first + QUARTER_FIRST_DAYS, quarter.after - QUARTER_LAST_DAYS, quarter.after]
        }));
        cuts.retain(|cut| (1..=furthest).contains(cut));
        cuts.sort_unstable();
        cuts.dedup();
        let starts = std::iter::once(0).chain(cuts.iter().copied());
        let spans = starts.zip(&cuts).map(|(from, &to)| placed(from, to, &months, &quarters));
        Self { spans: spans.collect(), horizon }
    }

    /// The spans of a deal expected to close in `expected_in` days: cut around that day too.
    pub(crate) fn spans_of(&self, expected_in: Option<i32>) -> Vec<DaySpan> {
        let Some(expected) = expected_in else { return self.spans.clone() };
        let mut cuts = EXPECTED_CUTS.iter().map(|cut| expected.saturating_add(*cut)).peekable();
        let mut spans = Vec::with_capacity(self.spans.len() + EXPECTED_CUTS.len());
        for span in &self.spans {
            let mut rest = *span;
            while let Some(cut) = cuts.next_if(|&cut| cut < span.to) {
                if cut > rest.from {
                    spans.push(DaySpan { to: cut, ..rest });
                    rest.from = cut;
                }
            }
            spans.push(rest);
        }
        spans
    }
}

/// Cuts that depend on nothing but how far away they are.
fn time_cuts(furthest: i32) -> Vec<i32> {
    let last = FIRST_CUTS[FIRST_CUTS.len() - 1];
    let later = std::iter::successors(Some(last), |cut| Some((f64::from(*cut) * GROWTH).round() as i32)).skip(1);
    FIRST_CUTS.into_iter().chain(later.take_while(|&cut| cut < furthest)).collect()
}

/// A month or quarter, in days from the morning looked from.
struct Part {
    first: i32,
    after: i32,
}

/// The running period of a kind and the following ones that begin before `furthest`.
fn parts(kind: PeriodKind, day: Day, furthest: i32, calendar: &FiscalCalendar) -> Vec<Part> {
    let running = calendar.period_of(kind, day);
    let following = std::iter::successors(Some(running), |period| {
        let next = calendar.shift(period, 1);
        (next.first > period.first).then_some(next)
    });
    let parts = following.map(|period| Part {
        first: period.first.0.saturating_sub(day.0),
        after: period.last.0.saturating_sub(day.0).saturating_add(1),
    });
    parts.take_while(|part| part.first < furthest).collect()
}

fn placed(from: i32, to: i32, months: &[Part], quarters: &[Part]) -> DaySpan {
    let span = DaySpan { from, to, quarter_end: 0.0, quarter_start: 0.0, month_end: 0.0 };
    let end_share = |parts: &[Part], days: i32| -> f64 {
        parts.iter().map(|part| span.share_of(part.after - days, part.after)).sum()
    };
    let starts = quarters.iter().map(|quarter| span.share_of(quarter.first, quarter.first + QUARTER_FIRST_DAYS));
    DaySpan {
        quarter_end: end_share(quarters, QUARTER_LAST_DAYS).min(1.0),
        quarter_start: starts.sum::<f64>().min(1.0),
        month_end: end_share(months, MONTH_LAST_DAYS).min(1.0),
        ..span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Day 0 is 1970-01-01: the quarter ends with day 89, the month with day 30.
    #[test]
    fn spans_end_with_months_quarters_and_the_horizon() {
        let ahead = DaysAhead::of(Day(75), 50, 300, &FiscalCalendar::default());
        assert!(ahead.spans.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].to > pair[0].from));
        assert_eq!((ahead.spans[0].from, ahead.spans.last().unwrap().to), (0, 300));
        for cut in [5, 10, 15, 50, 106] {
            assert!(ahead.spans.iter().any(|span| span.to == cut), "{cut}");
        }
        let near = |span: &&DaySpan| span.to <= MONTHS_UNTIL;
        assert!(ahead.spans.iter().filter(near).all(|span| [0.0, 1.0].contains(&span.quarter_end)));
        let days_of =
            |share: fn(&DaySpan) -> f64| ahead.spans.iter().map(|span| share(span) * span.days()).sum::<f64>();
        // Quarters end on days 89, 180, 272 and 364, and begin the day after; the last day looked at is 374.
        assert_eq!(
            [days_of(|span| span.quarter_end).round(), days_of(|span| span.quarter_start).round()],
            [40.0, 73.0]
        );
    }

    #[test]
    fn an_expected_close_cuts_spans_and_loses_no_day() {
        let ahead = DaysAhead::of(Day(75), 50, 300, &FiscalCalendar::default());
        for expected in [None, Some(-400), Some(0), Some(33), Some(290), Some(i32::MAX)] {
            let spans = ahead.spans_of(expected);
            assert!(spans.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].to > pair[0].from));
            assert_eq!((spans[0].from, spans.last().unwrap().to), (0, 300), "{expected:?}");
        }
        assert!(ahead.spans_of(Some(33)).iter().any(|span| (span.from, span.to) == (33, 34)));
    }

    #[test]
    fn no_calendar_and_no_horizon_is_looked_at_for_ever() {
        let ahead = DaysAhead::of(Day(2_900_000), i32::MAX, i32::MAX, &FiscalCalendar::default());
        assert!(ahead.spans.len() < 400 && ahead.horizon == FURTHEST);
    }
}
