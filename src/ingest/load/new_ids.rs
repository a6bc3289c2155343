//! Deals that are gone from a copy and may stand in it under a new id: which one each may be.
//!
//! The last rows of deals that are gone and the first rows of those the same copy shows first in; a [`NewIds`] out. Two belong
//! together that agree in name and moment of creation, the pairs first that agree in most other cells. A new id is given once.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::day::{Day, Moment};
use crate::ingest::assumption::Assumption;
use crate::ingest::load::deals_part::DealsPart;
use crate::report::words::count;

/// So many pairs are looked at: a name that so many deals share tells none of them.
const MOST_PAIRS: usize = 1000;

/// Rows of new ids by the last rows of deals that are gone.
pub(super) type NewIds = BTreeMap<u32, u32>;

/// The day of a copy and what tells deals apart but for their id.
type Identity = (Day, Option<Moment>, String);

/// One deal that is gone, one that is new, and in how many cells they agree.
#[derive(Clone, Copy)]
struct Pair {
    alike: usize,
    gone: u32,
    new: u32,
}

/// Which new id each deal may have whose last row and day of leaving are among `gone`, of `deals` by their rows. Where
/// several are as likely, none is named.
pub(super) fn new_ids(all: &DealsPart, deals: &[Vec<u32>], days: &[Day], gone: &[(u32, Day)]) -> NewIds {
    let mut newcomers: BTreeMap<Identity, Vec<u32>> = BTreeMap::new();
    for &row in deals.iter().filter_map(|rows| rows.first()) {
        let day = all.copied[row as usize];
        if days.first().is_some_and(|first| day > *first) && !all.name.get(row as usize).is_empty() {
            newcomers.entry(identity(all, row, day)).or_default().push(row);
        }
    }
    let mut leavers: BTreeMap<Identity, Vec<u32>> = BTreeMap::new();
    for (row, day) in gone {
        leavers.entry(identity(all, *row, *day)).or_default().push(*row);
    }
    let mut given = NewIds::new();
    for (identity, gone) in &leavers {
        let new = newcomers.get(identity).map_or(&[][..], Vec::as_slice);
        if gone.len() * new.len() <= MOST_PAIRS {
            give(&pairs(all, gone, new), &mut given);
        }
    }
    given
}

/// So many pairs are named at once.
const NAMED: usize = 20;

/// What is said of all deals under a new id together; of one that got several, the last.
pub(super) fn under_new_ids(all: &DealsPart, new_ids: &NewIds) -> Option<Assumption> {
    let id = |row: &u32| all.ids.get(*row as usize);
    let next: BTreeMap<&str, &str> = new_ids.iter().map(|(gone, new)| (id(gone), id(new))).collect();
    let pairs: Vec<String> =
        next.keys().filter_map(|old| Some(format!("{old:?} = {:?}", last_of(old, &next)?))).take(NAMED).collect();
    let more = match next.len() - pairs.len() {
        0 => String::new(),
        more => format!("; and so for {more} more"),
    };
    let deals = count(next.len() as u64, "deal");
    let what = format!("{deals} under a new id: values.deal_id = {{ {} }} makes each pair one{more}", pairs.join(", "));
    (!pairs.is_empty()).then(|| Assumption::doubtful("values", what))
}

/// The id a deal had in the end. A new id stands in a later copy than the one before it: they go round in no circle.
fn last_of<'a>(old: &str, next: &BTreeMap<&'a str, &'a str>) -> Option<&'a str> {
    let mut last = next.get(old).copied()?;
    while let Some(later) = next.get(last).filter(|later| **later != old) {
        last = later;
    }
    Some(last)
}

fn identity(all: &DealsPart, row: u32, day: Day) -> Identity {
    (day, all.created[row as usize].get(), all.name.get(row as usize).to_owned())
}

/// Every pair, those first that agree in most cells.
fn pairs(all: &DealsPart, gone: &[u32], new: &[u32]) -> Vec<Pair> {
    let mut pairs = Vec::with_capacity(gone.len() * new.len());
    for &gone in gone {
        let old = all.claim(gone as usize).cells;
        for &new in new {
            let cells = all.claim(new as usize).cells;
            let alike = old.iter().zip(&cells).filter(|(old, new)| old == new && !old.is_empty()).count();
            pairs.push(Pair { alike, gone, new });
        }
    }
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.alike));
    pairs
}

/// Takes of the free pairs that agree as well as each other those whose deals are in no other of them. Deals that are in
/// several have no new id: a worse pair is no better guess.
fn give(pairs: &[Pair], given: &mut NewIds) {
    let mut settled: BTreeSet<u32> = BTreeSet::new();
    for equals in pairs.chunk_by(|a, b| a.alike == b.alike) {
        let is_free = |pair: &&Pair| !settled.contains(&pair.gone) && !settled.contains(&pair.new);
        let free: Vec<Pair> = equals.iter().filter(is_free).copied().collect();
        for pair in &free {
            let rivals = free.iter().filter(|other| other.gone == pair.gone || other.new == pair.new).count();
            if rivals == 1 {
                given.insert(pair.gone, pair.new);
            }
            settled.extend([pair.gone, pair.new]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(usize, u32, u32)]) -> Vec<(u32, u32)> {
        let mut pairs: Vec<Pair> = pairs.iter().map(|&(alike, gone, new)| Pair { alike, gone, new }).collect();
        pairs.sort_by_key(|pair| std::cmp::Reverse(pair.alike));
        let mut new_ids = NewIds::new();
        give(&pairs, &mut new_ids);
        new_ids.into_iter().collect()
    }

    #[test]
    fn a_new_id_is_given_once_the_best_pairs_first() {
        assert_eq!(given(&[(3, 1, 10)]), [(1, 10)]);
        assert_eq!(given(&[(3, 1, 10), (5, 2, 10)]), [(2, 10)], "the first has none then");
        assert_eq!(given(&[(5, 1, 10), (4, 1, 11), (4, 2, 10), (3, 2, 11)]), [(1, 10), (2, 11)]);
        assert_eq!(given(&[(4, 1, 10), (4, 2, 10)]), [], "either may be it");
        assert_eq!(given(&[(4, 1, 10), (4, 2, 10), (2, 3, 10), (2, 1, 11)]), [], "and so nobody else is");
    }
}
