//! Moments with a time zone to what they say of the place the team works in.

use std::collections::BTreeMap;

use crate::domain::day::MICROS_PER_DAY;

/// Microseconds of an hour.
const HOUR: i64 = MICROS_PER_DAY / 24;
/// The share of moments that must lie on the same one or two full hours to be days that somebody wrote as moments.
const NEARLY_ALL: f64 = 0.98;
/// Fewer moments say nothing.
const FEWEST: u64 = 20;

/// Moments with a time zone in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ZoneEvidence {
    /// Moments.
    pub moments: u64,
    /// Hours before or behind UTC as they are written, other than none, with the moments written so.
    offsets: BTreeMap<i64, u64>,
    /// Full hours of the day in UTC, with the moments on them.
    hours: BTreeMap<i64, u64>,
}

impl ZoneEvidence {
    pub(super) fn add(&mut self, at: i64, text: &str) {
        self.moments += 1;
        if let Some(offset) = offset_of(text).filter(|offset| *offset != 0) {
            *self.offsets.entry(offset).or_default() += 1;
        }
        if at.rem_euclid(HOUR) == 0 {
            *self.hours.entry(at.rem_euclid(MICROS_PER_DAY) / HOUR).or_default() += 1;
        }
    }

    /// The time zone these moments speak for, with what shows it.
    #[must_use]
    pub fn zone(&self) -> Option<(&'static str, String)> {
        let few = self.moments < FEWEST;
        let most = (self.moments as f64 * NEARLY_ALL).ceil() as u64;
        if !few && self.offsets.values().sum::<u64>() >= most {
            let offsets: Vec<i64> = self.offsets.keys().copied().collect();
            return Some((
                of_offsets(&offsets)?,
                format!("its moments are written {} hours from UTC", words(&offsets)),
            ));
        }
        let midnights: Vec<i64> = self.hours.keys().copied().filter(|hour| *hour != 0).collect();
        let summed: u64 = self.hours.values().sum();
        if few || summed < most || midnights.is_empty() || self.hours.len() > 2 {
            return None;
        }
        let hours: Vec<i64> = self.hours.keys().copied().collect();
        let offsets: Vec<i64> = hours.iter().map(|hour| if *hour > 12 { 24 - hour } else { -hour }).collect();
        Some((of_offsets(&offsets)?, format!("its days begin at {} o'clock UTC", words(&hours))))
    }
}

/// A place with these offsets in winter and summer.
fn of_offsets(offsets: &[i64]) -> Option<&'static str> {
    let (least, most) = (offsets.iter().min()?, offsets.iter().max()?);
    Some(match (least, most) {
        (0, 1) => "Europe/London",
        (1, 1 | 2) => "Europe/Berlin",
        (2, 3) => "Europe/Athens",
        (3, 3) => "Europe/Moscow",
        (-5, -4) => "America/New_York",
        (-6, -5) => "America/Chicago",
        (-7, -6) => "America/Denver",
        (-8, -7) => "America/Los_Angeles",
        (-3, -3) => "America/Sao_Paulo",
        (8, 8) => "Asia/Singapore",
        (9, 9) => "Asia/Tokyo",
        (10, 11) => "Australia/Sydney",
        _ => return None,
    })
}

/// Hours from UTC at the end of a moment such as 2025-03-01T10:00:00+01:00.
fn offset_of(text: &str) -> Option<i64> {
    let at = text.rfind(['+', '-']).filter(|at| *at >= 16)?;
    let hours = text[at + 1..].get(..2)?.parse::<i64>().ok()?;
    Some(if text[at..].starts_with('-') { -hours } else { hours })
}

fn words(numbers: &[i64]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[(i64, &str)]) -> Option<&'static str> {
        let mut evidence = ZoneEvidence::default();
        (0..30).for_each(|_| cells.iter().for_each(|(hour, text)| evidence.add(hour * HOUR, text)));
        evidence.zone().map(|(zone, _)| zone)
    }

    #[test]
    fn days_written_as_moments_tell_where_they_begin() {
        assert_eq!(of(&[(22, ""), (23, "")]), Some("Europe/Berlin"));
        assert_eq!(of(&[(4, ""), (5, "")]), Some("America/New_York"));
        assert_eq!(of(&[(0, ""), (23, "")]), Some("Europe/London"));
        assert_eq!(of(&[(0, "")]), None, "midnight UTC may be a day without a place");
        assert_eq!(of(&[(7, ""), (9, ""), (14, "")]), None, "working hours");
    }

    #[test]
    fn offsets_tell_it_too() {
        assert_eq!(of(&[(7, "2025-03-01T08:13:00+01:00"), (9, "2025-07-01T11:00:00+02:00")]), Some("Europe/Berlin"));
        assert_eq!(of(&[(7, "2025-03-01T07:00:00+00:00")]), None);
    }
}
