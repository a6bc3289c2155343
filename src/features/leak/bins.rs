//! A column's cells on two samples, put into the same bins.

/// What stands in a cell: a number, or the position of a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ColumnCell {
    Empty,
    Number(f64),
    Level(usize),
}

/// Different numbers up to which each is a bin.
const MOST_EXACT: usize = 20;
/// Quantile bins of each sample's numbers.
const QUANTILES: usize = 10;
/// Cells of both samples together below which a level shares a bin with other rare ones.
const FEWEST_CELLS: usize = 10;

/// What a bin holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Holds {
    Nothing,
    Level(usize),
    Rare,
    /// Numbers from the first, below the second.
    Numbers(f64, f64),
}

/// Bins of cells: levels and few different numbers as they are, other numbers cut at the quantiles of both samples.
#[derive(Clone, Debug)]
pub(super) struct CellBins {
    pub holds: Vec<Holds>,
    /// Levels with a bin of their own, from bin 1 on.
    frequent: Vec<usize>,
    /// Where the bins of numbers begin, the last of all.
    edges: Vec<f64>,
}

impl CellBins {
    pub fn of(then: &[ColumnCell], now: &[ColumnCell]) -> Self {
        let both = || then.iter().chain(now);
        let mut levels: Vec<usize> = both().filter_map(ColumnCell::level).collect();
        levels.sort_unstable();
        let (frequent, rare): (Vec<&[usize]>, Vec<&[usize]>) =
            levels.chunk_by(|a, b| a == b).partition(|cells| cells.len() >= FEWEST_CELLS);
        let frequent: Vec<usize> = frequent.iter().map(|cells| cells[0]).collect();
        let edges = number_edges(then, now);
        let mut holds = vec![Holds::Nothing];
        holds.extend(frequent.iter().map(|&level| Holds::Level(level)));
        holds.extend((!rare.is_empty()).then_some(Holds::Rare));
        let ends = edges.iter().skip(1).copied().chain([f64::INFINITY]);
        holds.extend(edges.iter().copied().zip(ends).map(|(from, below)| Holds::Numbers(from, below)));
        Self { holds, frequent, edges }
    }

    /// The bin of a cell.
    pub fn bin(&self, cell: &ColumnCell) -> usize {
        match *cell {
            ColumnCell::Empty => 0,
            ColumnCell::Level(level) => 1 + self.frequent.binary_search(&level).unwrap_or(self.frequent.len()),
            ColumnCell::Number(x) => {
                let passed = self.edges.partition_point(|&edge| edge <= x).max(1);
                self.holds.len() - self.edges.len() + passed - 1
            }
        }
    }

    /// The bins of cells.
    pub fn each(&self, cells: &[ColumnCell]) -> Vec<usize> {
        cells.iter().map(|cell| self.bin(cell)).collect()
    }
}

impl ColumnCell {
    fn level(&self) -> Option<usize> {
        if let Self::Level(level) = *self { Some(level) } else { None }
    }

    fn number(&self) -> Option<f64> {
        if let Self::Number(x) = *self { Some(x) } else { None }
    }
}

/// Where the bins of numbers begin, ascending.
fn number_edges(then: &[ColumnCell], now: &[ColumnCell]) -> Vec<f64> {
    let (then, now) = (sorted(then), sorted(now));
    let mut all = [then.clone(), now.clone()].concat();
    all.sort_unstable_by(f64::total_cmp);
    let lowest = all.first().copied();
    all.dedup();
    if all.len() > MOST_EXACT {
        let quantiles = |of: &[f64]| -> Vec<f64> {
            (0..QUANTILES).filter_map(|k| of.get(k * of.len() / QUANTILES)).copied().collect()
        };
        all = [lowest.into_iter().collect(), quantiles(&then), quantiles(&now)].concat();
        all.sort_unstable_by(f64::total_cmp);
        all.dedup();
    }
    all
}

fn sorted(cells: &[ColumnCell]) -> Vec<f64> {
    let mut numbers: Vec<f64> = cells.iter().filter_map(ColumnCell::number).collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers
}
