//! Do closed deals have values that open ones never have?

use crate::domain::stage::StageKind;
use crate::features::leak::fill::{MIN_DEALS, percent, share};
use crate::features::leak::values::Values;
use crate::snapshot::DealState;

/// Share of closed deals' values that may still occur on open ones in a disjoint column.
const MAX_OVERLAP: f64 = 0.05;

/// Deals that make a level count: one of a handful proves nothing.
const MIN_LEVEL_DEALS: u64 = 5;

/// Share of deals that must be in such levels.
const MIN_SHARED: f64 = 0.8;

/// Deals with one value.
#[derive(Clone, Copy, Default)]
struct BinCounts {
    closed: u64,
    open: u64,
}

/// Total variation distance between closed and open deals, over levels or quantile bins.
pub(super) fn disjoint(values: &Values, deals: &[DealState]) -> Option<String> {
    if values.are_identifiers() {
        // Numbered in the order of creation: disjoint by time, and excluded as an identifier.
        return None;
    }
    let overlap = overlap(&counts(values, deals))?;
    (overlap <= MAX_OVERLAP)
        .then(|| format!("its values on closed deals hardly occur on open ones (overlap {})", percent(overlap)))
}

/// Closed and open deals per bin, without the deals that have no value.
fn counts(values: &Values, deals: &[DealState]) -> Vec<BinCounts> {
    let bins = values.bins(deals);
    let mut counts = vec![BinCounts::default(); bins.count];
    for (&bin, deal) in bins.of_deals.iter().zip(deals) {
        match deal.kind {
            StageKind::Open => counts[bin].open += 1,
            StageKind::Won | StageKind::Lost => counts[bin].closed += 1,
        }
    }
    counts.split_off(1)
}

/// The share two distributions have in common, 0 to 1; `None` where too few deals speak.
fn overlap(counts: &[BinCounts]) -> Option<f64> {
    let closed: u64 = counts.iter().map(|bin| bin.closed).sum();
    let open: u64 = counts.iter().map(|bin| bin.open).sum();
    let large: u64 = counts.iter().map(|bin| bin.closed + bin.open).filter(|&level| level >= MIN_LEVEL_DEALS).sum();
    if closed < MIN_DEALS || open < MIN_DEALS || share(large, closed + open) < MIN_SHARED {
        return None;
    }
    let (closed, open) = (u128::from(closed), u128::from(open));
    let common: u128 =
        counts.iter().map(|bin| (u128::from(bin.closed) * open).min(u128::from(bin.open) * closed)).sum();
    Some(common as f64 / (closed * open) as f64)
}
