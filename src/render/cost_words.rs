//! What gaps of the input cost, in the language of a report.
//!
//! A row of `input_costs` in, its sentence or what to do out: the same as the finding about that gap. English stands in the
//! table.

use std::collections::BTreeMap;

use super::language::Language;
use super::material::{TableLine, ToldFinding, ToldQuantity, ToldSubject};
use crate::report::cell::Cell;

/// The text of a cell of `input_costs`; nothing where `column` is another one, or where the table is in the language.
pub(super) fn cost_cell(language: &Language, line: TableLine<'_>, column: &str) -> Option<String> {
    if language.is_english() || line.text("gap").is_empty() {
        return None;
    }
    match column {
        "meaning" => Some(language.sentence(&told(line))),
        "remedy" => language.remedy(&told(line)),
        _ => None,
    }
}

fn told(line: TableLine<'_>) -> ToldFinding {
    let count = |column: &str| match line.at(column) {
        Cell::Whole(number) => Some(ToldQuantity::Count(u64::try_from(number).unwrap_or(0))),
        _ => None,
    };
    let amount = || {
        let (amount, currency) = (line.written("amount"), line.text("currency").to_owned());
        (!amount.is_empty()).then_some(ToldQuantity::Money { amount, currency })
    };
    let numbers = [
        ("gap", Some(ToldQuantity::Text(line.text("gap").to_owned()))),
        ("deals", count("deals")),
        ("of_deals", count("of_deals")),
        ("amount", amount()),
    ];
    let known = numbers.into_iter().filter_map(|(name, number)| Some((name.to_owned(), number?)));
    ToldFinding {
        code: "quality.cost".to_owned(),
        severity: "warning".to_owned(),
        subject: ToldSubject { kind: "table".to_owned(), name: line.text("table").to_owned(), period: None },
        numbers: known.collect::<BTreeMap<_, _>>(),
        sentence: line.text("meaning").to_owned(),
        remedy: Some(line.text("remedy").to_owned()),
    }
}
