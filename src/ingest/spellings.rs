//! Names of owners and sources that differ in case or blanks only are one name, as they are for stages.
//!
//! [`Tables`] in and out. A name with a digit may be an id, in which case matters, and names the users table keeps apart are
//! two people: both stay. Names that are nearly the same stay too, and are told.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::PolarsResult;

use crate::domain::code::Dictionary;
use crate::domain::ids::Id;
use crate::domain::maybe::{Compact, Maybe};
use crate::domain::spelling::is_near;
use crate::domain::stage::folded;
use crate::ingest::load::columns::translate;
use crate::ingest::tables::{QuotaNode, Spellings, Tables};

/// More names than these are not compared with each other.
const MOST_COMPARED: usize = 500;
/// A name is a misspelling of another that stands at so many times as many rows.
const TIMES_RARER: u64 = 10;

/// How often a name is written in each way.
type Counts = BTreeMap<String, u64>;

/// Makes one name of those that differ in case or blanks only.
pub(crate) fn fold_spellings(tables: &mut Tables) -> PolarsResult<()> {
    fold_owners(tables)?;
    fold_sources(tables)
}

fn fold_owners(tables: &mut Tables) -> PolarsResult<()> {
    let mut counts = Counts::new();
    let of_deals = tables.deals.owners();
    let used = of_deals.iter().chain(&tables.changes.owner).chain(&tables.leads.owner);
    count(&mut counts, &tables.owners, used);
    let users: BTreeSet<String> = tables.users.iter().map(|user| user.owner.clone()).collect();
    let of_quotas = tables.quotas.iter().filter_map(|quota| match &quota.node {
        QuotaNode::Owner(owner) => Some(owner.clone()),
        _ => None,
    });
    let of_revisions = tables.revisions.iter().map(|revision| revision.owner.clone());
    users.iter().cloned().chain(of_quotas).chain(of_revisions).for_each(|name| *counts.entry(name).or_default() += 1);
    let kept = kept_names(&counts, &users);
    tables.spellings.note("owner", &kept, &counts);
    if kept.is_empty() {
        return Ok(());
    }
    let ids = fold(&mut tables.owners, &kept);
    tables.deals.recode("owner", &ids)?;
    tables.changes.owner.iter_mut().for_each(|code| *code = translate(&ids, *code));
    tables.leads.owner.iter_mut().for_each(|code| *code = translate(&ids, *code));
    let rename = |name: &mut String| {
        if let Some(one) = kept.get(name) {
            name.clone_from(one);
        }
    };
    tables.users.iter_mut().for_each(|user| {
        rename(&mut user.owner);
        user.manager.iter_mut().for_each(rename);
    });
    tables.revisions.iter_mut().for_each(|revision| {
        rename(&mut revision.owner);
        rename(&mut revision.author);
    });
    for quota in &mut tables.quotas {
        if let QuotaNode::Owner(owner) = &mut quota.node {
            rename(owner);
        }
    }
    Ok(())
}

fn fold_sources(tables: &mut Tables) -> PolarsResult<()> {
    let mut counts = Counts::new();
    if let Some(words) = tables.deals.each_word("source") {
        words.for_each(|name| *counts.entry(name.to_owned()).or_default() += 1);
    }
    count(&mut counts, &tables.sources, tables.leads.source.iter().chain(&tables.touches.source));
    tables.campaign_costs.iter().for_each(|cost| *counts.entry(cost.source.clone()).or_default() += 1);
    let kept = kept_names(&counts, &BTreeSet::new());
    tables.spellings.note("source", &kept, &counts);
    if kept.is_empty() {
        return Ok(());
    }
    tables.deals.rename_words("source", &kept)?;
    let ids = fold(&mut tables.sources, &kept);
    tables.leads.source.iter_mut().for_each(|code| *code = translate(&ids, *code));
    tables.touches.source.iter_mut().for_each(|code| *code = translate(&ids, *code));
    for cost in &mut tables.campaign_costs {
        if let Some(one) = kept.get(&cost.source) {
            cost.source.clone_from(one);
        }
    }
    Ok(())
}

fn count<'a, T: Id + Compact + 'a>(
    counts: &mut Counts,
    names: &Dictionary<T>,
    used: impl Iterator<Item = &'a Maybe<T>>,
) {
    let mut by_id = vec![0_u64; names.len()];
    used.filter_map(|id| id.get()).for_each(|id| by_id[id.index()] += 1);
    names.names().zip(by_id).for_each(|(name, rows)| *counts.entry(name.to_owned()).or_default() += rows);
}

/// The name kept for every other way it is written: the one of the `users`, else the most frequent, else the first by name.
fn kept_names(counts: &Counts, users: &BTreeSet<String>) -> BTreeMap<String, String> {
    let mut ways: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for name in counts.keys().filter(|name| !name.contains(|c: char| c.is_ascii_digit())) {
        ways.entry(folded(name)).or_default().push(name);
    }
    let mut kept = BTreeMap::new();
    for ways in ways.into_values().filter(|ways| ways.len() > 1) {
        let of_users = ways.iter().filter(|name| users.contains(**name)).count();
        let most = ways.iter().rev().max_by_key(|name| (users.contains(**name), counts[**name]));
        if let Some(most) = most.filter(|_| of_users < 2) {
            kept.extend(ways.iter().filter(|name| *name != most).map(|name| ((*name).clone(), (*most).clone())));
        }
    }
    kept
}

/// Leaves the kept names; the new id of each by its old one.
fn fold<T: Id + Compact>(names: &mut Dictionary<T>, kept: &BTreeMap<String, String>) -> Vec<T> {
    let mut folded = Dictionary::default();
    let ids = names.names().map(|name| folded.intern(kept.get(name).map_or(name, String::as_str))).collect();
    *names = folded;
    ids
}

impl Spellings {
    /// Notes which names of `what` were made one, and which are so near to a far more frequent one that they may be meant.
    fn note(&mut self, what: &'static str, kept: &BTreeMap<String, String>, counts: &Counts) {
        self.folded.extend(kept.iter().map(|(way, one)| (what, way.clone(), one.clone())));
        let names: Vec<(&String, u64)> = counts.iter().map(|(name, rows)| (name, *rows)).collect();
        if names.len() > MOST_COMPARED {
            return;
        }
        for (name, rows) in names.iter().filter(|(name, rows)| *rows > 0 && !kept.contains_key(*name)) {
            let meant = names.iter().find(|(other, more)| *more >= rows * TIMES_RARER && is_near(name, other));
            self.near.extend(meant.map(|(other, _)| (what, (*name).clone(), (*other).clone())));
        }
    }
}
