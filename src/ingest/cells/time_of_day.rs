//! The time of day behind a date, with its offset from UTC where one is written. Knows no dates.

/// Microseconds of a second.
pub(super) const MICROS_PER_SECOND: i64 = 1_000_000;

/// Time of day and offset.
#[derive(Clone, Copy)]
pub(super) struct TimeOfDay {
    /// Microseconds since midnight.
    pub time: i64,
    /// Offset from UTC in seconds, where one is written.
    pub offset: Option<i32>,
}

impl TimeOfDay {
    /// Where a cell has a date only.
    pub(super) const MIDNIGHT: Self = Self { time: 0, offset: None };
}

/// Cuts a cell into its date and its time of day; the clock is `None` if what follows the date is no time.
pub(super) fn split_clock(text: &str) -> (&str, Option<TimeOfDay>) {
    let none = Some(TimeOfDay::MIDNIGHT);
    let Some(colon) = text.find(':') else { return (text, none) };
    // the time starts at the hour before the first colon
    let head = &text[..colon];
    let hour = head.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let date = text[..hour].trim_end_matches(['T', 't', ' ', ',']);
    (date, clock_part(&text[hour..]))
}

fn clock_part(text: &str) -> Option<TimeOfDay> {
    let (time, zone) = match text.find(['Z', 'z', '+', '-']).or_else(|| text.find(" UTC").or_else(|| text.find(" GMT")))
    {
        Some(cut) => text.split_at(cut),
        None => (text, ""),
    };
    let upper = time.trim().to_ascii_uppercase();
    let (clock, half) = match upper.strip_suffix('M').map(|t| t.strip_suffix(['A', 'P']).map(|c| (c, t.ends_with('P'))))
    {
        Some(Some((clock, afternoon))) => (clock.trim_end(), Some(afternoon)),
        _ => (upper.as_str(), None),
    };
    let mut parts = clock.splitn(3, ':');
    let mut hour = digits(parts.next()?.as_bytes())?;
    let minute = digits(parts.next()?.as_bytes())?;
    let (second, rest) = match parts.next() {
        None => (0, &b""[..]),
        Some(second) => {
            let (whole, rest) = second.as_bytes().split_at_checked(2)?;
            (digits(whole)?, rest)
        }
    };
    if let Some(afternoon) = half {
        hour = (1..=12).contains(&hour).then_some(hour % 12 + if afternoon { 12 } else { 0 })?;
    }
    Some(TimeOfDay { time: time_of(hour, minute, second)? + fraction(rest)?, offset: offset_part(zone.trim())? })
}

/// `Z`, `UTC`, `+02:00`, `+0200`, `-05`; the outer `None` is not an offset.
fn offset_part(text: &str) -> Option<Option<i32>> {
    match text {
        "" => return Some(None),
        "Z" | "z" | "UTC" | "GMT" => return Some(Some(0)),
        _ => {}
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let number: String = text[1..].chars().filter(|c| *c != ':').collect();
    let value = digits(number.as_bytes())? as i32;
    let (hours, minutes) = match number.len() {
        1 | 2 => (value, 0),
        3 | 4 => (value / 100, value % 100),
        _ => return None,
    };
    (hours <= 15 && minutes < 60).then_some(Some(sign * (hours * 3600 + minutes * 60)))
}

/// `.fff` to microseconds; an empty slice is 0.
#[inline]
pub(super) fn fraction(b: &[u8]) -> Option<i64> {
    let Some((b'.' | b',', rest)) = b.split_first() else { return b.is_empty().then_some(0) };
    if rest.is_empty() || !rest.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let micros = rest.iter().chain(std::iter::repeat(&b'0')).take(6);
    Some(micros.fold(0, |sum, b| sum * 10 + i64::from(b - b'0')))
}

/// Microseconds since midnight; `None` for hours, minutes or seconds no clock shows.
#[inline]
pub(super) fn time_of(hour: u32, minute: u32, second: u32) -> Option<i64> {
    // a leap second is the last second of its minute
    let second = second.min(59 + u32::from(second > 60));
    (hour < 24 && minute < 60 && second < 60).then(|| i64::from(hour * 3600 + minute * 60 + second) * MICROS_PER_SECOND)
}

/// Up to nine digits, as a number.
#[inline]
pub(super) fn digits(b: &[u8]) -> Option<u32> {
    if b.is_empty() || b.len() > 9 {
        return None;
    }
    b.iter().try_fold(0_u32, |sum, b| b.is_ascii_digit().then(|| sum * 10 + u32::from(b - b'0')))
}
