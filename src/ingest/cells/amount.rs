//! Text to an exact decimal number: currency signs, thousands marks, decimal comma, accountants' parentheses.
//!
//! Which of `.` and `,` is the decimal mark is for the column to say; [`read`] asks when a cell depends on it.

use std::borrow::Cow;

use crate::ingest::cells::currency::{is_abbreviation, is_currency};
use crate::ingest::cells::signs::in_ascii;

/// An exact decimal number: `mantissa` / 10^`scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact {
    /// All digits, signed.
    pub mantissa: i128,
    /// How many of them stand after the decimal mark, at most 30.
    pub scale: u32,
}

/// What a cell says about its column's decimal mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkEvidence {
    /// No mark at all.
    None,
    /// The decimal mark is this one.
    Decimal(char),
    /// One mark with three digits behind it: decimal or thousands.
    Either(char),
}

/// A cell that could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountError {
    /// Not a number, or not one written with the column's decimal mark.
    NotANumber,
    /// A number, once the column's decimal mark is known.
    NeedsMark,
}

const MAX_DIGITS: usize = 30;

impl Exact {
    /// In units of 10^-`decimals`, rounded half to even, and whether rounding changed it. `None`: 18 digits or more.
    #[must_use]
    pub fn to_minor(self, decimals: u32) -> Option<(i64, bool)> {
        let (value, rounded) = if self.scale <= decimals {
            (self.mantissa.checked_mul(10_i128.checked_pow(decimals - self.scale)?)?, false)
        } else {
            let unit = 10_i128.checked_pow(self.scale - decimals)?;
            let (whole, rest) = (self.mantissa.div_euclid(unit), self.mantissa.rem_euclid(unit));
            let up = rest > unit - rest || (rest == unit - rest && whole % 2 != 0);
            (whole + i128::from(up), rest != 0)
        };
        let minor = i64::try_from(value).ok().filter(|minor| minor.unsigned_abs() < 10_u64.pow(18))?;
        Some((minor, rounded))
    }

    /// So many times as much.
    fn times(self, unit: i128) -> Option<Self> {
        Some(Self { mantissa: self.mantissa.checked_mul(unit)?, ..self })
    }

    /// The nearest floating-point number.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.mantissa as f64 / 10_f64.powi(self.scale as i32)
    }

    /// A finite number as its shortest decimal text says it.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        // `{:?}` would use exponents; `{}` never does
        read(&format!("{value}"), Some('.'), Beside::Currencies).ok()
    }
}

/// What may stand beside a number and be its currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Beside {
    /// Signs, codes and names of currencies.
    #[default]
    Currencies,
    /// These, and letters that mean one where most cells of the column have them: `R 500`, `500 Ft`.
    Abbreviations,
}

impl Beside {
    fn has(self, word: &str) -> bool {
        is_currency(word) || self == Self::Abbreviations && is_abbreviation(word)
    }
}

/// Reads a trimmed, non-empty cell. Without `mark`, only what needs no look at its column: digits with at most a dot that
/// cannot be a thousands mark, and no abbreviation beside them.
///
/// # Errors
/// [`AmountError`], see there.
pub fn read(text: &str, mark: Option<char>, beside: Beside) -> Result<Exact, AmountError> {
    let text = &*in_ascii(text);
    if mark != Some(',')
        && let Some(exact) = plain(text.as_bytes(), mark.is_some())
    {
        return Ok(exact);
    }
    let Core { negative, digits: core, unit } = match core(text, beside) {
        Some(core) => core,
        None if mark.is_none() && is_abbreviated(text) => return Err(AmountError::NeedsMark),
        None => return Err(AmountError::NotANumber),
    };
    let mark = match (mark, evidence_of(&core)) {
        (Some(mark), _) => mark,
        (None, MarkEvidence::None) => '.',
        (None, _) => return Err(AmountError::NeedsMark),
    };
    let exact = grouped(&core, mark).and_then(|exact| exact.times(unit)).ok_or(AmountError::NotANumber)?;
    Ok(Exact { mantissa: if negative { -exact.mantissa } else { exact.mantissa }, ..exact })
}

/// What a cell says about its column's decimal mark; `None` for a cell that is no number.
#[must_use]
pub fn evidence(text: &str, beside: Beside) -> Option<MarkEvidence> {
    core(&in_ascii(text), beside).map(|core| evidence_of(&core.digits))
}

/// Whether a cell is a number only where the letters beside it mean a currency.
#[must_use]
pub fn is_abbreviated(text: &str) -> bool {
    if !text.contains(char::is_alphabetic) {
        return false;
    }
    let text = &*in_ascii(text);
    core(text, Beside::Currencies).is_none() && core(text, Beside::Abbreviations).is_some()
}

/// `-123.45`, the usual cell, without a detour. A dot with exactly three digits behind it is left to the column
/// unless `dot_is_decimal`.
fn plain(b: &[u8], dot_is_decimal: bool) -> Option<Exact> {
    let (negative, digits) = match b.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, b),
    };
    // 18 digits fit 64 bits
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let (mut mantissa, mut scale, mut dot) = (0_i64, 0, false);
    for &b in digits {
        match b {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + i64::from(b - b'0');
                scale += u32::from(dot);
            }
            b'.' if !dot => dot = true,
            _ => return None,
        }
    }
    let whole = digits.len() - usize::from(dot) - scale as usize;
    let either = scale == 3 && (1..=3).contains(&whole) && digits[0] != b'0';
    if digits.len() == usize::from(dot) || (either && !dot_is_decimal) {
        return None;
    }
    Some(Exact { mantissa: i128::from(if negative { -mantissa } else { mantissa }), scale })
}

/// What is left of a cell without sign, parentheses, currency and unit.
struct Core {
    negative: bool,
    /// Digits and marks; `_` stands for a mark that can only be thousands.
    digits: String,
    /// What one is worth: `K` a thousand, `M` a million, `B` a billion.
    unit: i128,
}

/// Words for thousands and more behind a number, in lower case; the longer of two that fit stands first.
const UNITS: &[(&str, i128)] = &[
    ("millionen", MILLION),
    ("milhões", MILLION),
    ("millones", MILLION),
    ("millions", MILLION),
    ("million", MILLION),
    ("crores", 10_000_000),
    ("crore", 10_000_000),
    ("lakhs", 100_000),
    ("lakh", 100_000),
    ("mlrd", 1_000 * MILLION),
    ("mio", MILLION),
    ("mln", MILLION),
    ("млн", MILLION),
    ("mrd", 1_000 * MILLION),
    ("mld", 1_000 * MILLION),
    ("млрд", 1_000 * MILLION),
    ("tsd", 1_000),
    ("tys", 1_000),
    ("тыс", 1_000),
    ("mm", MILLION),
    ("bn", 1_000 * MILLION),
    ("万", 10_000),
    ("萬", 10_000),
    ("만", 10_000),
    ("億", 100 * MILLION),
    ("亿", 100 * MILLION),
    ("억", 100 * MILLION),
    ("m", MILLION),
    ("k", 1_000),
];

const MILLION: i128 = 1_000_000;

/// Signs of thousands that are grown together with a currency, with what they leave.
const THOUSANDS: &[&str] = &["T€", "TEUR", "TCHF", "TSEK", "TDKK", "TNOK"];

/// Takes a unit off the end of a number.
fn without_unit(text: &str) -> (&str, i128) {
    let billions = text.strip_suffix('B').map(|number| (number, 1_000 * MILLION));
    let found =
        billions.into_iter().chain(UNITS.iter().filter_map(|(word, unit)| Some((cut_word(text, word)?, *unit))));
    let numbers = found.map(|(number, unit)| (number.trim_end(), unit));
    numbers.into_iter().find(|(number, _)| number.ends_with(|c: char| c.is_ascii_digit())).unwrap_or((text, 1))
}

/// `text` without `word`, which is in lower case, at its end.
fn cut_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(word.len())?;
    let (before, end) = text.split_at_checked(at)?;
    (end.to_lowercase() == word).then_some(before)
}

/// The currency a cell that is an amount names beside its number, as it names it.
#[must_use]
pub fn currency_in(text: &str) -> Option<String> {
    let text = &*without_dots_of_letters(text);
    let text = text.trim().trim_matches(['-', '\u{2212}', '+', '(', ')', '\'', '.', '|', ' ']);
    let head = text.len() - text.trim_start_matches(names_currency).len();
    let tail = text.trim_end_matches(names_currency).len();
    let words = [text.get(..head)?, text.get(tail..)?].into_iter().filter(|word| !word.is_empty());
    words
        .map(|word| without_leading_unit(word, Beside::Abbreviations))
        .find(|word| Beside::Abbreviations.has(word))
        .map(str::to_owned)
}

/// Text without the dots behind Arabic letters: `ر.س` is one sign.
fn without_dots_of_letters(text: &str) -> Cow<'_, str> {
    let is_arabic = |c: char| matches!(c, '\u{620}'..='\u{64a}');
    if !text.contains(is_arabic) {
        return Cow::Borrowed(text);
    }
    let mut before = ' ';
    let kept = text.chars().filter(|c| {
        let is_behind = *c == '.' && is_arabic(before);
        before = *c;
        !is_behind
    });
    Cow::Owned(kept.collect())
}

/// The currency that a unit is grown together with (`k€`, `TEUR`, `万円`).
fn without_leading_unit(word: &str, beside: Beside) -> &str {
    let bare = match THOUSANDS.contains(&word) {
        true => word.get(1..),
        false => UNITS.iter().find_map(|(unit, _)| {
            let (head, rest) = word.split_at_checked(unit.len())?;
            (head.to_lowercase() == *unit && beside.has(rest)).then_some(rest)
        }),
    };
    if beside.has(word) { word } else { bare.unwrap_or(word) }
}

/// Strips sign, parentheses, currency and unit. `None`: other text.
fn core(text: &str, beside: Beside) -> Option<Core> {
    let text = &*without_dots_of_letters(text);
    // spreadsheets mark text with an apostrophe
    let mut text = text.trim().trim_start_matches('\'');
    let (mut negative, mut thousands) = (false, 1);
    // sign, parentheses and currency come in any order: -$5, $-5, 5-, -5 €, (5) €
    for _ in 0..3 {
        if let Some(number) = THOUSANDS.iter().find_map(|word| text.strip_suffix(word)) {
            (thousands, text) = (1_000, number.trim());
        }
        if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
            (negative, text) = (true, inner.trim());
        }
        if let Some(rest) = text.strip_prefix('-').or_else(|| text.strip_suffix('-')) {
            (negative, text) = (true, rest.trim());
        }
        text = text.strip_prefix('+').unwrap_or(text);
        text = without_currency(text, beside);
    }
    let (text, of_word) = without_unit(text);
    let unit = thousands * of_word;
    if let Some(exponent) = text.find(['e', 'E']) {
        return scientific(text, exponent).map(|digits| Core { negative, digits, unit });
    }
    let digits: String = text.chars().map(|c| if matches!(c, ' ' | '\'' | '`' | '_') { '_' } else { c }).collect();
    let shape = digits.chars().all(|c| matches!(c, '0'..='9' | '.' | ',' | '_'));
    let counted = digits.chars().filter(char::is_ascii_digit).count();
    (shape && (1..=MAX_DIGITS).contains(&counted)).then_some(Core { negative, digits, unit })
}

/// `1.5e6`, as spreadsheets write large numbers, without the exponent.
fn scientific(text: &str, at: usize) -> Option<String> {
    let (digits, exponent) = (text[..at].replace(',', "."), text[at + 1..].parse::<i32>().ok()?);
    // the sign is gone: a further one makes no number
    let unsigned = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let exact = plain(digits.as_bytes(), true).filter(|_| unsigned && (-20..=20).contains(&exponent))?;
    let places = exponent - exact.scale as i32;
    let mut digits = exact.mantissa.to_string();
    if places >= 0 {
        digits.extend(std::iter::repeat_n('0', places as usize));
        return Some(digits);
    }
    let places = places.unsigned_abs() as usize;
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    // trailing zeros keep three decimals from looking like thousands
    Some(format!("{whole}.{fraction}0"))
}

/// Takes a currency sign, an ISO code or a few customary names off either end. Of `T€` the `T` is left.
fn without_currency(text: &str, beside: Beside) -> &str {
    let text = text.trim();
    // an abbreviation ends in a dot, and some exports put a bar between the amount and its code
    let bare = text.strip_suffix('.').filter(|bare| bare.ends_with(char::is_alphabetic)).unwrap_or(text);
    let text = bare.trim_matches('|').trim();
    let head = text.len() - text.trim_start_matches(names_currency).len();
    let tail = text.trim_end_matches(names_currency).len();
    let word = &text[tail.max(head)..];
    let (known_head, left) = (beside.has(&text[..head]), without_leading_unit(word, beside));
    let (known_tail, tail) = (beside.has(left), text.len() - left.len());
    match (known_head, known_tail) {
        (true, true) => text[head..tail].trim_matches(beside_currency),
        (true, false) => text[head..].trim_start_matches(". ").trim_matches(beside_currency),
        (false, true) => text[..tail].trim_matches(beside_currency),
        (false, false) => text,
    }
}

/// What may stand between an amount and its currency.
fn beside_currency(c: char) -> bool {
    c.is_whitespace() || c == '|'
}

/// Whether a currency's sign, code or abbreviation may have this character.
fn names_currency(c: char) -> bool {
    c.is_alphabetic() || CURRENCY_SIGNS.contains(c)
}

const CURRENCY_SIGNS: &str = "\\$€£¥₹₽₩₺₴₪₫฿₱₦₸₾₡₲₵";

fn evidence_of(core: &str) -> MarkEvidence {
    let (dots, commas) = (core.matches('.').count(), core.matches(',').count());
    let mark = match (dots, commas) {
        (0, 0) => return MarkEvidence::None,
        (_, 0) => '.',
        (0, _) => ',',
        // both: the one further right
        _ if core.rfind('.') > core.rfind(',') => return MarkEvidence::Decimal('.'),
        _ => return MarkEvidence::Decimal(','),
    };
    let other = if mark == '.' { ',' } else { '.' };
    if dots + commas > 1 {
        return MarkEvidence::Decimal(other);
    }
    let (whole, fraction) = core.split_once(mark).unwrap_or((core, ""));
    let group = fraction.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    if group && !core.contains('_') { MarkEvidence::Either(mark) } else { MarkEvidence::Decimal(mark) }
}

/// Reads digits with thousands groups, `mark` being the decimal mark.
fn grouped(core: &str, mark: char) -> Option<Exact> {
    let (whole, fraction) = match core.split_once(mark) {
        Some((whole, fraction)) => (whole, fraction),
        None => (core, ""),
    };
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let groups: Vec<&str> = whole.split(['.', ',', '_']).collect();
    // Indian grouping has pairs in the middle: 12,34,567
    let well_grouped = groups.len() == 1
        || ((1..=3).contains(&groups[0].len())
            && groups[groups.len() - 1].len() == 3
            && groups[1..groups.len() - 1].iter().all(|group| matches!(group.len(), 2 | 3)));
    if !well_grouped || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let digits = groups.iter().flat_map(|group| group.bytes()).chain(fraction.bytes());
    let mantissa = digits.fold(0_i128, |sum, b| sum * 10 + i128::from(b - b'0'));
    Some(Exact { mantissa, scale: fraction.len() as u32 })
}

#[cfg(test)]
mod tests;
