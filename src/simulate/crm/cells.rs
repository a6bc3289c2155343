//! Canonical cells as a CRM writes them: dates, amounts, chances, words.

use std::collections::BTreeMap;

use jiff::civil::DateTime;

use crate::presets::{ExportShape, ExportTable};
use crate::simulate::crm::carried::day_of;
use crate::simulate::crm::names::Names;

/// How the cells of one file are written.
#[derive(Clone, Copy)]
pub(super) struct CellStyle<'a> {
    shape: &'a ExportShape,
    names: &'a Names,
    values: &'a BTreeMap<String, BTreeMap<String, String>>,
}

impl<'a> CellStyle<'a> {
    pub fn of(shape: &'a ExportShape, table: &'a ExportTable, names: &'a Names) -> Self {
        Self { shape, names, values: &table.values }
    }

    /// The cell of a canonical column.
    pub fn cell(self, column: &str, value: &str) -> String {
        if let Some(word) = self.values.get(column).and_then(|words| words.get(value)) {
            return word.clone();
        }
        if value.is_empty() {
            return String::new();
        }
        match column {
            "created_at" | "changed_at" => dated(value, &self.shape.moments),
            "closed_at" if !self.shape.closing.is_day() => dated(value, &self.shape.moments),
            "expected_close_date" | "closed_at" | "date" | "period" => dated(day_of(value), &self.shape.days),
            "amount" | "quota" => self.amount(value),
            "probability" if self.shape.percent => percent(value),
            "account" => self.shape.accounts.replace("{}", value),
            "stage" => self.names.stage(value),
            _ => value.to_owned(),
        }
    }

    fn amount(self, value: &str) -> String {
        let value = if self.shape.grouped { grouped(value) } else { value.to_owned() };
        self.shape.amounts.replace("{}", &value)
    }
}

/// A day or moment by a pattern; what is none stays as it is.
fn dated(text: &str, pattern: &str) -> String {
    let moment = if text.len() == 10 { format!("{text}T00:00:00") } else { text.to_owned() };
    let written = moment.parse::<DateTime>().ok().and_then(|moment| jiff::fmt::strtime::format(pattern, moment).ok());
    written.unwrap_or_else(|| text.to_owned())
}

/// A share of 1 in percent.
fn percent(share: &str) -> String {
    share.parse::<f64>().map_or_else(|_| share.to_owned(), |share| format!("{}", (share * 100.0).round()))
}

/// `1234567.50` as `1,234,567.50`.
fn grouped(amount: &str) -> String {
    let (whole, rest) =
        amount.split_once('.').map_or((amount, String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + &rest
}

/// Which of several columns a value goes to: by the words in their names, else to the first.
pub(super) fn column_for<'c>(columns: &[&'c str], words: &[&str]) -> Option<&'c str> {
    columns
        .iter()
        .find(|column| words.iter().any(|word| column.to_lowercase().contains(word)))
        .or(columns.first())
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_numbers_are_written_by_pattern() {
        assert_eq!(dated("2025-03-04T08:09:10", "%-m/%-d/%Y %-I:%M %p"), "3/4/2025 8:09 AM");
        assert_eq!(dated("2025-03-04", "%d.%m.%Y"), "04.03.2025");
        assert_eq!(
            (percent("0.25"), grouped("1234567.50"), grouped("999.00")),
            ("25".to_owned(), "1,234,567.50".to_owned(), "999.00".to_owned())
        );
    }

    #[test]
    fn a_value_goes_to_the_column_of_its_kind() {
        let columns = ["old_value_char", "old_value_float", "old_value_datetime"];
        assert_eq!(column_for(&columns, &["float"]), Some("old_value_float"));
        assert_eq!(column_for(&["Won time", "Lost time"], &["lost"]), Some("Lost time"));
        assert_eq!(column_for(&["New Value"], &["float"]), Some("New Value"));
    }
}
