//! A proposal laid over an earlier configuration: what a person changed, added or took away stays.
//!
//! The earlier text says in its last lines what init wrote. A value that is still that one may be replaced; a key that is
//! gone was taken away.

use thiserror::Error;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike};

use crate::setup::before::stamps_in;
use crate::setup::proposal::{ANSWERED, ConfigSection, ConfigValue, Proposal, Sure};
use crate::setup::render::{comment, footer, names_of, reason, stamp, stamps, unit};

/// Why nothing can be laid over an earlier text.
#[derive(Debug, Error)]
pub enum MergeError {
    /// It is no TOML.
    #[error("the configuration that is there cannot be read: {0}")]
    Syntax(#[from] toml_edit::TomlError),
    /// A section is no table.
    #[error("`{section}` is no table in the configuration that is there")]
    NoTable {
        /// The section.
        section: String,
    },
}

/// The text of `proposal` laid over `earlier`.
///
/// # Errors
/// [`MergeError`] where the earlier text is no configuration.
pub fn merged(earlier: &str, proposal: &Proposal) -> Result<String, MergeError> {
    let mut document: DocumentMut = earlier.parse()?;
    let before = stamps_in(earlier);
    let mut written = before.clone();
    let now = stamps(proposal);
    for (section, key) in &proposal.gone {
        let table = table_of(&mut document, section)?;
        let there = table.get(key).map(|item| stamp(item.to_string().trim()));
        if may_write(there.as_deref(), before.get(&unit(section, key))) {
            table.remove(key);
            written.remove(&unit(section, key));
        }
    }
    for section in proposal.sections.iter().filter(|section| !section.is_listed) {
        for setting in &section.settings {
            let unit = unit(&section.name, &setting.key);
            let table = table_of(&mut document, &section.name)?;
            let there = table.get(&setting.key).map(|item| stamp(item.to_string().trim()));
            // what nothing tells now was told before
            let is_told = setting.sure != Sure::Assumed || there.is_none();
            if setting.why == ANSWERED || is_told && may_write(there.as_deref(), before.get(&unit)) {
                put(table, setting);
                match now.get(&unit) {
                    Some(stamp) => written.insert(unit.clone(), stamp.clone()),
                    None => written.remove(&unit),
                };
            }
        }
    }
    for name in ["sources.deals.lookups", "stages"] {
        let listed: Vec<&ConfigSection> =
            proposal.sections.iter().filter(|section| section.is_listed && section.name == name).collect();
        let (parent, key) = name.rsplit_once('.').unwrap_or(("", name));
        let table = table_of(&mut document, parent)?;
        let there = table.get(key).map(|item| stamp(&plain_list(item)));
        if !listed.is_empty() && may_write(there.as_deref(), before.get(name)) {
            table.insert(key, Item::ArrayOfTables(list_of(&listed)));
            written.insert(name.to_owned(), now.get(name).cloned().unwrap_or_default());
        }
    }
    document.set_trailing(format!("{}{}", own_trailing(&document), footer(proposal, &written)));
    Ok(document.to_string())
}

/// Whether a value is init's own still, or was never there.
fn may_write(there: Option<&str>, written: Option<&String>) -> bool {
    match (there, written) {
        (Some(there), Some(written)) => there == written,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// What stands behind the last value and is not init's.
fn own_trailing(document: &DocumentMut) -> String {
    let text = document.trailing().as_str().unwrap_or_default();
    text.split("\n# Not read:")
        .next()
        .unwrap_or_default()
        .split("\n# What init wrote")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The table of a section, made where it is not there.
fn table_of<'a>(document: &'a mut DocumentMut, section: &str) -> Result<&'a mut dyn TableLike, MergeError> {
    let mut table: &mut dyn TableLike = document.as_table_mut();
    let names = names_of(section);
    for (at, name) in names.iter().copied().enumerate() {
        if table.get(name).is_none() {
            let mut made = Table::new();
            made.set_implicit(at + 1 < names.len());
            table.insert(name, Item::Table(made));
        }
        let no_table = || MergeError::NoTable { section: section.to_owned() };
        table = table.get_mut(name).and_then(Item::as_table_like_mut).ok_or_else(no_table)?;
    }
    Ok(table)
}

/// Writes a value with the reason above it.
fn put(table: &mut dyn TableLike, setting: &ConfigValue) {
    table.insert(&setting.key, Item::Value(setting.value.clone()));
    if let Some(mut key) = table.key_mut(&setting.key) {
        key.leaf_decor_mut().set_prefix(reason(setting));
    }
}

fn list_of(sections: &[&ConfigSection]) -> ArrayOfTables {
    let mut list = ArrayOfTables::new();
    for section in sections {
        let mut table = Table::new();
        let above =
            if section.comment.is_empty() { "\n".to_owned() } else { format!("\n{}", comment(&section.comment)) };
        table.decor_mut().set_prefix(above);
        section.settings.iter().for_each(|setting| put(&mut table, setting));
        list.push(table);
    }
    list
}

/// A list as its stamp sees it: without comments and layout.
fn plain_list(item: &Item) -> String {
    let tables = item.as_array_of_tables().into_iter().flat_map(ArrayOfTables::iter);
    tables
        .flat_map(|table| {
            table.iter().map(|(key, item)| format!("{key}={};", item.to_string().trim())).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(currency: &str, stages: &[&str]) -> Proposal {
        let mut proposal = Proposal::default();
        proposal.set("money", "base_currency", currency, "seen", Sure::Certain);
        proposal.set("sources.deals", "path", "deals.csv", "found", Sure::Certain);
        for name in stages {
            let setting =
                ConfigValue { key: "name".to_owned(), value: (*name).into(), why: String::new(), sure: Sure::Certain };
            let section = ConfigSection {
                name: "stages".to_owned(),
                is_listed: true,
                comment: String::new(),
                settings: vec![setting],
            };
            proposal.sections.push(section);
        }
        proposal
    }

    #[test]
    fn the_same_again_changes_nothing() {
        let text = proposal("EUR", &["New", "Won"]).text();
        assert_eq!(merged(&text, &proposal("EUR", &["New", "Won"])).expect("merges"), text);
    }

    #[test]
    fn what_a_person_changed_added_or_took_away_stays() {
        let text = proposal("EUR", &["New", "Won"]).text();
        let changed = text.replace("\"EUR\"", "\"CHF\"").replace("path = \"deals.csv\"", "encoding = \"utf-8\"");
        let again = merged(&changed, &proposal("USD", &["New", "Offer", "Won"])).expect("merges");
        assert!(again.contains("base_currency = \"CHF\"") && again.contains("encoding = \"utf-8\""), "{again}");
        assert!(!again.contains("path ="), "it was taken away: {again}");
        assert!(again.contains("\"Offer\""), "nobody had touched the stages: {again}");
        let by_hand = again.replace("name = \"Offer\"", "name = \"Quote\"");
        let kept = merged(&by_hand, &proposal("USD", &["New", "Offer", "Won"])).expect("merges");
        assert!(kept.contains("\"Quote\"") && !kept.contains("\"Offer\""), "{kept}");
    }

    #[test]
    fn what_was_told_before_stays_where_nothing_tells_now() {
        let text = proposal("EUR", &["New"]).text();
        let mut untold = proposal("EUR", &["New"]);
        untold.set("money", "base_currency", "USD", "nothing names a currency", Sure::Assumed);
        assert_eq!(merged(&text, &untold).expect("merges"), text);
    }

    #[test]
    fn a_value_of_its_own_follows_the_data() {
        let again = merged(&proposal("EUR", &["New"]).text(), &proposal("USD", &["New"])).expect("merges");
        assert!(again.contains("base_currency = \"USD\""), "{again}");
        assert_eq!(again, proposal("USD", &["New"]).text());
    }
}
