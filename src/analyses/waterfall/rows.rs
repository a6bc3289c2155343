//! Ways to report rows: every way adds to the rows it touches, level by level.

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::analyses::waterfall::axes::Axes;
use crate::analyses::waterfall::bars::{BARS, Bar, Money, touches};
use crate::analyses::waterfall::ways::Ways;
use crate::analyses::waterfall::{Basis, WaterfallRow};
use crate::books::hierarchy::Level;

/// The bars of one row.
#[derive(Clone, Copy)]
struct Sums {
    /// Packed `((node, period), (basis, currency))`.
    key: u64,
    amounts: [i64; BARS],
    deals: [u32; BARS],
}

/// The rows of one level while they grow.
struct Growing<'x, 'a> {
    axes: &'x Axes<'a>,
    sums: Vec<Sums>,
    index: HashMap<u64, usize>,
}

/// Appends the rows of `level`, in report order.
pub(super) fn append<'a>(rows: &mut Vec<WaterfallRow>, axes: &Axes<'a>, ways: &[Ways<'a>], level: Level) {
    let mut growing = Growing { axes, sums: Vec::new(), index: HashMap::new() };
    for ways in ways {
        growing.add(ways, level);
    }
    let mut sums = growing.sums;
    sums.par_sort_unstable_by_key(|sums| sums.key);
    rows.reserve_exact(sums.len());
    rows.extend(sums.iter().map(|sums| row(axes, sums)));
}

impl<'a> Growing<'_, 'a> {
    fn add(&mut self, ways: &Ways<'a>, level: Level) {
        let axes = self.axes;
        let starts = axes.nodes_of_positions(ways.sides.starts(), level);
        let ends = axes.nodes_of_positions(ways.sides.ends(), level);
        let nodes = |of_position: &'_ [Vec<u32>], position: Option<u32>| -> Vec<u32> {
            position.and_then(|position| of_position.get(position as usize)).cloned().unwrap_or_default()
        };
        for (way, load) in &ways.sums {
            let from = nodes(&starts, way.from.and_then(|stand| stand.position));
            let to = nodes(&ends, way.to.and_then(|stand| stand.position));
            let native = axes.currency(way.currency);
            for kind in ways.kinds {
                let begins = way.from.and_then(|stand| axes.period(*kind, stand.month));
                let ends = way.to.and_then(|stand| axes.period(*kind, stand.month));
                touches((&from, begins), (&to, ends), |node, period, touch| {
                    let row = self.row(node, period, Basis::Native, native);
                    way.bars(load, touch, |bar, deals, money| self.sums[row].add(bar, deals, money.native));
                    if ways.sides.has_base() {
                        let row = self.row(node, period, Basis::Base, axes.base_currency());
                        way.bars(load, touch, |bar, deals, Money { base, .. }| self.sums[row].add(bar, deals, base));
                    }
                });
            }
        }
    }

    /// Where the row's sums are.
    fn row(&mut self, node: u32, period: u32, basis: Basis, currency: u32) -> usize {
        let currencies = u64::from(self.axes.base_currency()) + 1;
        let row = (u64::from(node) * self.axes.periods() + u64::from(period)) * 2 + basis as u64;
        let key = row * currencies + u64::from(currency);
        let next = self.sums.len();
        let at = *self.index.entry(key).or_insert(next);
        if at == next {
            self.sums.push(Sums { key, amounts: [0; BARS], deals: [0; BARS] });
        }
        at
    }
}

impl Sums {
    fn add(&mut self, bar: Bar, deals: u32, amount: i64) {
        self.amounts[bar as usize] += amount;
        self.deals[bar as usize] += deals;
    }
}

fn row(axes: &Axes<'_>, sums: &Sums) -> WaterfallRow {
    let currencies = u64::from(axes.base_currency()) + 1;
    let (row, currency) = (sums.key / currencies, sums.key % currencies);
    let basis = if row % 2 == Basis::Base as u64 { Basis::Base } else { Basis::Native };
    let (node, period) = (row / 2 / axes.periods(), row / 2 % axes.periods());
    let (period, from) = axes.period_at(period as u32);
    let mut deals = sums.deals;
    if basis == Basis::Native {
        deals[Bar::Revalued as usize] = 0;
    }
    let (node, currency) = (node as usize, currency as usize);
    WaterfallRow { node, period, currency, basis, from, amounts: sums.amounts, deals }
}
