//! Which currency the amounts are in.

use std::collections::BTreeMap;

use crate::ingest;
use crate::ingest::profile::ColumnProfile;
use crate::setup::proposal::{Proposal, Sure};
use crate::setup::recognise::Recognised;

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
    match most(&named, "amounts have its sign") {
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
