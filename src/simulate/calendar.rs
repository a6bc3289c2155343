//! The world's time: working days, holidays, period ends, and when deals arrive.
//!
//! [`Time`] is days since the world's first day. A deal ages on a [`WorkClock`] that runs by how much gets done: slowly at
//! weekends and holidays, fast in a deal's last stage near a quarter's end. Because a clock changes only *when* a
//! deal moves, never *where to*, the calendar leaves the chance to win untouched.

use crate::domain::day::{Day, Moment};
use crate::domain::period::{FiscalCalendar, PeriodKind};
use crate::simulate::config::WorldConfig;

/// Days since the world's first day; the fraction is the share of the working day that is over.
pub type Time = f64;

/// Days simulated beyond the export, so that deals still open there get their true end.
const DAYS_BEYOND: i32 = 1_500;

/// Growth of deal creation per year.
const YEARLY_GROWTH: f64 = 0.18;

/// Deal creation by calendar month, January first, relative to a mean month.
const SEASON: [f64; 12] = [0.98, 1.02, 1.10, 1.00, 1.02, 1.05, 0.88, 0.76, 1.10, 1.12, 1.06, 0.80];

/// Effort spent since the world's first day.
#[derive(Clone, Debug)]
pub struct WorkClock {
    spent: Vec<f64>,
}

impl WorkClock {
    fn new(pace: impl Iterator<Item = f64>) -> Self {
        let mut spent = vec![0.0];
        let mut total = 0.0;
        spent.extend(pace.map(|today| {
            total += today;
            total
        }));
        Self { spent }
    }

    /// Effort spent until `time`.
    #[must_use]
    pub fn spent(&self, time: Time) -> f64 {
        let last = self.spent.len() - 1;
        let day = (time.max(0.0) as usize).min(last);
        let before = self.spent[day];
        let pace = if day < last { self.spent[day + 1] - before } else { 1.0 };
        before + (time - day as f64) * pace
    }

    /// The time at which `effort` more than at `time` is spent.
    #[must_use]
    pub fn after(&self, time: Time, effort: f64) -> Time {
        let target = self.spent(time) + effort;
        let last = self.spent.len() - 1;
        let day = self.spent.partition_point(|&spent| spent <= target).saturating_sub(1).min(last);
        let pace = if day < last { self.spent[day + 1] - self.spent[day] } else { 1.0 };
        (day as f64 + (target - self.spent[day]) / pace).max(time)
    }
}

/// Clocks, period ends and arrivals of one world.
#[derive(Clone, Debug)]
pub struct Calendar {
    first_day: Day,
    span: i32,
    /// Ordinary work.
    pub working: WorkClock,
    /// Work in a deal's last stage: hurried as a period ends.
    pub closing: WorkClock,
    arrivals: Vec<f64>,
    month_ends: Vec<i32>,
    quarter_ends: Vec<i32>,
}

impl Calendar {
    /// The calendar of a checked configuration.
    #[must_use]
    pub fn new(config: &WorldConfig) -> Self {
        let span = config.span_days();
        let days: Vec<DayOfWorld> =
            (0..span + DAYS_BEYOND).map(|i| DayOfWorld::new(config.first_day.plus(i))).collect();
        let arrivals = days.iter().take(span as usize).enumerate().map(|(i, day)| {
            day.pace * SEASON[usize::from(day.month - 1)] * (1.0 + YEARLY_GROWTH).powf(i as f64 / 365.25)
        });
        Self {
            first_day: config.first_day,
            span,
            working: WorkClock::new(days.iter().map(|day| day.pace)),
            closing: WorkClock::new(days.iter().map(|day| day.pace * day.hurry(config.rush))),
            arrivals: WorkClock::new(arrivals).spent,
            month_ends: days.iter().map(|day| day.month_end.0 - config.first_day.0).collect(),
            quarter_ends: days.iter().map(|day| day.quarter_end.0 - config.first_day.0).collect(),
        }
    }

    /// Days until the export.
    #[must_use]
    pub fn span(&self) -> Time {
        f64::from(self.span)
    }

    /// The date `offset` days after the first.
    #[must_use]
    pub fn day(&self, offset: i32) -> Day {
        self.first_day.plus(offset)
    }

    /// The time on the wall: work happens between 8:00 and 18:00, to the second.
    #[must_use]
    pub fn moment(&self, time: Time) -> Moment {
        let day = time.floor();
        let seconds = 28_800 + ((time - day) * 36_000.0) as i64;
        Moment(self.day(day as i32).start().0 + seconds * 1_000_000)
    }

    /// When the deal arrives that has `share` (0 to 1) of all deals before it.
    #[must_use]
    pub fn arrival(&self, share: f64) -> Time {
        let target = share * self.arrivals.last().copied().unwrap_or(1.0);
        let day = self.arrivals.partition_point(|&sum| sum <= target).saturating_sub(1).min(self.span as usize - 1);
        let within = (target - self.arrivals[day]) / (self.arrivals[day + 1] - self.arrivals[day]);
        day as f64 + within.clamp(0.0, 0.999_999)
    }

    /// Share of all deals that arrive from day `from` until before day `to`.
    #[must_use]
    pub fn arrivals_between(&self, from: i32, to: i32) -> f64 {
        let at = |day: i32| self.arrivals[day.clamp(0, self.span) as usize];
        (at(to) - at(from)) / at(self.span)
    }

    /// Last day of the month of day `offset`.
    #[must_use]
    pub fn month_end(&self, offset: i32) -> i32 {
        lookup(&self.month_ends, offset)
    }

    /// Last day of the quarter of day `offset`.
    #[must_use]
    pub fn quarter_end(&self, offset: i32) -> i32 {
        lookup(&self.quarter_ends, offset)
    }
}

fn lookup(ends: &[i32], offset: i32) -> i32 {
    usize::try_from(offset).ok().and_then(|day| ends.get(day)).copied().unwrap_or(offset)
}

struct DayOfWorld {
    month: u8,
    pace: f64,
    days_to_month_end: i32,
    days_to_quarter_end: i32,
    month_end: Day,
    quarter_end: Day,
}

impl DayOfWorld {
    fn new(day: Day) -> Self {
        let fiscal = FiscalCalendar::default();
        let month_end = fiscal.period_of(PeriodKind::Month, day).last;
        let quarter_end = fiscal.period_of(PeriodKind::Quarter, day).last;
        Self {
            month: day.month(),
            pace: pace(day),
            days_to_month_end: month_end.0 - day.0,
            days_to_quarter_end: quarter_end.0 - day.0,
            month_end,
            quarter_end,
        }
    }

    /// Factor on the pace of decisions: `rush` in a quarter's last ten days, less at a month's end, a lull at its start.
    fn hurry(&self, rush: f64) -> f64 {
        match (self.days_to_quarter_end, self.days_to_month_end) {
            (0..10, _) => rush,
            (_, 0..5) => 1.0 + (rush - 1.0) * 0.4,
            (70.., _) => 1.0 / (1.0 + (rush - 1.0) * 0.35),
            _ => 1.0,
        }
    }
}

/// Work done on a day; about 1 on average over a year.
fn pace(day: Day) -> f64 {
    // 1970-01-01 was a Thursday: with it as 3, Saturday and Sunday are 5 and 6.
    let weekend = (day.0 + 3).rem_euclid(7) >= 5;
    let date = day.civil();
    let season = match (date.month(), date.day()) {
        (12, 24..) | (1, 1) => 0.2,
        (8, _) => 0.85,
        _ => 1.0,
    };
    season * if weekend { 0.12 } else { 1.4 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        Calendar::new(&WorldConfig::default())
    }

    #[test]
    fn a_clock_reads_back_the_effort_it_was_given() {
        let calendar = calendar();
        for clock in [&calendar.working, &calendar.closing] {
            for (start, effort) in [(0.0, 3.0), (17.3, 0.01), (640.9, 80.0), (1_090.5, 300.0), (2_500.0, 400.0)] {
                let end = clock.after(start, effort);
                assert!((clock.spent(end) - clock.spent(start) - effort).abs() < 1e-9, "{start} {effort} {end}");
            }
        }
    }

    #[test]
    fn arrivals_grow_and_stay_inside_the_world() {
        let calendar = calendar();
        assert!(calendar.arrival(0.0) >= 0.0);
        assert!(calendar.arrival(0.999_999_999) < calendar.span());
        assert!(calendar.arrivals_between(731, 1_096) > calendar.arrivals_between(0, 365) * 1.2);
        assert!((calendar.arrivals_between(0, 1_096) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn quarter_ends_are_hurried_and_weekends_slow() {
        let calendar = calendar();
        let offset = |text: &str| f64::from(text.parse::<Day>().unwrap().0 - calendar.first_day.0);
        let pace = |clock: &WorkClock, day: &str| clock.spent(offset(day) + 1.0) - clock.spent(offset(day));
        // 2025-03-27 is a Thursday, 2025-02-13 too; 2025-02-15 is a Saturday.
        assert!((pace(&calendar.closing, "2025-03-27") / pace(&calendar.working, "2025-03-27") - 3.0).abs() < 1e-9);
        assert!((pace(&calendar.closing, "2025-02-13") - pace(&calendar.working, "2025-02-13")).abs() < 1e-9);
        assert!(pace(&calendar.working, "2025-02-15") < 0.2);
        assert_eq!(calendar.day(calendar.quarter_end(offset("2025-02-13") as i32)).to_string(), "2025-03-31");
    }

    #[test]
    fn moments_fall_into_working_hours() {
        let calendar = calendar();
        assert_eq!(calendar.moment(0.0).0 - calendar.first_day.start().0, 8 * 3_600_000_000);
        assert_eq!(calendar.moment(1.999_999).day(), calendar.first_day.plus(1));
    }
}
