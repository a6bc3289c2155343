//! Sums above a table, one row a currency: a formula with our sum stored beside it.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

use super::layout::Placed;
use super::looks::Looks;
use crate::domain::money::to_decimal;
use crate::render::material::TableLine;
use crate::report::cell::Cell;

/// The most currencies that have a row.
const MOST: usize = 8;

/// What the rows of one currency add up to, column by column: units of the last decimal place, and how many there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Total {
    rows: usize,
    sums: BTreeMap<&'static str, (i128, u32)>,
}

/// The sums of `columns` by currency: those with most rows first. Currencies a formula cannot ask for have none.
pub(super) fn totals<'m>(lines: &[TableLine<'m>], columns: &[&'static str]) -> Vec<(&'m str, Total)> {
    let mut by_currency: BTreeMap<&str, Total> = BTreeMap::new();
    for line in lines.iter().filter(|_| !columns.is_empty()) {
        let total = by_currency.entry(line.text("currency")).or_default();
        total.rows += 1;
        for column in columns {
            if let Cell::Money(minor, decimals) = line.at(column) {
                total.sums.entry(column).or_insert((0, decimals)).0 += minor;
            }
        }
    }
    let is_code = |code: &str| !code.is_empty() && code.bytes().all(|letter| letter.is_ascii_alphanumeric());
    let mut totals: Vec<(&str, Total)> = by_currency.into_iter().filter(|(code, _)| is_code(code)).collect();
    totals.sort_by_key(|(_, total)| std::cmp::Reverse(total.rows));
    totals.truncate(MOST);
    totals
}

/// Writes a row of sums into `row`. Where every row has this currency, the sum follows what is filtered.
pub(super) fn write_total(
    sheet: &mut Worksheet,
    row: u32,
    placed: &Placed,
    looks: &mut Looks,
    (currency, total): &(&str, Total),
) -> Result<(), XlsxError> {
    for (column, (minor, decimals)) in &total.sums {
        let (Some(at), Some(cells)) = (placed.column(column), placed.range(column)) else { continue };
        let formula = match placed.range("currency") {
            Some(currencies) if total.rows < placed.rows => format!("SUMIFS({cells},{currencies},\"{currency}\")"),
            _ => format!("SUBTOTAL(109,{cells})"),
        };
        let formula = Formula::new(formula).set_result(to_decimal(*minor, *decimals).normalize().to_string());
        let format = looks.money(currency).clone().set_bold();
        sheet.write_formula_with_format(row, at, formula, &format)?;
    }
    Ok(())
}
