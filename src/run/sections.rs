//! What every flow has to say of its inputs and outputs.
//!
//! Words no sentence of a result: each analysis does, in its `findings`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::books::currency::CurrencyConverter;
use crate::books::deal_values::rate_day;
use crate::config::Config;
use crate::domain::inputs::InputTable;
use crate::domain::spelling::key as spelling_key;
use crate::ingest::findings as ingest_findings;
use crate::report::finding::{Finding, Quantity, Section, Subject};
use crate::report::words::{count, thousands};
use crate::run::questions::AsOf;
use crate::snapshot::DealState;
use crate::store::deal_copies::{AddedCopy, GONE};
use crate::timeline::findings as timeline_findings;

/// From which day the tables are seen, how many deals there are, what is dated far beyond, and how many rows were rejected.
#[must_use]
pub fn loaded(as_of: &AsOf) -> Vec<Finding> {
    let day = ingest_findings::as_of(as_of.day(), as_of.day_defaulted, as_of.timeline.deals.len() as u64);
    let stray = as_of.tables.newest.as_ref().and_then(ingest_findings::stray_event);
    let dating = ingest_findings::dating(as_of.tables.dating, as_of.day());
    [Some(day), dating, stray, ingest_findings::rejected_rows(&as_of.issues)].into_iter().flatten().collect()
}

/// The files with their rows, what had to be assumed, and what is not given: rates only where there is something to
/// convert.
#[must_use]
pub fn input(as_of: &AsOf, config: &Config) -> Vec<Finding> {
    let base = as_of.tables.base_currency(&config.money.base_currency);
    let one_currency = as_of.tables.currencies.names().all(|code| code == base);
    let absent = config.sources.absent().filter(|(table, _)| !(one_currency && *table == InputTable::FxRates));
    let mut found = ingest_findings::row_balance(&as_of.inputs);
    found.extend(ingest_findings::assumed(&as_of.inputs));
    found.extend(ingest_findings::spellings(&as_of.tables.spellings));
    let own = as_of.tables.deals.columns().map(spelling_key).collect();
    found.extend(ingest_findings::unread_history(&as_of.inputs, &own));
    found.extend(timeline_findings::no_past(&as_of.timeline));
    found.extend(timeline_findings::assumptions(&as_of.timeline.quality, &as_of.timeline.stages));
    found.extend(ingest_findings::absences(absent));
    found.extend(without_rate(as_of, config));
    found
}

/// Deals whose amount has no rate on its day: said before anything is added up.
fn without_rate(as_of: &AsOf, config: &Config) -> Option<Finding> {
    let converter = CurrencyConverter::new(&as_of.tables, &config.money.base_currency, as_of.day());
    let is_missing = |state: &&DealState| {
        let worth = |minor| converter.convert_if_known(minor, state.currency, rate_day(state));
        state.amount_minor.get().is_some_and(|minor| matches!(worth(minor), Ok(None)))
    };
    let mut by_currency: BTreeMap<&str, u64> = BTreeMap::new();
    for state in as_of.snapshot.states.iter().filter(|_| converter.has_rates()).filter(is_missing) {
        *by_currency.entry(as_of.tables.currencies.name(state.currency).unwrap_or_default()).or_default() += 1;
    }
    let deals: u64 = by_currency.values().sum();
    let told: Vec<String> = by_currency.iter().map(|(code, deals)| format!("{deals} in {code}")).collect();
    let sentence = format!(
        "{} without an exchange rate on or before the day ({}): left out of sums in {}",
        count(deals, "deal"),
        told.join(", "),
        converter.base()
    );
    (deals > 0).then(|| {
        Finding::warning("input.without_rate", Subject::the("deals"), sentence)
            .with("deals", Quantity::Count(deals))
            .remedy("give rates of these currencies from an earlier day on with --fx-rates FILE")
    })
}

/// Where the outputs are; not part of the document, which is one of them.
#[must_use]
pub fn output(files: usize, folder: &str, seconds: f64) -> Section {
    let sentence = format!("{} in {folder} after {seconds:.1} s", count(files as u64, "file"));
    let finding = Finding::info("output.files", Subject::named("folder", folder), sentence)
        .with("files", Quantity::count(files))
        .with("seconds", Quantity::Number(seconds));
    Section::new("Output", vec![finding])
}

/// Columns the export had at the last copy and has no more.
#[must_use]
pub fn changed_columns(before: &[String], now: &[String]) -> Option<Finding> {
    let beside = |names: &[String], others: &[String]| -> Vec<String> {
        let new = names.iter().filter(|name| name.as_str() != GONE && !others.contains(name));
        new.map(|name| format!("{name:?}")).collect()
    };
    let named = |names: &[String]| (!names.is_empty()).then(|| Quantity::Names(names.to_vec()));
    let (lost, new) = (beside(before, now), beside(now, before));
    let instead = if new.is_empty() { String::new() } else { format!("; new is {}", new.join(", ")) };
    let sentence = format!("the export has no column {} any more, which the last copy has{instead}", lost.join(", "));
    (!lost.is_empty()).then(|| {
        Finding::warning("copies.columns", Subject::the("deals"), sentence)
            .with_known("lost", named(&lost))
            .with_known("new", named(&new))
            .remedy("where a column was renamed, name both under [sources.deals.columns], as a list")
    })
}

/// What a kept copy of the deals table added.
#[must_use]
pub fn kept_copy(added: &AddedCopy, folder: &Path) -> Finding {
    let AddedCopy { file, new, changed, gone, unchanged } = added;
    let place = match file {
        Some(file) => file.display().to_string(),
        None => format!("nothing to add to {}", folder.display()),
    };
    let [also, left, same] = [changed, gone, unchanged].map(|deals| thousands((*deals).into()));
    let sentence = format!("{place}: {} new, {also} changed, {left} gone, {same} as before", count(*new, "deal"));
    Finding::info("copies.kept", Subject::named("folder", folder.display().to_string()), sentence)
        .with("new", Quantity::count(*new))
        .with("changed", Quantity::count(*changed))
        .with("gone", Quantity::count(*gone))
        .with("unchanged", Quantity::count(*unchanged))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_is_counted() {
        let said = output(1, "out", 0.25);
        assert_eq!((said.title, said.findings[0].sentence.as_str()), ("Output", "1 file in out after 0.2 s"));
        assert_eq!(output(41, "out", 1.0).findings[0].number("files"), Some(&Quantity::Count(41)));
    }
}
