//! Stages that dated copies call otherwise from one day on: all deals of a stage stand in one that was never seen before, and
//! the old one is never seen again.
//!
//! The rows of all deals in, oldest first; what there is to say out. Makes no two stages one: that is for the configuration.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::day::Day;
use crate::ingest::assumption::Assumption;
use crate::ingest::load::deals_part::DealsPart;

/// Fewer deals may have moved at once.
const FEWEST: u64 = 3;

/// The days of the first and the last copy with a stage.
type Spans<'a> = BTreeMap<&'a str, (Day, Day)>;

/// Where the deals that left a stage on a day went, and how many they are.
#[derive(Default)]
struct Departure<'a> {
    to: BTreeSet<&'a str>,
    deals: u64,
}

/// The stages that seem to be renamed.
pub(super) fn renamed_stages(all: &DealsPart, deals: &[Vec<u32>]) -> Vec<Assumption> {
    let spans = spans(all, deals);
    let mut departures: BTreeMap<(&str, Day), Departure<'_>> = BTreeMap::new();
    for pair in deals.iter().flat_map(|rows| rows.windows(2)) {
        let [before, row] = [pair[0] as usize, pair[1] as usize];
        if let (Some(from), Some(to)) = (all.stage.name(before), all.stage.name(row))
            && from != to
        {
            let departure = departures.entry((from, all.copied[row])).or_default();
            departure.to.insert(to);
            departure.deals += 1;
        }
    }
    let told = departures.iter().filter_map(|((from, day), Departure { to, deals })| {
        let to = to.first().filter(|_| to.len() == 1 && *deals >= FEWEST)?;
        let is_renamed = spans.get(from)?.1 < *day && spans.get(to)?.0 == *day;
        let what = format!(
            "{deals} deals moved from the stage {from:?} to {to:?} on {day}; if that is a new name, \
                            values.stage = {{ {from:?} = {to:?} }} makes them one"
        );
        is_renamed.then(|| Assumption::doubtful("values", what))
    });
    told.collect()
}

fn spans<'a>(all: &'a DealsPart, deals: &[Vec<u32>]) -> Spans<'a> {
    let mut spans = Spans::new();
    for row in deals.iter().flatten().map(|row| *row as usize) {
        if let Some(stage) = all.stage.name(row) {
            let (first, last) = spans.entry(stage).or_insert((all.copied[row], all.copied[row]));
            (*first, *last) = (all.copied[row].min(*first), all.copied[row].max(*last));
        }
    }
    spans
}
