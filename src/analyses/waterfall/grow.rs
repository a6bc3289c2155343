//! Transitions to report rows: every transition adds to the rows it touches, level by level.

use hashbrown::HashMap;
use rayon::prelude::*;

use crate::analyses::forecast::RowBasis;
use crate::analyses::waterfall::axes::WaterfallAxes;
use crate::analyses::waterfall::bars::{BARS, Bar};
use crate::analyses::waterfall::rows::WaterfallRow;
use crate::analyses::waterfall::transition::{TouchedRows, touches};
use crate::analyses::waterfall::transitions::Transitions;
use crate::books::hierarchy::Level;

/// The bars of one row.
#[derive(Clone, Copy)]
struct RowSums {
    /// Packed `((node, period), (basis, currency))`.
    key: u64,
    amounts: [i64; BARS],
    deals: [u32; BARS],
}

/// The rows of one level while they grow.
struct Growing<'x, 'a> {
    axes: &'x WaterfallAxes<'a>,
    sums: Vec<RowSums>,
    index: HashMap<u64, usize>,
}

/// Appends the rows of `level`, in report order.
pub(super) fn append<'a>(
    rows: &mut Vec<WaterfallRow>,
    axes: &WaterfallAxes<'a>,
    spans: &[Transitions<'a>],
    level: Level,
) {
    let mut growing = Growing { axes, sums: Vec::new(), index: HashMap::new() };
    for span in spans {
        growing.add(span, level);
    }
    let mut sums = growing.sums;
    sums.par_sort_unstable_by_key(|sums| sums.key);
    rows.reserve_exact(sums.len());
    rows.extend(sums.iter().map(|sums| row(axes, sums)));
}

impl<'a> Growing<'_, 'a> {
    fn add(&mut self, span: &Transitions<'a>, level: Level) {
        let axes = self.axes;
        let starts = axes.nodes_of_positions(span.mornings.starts(), level);
        let ends = axes.nodes_of_positions(span.mornings.ends(), level);
        let (native, base) = (RowBasis::Native, span.mornings.has_base().then_some(RowBasis::Base));
        for (transition, sums) in &span.sums {
            let currency = axes.currencies.rank(transition.currency);
            let from = nodes_at(&starts, transition.from.and_then(|at| at.position));
            let to = nodes_at(&ends, transition.to.and_then(|at| at.position));
            for kind in span.kinds {
                let start =
                    TouchedRows { nodes: from, period: transition.from.and_then(|at| axes.period(*kind, at.month)) };
                let end = TouchedRows { nodes: to, period: transition.to.and_then(|at| axes.period(*kind, at.month)) };
                touches(start, end, |node, period, touch| {
                    let row = self.row(node, period, native, currency);
                    transition.bars(sums, touch, |bar, deals, amount| self.sums[row].add(bar, deals, amount.native));
                    if let Some(base) = base {
                        let row = self.row(node, period, base, axes.currencies.base());
                        transition.bars(sums, touch, |bar, deals, amount| self.sums[row].add(bar, deals, amount.base));
                    }
                });
            }
        }
    }

    /// Where the row's sums are.
    fn row(&mut self, node: u32, period: u32, basis: RowBasis, currency: u32) -> usize {
        let currencies = u64::from(self.axes.currencies.base()) + 1;
        let row = (u64::from(node) * self.axes.periods() + u64::from(period)) * 2 + basis as u64;
        let key = row * currencies + u64::from(currency);
        let next = self.sums.len();
        let at = *self.index.entry(key).or_insert(next);
        if at == next {
            self.sums.push(RowSums { key, amounts: [0; BARS], deals: [0; BARS] });
        }
        at
    }
}

/// The nodes of a position; none where the filter leaves it out.
fn nodes_at(nodes_of_positions: &[Vec<u32>], position: Option<u32>) -> &[u32] {
    position.and_then(|position| nodes_of_positions.get(position as usize)).map_or(&[], Vec::as_slice)
}

impl RowSums {
    fn add(&mut self, bar: Bar, deals: u32, amount: i64) {
        self.amounts[bar as usize] += amount;
        self.deals[bar as usize] += deals;
    }
}

fn row(axes: &WaterfallAxes<'_>, sums: &RowSums) -> WaterfallRow {
    let currencies = u64::from(axes.currencies.base()) + 1;
    let (row, currency) = (sums.key / currencies, sums.key % currencies);
    let basis = if row % 2 == RowBasis::Base as u64 { RowBasis::Base } else { RowBasis::Native };
    let (node, period) = (row / 2 / axes.periods(), row / 2 % axes.periods());
    let (period, from) = axes.period_at(period as u32);
    let mut deals = sums.deals;
    if basis == RowBasis::Native {
        deals[Bar::Revalued as usize] = 0;
    }
    let (node, currency) = (node as usize, currency as usize);
    WaterfallRow { node, period, currency, basis, from, amounts: sums.amounts, deals }
}
