//! What a model was trained on, so that it can tell other people's deals from its own: a sketch of the deals and of the
//! names it knew.
//!
//! Tables and a timeline to a [`Fingerprint`]; a fingerprint and other tables to what of them it knows. Names are kept as
//! hashes only.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::day::Day;
use crate::ingest::tables::{Attribute, Tables};
use crate::report::words::{count, percent};
use crate::timeline::Timeline;

/// Hashes kept of one sketch: the smallest.
const SKETCH: usize = 200;
/// Columns of names kept.
const MOST_COLUMNS: usize = 30;
/// A column of fewer names says little of whose deals they are.
const FEWEST_NAMES: usize = 4;
/// Columns whose names are new with every quarter.
const FLEETING: [&str; 2] = ["account", "campaign"];
/// With fewer deals than this to look for, nothing is said.
const FEWEST_DEALS: usize = 20;
/// Of the deals created before the model's day, the share it knows of its own company's export at least.
const FEWEST_KNOWN_DEALS: f64 = 0.05;
/// The share of rows whose names it knows, column by column, of its own company's export at least.
const FEWEST_KNOWN_NAMES: f64 = 0.3;

/// A sketch of what a model was trained on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Deals, by id and day of creation.
    pub deals: Sketch,
    /// Columns of names, in their own order.
    pub columns: Vec<NamedSketch>,
}

/// A set as the smallest hashes of its members.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sketch {
    /// Members of the set.
    pub members: u64,
    /// The smallest hashes, ascending; those of all members where they are few.
    pub smallest: Vec<u64>,
}

/// A column with a sketch of its names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NamedSketch {
    /// The column of the deals table.
    pub column: String,
    /// Its names.
    pub names: Sketch,
}

/// How many of the things looked for are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Known {
    known: usize,
    of: usize,
}

impl Known {
    fn share(self) -> f64 {
        self.known as f64 / self.of.max(1) as f64
    }
}

impl Sketch {
    fn of(hashes: impl IntoIterator<Item = u64>) -> Self {
        let all: BTreeSet<u64> = hashes.into_iter().collect();
        Self { members: all.len() as u64, smallest: all.into_iter().take(SKETCH).collect() }
    }

    /// How many of `hashes` it has, of those it can speak of.
    fn known(&self, hashes: impl IntoIterator<Item = u64>) -> Known {
        let is_whole = self.members == self.smallest.len() as u64;
        let largest = self.smallest.last().copied().unwrap_or(0);
        hashes.into_iter().filter(|hash| is_whole || *hash <= largest).fold(Known::default(), |sum, hash| Known {
            known: sum.known + usize::from(self.smallest.binary_search(&hash).is_ok()),
            of: sum.of + 1,
        })
    }
}

impl Fingerprint {
    /// The fingerprint of all deals of a timeline.
    pub(super) fn of(tables: &Tables, timeline: &Timeline) -> Self {
        let deals = Sketch::of(deal_hashes(tables, timeline, timeline.as_of));
        let mut names: Vec<&str> = name_columns(tables).collect();
        names.sort_unstable();
        let columns = names
            .into_iter()
            .map(|column| {
                let cells = cells(column, tables, timeline);
                let distinct: BTreeSet<u64> = cells.iter().copied().collect();
                // A name of its own for most deals says which deal it is.
                let names = if 2 * distinct.len() > cells.len() { Sketch::default() } else { Sketch::of(distinct) };
                NamedSketch { column: column.to_owned(), names }
            })
            .filter(|column| column.names.members >= FEWEST_NAMES as u64)
            .take(MOST_COLUMNS)
            .collect();
        Self { deals, columns }
    }

    /// Why these cannot be the deals of whoever trained the model; `None` where they may be. Deals created before the
    /// model's day `as_of` are mostly known to it, if they are the same company's; an export of later or other ones has the
    /// same names.
    pub(super) fn objection(&self, tables: &Tables, timeline: &Timeline, as_of: Day) -> Option<String> {
        let deals = self.deals.known(deal_hashes(tables, timeline, as_of));
        if deals.of >= FEWEST_DEALS && deals.share() >= FEWEST_KNOWN_DEALS {
            return None;
        }
        let shares: Vec<(&str, f64)> = self
            .columns
            .iter()
            .map(|column| (column.column.as_str(), column.names.known(cells(&column.column, tables, timeline))))
            .filter(|(_, known)| known.of >= FEWEST_DEALS)
            .map(|(column, known)| (column, known.share()))
            .collect();
        let mean = shares.iter().map(|(_, share)| share).sum::<f64>() / shares.len().max(1) as f64;
        if shares.is_empty() || mean >= FEWEST_KNOWN_NAMES {
            return None;
        }
        let named: Vec<String> = shares.iter().map(|(column, share)| format!("{column} {}", percent(*share))).collect();
        let known = if deals.of >= FEWEST_DEALS {
            format!("it knows {} of {} created before its day, and ", deals.known, count(deals.of as u64, "deal"))
        } else {
            String::new()
        };
        Some(format!("{known}of the names in them too few: {}", named.join(", ")))
    }
}

/// The hashes of the deals created before `day`: id and day of creation, as other companies count from 1 too.
fn deal_hashes<'a>(tables: &'a Tables, timeline: &'a Timeline, day: Day) -> impl Iterator<Item = u64> + 'a {
    let known = timeline.deals.iter().filter(move |deal| deal.created < day);
    known.filter_map(|deal| Some(hash(&format!("{}\n{}", tables.deals.id(deal.row)?, deal.created.0))))
}

/// The columns whose names tell whose deals they are: the owner, then those of the deals table.
fn name_columns(tables: &Tables) -> impl Iterator<Item = &str> {
    std::iter::once("owner").chain(tables.deals.attributes()).filter(|column| !FLEETING.contains(column))
}

/// The hash of every deal's name in a column, as far as it has one: the owner as of the timeline's day, the rest as it stands.
fn cells(column: &str, tables: &Tables, timeline: &Timeline) -> Vec<u64> {
    if column == "owner" {
        let hashes: Vec<u64> = tables.owners.names().map(hash).collect();
        let owners = timeline.deal_ids().filter_map(|deal| timeline.steps_of(deal).last()?.owner.get());
        return owners.filter_map(|owner| hashes.get(owner.index()).copied()).collect();
    }
    let Some(Attribute::Words(words)) = tables.deals.attribute(column) else { return Vec::new() };
    let hashes: Vec<u64> = words.names().names().map(hash).collect();
    let ids = words.ids();
    let of_deals = timeline.deals.iter().filter_map(|deal| ids.get(deal.row.index())?.get());
    of_deals.filter_map(|word| hashes.get(word.index()).copied()).collect()
}

/// The first six bytes of a hash: a number any JSON reader reads exactly.
fn hash(text: &str) -> u64 {
    let bytes = *blake3::hash(text.as_bytes()).as_bytes();
    bytes[..6].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::fixtures::World;

    /// 60 deals, one a day from `first` on, of owners and sources whose names begin with `prefix`.
    fn world(ids: &str, first: i32, owners: &str, sources: &str) -> World {
        let mut world = World::default();
        for i in 0..60 {
            world = world.deal(&format!("{ids}{i}"), first + i, "New");
            let deal = world.deals.last_mut().expect("a deal");
            deal.owner = Some(format!("{owners}{}", i % 5));
            deal.source = Some(format!("{sources}{}", i % 6));
        }
        world
    }

    /// What the model of the first world, as of day 100, says of the second as of day 200.
    fn objection(other: &World) -> Option<String> {
        let own = world("D", 0, "ann", "fair");
        let print = Fingerprint::of(&own.tables(), &own.timeline(100));
        print.objection(&other.tables(), &other.timeline(200), Day(100))
    }

    #[test]
    fn another_companys_deals_are_told_by_deals_and_names() {
        let reason = objection(&world("D", 1, "zoe", "mail")).expect("other deals");
        let expected = "it knows 0 of 60 deals created before its day, and of the names in them too few: \
                        owner 0.0 %, source 0.0 %";
        assert_eq!(reason, expected, "the same ids on other days are other deals");
        let later = objection(&world("Q", 110, "zoe", "mail")).expect("other deals");
        assert_eq!(later, "of the names in them too few: owner 0.0 %, source 0.0 %");
    }

    #[test]
    fn a_new_quarter_with_new_owners_is_the_same_company() {
        assert_eq!(objection(&world("D", 0, "ann", "fair")), None, "the same export");
        assert_eq!(objection(&world("Q", 110, "new", "fair")), None, "new deals of new owners, the same sources");
        assert_eq!(objection(&world("D", 0, "new", "mail")), None, "the same deals, every name changed");
        assert_eq!(objection(&world("T", 0, "ann", "fair")), None, "other records of the same list");
        assert_eq!(objection(&World::default().deal("x", 3, "New")), None, "too few to say");
    }

    #[test]
    fn a_sketch_speaks_of_what_it_can_know_only() {
        let sketch = Sketch::of(0..1_000);
        assert_eq!((sketch.members, sketch.smallest.len()), (1_000, SKETCH));
        assert_eq!(sketch.known(100..300), Known { known: 100, of: 100 }, "the largest hash kept is 199");
        let small = Sketch::of([1, 2, 3]);
        assert_eq!(small.known([3, 4, 5]), Known { known: 1, of: 3 });
    }
}
