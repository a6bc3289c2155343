//! Which currency the amounts are in.

use std::collections::BTreeMap;

use crate::ingest;
use crate::ingest::profile::ColumnProfile;
use crate::setup::answers::Answers;
use crate::setup::made_of::parts;
use crate::setup::proposal::{Proposal, Sure};
use crate::setup::recognise::Recognised;

/// The key that names the amounts.
const AMOUNT: &str = "sources.deals.columns.amount";

/// Headers of numbers that are no amounts.
const OTHER_NUMBERS: [&str; 16] = [
    "id",
    "nr",
    "no",
    "number",
    "nummer",
    "zip",
    "plz",
    "phone",
    "year",
    "age",
    "days",
    "probability",
    "chance",
    "%",
    "count",
    "score",
];

/// Words of headers for thousands and more, in lower case.
const UNITS: [&str; 22] = [
    "千円",
    "万円",
    "百万円",
    "億円",
    "万元",
    "千元",
    "億元",
    "亿元",
    "천원",
    "만원",
    "백만원",
    "억원",
    "тыс",
    "млн",
    "tys",
    "mln",
    "tsd",
    "teur",
    "t€",
    "k€",
    "mio",
    "thousands",
];

/// Says that no column of amounts was found, though one may be there.
pub(super) fn say_without_amount(proposal: &mut Proposal, deals: &Recognised<'_>, answers: &Answers) {
    if deals.columns.contains_key("amount") || answers.get(AMOUNT).is_some() {
        return;
    }
    let used: Vec<String> = deals.columns.values().flat_map(parts).collect();
    let could = |column: &&ColumnProfile| {
        let lower = column.name.to_lowercase();
        let is_other = lower.split([' ', '_', '-', '(', ')']).any(|word| OTHER_NUMBERS.contains(&word));
        let is_filled = column.filled * 10 >= deals.file.rows * 9;
        is_filled && column.number_share() >= 0.95 && !used.contains(&column.name) && !is_other && column.distinct() > 2
    };
    let names: Vec<String> =
        deals.file.columns.iter().filter(could).take(3).map(|column| format!("{:?}", column.name)).collect();
    let Some(first) = names.first() else { return };
    proposal.doubts.push(format!(
        "no column of amounts was recognised: name it with --answer {AMOUNT}={first}; columns of numbers are {}",
        names.join(", ")
    ));
}

/// Proposes the base currency: the one most rows name, else the one written in the amounts of deals or quotas.
pub(super) fn settle_currency(proposal: &mut Proposal, tables: &[&Recognised<'_>]) {
    let columns = |name: &str| -> Vec<&ColumnProfile> {
        tables.iter().filter_map(|table| table.file.column(table.single(name)?)).collect()
    };
    let mut named: BTreeMap<String, u64> = BTreeMap::new();
    for column in columns("currency") {
        for (text, rows) in &column.values {
            let (code, known) = ingest::currency(text);
            if known {
                *named.entry(code).or_default() += rows;
            }
        }
    }
    if let Some((code, why, sure)) = most(&named, "rows name it") {
        proposal.set("money", "base_currency", code, why, sure);
        return;
    }
    for column in columns("amount").into_iter().chain(columns("quota")) {
        for (sign, rows) in &column.currencies {
            let (code, known) = ingest::currency(sign);
            if known {
                *named.entry(code).or_default() += rows;
            }
        }
    }
    let amounts: Vec<&ColumnProfile> = columns("amount").into_iter().chain(columns("quota")).collect();
    say_units(proposal, &amounts);
    match most(&named, "amounts have its sign").or_else(|| of_header(&amounts)) {
        Some((code, why, sure)) => proposal.set("money", "base_currency", code, why, sure),
        None => proposal.set(
            "money",
            "base_currency",
            "USD",
            "nothing names a currency: it labels the amounts and changes none",
            Sure::Assumed,
        ),
    }
}

/// The currency that the header of an amount names: `金額（円）`, `Сумма, руб.`, `Betrag (EUR)`.
fn of_header(amounts: &[&ColumnProfile]) -> Option<(String, String, Sure)> {
    amounts.iter().find_map(|column| {
        let words = column.name.split(|c: char| c.is_whitespace() || "()[]（）［］【】,、/:_-".contains(c)).skip(1);
        let known = words.map(|word| word.trim_matches('.')).filter(|word| !word.is_empty()).map(ingest::currency);
        let (code, _) = known.into_iter().find(|(_, known)| *known)?;
        Some((code, format!("the name of the column {:?} says so", column.name), Sure::Likely))
    })
}

/// Says that amounts are in thousands and more by their header, which no number is multiplied by.
fn say_units(proposal: &mut Proposal, amounts: &[&ColumnProfile]) {
    for column in amounts {
        let lower = column.name.to_lowercase();
        let has = |unit: &&&str| lower.split(|c: char| !c.is_alphanumeric() && c != '€').any(|word| word == **unit);
        if let Some(unit) = UNITS.iter().find(has) {
            proposal.doubts.push(format!(
                "the column {:?} is in {unit:?} by its name: its numbers are read as they stand, and every amount is in that unit",
                column.name
            ));
        }
    }
}

fn most(named: &BTreeMap<String, u64>, what: &str) -> Option<(String, String, Sure)> {
    let (code, rows) = named.iter().max_by_key(|(_, rows)| **rows)?;
    let all: u64 = named.values().sum();
    let others: Vec<&str> = named.keys().filter(|other| *other != code).map(String::as_str).collect();
    let (beside, sure) = if others.is_empty() {
        (String::new(), Sure::Certain)
    } else {
        (format!("; others: {}", others.join(", ")), Sure::Likely)
    };
    Some((code.clone(), format!("{rows} of {all} {what}{beside}"), sure))
}
