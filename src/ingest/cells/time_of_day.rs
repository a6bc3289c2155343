//! The time of day behind a date, with its offset from UTC where one is written. Knows no dates.

use std::borrow::Cow;

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

/// Words for the halves of the day, and whether it is the second; of two that fit the longer stands first.
const HALVES: &[(&str, bool)] = &[
    ("a. m.", false),
    ("p. m.", true),
    ("a.m.", false),
    ("p.m.", true),
    ("am", false),
    ("pm", true),
    ("上午", false),
    ("下午", true),
    ("午前", false),
    ("午後", true),
    ("오전", false),
    ("오후", true),
    ("π.μ.", false),
    ("μ.μ.", true),
    ("πμ", false),
    ("μμ", true),
    ("öö", false),
    ("ös", true),
    ("de.", false),
    ("du.", true),
];

/// What may stand behind a clock and says nothing; and names that several zones bear, whose times are local.
const SILENT: [&str; 10] = ["uhr", "h", "hrs", "hs", "óra", "cst", "ist", "bst", "ast", "gst"];

/// Zones by their short names, with minutes ahead of UTC.
const ZONES: [(&str, i32); 30] = [
    ("z", 0),
    ("utc", 0),
    ("gmt", 0),
    ("wet", 0),
    ("west", 60),
    ("cet", 60),
    ("mez", 60),
    ("cest", 120),
    ("mesz", 120),
    ("eet", 120),
    ("sast", 120),
    ("eest", 180),
    ("msk", 180),
    ("sgt", 480),
    ("hkt", 480),
    ("awst", 480),
    ("jst", 540),
    ("kst", 540),
    ("aest", 600),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
    ("brt", -180),
    ("edt", -240),
    ("est", -300),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pdt", -420),
    ("pst", -480),
];

/// Cuts a cell into its date and its time of day; the clock is `None` if what follows the date is no time.
pub(super) fn split_clock(text: &str) -> (Cow<'_, str>, Option<TimeOfDay>) {
    let Some(colon) = text.find(':') else { return without_colon(text) };
    // the time starts at the hour before the first colon
    let head = &text[..colon];
    let hour = head.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (date, before) = cut_half(text[..hour].trim_end_matches(['T', 't', ' ', ',']));
    let date = date.trim_end_matches([' ', ',']);
    // programs write the year last: `Mar 04 10:00:00 UTC 2025`
    let (clock, year) = match text[hour..].rsplit_once(' ') {
        Some((clock, year)) if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) => (clock, Some(year)),
        _ => (&text[hour..], None),
    };
    let date = year.map_or(Cow::Borrowed(date), |year| Cow::Owned(format!("{date} {year}")));
    (date, clock_part(clock, before))
}

/// `20250131T101500Z`, `31.01.2025 16.50`, `31/01/2025 à 16h50`.
fn without_colon(text: &str) -> (Cow<'_, str>, Option<TimeOfDay>) {
    let compact = text.split_once('T').filter(|(date, _)| date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit()));
    let cut = compact.or_else(|| text.rsplit_once(' '));
    let Some((date, clock)) = cut else { return (Cow::Borrowed(text), Some(TimeOfDay::MIDNIGHT)) };
    let digits = clock.find(|c: char| !c.is_ascii_digit()).unwrap_or(clock.len());
    let clock = match (compact.is_some(), digits) {
        (true, 4 | 6) => {
            let seconds = if digits == 6 { &clock[4..6] } else { "00" };
            format!("{}:{}:{seconds}{}", &clock[..2], &clock[2..4], &clock[digits..])
        }
        (false, 1 | 2) => clock.replacen(['.', 'h', 'H'], ":", 1),
        _ => return (Cow::Borrowed(text), None),
    };
    let clock = if clock.ends_with(':') { format!("{clock}00") } else { clock };
    let date = if compact.is_some() {
        format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..])
    } else {
        date.trim_end_matches([' ', ',']).to_owned()
    };
    (Cow::Owned(date), clock_part(&clock, None))
}

/// Text without a word for half of the day at its end, and which half that is.
fn cut_half(text: &str) -> (&str, Option<bool>) {
    let found = HALVES.iter().find_map(|(word, second)| {
        let at = text.len().checked_sub(word.len()).filter(|at| text.is_char_boundary(*at))?;
        let stands_alone = !text[..at].ends_with(char::is_alphabetic) || !word.is_ascii();
        (text[at..].to_lowercase() == *word && stands_alone).then_some((&text[..at], Some(*second)))
    });
    found.unwrap_or((text, None))
}

fn clock_part(text: &str, before: Option<bool>) -> Option<TimeOfDay> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(text.len());
    let (clock, rest) = (text[..end].trim_end_matches(['.', ',']), &text[end..]);
    let rest = rest.split(['(', '[']).next().unwrap_or_default().trim();
    let behind = HALVES.iter().find_map(|(word, second)| {
        let (head, rest) = rest.split_at_checked(word.len())?;
        let is_word = head.to_lowercase() == *word && !rest.starts_with(char::is_alphabetic);
        is_word.then_some((*second, rest.trim()))
    });
    let (half, zone) = behind.map_or((before, rest), |(second, rest)| (Some(second), rest));
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
        hour = (hour <= 12).then_some(hour % 12 + if afternoon { 12 } else { 0 })?;
    }
    Some(TimeOfDay { time: time_of(hour, minute, second)? + fraction(rest)?, offset: offset_part(zone)? })
}

/// `Z`, `UTC`, `CEST`, `+02:00`, `+0200`, `-05`, `GMT+2`; the outer `None` is not an offset.
fn offset_part(text: &str) -> Option<Option<i32>> {
    let lower = text.to_lowercase();
    if lower.is_empty() || SILENT.contains(&lower.trim_end_matches('.')) {
        return Some(None);
    }
    if let Some((_, minutes)) = ZONES.iter().find(|(name, _)| *name == lower) {
        return Some(Some(minutes * 60));
    }
    let text = lower.strip_prefix("utc").or_else(|| lower.strip_prefix("gmt")).unwrap_or(&lower);
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let number: String = text.strip_prefix(['+', '-'])?.chars().filter(|c| *c != ':').collect();
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
