//! What cells of typed columns say before they have a type: nothing at all, a chance with or without its sign, a date, a
//! number.

use std::borrow::Cow;

use crate::config::DateOrder;
use crate::ingest::cells::amount::Exact;
use crate::ingest::cells::date::{self, DateText};
use crate::ingest::cells::nothing::says_nothing;
use crate::ingest::decode::chunk::RawCell;

/// A chance as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WrittenChance {
    /// 0 to 100.
    pub number: f64,
    /// Whether a percent sign stands beside it.
    pub has_sign: bool,
}

/// Whether a cell of a typed column has no value: it is empty, or says so in a word.
pub(crate) fn is_nothing(cell: &RawCell<'_>) -> bool {
    match cell {
        RawCell::Empty => true,
        RawCell::Text(text) => says_nothing(text),
        _ => false,
    }
}

/// The day 0 of a spreadsheet or a database is none.
pub(crate) fn is_zero(cell: &RawCell<'_>) -> bool {
    match cell {
        RawCell::Text(text) => matches!(&**text, "0" | "0.0" | "1/0/1900" | "1900-01-00" | "00.01.1900"),
        RawCell::Integer(value) => *value == 0,
        RawCell::Float(value) => *value == 0.0,
        _ => false,
    }
}

/// The number beside a percent sign, where there is one.
pub(crate) fn without_percent<'a>(text: &str) -> Option<Cow<'a, str>> {
    let is_sign = |c: char| matches!(c, '%' | '\u{66a}' | '\u{ff05}');
    let number = text.strip_suffix(is_sign).or_else(|| text.strip_prefix(is_sign))?;
    Some(Cow::Owned(number.trim().to_owned()))
}

/// A decimal number of Parquet, exactly.
pub(crate) fn decimal(mantissa: i128, scale: i8) -> Option<Exact> {
    match u32::try_from(scale) {
        Ok(scale) => Some(Exact { mantissa, scale }),
        Err(_) => {
            let unit = 10_i128.checked_pow(u32::from(scale.unsigned_abs()))?;
            Some(Exact { mantissa: mantissa.checked_mul(unit)?, scale: 0 })
        }
    }
}

/// What a cell says as a date; none where it is no date.
pub(crate) fn date_of(cell: &RawCell<'_>) -> Option<DateText> {
    match cell {
        RawCell::Time(micros, zoned) => {
            Some(if *zoned { DateText::Instant(*micros) } else { DateText::Civil(*micros) })
        }
        RawCell::Float(serial) => date::excel(*serial),
        RawCell::Text(text) => date::read(text),
        RawCell::Integer(_) => cell.clone().text().and_then(|text| date::read(&text)),
        RawCell::Empty | RawCell::Decimal(..) | RawCell::Flag(_) => None,
    }
}

/// What a date column whose dates are in `order` expects.
pub(crate) fn date_expected(order: Option<DateOrder>) -> &'static str {
    match order {
        None => "expected a date",
        Some(DateOrder::DayFirst) => "expected a date, day first like the rest of the column",
        Some(DateOrder::MonthFirst) => "expected a date, month first like the rest of the column",
    }
}
