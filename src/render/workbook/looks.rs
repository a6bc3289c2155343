//! How cells look: number formats by currency, dates by language, headings.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Color, Format, FormatAlign};

use crate::domain::money::exponent;
use crate::render::language::Language;
use crate::report::cell::Cell;

/// What a column's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellMeasure {
    /// A share of 1: percent.
    Share,
    /// Money of the row's currency, though stored as a number.
    Money,
    /// Anything else.
    Plain,
}

impl CellMeasure {
    /// What a column's unit says.
    pub(super) fn of_unit(unit: &str) -> Self {
        match unit {
            _ if unit.ends_with("0 to 1") || unit.starts_with("share") => Self::Share,
            _ if unit.starts_with("currency") => Self::Money,
            _ => Self::Plain,
        }
    }
}

/// The formats of a workbook.
#[derive(Debug)]
pub(super) struct Looks {
    pub title: Format,
    pub quiet: Format,
    pub heading: Format,
    pub strong: Format,
    pub wrapped: Format,
    pub warning: Format,
    pub whole: Format,
    pub share: Format,
    pub number: Format,
    pub day: Format,
    /// A text that looks like a formula and stays a text when somebody enters the cell.
    pub quoted: Format,
    money: BTreeMap<String, Format>,
    pub plain: Format,
}

impl Looks {
    /// The formats of a workbook in `language`.
    pub(super) fn new(language: &Language) -> Self {
        let number = |pattern: &str| Format::new().set_num_format(pattern);
        let day = language.date.replace("{y}", "yyyy").replace("{m}", "mm").replace("{d}", "dd");
        let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        Self {
            title: Format::new().set_bold().set_font_size(14),
            quiet: Format::new().set_font_color(Color::RGB(0x005b_6875)),
            heading: Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top),
            strong: Format::new().set_bold(),
            warning: wrapped.clone().set_bold().set_font_color(Color::RGB(0x009c_4408)),
            wrapped,
            whole: number("#,##0"),
            share: number("0.0%"),
            number: number("#,##0.00##"),
            day: number(&day).set_align(FormatAlign::Left),
            quoted: Format::new().set_quote_prefix(),
            money: BTreeMap::new(),
            plain: Format::new(),
        }
    }

    /// The format of money in `currency`, with its decimal places.
    pub(super) fn money(&mut self, currency: &str) -> &Format {
        self.money.entry(currency.to_owned()).or_insert_with(|| Format::new().set_num_format(pattern(currency)))
    }

    /// The format of a cell; `currency` is that of its row.
    pub(super) fn of(&mut self, cell: Cell<'_>, measure: CellMeasure, currency: &str) -> &Format {
        match (cell, measure) {
            (Cell::Money(..), _) | (Cell::Number(_), CellMeasure::Money) => self.money(currency),
            (Cell::Number(_), CellMeasure::Share) => &self.share,
            (Cell::Number(_), CellMeasure::Plain) => &self.number,
            (Cell::Whole(_), _) => &self.whole,
            (Cell::Date(_), _) => &self.day,
            (Cell::Text(_) | Cell::Flag(_) | Cell::Empty, _) => &self.plain,
        }
    }
}

/// `#,##0.00 [$EUR]`: the amount, then the code, as everywhere here.
pub(super) fn pattern(currency: &str) -> String {
    let places = usize::try_from(exponent(currency)).unwrap_or(2);
    let amount = if places == 0 { "#,##0".to_owned() } else { format!("#,##0.{}", "0".repeat(places)) };
    let is_code = (1..=8).contains(&currency.len()) && currency.bytes().all(|letter| letter.is_ascii_alphanumeric());
    if is_code { format!("{amount} [${currency}]") } else { amount }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_the_decimals_of_its_currency_and_a_code_that_is_one() {
        assert_eq!(["EUR", "JPY", "BHD"].map(pattern), ["#,##0.00 [$EUR]", "#,##0 [$JPY]", "#,##0.000 [$BHD]"]);
        assert_eq!(["", "\"];x", "a]b"].map(pattern), ["#,##0.00"; 3]);
        let units = ["0 to 1", "deals, 0 and up", "share; 1 is the quota", "currency per day"];
        assert_eq!(
            units.map(CellMeasure::of_unit),
            [CellMeasure::Share, CellMeasure::Plain, CellMeasure::Share, CellMeasure::Money]
        );
    }
}
