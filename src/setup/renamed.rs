//! Columns that have another name in older copies of a table: both names are theirs.
//!
//! The reading of the copy that shows the columns and those of the others in; its [`OlderNames`] out. Of a column that is known
//! under no name in the newer copies, the one new column that can be it is guessed, and said.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::ColumnNames;
use crate::domain::spelling::{key, nearest};
use crate::setup::fits::can_be;
use crate::setup::made_of::parts;
use crate::setup::recognise::Recognised;

/// Canonical column -> what other copies call it.
pub(super) type OlderNames = BTreeMap<&'static str, Vec<String>>;

/// What the copies other than `shown` call its columns. A column they have and it has not is added to it where one of its own
/// can be that; what was guessed or lost goes to `doubts`.
pub(super) fn older_names(
    shown: &mut Recognised<'_>,
    others: &[Recognised<'_>],
    doubts: &mut Vec<String>,
) -> OlderNames {
    let has: BTreeSet<String> = shown.file.columns.iter().map(|column| key(&column.name)).collect();
    let (mut older, mut lost) = (OlderNames::new(), OlderNames::new());
    for other in others {
        for &name in other.columns.keys() {
            let Some(called) = other.single(name).filter(|called| !has.contains(&key(called))) else { continue };
            let names = if shown.columns.contains_key(name) { &mut older } else { &mut lost };
            let names = names.entry(name).or_default();
            if !names.iter().any(|known| key(known) == key(called)) {
                names.push(called.to_owned());
            }
        }
    }
    let new = new_columns(shown, others);
    let alone = lost.len() == 1 && new.len() == 1;
    for (name, names) in lost {
        let fitting = || new.iter().map(String::as_str).filter(|column| fits(shown, name, column));
        let likely = nearest(&names[0], fitting()).or_else(|| fitting().next().filter(|_| alone)).map(str::to_owned);
        match likely {
            Some(likely) => {
                doubts.push(format!(
                    "{:?} is gone from the newer copies and {likely:?} is new in them: both are read as {name}",
                    names[0]
                ));
                shown.columns.insert(name, ColumnNames::One(likely));
                older.insert(name, names);
            }
            None => doubts.push(format!(
                "{:?} is gone from the newer copies: where they call {name} something else, say so with --answer \
                 sources.deals.columns.{name}='[\"the new name\", {:?}]'",
                names[0], names[0]
            )),
        }
    }
    older
}

/// Columns of `shown` that stand for nothing and are not in every other copy.
fn new_columns(shown: &Recognised<'_>, others: &[Recognised<'_>]) -> Vec<String> {
    let read: BTreeSet<String> = shown.columns.values().flat_map(parts).map(|name| key(&name)).collect();
    let is_everywhere = |name: &str| others.iter().all(|other| other.file.column(name).is_some());
    let own = shown.file.columns.iter().map(|column| &column.name);
    own.filter(|name| !name.is_empty() && !read.contains(&key(name)) && !is_everywhere(name)).cloned().collect()
}

fn fits(shown: &Recognised<'_>, name: &str, column: &str) -> bool {
    shown.file.column(column).is_some_and(|column| column.filled > 0 && can_be(shown.role(), name, column, shown.file))
}

/// A column by all of its names, the newest first. One that is joined of several has no other.
pub(super) fn by_all_names(names: &ColumnNames, older: Option<&Vec<String>>) -> ColumnNames {
    let mut recipe = names.recipe();
    let Some(older) = older.filter(|_| recipe.join.is_empty()) else { return names.clone() };
    recipe.first_filled.extend(older.iter().cloned());
    match names {
        ColumnNames::Recipe(_) => ColumnNames::Recipe(recipe),
        ColumnNames::One(_) | ColumnNames::FirstFilled(_) => ColumnNames::FirstFilled(recipe.first_filled),
    }
}
