//! What moved between two runs, in sentences.

use std::collections::BTreeMap;

use crate::analyses::compare::rows::{BridgeRow, Comparison, MovedPart};
use crate::report::finding::{Finding, Quantity, Subject};
use crate::report::money_unit::MoneyUnit;
use crate::report::words::count;

/// Causes a sentence names, at most.
const CAUSES: usize = 4;

/// Days, model and configuration, deals, and the company's bridges.
#[must_use]
pub fn findings(of: &Comparison) -> Vec<Finding> {
    let mut found = vec![days(of)];
    found.extend(models(of));
    found.extend(config(of));
    found.push(deals(of));
    found.extend(of.no_expected.map(|why| {
        let sentence = format!("what is expected is not compared: {why}");
        Finding::warning("compare.no_expected", Subject::the("runs"), sentence)
    }));
    found.extend(of.bridges.iter().filter(|row| row.level == "company").map(bridge));
    found
}

fn days(of: &Comparison) -> Finding {
    let [old, new] = of.days;
    let sentence = if old == new { format!("both runs are as of {old}") } else { format!("from {old} to {new}") };
    Finding::info("compare.days", Subject::the("runs"), sentence)
        .with("old", Quantity::Date(old))
        .with("new", Quantity::Date(new))
}

fn models(of: &Comparison) -> Option<Finding> {
    let [old, new] = &of.models;
    let name = |model: &Option<String>| model.clone().unwrap_or_else(|| "no model".to_owned());
    let losses = match of.log_loss {
        [Some(old), Some(new)] => format!(" (log loss {old:.4} then, {new:.4} now)"),
        _ => String::new(),
    };
    let sentence = format!("another model: {} then, {} now{losses}", name(old), name(new));
    (old != new).then(|| {
        Finding::warning("compare.model", Subject::the("model"), sentence)
            .with("old", Quantity::Text(name(old)))
            .with("new", Quantity::Text(name(new)))
            .with_known("old_log_loss", of.log_loss[0].map(Quantity::Number))
            .with_known("new_log_loss", of.log_loss[1].map(Quantity::Number))
    })
}

fn config(of: &Comparison) -> Option<Finding> {
    let sentence = "the runs were made with different configurations: not every change is one of the data";
    (of.same_config == Some(false)).then(|| Finding::warning("compare.config", Subject::the("runs"), sentence))
}

fn deals(of: &Comparison) -> Finding {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for happened in of.deals.iter().flat_map(|deal| &deal.happened) {
        *counts.entry(happened).or_default() += 1;
    }
    let told: Vec<String> = counts.iter().map(|(what, deals)| format!("{deals} {what}")).collect();
    let sentence = match of.deals.len() {
        0 => "no deal changed".to_owned(),
        changed => format!("{} changed: {}", count(changed as u64, "deal"), told.join(", ")),
    };
    let finding =
        Finding::info("compare.deals", Subject::the("deals"), sentence).with("deals", Quantity::count(of.deals.len()));
    let with =
        |finding: Finding, (what, deals): (&&str, &u64)| finding.with((*what).to_owned(), Quantity::Count(*deals));
    counts.iter().fold(finding, with)
}

fn bridge(row: &BridgeRow) -> Finding {
    let unit = MoneyUnit::new(&row.currency, row.decimals);
    let mut parts: Vec<(MovedPart, i128)> =
        MovedPart::ALL.into_iter().map(|part| (part, row.part(part))).filter(|(_, units)| *units != 0).collect();
    parts.sort_by_key(|(part, units)| (std::cmp::Reverse(units.unsigned_abs()), *part));
    let sign = |units: i128| if units > 0 { "+" } else { "" };
    let told: Vec<String> = parts
        .iter()
        .take(CAUSES)
        .map(|(part, units)| format!("{} {}{}", part.words(), sign(*units), unit.words(*units)))
        .collect();
    let rest: i128 = parts.iter().skip(CAUSES).map(|(_, units)| units).sum();
    let rest = match parts.len() {
        few if few <= CAUSES => String::new(),
        _ => format!(", the rest {}{}", sign(rest), unit.words(rest)),
    };
    let measure = row.measure.name();
    let (from, to) = (unit.words(row.start), unit.words(row.end));
    let sentence = format!("{measure} of {}: from {from} to {to}: {}{rest}", row.period, told.join(", "));
    let finding = Finding::info("compare.bridge", Subject::named("company", measure), sentence)
        .with("measure", Quantity::Text(measure.to_owned()))
        .with("of_period", Quantity::Text(row.period.clone()))
        .with("start", unit.quantity(row.start))
        .with("end", unit.quantity(row.end));
    parts.iter().fold(finding, |finding, (part, units)| finding.with(part.words(), unit.quantity(*units)))
}
