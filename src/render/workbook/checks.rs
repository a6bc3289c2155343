//! Sums a person would check: what the owners add up to, beside what the company's row says.

use super::declared_table::TableSheet;
use super::looks::Looks;
use super::own_table::{OwnCell, OwnTable};
use crate::domain::money::to_decimal;
use crate::render::material::TableLine;
use crate::render::page::PageSetting;
use crate::report::cell::Cell;

/// What adds up, as the forecast declares it.
const COLUMNS: [&str; 5] = ["won", "lost", "pipeline", "expected_from_open", "expected_from_new"];

/// The table, written from `row` on; `forecast` is the sheet of the forecast.
pub(super) fn checks_table(
    setting: PageSetting<'_>,
    row: u32,
    forecast: &TableSheet,
    looks: &mut Looks,
) -> Option<OwnTable> {
    let company = setting.company()?;
    let owners: Vec<TableLine<'_>> = setting
        .forecast(setting.period)
        .filter(|line| line.is(&[("level", "owner"), ("currency", setting.currency)]))
        .collect();
    let format = looks.money(setting.currency_of(company)).clone();
    let mut rows = Vec::new();
    for column in COLUMNS {
        let (Some((whole, decimals)), Some(parts)) = (money(company, column), sum(&owners, column)) else { continue };
        let of = |level: &str| sum_of_level(setting, forecast, level, column);
        let (Some(of_company), Some(of_owners)) = (of("company"), of("owner")) else { continue };
        // The row as a spreadsheet counts it, below the headings.
        let own = row + 2 + u32::try_from(rows.len()).unwrap_or(0);
        let number = |minor: i128| to_decimal(minor, decimals).to_string().parse().unwrap_or_default();
        rows.push(vec![
            OwnCell::Text(setting.language.column(column)),
            OwnCell::Formula(of_company, number(whole), format.clone()),
            OwnCell::Formula(of_owners, number(parts), format.clone()),
            OwnCell::Formula(format!("ROUND(B{own}-C{own},{decimals})"), number(whole - parts), format.clone()),
        ]);
    }
    let headings =
        ["sum", "company-row", "sum-of-owners", "difference"].map(|key| setting.word(key).to_owned()).to_vec();
    (!rows.is_empty()).then(|| OwnTable { name: "checks".to_owned(), headings, rows })
}

fn money(line: TableLine<'_>, column: &str) -> Option<(i128, u32)> {
    match line.at(column) {
        Cell::Money(minor, decimals) => Some((minor, decimals)),
        _ => None,
    }
}

/// The sum of a column; none where nobody has a number.
fn sum(lines: &[TableLine<'_>], column: &str) -> Option<i128> {
    lines.iter().filter_map(|line| money(*line, column)).map(|(minor, _)| minor).reduce(|a, b| a + b)
}

/// The sum over the rows of a level on the forecast's sheet. Texts are compared as they are, which `SUMIFS` does not.
fn sum_of_level(setting: PageSetting<'_>, forecast: &TableSheet, level: &str, column: &str) -> Option<String> {
    let wanted = [("level", setting.language.value(level)), ("period", setting.period), ("currency", setting.currency)];
    let mut factors = Vec::new();
    for (name, text) in wanted {
        let range = forecast.placed.range_from_elsewhere(name)?;
        factors.push(format!("({range}=\"{}\")", text.replace('"', "\"\"")));
    }
    let amounts = forecast.placed.range_from_elsewhere(column)?;
    (forecast.left_out == 0).then(|| format!("SUMPRODUCT({}*1,{amounts})", factors.join("*")))
}
