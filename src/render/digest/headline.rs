//! The sentence that matters: won, gap, range and the chance to reach the quota, and the numbers behind it.

use std::collections::BTreeMap;

use super::recipients::Recipient;
use crate::render::material::TableLine;
use crate::render::page::PageSetting;
use crate::render::sentences::{Worded, sentence};
use crate::report::cell::Cell;

/// The columns of `forecast` the headline rests on.
const COLUMNS: [&str; 10] =
    ["quota", "won", "gap", "expected", "p10", "p50", "p90", "p_hit_quota", "pipeline", "coverage"];

/// The row of the recipient's node in the running period; in several currencies the one with most wins.
pub(super) fn row_of<'m>(setting: PageSetting<'m>, recipient: &Recipient<'m>) -> Option<TableLine<'m>> {
    let of_node =
        setting.forecast(setting.period).filter(|line| line.is(&[("level", recipient.level), ("node", recipient.id)]));
    of_node.max_by_key(|line| (line.text("currency") == setting.currency, line.number("won_deals").map(f64::to_bits)))
}

/// The headline; that nothing is forecast where there is no row.
pub(super) fn headline(setting: PageSetting<'_>, recipient: &Recipient<'_>, row: Option<TableLine<'_>>) -> String {
    let mut numbers = Worded::from([("name".to_owned(), recipient.name.to_owned())]);
    let Some(row) = row else { return sentence(setting.language, "digest-headline-none", &numbers) };
    numbers.insert("period".to_owned(), setting.period.to_owned());
    for column in COLUMNS {
        let worded = match row.at(column) {
            Cell::Empty => continue,
            Cell::Money(..) => setting.money(row, column),
            _ if column == "coverage" => setting.language.number(row.number(column).unwrap_or(0.0), 1),
            _ => setting.percent(row, column),
        };
        numbers.insert(column.to_owned(), worded);
    }
    if row.number("gap").is_some_and(|gap| gap <= 0.0) {
        numbers.insert("reached".to_owned(), "yes".to_owned());
    }
    sentence(setting.language, "digest-headline", &numbers)
}

/// The numbers behind the headline with the digits the tables have: exact, as text.
pub(super) fn numbers(row: Option<TableLine<'_>>) -> BTreeMap<&'static str, String> {
    let Some(row) = row else { return BTreeMap::new() };
    let columns = ["level", "node", "period", "currency"].into_iter().chain(COLUMNS);
    let filled = columns.map(|column| (column, row.at(column))).filter(|(_, cell)| !cell.is_empty());
    filled.map(|(column, cell)| (column, digits(cell))).collect()
}

/// A whole share is `1.0` in a CSV file, and here.
fn digits(cell: Cell<'_>) -> String {
    match cell {
        Cell::Number(number) => format!("{number:?}"),
        cell => cell.to_string(),
    }
}
