//! Text to a date and time, without guessing: what depends on the order of day and month says so.
//!
//! ISO, year-first, compact, named months, dotted, slashed and dashed dates, Excel serials and Unix seconds or
//! milliseconds, each with an optional time of day and offset.

use std::borrow::Cow;

use crate::config::DateOrder;
use crate::domain::day::MICROS_PER_DAY;
use crate::ingest::cells::months::{month_of, stands_between};
use crate::ingest::cells::signs::in_ascii;
use crate::ingest::cells::time_of_day::{MICROS_PER_SECOND, TimeOfDay, digits, fraction, split_clock, time_of};
use crate::ingest::cells::weekdays::is_weekday;

/// Days from 1899-12-30, day 0 of an Excel sheet, to 1970-01-01.
const EXCEL_EPOCH: i64 = 25_569;

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateText {
    /// A wall-clock time, microseconds since 1970-01-01T00:00.
    Civil(i64),
    /// An instant (the cell has an offset), microseconds since 1970-01-01T00:00Z.
    Instant(i64),
    /// Two numbers that are day and month in an order only the column can tell.
    Split(SplitDate),
}

/// A date such as 03/04/2025.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitDate {
    /// The number written first.
    pub first: u8,
    /// The number written second.
    pub second: u8,
    /// The year.
    pub year: i32,
    /// Microseconds since midnight.
    pub time: i64,
    /// Offset from UTC in seconds, where one is written.
    pub offset: Option<i32>,
    /// Whether dots stand between the numbers: then the day is first unless another date of the column proves otherwise.
    pub dotted: bool,
}

impl SplitDate {
    /// The date read in `order`; `None` where the calendar has no such date.
    #[must_use]
    pub fn resolve(&self, order: DateOrder) -> Option<DateText> {
        let (day, month) = match order {
            DateOrder::DayFirst => (self.first, self.second),
            DateOrder::MonthFirst => (self.second, self.first),
        };
        at(self.year, u32::from(month), u32::from(day), TimeOfDay { time: self.time, offset: self.offset })
    }

    /// The only order this date can be read in; `None` if both would do, and give different days.
    #[must_use]
    pub fn only_order(&self) -> Option<DateOrder> {
        match (self.first > 12, self.second > 12) {
            (true, false) => Some(DateOrder::DayFirst),
            (false, true) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    /// The order to read this date in, where `order` is what the configuration or the cells of its column say; none where
    /// the column must be looked through first. With dots the day is first unless they say otherwise.
    #[must_use]
    pub fn order_in(&self, order: Option<DateOrder>) -> Option<DateOrder> {
        let by_dots = self.dotted && self.only_order() != Some(DateOrder::MonthFirst);
        order.or(by_dots.then_some(DateOrder::DayFirst))
    }

    /// The date read so.
    #[must_use]
    pub fn resolve_in(&self, order: Option<DateOrder>) -> Option<DateText> {
        self.resolve(self.order_in(order)?)
    }

    /// Whether its column alone tells the order, which nothing but its dots says.
    #[must_use]
    pub fn is_dotted_only(&self) -> bool {
        self.dotted && self.only_order().is_none() && self.first != self.second
    }

    /// Whether the column must tell in which order to read this date.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.only_order().is_none() && self.first != self.second && !self.dotted
    }
}

/// Reads a trimmed, non-empty cell. `None`: not a date.
#[must_use]
pub fn read(text: &str) -> Option<DateText> {
    if let Some(civil) = iso(text.as_bytes()) {
        return Some(DateText::Civil(civil));
    }
    if text.len() > LONGEST {
        return None;
    }
    let text = &*in_ascii(text);
    let text = text.strip_prefix("/Date(").and_then(|text| text.strip_suffix(")/")).unwrap_or(text);
    if text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
        && let Some(serial) = number(text)
    {
        return Some(serial);
    }
    let text = &*numbered_months(text);
    let has_colon = text.contains(':');
    let whole = if has_colon { None } else { date_part(text, TimeOfDay::MIDNIGHT) };
    whole.or_else(|| {
        let (date, clock) = split_clock(text);
        date_part(&date, clock?)
    })
}

/// Longer text is no date.
const LONGEST: usize = 80;

/// `2025年3月4日` and `2025년 3월 4일` with dashes.
fn numbered_months(text: &str) -> Cow<'_, str> {
    if !text.contains(['年', '년']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(['年', '월', '月', '년'], "-").replace(['日', '일', '号'], " "))
}

/// `YYYY-MM-DD`, alone or followed by `[T ]HH:MM:SS[.fff]` without offset: nearly every cell of a clean file.
fn iso(b: &[u8]) -> Option<i64> {
    if b.len() < 10 || b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    let year = digits(&b[..4])?;
    let day = days_from_civil(year as i32, digits(&b[5..7])?, digits(&b[8..10])?)? * MICROS_PER_DAY;
    if b.len() == 10 {
        return Some(day);
    }
    if b.len() < 19 || !matches!(b[10], b'T' | b' ') || b[13] != b':' || b[16] != b':' {
        return None;
    }
    let (hour, minute, second) = (digits(&b[11..13])?, digits(&b[14..16])?, digits(&b[17..19])?);
    Some(day + time_of(hour, minute, second)? + fraction(&b[19..])?)
}

/// Days since 1970-01-01 of a proleptic Gregorian date (Hinnant, "chrono-compatible low-level date algorithms").
fn days_from_civil(year: i32, month: u32, day: u32) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day == 0 || day > last || !(1..=9999).contains(&year) {
        return None;
    }
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = i64::from((153 * ((month + 9) % 12) + 2) / 5 + day - 1);
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

fn at(year: i32, month: u32, day: u32, clock: TimeOfDay) -> Option<DateText> {
    let civil = days_from_civil(year, month, day)? * MICROS_PER_DAY + clock.time;
    Some(match clock.offset {
        None => DateText::Civil(civil),
        Some(seconds) => DateText::Instant(civil - i64::from(seconds) * MICROS_PER_SECOND),
    })
}

/// A bare number: `20250131`, the same with a time of day, an Excel serial (1954 to 2119), Unix seconds or milliseconds.
fn number(text: &str) -> Option<DateText> {
    let whole = text.split(['.', ',']).next().unwrap_or(text);
    let value: f64 = text.replace(',', ".").parse().ok()?;
    match whole.len() {
        8 | 14 if whole.len() == text.len() => compact(text),
        5 if (20_000.0..80_000.0).contains(&value) => excel(value),
        10 => Some(DateText::Instant(whole.parse::<i64>().ok()? * MICROS_PER_SECOND)),
        13 => Some(DateText::Instant(whole.parse::<i64>().ok()? * 1000)),
        _ => None,
    }
}

/// `20250131`, `20250131101500`.
fn compact(text: &str) -> Option<DateText> {
    let (date, time) = text.split_at_checked(8)?;
    let pair = |from: usize| time.get(from..from + 2).map_or(Some(0), |pair| digits(pair.as_bytes()));
    let clock = TimeOfDay { time: time_of(pair(0)?, pair(2)?, pair(4)?)?, offset: None };
    let date = date.as_bytes();
    at(digits(&date[..4])? as i32, digits(&date[4..6])?, digits(&date[6..])?, clock)
}

/// A spreadsheet's serial day number, to the second.
#[must_use]
pub fn excel(serial: f64) -> Option<DateText> {
    if !(20_000.0..80_000.0).contains(&serial) {
        return None;
    }
    let seconds = (serial.fract() * 86_400.0).round() as i64;
    Some(DateText::Civil((serial.trunc() as i64 - EXCEL_EPOCH) * MICROS_PER_DAY + seconds * MICROS_PER_SECOND))
}

fn date_part(date: &str, clock: TimeOfDay) -> Option<DateText> {
    // a weekday may stand behind it in parentheses
    let date = date.split(['(', '[']).next().unwrap_or(date).trim().trim_end_matches(['.', ',']);
    let date = date.rsplit_once(' ').filter(|(_, last)| stands_between(last)).map_or(date, |(date, _)| date);
    if date.contains(char::is_alphabetic) {
        return named_month(date, clock).or_else(|| without_weekday(date).and_then(|date| date_part(date, clock)));
    }
    let mark = date.chars().find(|c| !c.is_ascii_digit() && *c != ' ')?;
    if !matches!(mark, '/' | '-' | '.') {
        return None;
    }
    let mut parts = date.split(mark).map(str::trim);
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || [a, b, c].iter().any(|part| part.len() > 4) {
        return None;
    }
    let (first, second) = (digits(a.as_bytes())?, digits(b.as_bytes())?);
    let third = digits(c.as_bytes())?;
    if a.len() == 4 {
        return at(first as i32, second, third, clock);
    }
    let split = SplitDate {
        first: u8::try_from(first).ok()?,
        second: u8::try_from(second).ok()?,
        year: year_of(third, c.len())?,
        time: clock.time,
        offset: clock.offset,
        dotted: mark == '.',
    };
    valid(split)
}

/// A date of numbers behind the name of its weekday.
fn without_weekday(date: &str) -> Option<&str> {
    let numbers = date.trim_start_matches(|c: char| c.is_alphabetic() || matches!(c, '.' | ',' | ' ' | '-'));
    let mut words = date[..date.len() - numbers.len()].split([' ', '-']).filter(|word| !word.is_empty());
    (words.all(is_weekday) && !numbers.contains(char::is_alphabetic) && numbers.len() < date.len()).then_some(numbers)
}

/// A split date that is one in at least one order.
fn valid(split: SplitDate) -> Option<DateText> {
    let possible = split.resolve(DateOrder::DayFirst).or(split.resolve(DateOrder::MonthFirst)).is_some();
    possible.then_some(DateText::Split(split))
}

/// Two-digit years are 1969 to 2068, as POSIX has it.
fn year_of(year: u32, length: usize) -> Option<i32> {
    match (length, year) {
        (4, _) => Some(year as i32),
        (2, 0..=68) => Some(2000 + year as i32),
        (2, _) => Some(1900 + year as i32),
        _ => None,
    }
}

/// `31-Dec-2025`, `31 décembre 2025`, `Wed, December 31st, 2025`, `31 de diciembre de 2025`, `2025-Dec-31`.
fn named_month(date: &str, clock: TimeOfDay) -> Option<DateText> {
    let (mut month, mut numbers) = (None, Vec::with_capacity(2));
    let words = date.split([' ', '-', '/', ',', '.']).filter(|word| !word.is_empty());
    for (place, word) in words.enumerate() {
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            numbers.push(without_ordinal(word)?);
            continue;
        }
        match month_of(word) {
            // `mar. 4 févr. 2025`: what stood first was the weekday
            Some(of_word) if month.is_none_or(|(_, at)| at == 0) => month = Some((of_word, place)),
            _ if (place == 0 && is_weekday(word)) || stands_between(word) => {}
            _ => return None,
        }
    }
    let (month, [first, second]) = (month?.0, numbers.try_into().ok()?);
    let (year, day) = if first.len() == 4 { (first, second) } else { (second, first) };
    let day = Some(day).filter(|day| day.len() <= 2)?;
    at(year_of(digits(year.as_bytes())?, year.len())?, month, digits(day.as_bytes())?, clock)
}

/// The digits of `1st`, `2nd`, `1er`, `1º`; none for another word.
fn without_ordinal(word: &str) -> Option<&str> {
    let end = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
    let (number, ending) = word.split_at(end);
    ["", "st", "nd", "rd", "th", "er", "º", "°", "ª"].contains(&ending).then_some(number)
}

#[cfg(test)]
mod tests;
