//! Who gets a digest, and what its files are called.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::render::material::TableLine;
use crate::render::page::PageSetting;

/// Letters of an id that a file name shows, at most.
const SLUG: usize = 40;
/// Digits of the checksum that tells ids apart which look alike.
const DIGITS: usize = 12;

/// An owner or manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Recipient<'m> {
    /// `owner` or `manager`.
    pub level: &'static str,
    /// Id; `(no owner)` for deals without one.
    pub id: &'m str,
    pub name: &'m str,
    /// Ids of the owners whose deals the digest is about; empty text for deals without one.
    pub owners: BTreeSet<&'m str>,
}

impl Recipient<'_> {
    /// The stem of its files: of the level, the id and nothing else, so that it stays from run to run. Lower-case letters,
    /// digits and hyphens.
    pub fn stem(&self) -> String {
        let key = format!("{}\n{}", self.level, self.id);
        let sum = &blake3::hash(key.as_bytes()).to_hex()[..DIGITS];
        let letters = self.id.chars().map(|letter| match letter.to_ascii_lowercase() {
            plain if plain.is_ascii_alphanumeric() => plain,
            _ => '-',
        });
        let words: String = letters.collect();
        let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
        let slug: String = words.join("-").chars().take(SLUG).collect();
        match slug.trim_end_matches('-') {
            "" => format!("{}-{sum}", self.level),
            slug => format!("{}-{slug}-{sum}", self.level),
        }
    }
}

/// What the node of deals without an owner is called in `forecast`.
const NO_OWNER: &str = "(no owner)";
/// What the node of owners without a manager is called in `forecast`.
const NO_MANAGER: &str = "(no manager)";

/// The managers above the owner of a row: one with an escaped letter in the id is no part of the row's text.
fn managers_of<'m>(line: TableLine<'m>) -> Vec<Cow<'m, str>> {
    let list = line.text("managers");
    let plain: Option<Vec<&'m str>> = serde_json::from_str(list).ok();
    plain.map_or_else(
        || serde_json::from_str::<Vec<String>>(list).unwrap_or_default().into_iter().map(Cow::Owned).collect(),
        |names| names.into_iter().map(Cow::Borrowed).collect(),
    )
}

/// Everybody with a row in the forecast of the running period, or with something to do: owners first, each by id.
pub(super) fn recipients<'m>(setting: PageSetting<'m>) -> Vec<Recipient<'m>> {
    let mut names: BTreeMap<(&'static str, &'m str), &'m str> = BTreeMap::new();
    for line in setting.forecast(setting.period) {
        let level = match line.text("level") {
            "owner" => "owner",
            "manager" => "manager",
            _ => continue,
        };
        names.insert((level, line.text("node")), line.text("node_name"));
    }
    names.remove(&("manager", NO_MANAGER));
    names.remove(&("owner", NO_OWNER));
    let mut below: BTreeMap<Cow<'m, str>, BTreeSet<&'m str>> = BTreeMap::new();
    for line in setting.material.lines("positions") {
        let owner = Some(line.text("owner")).filter(|owner| *owner != NO_OWNER).unwrap_or_default();
        for manager in managers_of(line) {
            below.entry(manager).or_default().insert(owner);
        }
    }
    for line in setting.material.lines("actions") {
        let owner = line.text("owner");
        for manager in managers_of(line) {
            if let Cow::Borrowed(manager) = manager {
                names.entry(("manager", manager)).or_insert_with(|| setting.material.people().name(manager));
            }
            below.entry(manager).or_default().insert(owner);
        }
        let (id, name) =
            if owner.is_empty() { (NO_OWNER, setting.word("nobody")) } else { (owner, line.text("owner_name")) };
        names.entry(("owner", id)).or_insert(name);
    }
    let recipient = |((level, id), name): ((&'static str, &'m str), &'m str)| {
        let own = BTreeSet::from([if id == NO_OWNER { "" } else { id }]);
        let owners = if level == "owner" { own } else { below.get(id).cloned().unwrap_or_default() };
        Recipient { level, id, name, owners }
    };
    let mut all: Vec<Recipient<'m>> = names.into_iter().map(recipient).collect();
    all.sort_by_key(|recipient| recipient.level != "owner");
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stem(level: &'static str, id: &str) -> String {
        Recipient { level, id, name: "", owners: BTreeSet::new() }.stem()
    }

    #[test]
    fn file_names_are_safe_stable_and_differ() {
        let ids =
            ["../../etc/passwd", "..", "", "Ännchen Østergård", "annchen", "a/b", "a\\b", "a b", "CON", "con", "王"];
        let mut seen = BTreeSet::new();
        for id in ids {
            for level in ["owner", "manager"] {
                let stem = stem(level, id);
                assert!(
                    stem.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
                );
                assert!(stem.starts_with(level) && stem.len() <= 70, "{stem}");
                assert!(seen.insert(stem.clone()), "{id:?}: {stem}");
            }
        }
        let (slug, sum) = stem("owner", "u 17").rsplit_once('-').map(|(a, b)| (a.to_owned(), b.len())).expect("two");
        assert_eq!((slug.as_str(), sum), ("owner-u-17", DIGITS));
        assert!(stem("owner", &"x".repeat(500)).len() < 64);
    }
}
