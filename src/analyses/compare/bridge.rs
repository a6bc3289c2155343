//! Two runs to a [`Comparison`]: deals matched by id, added up node by node.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyses::compare::changes::changes;
use crate::analyses::compare::moved::Lens;
use crate::analyses::compare::rows::{BridgeRow, Comparison, MovedMeasure, MovedPart, PARTS};
use crate::analyses::compare::seen::{ComparedRun, NodeKey, SeenDeal, SeenNode, base, deals, nodes, period, places};
use crate::analyses::period_deals::CLOSED_DAYS;
use crate::books::hierarchy::{COMPANY, Level};
use crate::domain::day::Day;
use crate::report::cell::TableCells;

/// What moved from `old` to `new`.
#[must_use]
pub fn compare(old: &ComparedRun<'_>, new: &ComparedRun<'_>) -> Comparison {
    let places = places(old).max(places(new));
    let [then, now] = [deals(old), deals(new)];
    let period = period(old);
    let bases = [base(old), base(new)];
    let in_base = bases[0].is_some() && bases[0] == bases[1];
    let of_period = [old, new].map(|run| nodes(run, period, if in_base { "base" } else { "native" }));
    let bounds = of_period.iter().flat_map(BTreeMap::values).find_map(|node| Some((node.first?, node.last?)));
    let (first, last) = bounds.unwrap_or((old.as_of, old.as_of));
    let no_expected = no_expected([old, new], period, last);
    let is_over = [old, new].map(|run| last < run.as_of);
    let measures =
        MovedMeasure::ALL.into_iter().filter(|measure| *measure != MovedMeasure::Expected || no_expected.is_none());
    let mut bridges = Vec::new();
    let listed_from = listed_from(new);
    for measure in measures {
        let lens = Lens { measure, in_base, places, first, last, expects: is_over.map(|over| !over) };
        let adding = Adding { lens, then: &then, now: &now, listed_from, base: bases[0].filter(|_| in_base) };
        bridges.extend(adding.rows(period, &of_period));
    }
    bridges.retain(|row| row.parts.iter().any(|part| *part != 0));
    bridges.sort_by(|a, b| order(a).cmp(&order(b)));
    Comparison {
        days: [old.as_of, new.as_of],
        models: [old, new].map(|run| run.model_id.map(str::to_owned)),
        same_config: old.config.zip(new.config).map(|(old, new)| old == new),
        log_loss: [old, new].map(log_loss),
        period: period.to_owned(),
        no_expected,
        bridges,
        deals: changes([&then, &now], places, listed_from > old.as_of),
    }
}

/// The first day a deal may have been closed on for `run` to list it.
fn listed_from(run: &ComparedRun<'_>) -> Day {
    run.as_of.plus(-CLOSED_DAYS)
}

/// The company first, then by level and node; what is expected before the pipeline.
fn order(row: &BridgeRow) -> (usize, &str, &str, MovedMeasure) {
    let level = Level::ALL.iter().rev().position(|level| level.name() == row.level).unwrap_or(usize::MAX);
    (level, &row.node, &row.currency, row.measure)
}

/// Why what is expected cannot be compared.
fn no_expected(runs: [&ComparedRun<'_>; 2], of_old: &str, last: Day) -> Option<&'static str> {
    if runs.iter().any(|run| run.model_id.is_none()) {
        return Some("a run has no model");
    }
    let says_nothing = period(runs[1]) != of_old && last >= runs[1].as_of;
    says_nothing.then_some("the runs speak of periods of other lengths")
}

/// The log loss of the model over all folds.
fn log_loss(run: &ComparedRun<'_>) -> Option<f64> {
    let cells = TableCells(run.evaluation?.batch());
    let is = |row: usize, column: &str, text: &str| cells.at(column, row).text() == Some(text);
    let of_model =
        |row: &usize| is(*row, "model", "model") && is(*row, "scope", "all") && cells.at("cutoff", *row).is_empty();
    (0..cells.rows()).find(of_model).and_then(|row| cells.at("log_loss", row).number())
}

/// Deals added up.
struct Adding<'a, 't> {
    lens: Lens,
    then: &'a BTreeMap<&'t str, SeenDeal<'t>>,
    now: &'a BTreeMap<&'t str, SeenDeal<'t>>,
    /// The first day of closing that the later run lists.
    listed_from: Day,
    /// The base currency, if money is in it.
    base: Option<&'t str>,
}

/// The parts by level, node and currency.
type Sums<'a> = BTreeMap<NodeKey<'a>, [i128; PARTS]>;

impl<'a, 't> Adding<'a, 't> {
    /// Where a deal counts.
    fn nodes_of(&self, deal: &'a SeenDeal<'t>) -> BTreeSet<NodeKey<'a>> {
        let currency = self.base.unwrap_or(deal.currency);
        let own = [("owner", deal.owner), ("team", deal.team), ("region", deal.region), ("company", COMPANY)];
        let managers = deal.managers.iter().map(|manager| ("manager", manager.as_str()));
        own.into_iter().chain(managers).map(|(level, node)| (level, node, currency)).collect()
    }

    fn sums(&self) -> Sums<'a> {
        let mut sums = Sums::new();
        let ids: BTreeSet<&str> = self.then.keys().chain(self.now.keys()).copied().collect();
        for id in ids {
            match (self.then.get(id), self.now.get(id)) {
                (Some(old), Some(new)) => self.both(&mut sums, old, new),
                // Closed so long ago that it is listed no more: it counts as it did.
                (Some(old), None) if old.closed_on.is_some_and(|day| day < self.listed_from) => {}
                (Some(old), None) => self.add_all(&mut sums, old, MovedPart::Gone, -self.lens.worth(old, 0)),
                (None, Some(new)) => self.add_all(&mut sums, new, MovedPart::New, self.lens.worth(new, 1)),
                (None, None) => {}
            }
        }
        sums
    }

    fn add_all(&self, sums: &mut Sums<'a>, deal: &'a SeenDeal<'t>, part: MovedPart, units: i128) {
        self.nodes_of(deal).into_iter().for_each(|node| add(sums, node, part, units));
    }

    fn both(&self, sums: &mut Sums<'a>, old: &'a SeenDeal<'t>, new: &'a SeenDeal<'t>) {
        let (then, now) = (self.nodes_of(old), self.nodes_of(new));
        let stayed = self.lens.stayed(old, new);
        for node in then.intersection(&now) {
            stayed.iter().for_each(|(part, units)| add(sums, *node, *part, *units));
        }
        then.difference(&now).for_each(|node| add(sums, *node, MovedPart::MovedOut, -self.lens.worth(old, 0)));
        now.difference(&then).for_each(|node| add(sums, *node, MovedPart::MovedIn, self.lens.worth(new, 1)));
    }

    /// One row per node of either run's forecast, and per node with deals.
    fn rows<'n>(&self, period: &str, of_period: &'n [BTreeMap<NodeKey<'n>, SeenNode<'n>>; 2]) -> Vec<BridgeRow>
    where
        'a: 'n,
    {
        let sums = self.sums();
        let known: BTreeSet<NodeKey<'n>> = of_period.iter().flat_map(|nodes| nodes.keys().copied()).collect();
        let row = |key: NodeKey<'n>| {
            let [old, new] = [0, 1].map(|run| of_period[run].get(&key));
            let mut parts = sums.get(&key).copied().unwrap_or([0; PARTS]);
            let [start, end] = [old, new].map(|node| self.of_node(node));
            parts[MovedPart::NewBusiness as usize] = self.new_business(new) - self.new_business(old);
            parts[MovedPart::Other as usize] = end - start - parts.iter().sum::<i128>();
            let (level, node, currency) = key;
            BridgeRow {
                level: level.to_owned(),
                node: node.to_owned(),
                name: new.or(old).map_or(node, |of| of.name).to_owned(),
                period: period.to_owned(),
                measure: self.lens.measure,
                currency: currency.to_owned(),
                decimals: self.lens.places,
                start,
                parts,
                end,
            }
        };
        known.into_iter().map(row).collect()
    }

    fn of_node(&self, node: Option<&SeenNode<'_>>) -> i128 {
        let money = node.and_then(|node| match self.lens.measure {
            MovedMeasure::Expected => node.expected,
            MovedMeasure::Pipeline => node.pipeline,
        });
        money.map_or(0, |money| money.scaled(self.lens.places))
    }

    fn new_business(&self, node: Option<&SeenNode<'_>>) -> i128 {
        let money = node.and_then(|node| node.from_new).filter(|_| self.lens.measure == MovedMeasure::Expected);
        money.map_or(0, |money| money.scaled(self.lens.places))
    }
}

fn add<'a>(sums: &mut Sums<'a>, node: NodeKey<'a>, part: MovedPart, units: i128) {
    sums.entry(node).or_insert([0; PARTS])[part as usize] += units;
}
