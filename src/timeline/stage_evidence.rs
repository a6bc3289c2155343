//! What the data before the as-of day say about the stages: which are in use, which comes before which, where deals end.
//!
//! Counts only; `stage_list` draws the conclusions.

use rayon::prelude::*;

use super::bucket::{Buckets, DEALS_PER_CHUNK};
use super::build::DealColumns;
use crate::domain::code::{NO_AMOUNT, NO_CODE};
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::ingest::tables::{Changes, status_of};

/// The rows that may speak: deals by position, their table rows and their log rows before the as-of day.
pub(super) struct StageEvidence<'a> {
    pub table: &'a DealColumns,
    pub rows: &'a [u32],
    pub log: &'a Buckets<u32>,
    pub changes: &'a Changes,
    pub as_of: Day,
}

/// Counts per stage, where a stage is a position in the list of used stages.
#[derive(Clone, Debug)]
pub(super) struct StageCounts {
    stages: usize,
    /// `before[a * stages + b]`: deals that entered `a` for the first time before they entered `b`.
    before: Vec<u32>,
    /// Deals per stage that ended there as won, ended there as lost, or are open there or went on to another stage.
    ends: [Vec<u32>; 3],
}

impl StageCounts {
    fn new(stages: usize) -> Self {
        Self { stages, before: vec![0; stages * stages], ends: std::array::from_fn(|_| vec![0; stages]) }
    }

    fn merge(mut self, other: &Self) -> Self {
        let pairs = |mine: &mut [u32], theirs: &[u32]| mine.iter_mut().zip(theirs).for_each(|(m, t)| *m += t);
        pairs(&mut self.before, &other.before);
        for (mine, theirs) in self.ends.iter_mut().zip(&other.ends) {
            pairs(mine, theirs);
        }
        self
    }

    /// By how many deals `a` is ahead of `b` in the order of first entries; negative if behind.
    pub fn lead(&self, a: usize, b: usize) -> i64 {
        i64::from(self.before[a * self.stages + b]) - i64::from(self.before[b * self.stages + a])
    }

    /// The outcome of the deals that ended in `stage`, if nine in ten of all that were there ended there with it.
    pub fn outcome(&self, stage: usize) -> Option<StageKind> {
        let [won, lost, open] = [0, 1, 2].map(|end| u64::from(self.ends[end][stage]));
        let nine_in_ten = |part: u64| part > 0 && part >= 9 * (won + lost + open - part);
        if nine_in_ten(won) { Some(StageKind::Won) } else { nine_in_ten(lost).then_some(StageKind::Lost) }
    }
}

impl StageEvidence<'_> {
    /// Deals per stage code that stand or stood in the stage before the as-of day; `codes` is the dictionary's length.
    pub fn deals_per_code(&self, codes: usize) -> Vec<u64> {
        let mut deals = vec![0_u64; codes];
        let mut counted_for = vec![usize::MAX; codes];
        for i in 0..self.rows.len() {
            for code in self.history(i).chain(self.table_stage(i)) {
                let code = code as usize;
                if code < codes && counted_for[code] != i {
                    counted_for[code] = i;
                    deals[code] += 1;
                }
            }
        }
        deals
    }

    /// Counts entries and ends over stages; `stage_of_code` gives the position among the `stages` used ones.
    pub fn count(&self, stages: usize, stage_of_code: &(impl Fn(u32) -> usize + Sync)) -> StageCounts {
        let chunks = self.rows.len().div_ceil(DEALS_PER_CHUNK);
        let count = |chunk: usize| {
            let mut counts = StageCounts::new(stages);
            let mut path = Vec::new();
            let deals = chunk * DEALS_PER_CHUNK..((chunk + 1) * DEALS_PER_CHUNK).min(self.rows.len());
            for i in deals {
                path.clear();
                path.extend(self.history(i).map(stage_of_code));
                self.count_deal(i, &path, stage_of_code, &mut counts);
            }
            counts
        };
        (0..chunks).into_par_iter().map(count).reduce(|| StageCounts::new(stages), |a, b| a.merge(&b))
    }

    fn count_deal(&self, i: usize, path: &[usize], stage_of_code: impl Fn(u32) -> usize, counts: &mut StageCounts) {
        for (n, &stage) in path.iter().enumerate().filter(|(n, stage)| !path[..*n].contains(stage)) {
            for (_, &earlier) in path[..n].iter().enumerate().filter(|(m, earlier)| !path[..*m].contains(earlier)) {
                counts.before[earlier * counts.stages + stage] += 1;
            }
        }
        for pair in path.windows(2).filter(|pair| pair[0] != pair[1]) {
            counts.ends[2][pair[0]] += 1;
        }
        let row = self.rows[i] as usize;
        let closed = self.table.closed_at[row] != NO_AMOUNT && self.table.closed_at[row] < self.as_of.start().0;
        let status = status_of(self.table.status[row]).filter(|_| closed || path.is_empty());
        let stood_in = if closed { None } else { path.last().copied() };
        let Some(stage) = stood_in.or_else(|| self.table_stage(i).map(stage_of_code)) else { return };
        let end = match status {
            Some(StageKind::Won) => 0,
            Some(StageKind::Lost) => 1,
            Some(StageKind::Open) | None => 2,
        };
        counts.ends[end][stage] += 1;
    }

    /// Whether any deal has a stage in the log.
    pub fn has_history(&self) -> bool {
        self.log.items.iter().any(|&row| self.changes.stage[row as usize] != NO_CODE)
    }

    /// Whether deal `i` has a stage in the log.
    pub fn is_tracked(&self, i: usize) -> bool {
        self.history(i).next().is_some()
    }

    /// The stages deal `i` was in, in time order: what the log's rows moved it to, and the first row's old value.
    fn history(&self, i: usize) -> impl Iterator<Item = u32> {
        let stages = self.log.of(i).iter().map(|&row| row as usize).filter(|&row| self.changes.stage[row] != NO_CODE);
        stages
            .enumerate()
            .filter(|&(n, row)| n == 0 || !self.changes.prior[row])
            .map(|(_, row)| self.changes.stage[row])
    }

    /// The stage of the deals table, where it tells of the time before the as-of day.
    fn table_stage(&self, i: usize) -> Option<u32> {
        let row = self.rows[i] as usize;
        let counts = match self.table.closed_at[row] {
            NO_AMOUNT => !self.is_tracked(i),
            closed_at => closed_at < self.as_of.start().0,
        };
        Some(self.table.stage[row]).filter(|&code| counts && code != NO_CODE)
    }
}
