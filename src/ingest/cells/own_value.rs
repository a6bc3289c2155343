//! How a column only the input knows writes its numbers and dates, and its values as later stages read them.
//!
//! The different values of a column in, its [`ValueStyle`] out: that of all of them, or none. Numbers are rewritten with a
//! decimal dot, dates as `YYYY-MM-DD`, so that a table and a history that write the same value in two ways say the same.

use std::collections::BTreeSet;

use crate::config::{DateOrder, TableSource};
use crate::domain::day::{Day, MICROS_PER_DAY};
use crate::ingest::cells::amount::{self, Beside, MarkEvidence};
use crate::ingest::cells::date::{self, DateText};

/// What a column writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueStyle {
    /// Numbers with this decimal mark.
    Number(char),
    /// Dates; in this order of day and month, where it matters.
    Date(Option<DateOrder>),
}

/// How a file writes numbers and dates where a column alone does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsualStyle {
    /// Decimal mark.
    pub mark: Option<char>,
    /// Order of day and month.
    pub order: Option<DateOrder>,
}

impl UsualStyle {
    /// As configured, else as the file's other columns write it.
    #[must_use]
    pub fn of(source: &TableSource, marks: &[Option<char>], orders: &[Option<DateOrder>]) -> Self {
        Self {
            mark: source.decimal_mark.or_else(|| marks.iter().find_map(|mark| *mark)),
            order: source.date_order.or_else(|| orders.iter().find_map(|order| *order)),
        }
    }

    /// The same, or what `style` says where nothing is known.
    #[must_use]
    pub fn or(self, style: Option<ValueStyle>) -> Self {
        match style {
            Some(ValueStyle::Number(mark)) => Self { mark: self.mark.or(Some(mark)), ..self },
            Some(ValueStyle::Date(order)) => Self { order: self.order.or(order), ..self },
            None => self,
        }
    }
}

impl ValueStyle {
    /// The style of all `values`; none where one of them is neither number nor date, or nothing tells how to read them.
    #[must_use]
    pub fn of(values: &[&str], usual: UsualStyle) -> Option<Self> {
        values.first()?;
        number_style(values, usual.mark).or_else(|| date_style(values, usual.order))
    }

    /// A value as later stages read it; none where it stands so already, or cannot be read.
    #[must_use]
    pub fn plain(self, text: &str) -> Option<String> {
        let plain = match self {
            Self::Number(mark) => number(text, mark)?.to_string(),
            Self::Date(_) if is_plain_date(text) => return None,
            Self::Date(order) => day(text, order)?.to_string(),
        };
        (plain != text).then_some(plain)
    }
}

/// A number without its percent sign.
fn without_percent(text: &str) -> &str {
    text.strip_suffix('%').map_or(text, str::trim_end)
}

fn number(text: &str, mark: char) -> Option<f64> {
    amount::read(without_percent(text), Some(mark), Beside::Currencies).ok().map(amount::Exact::to_f64)
}

/// Digits behind a leading zero are a code ("007"), not a number.
fn is_code(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    digits.starts_with('0') && digits[1..].starts_with(|c: char| c.is_ascii_digit())
}

fn number_style(values: &[&str], usual: Option<char>) -> Option<ValueStyle> {
    let (mut decimal, mut either) = (BTreeSet::new(), BTreeSet::new());
    for text in values {
        match amount::evidence(without_percent(text), Beside::Currencies).filter(|_| !is_code(text))? {
            MarkEvidence::None => {}
            MarkEvidence::Decimal(mark) => _ = decimal.insert(mark),
            MarkEvidence::Either(mark) => _ = either.insert(mark),
        }
    }
    let only = |marks: BTreeSet<char>| marks.into_iter().next();
    let mark = match (decimal.len(), either.len()) {
        (0, 0) => '.',
        (1, _) => only(decimal)?,
        // A comma before three digits may be either mark; a dot there is the decimal one unless the file says otherwise.
        (0, 1) => usual.or_else(|| only(either).filter(|mark| *mark == '.'))?,
        _ => return None,
    };
    values.iter().all(|text| number(text, mark).is_some()).then_some(ValueStyle::Number(mark))
}

fn date_style(values: &[&str], usual: Option<DateOrder>) -> Option<ValueStyle> {
    let (mut order, mut asks) = (None, false);
    for text in values {
        if let DateText::Split(split) = date::read(text)? {
            asks |= split.is_open();
            order = order.or(split.only_order());
        }
    }
    let order = order.or(usual.filter(|_| asks));
    let is_told = order.is_some() || !asks;
    (is_told && values.iter().all(|text| day(text, order).is_some())).then_some(ValueStyle::Date(order))
}

/// `YYYY-MM-DD`, alone or before a time.
fn is_plain_date(text: &str) -> bool {
    text.split_at_checked(10)
        .is_some_and(|(day, rest)| day.parse::<Day>().is_ok() && (rest.is_empty() || rest.starts_with(['T', ' '])))
}

/// The day of a date; of one with an offset, that in UTC.
fn day(text: &str, order: Option<DateOrder>) -> Option<Day> {
    let read = match date::read(text)? {
        DateText::Split(split) => split.resolve_in(order.or(Some(DateOrder::DayFirst)))?,
        read => read,
    };
    let (DateText::Civil(micros) | DateText::Instant(micros)) = read else { return None };
    let day = Day(i32::try_from(micros.div_euclid(MICROS_PER_DAY)).ok()?);
    day.may_be_given().then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(values: &[&str], usual: UsualStyle) -> Option<Vec<String>> {
        let style = ValueStyle::of(values, usual)?;
        Some(values.iter().map(|text| style.plain(text).unwrap_or_else(|| (*text).to_owned())).collect())
    }

    fn told(values: &[&str]) -> Option<Vec<String>> {
        plain(values, UsualStyle::default())
    }

    #[test]
    fn numbers_of_one_mark_get_a_decimal_dot() {
        assert_eq!(told(&["1.234,5", "12", "0,25"]).unwrap(), ["1234.5", "12", "0.25"]);
        assert_eq!(told(&["1,234.5", "12"]).unwrap(), ["1234.5", "12"]);
        assert_eq!(told(&["12,5 %", "7 %"]).unwrap(), ["12.5", "7"]);
        assert_eq!(
            told(&["1.250", "2"]).unwrap(),
            ["1.25", "2"],
            "a dot is the decimal mark unless the file says otherwise"
        );
        let comma = UsualStyle { mark: Some(','), order: None };
        assert_eq!(plain(&["1.250", "2"], comma).unwrap(), ["1250", "2"]);
    }

    #[test]
    fn what_is_no_column_of_numbers_stays_as_written() {
        for values in [&["1,5", "2.5"][..], &["007", "1"], &["1,234"], &["basic", "1"], &["12 kg"], &[]] {
            assert_eq!(told(values), None, "{values:?}");
        }
    }

    #[test]
    fn dates_are_read_in_the_order_the_column_or_the_file_tells() {
        assert_eq!(told(&["31/01/2024", "02/01/2024"]).unwrap(), ["2024-01-31", "2024-01-02"]);
        assert_eq!(told(&["1/31/2024", "2/1/2024 16:50"]).unwrap(), ["2024-01-31", "2024-02-01"]);
        assert_eq!(told(&["31.01.2024"]).unwrap(), ["2024-01-31"]);
        assert_eq!(told(&["2024-01-31", "2024-02-01T10:00:00"]).unwrap(), ["2024-01-31", "2024-02-01T10:00:00"]);
        assert_eq!(told(&["01/02/2024"]), None, "nothing tells");
        let month_first = UsualStyle { mark: None, order: Some(DateOrder::MonthFirst) };
        assert_eq!(plain(&["01/02/2024"], month_first).unwrap(), ["2024-01-02"]);
        let by_table = UsualStyle::default().or(Some(ValueStyle::Date(Some(DateOrder::DayFirst))));
        assert_eq!(plain(&["01/02/2024"], by_table).unwrap(), ["2024-02-01"]);
    }
}
