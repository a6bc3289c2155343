//! What the data before the as-of day say about the stages: which are in use, which comes before which, where deals end.
//!
//! Counts only; `stage_list` draws the conclusions.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use crate::domain::day::Day;
use crate::domain::ids::{DealIx, PipelineId, RowIx, StageNameId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::ingest::tables::Changes;
use crate::timeline::bucket::{Buckets, DEALS_PER_CHUNK};
use crate::timeline::build::DealColumns;

/// The rows that may speak: deals by position, their table rows and their log rows before the as-of day.
pub(super) struct StageEvidence<'a> {
    pub table: &'a DealColumns,
    pub rows: &'a [RowIx],
    pub log: &'a Buckets<u32>,
    pub changes: &'a Changes,
    pub as_of: Day,
}

/// A stage's name in the data: whose deal it stands at, and on which day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub pipeline: Maybe<PipelineId>,
    pub name: StageNameId,
    pub day: Day,
}

/// A stage's name at deals of a pipeline.
pub(super) type NameInPipeline = (Maybe<PipelineId>, StageNameId);

/// Counts per stage, where a stage is a position in a list of stages.
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
    /// Deals by pipeline and stage name that stand or stood in the stage before the as-of day, on a day `wanted`
    /// takes.
    pub fn deals_by_name(&self, wanted: impl Fn(Seen) -> bool + Sync) -> BTreeMap<NameInPipeline, u64> {
        let add = |mut deals: BTreeMap<NameInPipeline, u64>, name, more| {
            *deals.entry(name).or_default() += more;
            deals
        };
        let count = |range: Range<usize>| {
            let (mut deals, mut stood_in) = (BTreeMap::new(), Vec::new());
            for i in range.map(DealIx::at) {
                stood_in.clear();
                for seen in self.history(i).chain(self.table_stage(i)).filter(|seen| wanted(*seen)) {
                    if !stood_in.contains(&seen.name) {
                        stood_in.push(seen.name);
                        deals = add(deals, (seen.pipeline, seen.name), 1);
                    }
                }
            }
            deals
        };
        let merge = |all, part: BTreeMap<_, _>| part.into_iter().fold(all, |all, (name, more)| add(all, name, more));
        self.chunks().map(count).reduce(BTreeMap::new, merge)
    }

    /// Counts entries and ends over `stages` stages; `position` gives the one that was meant.
    pub fn count(&self, stages: usize, position: &(impl Fn(Seen) -> usize + Sync)) -> StageCounts {
        let count = |deals: Range<usize>| {
            let mut counts = StageCounts::new(stages);
            let mut path = Vec::new();
            for i in deals.map(DealIx::at) {
                path.clear();
                path.extend(self.history(i).map(position));
                self.count_deal(i, &path, position, &mut counts);
            }
            counts
        };
        self.chunks().map(count).reduce(|| StageCounts::new(stages), |a, b| a.merge(&b))
    }

    /// The deals in fixed ranges.
    fn chunks(&self) -> impl ParallelIterator<Item = Range<usize>> {
        let deals = self.rows.len();
        let chunks = (0..deals.div_ceil(DEALS_PER_CHUNK)).into_par_iter();
        chunks.map(move |chunk| chunk * DEALS_PER_CHUNK..((chunk + 1) * DEALS_PER_CHUNK).min(deals))
    }

    fn count_deal(&self, i: DealIx, path: &[usize], position: impl Fn(Seen) -> usize, counts: &mut StageCounts) {
        for (n, &stage) in path.iter().enumerate().filter(|(n, stage)| !path[..*n].contains(stage)) {
            for (_, &earlier) in path[..n].iter().enumerate().filter(|(m, earlier)| !path[..*m].contains(earlier)) {
                counts.before[earlier * counts.stages + stage] += 1;
            }
        }
        for pair in path.windows(2).filter(|pair| pair[0] != pair[1]) {
            counts.ends[2][pair[0]] += 1;
        }
        let row = self.rows[i.index()].index();
        let closed = self.table.closed_at[row].get().is_some_and(|at| at < self.as_of.start());
        let status = self.table.status[row].filter(|_| closed || path.is_empty());
        let stood_in = if closed { None } else { path.last().copied() };
        let Some(stage) = stood_in.or_else(|| self.table_stage(i).map(position)) else { return };
        let end = match status {
            Some(StageKind::Won) => 0,
            Some(StageKind::Lost) => 1,
            Some(StageKind::Open) | None => 2,
        };
        counts.ends[end][stage] += 1;
    }

    /// Whether any deal has a stage in the log.
    pub fn has_history(&self) -> bool {
        self.log.items.iter().any(|&row| self.changes.stage[row as usize].is_some())
    }

    /// Whether deal `i` has a stage in the log.
    pub fn is_tracked(&self, i: DealIx) -> bool {
        self.history(i).next().is_some()
    }

    /// The stages deal `i` was in, in time order: what the log's rows moved it to, and the first row's old value.
    fn history(&self, i: DealIx) -> impl Iterator<Item = Seen> {
        let pipeline = self.pipeline(i);
        let rows = self.log.of(i).iter().map(|&row| row as usize);
        let stages = rows.filter_map(|row| Some((row, self.changes.stage[row].get()?)));
        stages
            .enumerate()
            .filter(|&(n, (row, _))| n == 0 || !self.changes.prior[row])
            .map(move |(_, (row, name))| Seen { pipeline, name, day: self.changes.at[row].day() })
    }

    /// The stage of the deals table, where it tells of the time before the as-of day.
    fn table_stage(&self, i: DealIx) -> Option<Seen> {
        let row = self.rows[i.index()].index();
        let counts = match self.table.closed_at[row].get() {
            None => !self.is_tracked(i),
            Some(closed_at) => closed_at < self.as_of.start(),
        };
        let name = self.table.stage[row].get().filter(|_| counts)?;
        Some(Seen { pipeline: self.pipeline(i), name, day: self.table.day_of_stage(row) })
    }

    /// Pipeline of deal `i`.
    pub fn pipeline(&self, i: DealIx) -> Maybe<PipelineId> {
        self.table.pipeline[self.rows[i.index()].index()]
    }
}
