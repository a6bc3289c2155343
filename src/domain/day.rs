//! Days and moments: the only notion of time in the engine.
//!
//! A [`Moment`] is a civil (wall-clock) time in the configured time zone, a [`Day`] its date. Time zones
//! are resolved once, on the way in; nothing after ingest knows them, and nothing reads the machine's clock.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::civil;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Microseconds in a day.
pub const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The years of days that may be given: in data, in the configuration, on the command line. What is reckoned from them
/// stays far from the ends of the calendar, where no day has a next one.
pub const YEARS: RangeInclusive<i32> = 1900..=2199;
/// The longest stretch of days that may be given: a hundred years.
pub const MOST_DAYS: u32 = 36_525;
/// Years of days that were reckoned and stored.
const STORED_YEARS: RangeInclusive<i32> = 1700..=2399;

/// A calendar date, as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The date `year-month-day`, or `None` where the calendar has no such date.
    #[must_use]
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().map(Self::from)
    }

    /// The same date as a [`jiff::civil::Date`]; days outside jiff's years -9999 to 9999 are clamped.
    #[must_use]
    pub fn civil(self) -> civil::Date {
        let epoch = civil::date(1970, 1, 1);
        epoch.saturating_add(jiff::Span::new().days(self.0.clamp(-4_371_587, 2_932_896)))
    }

    /// This date moved by `days` (may be negative).
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Midnight at the start of this day.
    #[must_use]
    pub fn start(self) -> Moment {
        Moment(i64::from(self.0) * MICROS_PER_DAY)
    }

    /// Whether it lies in the [`YEARS`] of days that may be given.
    #[must_use]
    pub fn may_be_given(self) -> bool {
        YEARS.contains(&self.year())
    }

    /// Calendar year.
    #[must_use]
    pub fn year(self) -> i32 {
        i32::from(self.civil().year())
    }

    /// Calendar month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.civil().month().unsigned_abs()
    }
}

impl From<civil::Date> for Day {
    fn from(date: civil::Date) -> Self {
        let epoch = civil::date(1970, 1, 1);
        Self(date.duration_since(epoch).as_hours().div_euclid(24) as i32)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.civil())
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = written(text)?;
        if day.may_be_given() {
            Ok(day)
        } else {
            Err(format!("\"{text}\" is out of range, expected a day {}", range()))
        }
    }
}

fn written(text: &str) -> Result<Day, String> {
    text.parse::<civil::Date>().map(Day::from).map_err(|_| format!("\"{text}\" is no date, expected YYYY-MM-DD"))
}

/// The days that may be given, in words.
#[must_use]
pub fn range() -> String {
    format!("from {}-01-01 to {}-12-31", YEARS.start(), YEARS.end())
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let day = written(&text).map_err(serde::de::Error::custom)?;
        if STORED_YEARS.contains(&day.year()) {
            Ok(day)
        } else {
            Err(serde::de::Error::custom(format!("{text} is no day of the years {STORED_YEARS:?}")))
        }
    }
}

/// A civil time in the configured zone, as microseconds since 1970-01-01T00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    /// The date this moment falls on.
    #[must_use]
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(MICROS_PER_DAY) as i32)
    }

    /// Whether it is not midnight: a bare date has no time of day.
    #[must_use]
    pub fn has_time(self) -> bool {
        self.0.rem_euclid(MICROS_PER_DAY) != 0
    }
}

/// `2025-03-04`; with the time of day (whole seconds) where it is not midnight: `2025-03-04 15:30:00`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.day())?;
        match self.0.rem_euclid(MICROS_PER_DAY) / 1_000_000 {
            0 => Ok(()),
            s => write!(f, " {:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60),
        }
    }
}

/// A date in a configuration, such as 2026-01-05, with or without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WrittenDay(#[schemars(with = "String")] pub Day);

impl<'de> Deserialize<'de> for WrittenDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a date such as 2026-01-05")]
        enum Written {
            Text(String),
            Date(toml::value::Datetime),
        }
        let text = match Written::deserialize(deserializer)? {
            Written::Text(text) => text,
            Written::Date(date) => date.to_string(),
        };
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_the_epoch_and_print_as_iso() {
        assert_eq!(Day::from_ymd(1970, 1, 1), Some(Day(0)));
        // python3: (datetime.date(2026, 2, 14) - datetime.date(1970, 1, 1)).days == 20498
        assert_eq!(Day::from_ymd(2026, 2, 14), Some(Day(20_498)));
        assert_eq!(Day(20_498).to_string(), "2026-02-14");
        assert_eq!("1969-12-31".parse(), Ok(Day(-1)));
        assert_eq!(Day::from_ymd(2025, 2, 31), None);
    }

    #[test]
    fn a_day_out_of_range_is_told_with_the_range() {
        for text in ["1900-01-01", "2199-12-31"] {
            assert_eq!(text.parse::<Day>().map(|day| day.to_string()).as_deref(), Ok(text));
        }
        for text in ["1899-12-31", "2200-01-01", "9999-12-31", "0001-01-01"] {
            let told = format!("\"{text}\" is out of range, expected a day from 1900-01-01 to 2199-12-31");
            assert_eq!(text.parse::<Day>(), Err(told));
        }
        // What was reckoned from a day near the end may lie behind it.
        assert!(serde_json::from_str::<Day>("\"2200-03-31\"").is_ok());
        assert!(serde_json::from_str::<Day>("\"9999-12-31\"").is_err());
    }

    #[test]
    fn a_moment_before_midnight_belongs_to_the_day_before() {
        assert_eq!(Moment(-1).day(), Day(-1));
        assert_eq!(Day(3).start().day(), Day(3));
        assert_eq!(Moment(Day(3).start().0 - 1).day(), Day(2));
    }
}
