//! Does a column follow from one that is a leak?

use crate::features::leak::bins::{CellBins, ColumnCell};

/// Share of what a column says that a leak explains, from which it is another form of it.
pub(super) const SAME: f64 = 0.8;
/// The same for a column that is suspect already.
pub(super) const RELATED: f64 = 0.3;
/// Deals that must have both.
const FEWEST: usize = 60;

/// A column on some deals, in bins: cut once, however many others it is compared with.
pub(super) struct BinnedColumn {
    of_deals: Vec<usize>,
    bins: usize,
}

impl BinnedColumn {
    pub fn of(cells: &[ColumnCell]) -> Self {
        let bins = CellBins::of(cells, &[]);
        Self { of_deals: bins.each(cells), bins: bins.holds.len() }
    }
}

/// How much of `column` is explained by `leak`, 0 to 1: mutual information over the entropy of the column, in bins, less
/// what chance would show (Theil's uncertainty coefficient). 0 where too few deals speak.
pub(super) fn explained(column: &BinnedColumn, leak: &BinnedColumn) -> f64 {
    if column.of_deals.len() < FEWEST {
        return 0.0;
    }
    let (rows, columns) = (leak.bins, column.bins);
    let mut counts = vec![0.0; rows * columns];
    for (column, leak) in column.of_deals.iter().zip(&leak.of_deals) {
        counts[leak * columns + column] += 1.0;
    }
    let all = column.of_deals.len() as f64;
    let by_leak: Vec<f64> = counts.chunks(columns).map(|row| row.iter().sum()).collect();
    let by_column: Vec<f64> = (0..columns).map(|c| (0..rows).map(|r| counts[r * columns + c]).sum()).collect();
    let used = |sums: &[f64]| sums.iter().filter(|&&sum| sum > 0.0).count().saturating_sub(1) as f64;
    let chance = used(&by_leak) * used(&by_column) / (2.0 * all);
    let entropy = entropy(&by_column, all);
    let shared = entropy + self::entropy(&by_leak, all) - self::entropy(&counts, all) - chance;
    if entropy > 0.0 { (shared / entropy).clamp(0.0, 1.0) } else { 0.0 }
}

fn entropy(counts: &[f64], all: f64) -> f64 {
    counts.iter().filter(|&&count| count > 0.0).map(|count| -count / all * (count / all).ln()).sum()
}
