//! What the data before the as-of day say about the stages: which are in use, which comes before which, where deals end.
//!
//! Counts only; `settle` draws the conclusions.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use crate::domain::day::Day;
use crate::domain::ids::{DealIx, PipelineId, RowIx, StageId, StageNameId};
use crate::domain::maybe::Maybe;
use crate::domain::stage::{StageKind, StageList};
use crate::ingest::tables::Changes;
use crate::timeline::bucket::{Buckets, DEALS_PER_CHUNK};
use crate::timeline::deal_table::DealTableColumns;
use crate::timeline::process::counts::StageMoveCounts;

/// The rows that may speak: deals by position, their table rows and their log rows before the as-of day.
pub(crate) struct StageEvidence<'a> {
    pub table: &'a DealTableColumns,
    pub rows: &'a [RowIx],
    pub log: &'a Buckets<u32>,
    pub changes: &'a Changes,
    pub as_of: Day,
}

/// A stage's name in the data: whose deal it stands at, and on which day.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StageSighting {
    pub pipeline: Maybe<PipelineId>,
    pub name: StageNameId,
    pub day: Day,
}

impl StageSighting {
    /// The stage of `list` that is meant, if it has it.
    pub fn stage_in(self, list: &StageList) -> Option<StageId> {
        list.id_of(self.pipeline, self.name.into(), self.day).get()
    }
}

/// A stage's name at deals of a pipeline.
pub(super) type NameInPipeline = (Maybe<PipelineId>, StageNameId);

/// Where a deal ended, or is.
struct StageEnd {
    stage: usize,
    outcome: StageKind,
    /// Whether it is known to be open there.
    is_open: bool,
}

impl StageEvidence<'_> {
    /// Deals by pipeline and stage name that stand or stood in the stage before the as-of day, on a day `wanted`
    /// takes.
    pub(super) fn deals_by_name(&self, wanted: impl Fn(StageSighting) -> bool + Sync) -> BTreeMap<NameInPipeline, u64> {
        self.chunks().map(|deals| self.deals_by_name_in(deals, &wanted)).reduce(BTreeMap::new, add_all)
    }

    fn deals_by_name_in(
        &self,
        deals: Range<usize>,
        wanted: &impl Fn(StageSighting) -> bool,
    ) -> BTreeMap<NameInPipeline, u64> {
        let (mut counts, mut stood_in) = (BTreeMap::new(), Vec::new());
        for deal in deals.map(DealIx::at) {
            stood_in.clear();
            for seen in self.history(deal).chain(self.table_stage(deal)).filter(|seen| wanted(*seen)) {
                if !stood_in.contains(&seen.name) {
                    stood_in.push(seen.name);
                    *counts.entry((seen.pipeline, seen.name)).or_default() += 1;
                }
            }
        }
        counts
    }

    /// Counts entries and ends over `stages` stages; `position` gives the one that was meant.
    pub(super) fn count(&self, stages: usize, position: &(impl Fn(StageSighting) -> usize + Sync)) -> StageMoveCounts {
        self.chunks()
            .map(|deals| self.count_in(deals, stages, position))
            .reduce(|| StageMoveCounts::new(stages), |a, b| a.merge(&b))
    }

    fn count_in(
        &self,
        deals: Range<usize>,
        stages: usize,
        position: &impl Fn(StageSighting) -> usize,
    ) -> StageMoveCounts {
        let mut counts = StageMoveCounts::new(stages);
        let mut path = Vec::new();
        for deal in deals.map(DealIx::at) {
            self.read_path(deal, position, &mut path);
            counts.add_path(&path);
            if let Some(StageEnd { stage, outcome, is_open }) = self.end(deal, &path, position) {
                counts.add_end(stage, outcome, is_open);
            }
        }
        counts
    }

    /// The deals in fixed ranges.
    fn chunks(&self) -> impl ParallelIterator<Item = Range<usize>> {
        let deals = self.rows.len();
        let chunks = (0..deals.div_ceil(DEALS_PER_CHUNK)).into_par_iter();
        chunks.map(move |chunk| chunk * DEALS_PER_CHUNK..((chunk + 1) * DEALS_PER_CHUNK).min(deals))
    }

    /// The stage a deal ended in or is in; none where nothing is known before the as-of day.
    fn end(&self, deal: DealIx, path: &[(u32, usize)], position: impl Fn(StageSighting) -> usize) -> Option<StageEnd> {
        let row = self.rows[deal.index()].index();
        let closed = self.table.closed_at[row].get().is_some_and(|at| at < self.as_of.start());
        let status = self.table.status[row].filter(|_| closed || path.is_empty());
        let stood_in = if closed { None } else { path.last().map(|(_, stage)| *stage) };
        let stage = stood_in.or_else(|| self.table_stage(deal).map(position))?;
        let outcome = status.unwrap_or(StageKind::Open);
        // Of a deal without a status a closing day leaves open what it is.
        let is_open = outcome == StageKind::Open && (self.table.status[row].is_some() || !closed);
        Some(StageEnd { stage, outcome, is_open })
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
    fn history(&self, i: DealIx) -> impl Iterator<Item = StageSighting> {
        let stages = self.stage_rows(i).enumerate();
        stages.filter(|&(n, (row, _))| n == 0 || !self.changes.prior[row]).map(|(_, (_, seen))| seen)
    }

    /// The rows of the log that name a stage of deal `i`, old values among them.
    fn stage_rows(&self, i: DealIx) -> impl Iterator<Item = (usize, StageSighting)> {
        let pipeline = self.pipeline(i);
        self.log.of(i).iter().filter_map(move |&row| {
            let row = row as usize;
            let name = self.changes.stage[row].get()?;
            Some((row, StageSighting { pipeline, name, day: self.changes.at[row].day() }))
        })
    }

    /// The stages of [`StageEvidence::history`] by rank: stages of one moment have one rank, unless old values told which
    /// came first.
    fn read_path(&self, i: DealIx, position: &impl Fn(StageSighting) -> usize, path: &mut Vec<(u32, usize)>) {
        path.clear();
        let (mut rank, mut last, mut told) = (0, None, None);
        for (n, (row, seen)) in self.stage_rows(i).enumerate() {
            let at = self.changes.at[row];
            if self.changes.prior[row] {
                told = Some(at);
                if n > 0 {
                    continue;
                }
            }
            rank += u32::from(last != Some(at) || told == Some(at));
            last = Some(at);
            path.push((rank, position(seen)));
        }
        // Stages of one rank in the order of the list, whatever row they stand in.
        path.sort_unstable();
    }

    /// The stage of the deals table, where it tells of the time before the as-of day.
    fn table_stage(&self, i: DealIx) -> Option<StageSighting> {
        let row = self.rows[i.index()].index();
        let counts = match self.table.closed_at[row].get() {
            None => !self.is_tracked(i),
            // on the day of the table a closing to come is the plan of an open deal
            Some(closed_at) => closed_at < self.as_of.start() || self.table.is_of_the_day && !self.is_tracked(i),
        };
        let name = self.table.stage[row].get().filter(|_| counts)?;
        Some(StageSighting { pipeline: self.pipeline(i), name, day: self.table.day_of_stage(row) })
    }

    /// Pipeline of deal `i`.
    pub fn pipeline(&self, i: DealIx) -> Maybe<PipelineId> {
        self.table.pipeline[self.rows[i.index()].index()]
    }
}

fn add_all(
    mut deals: BTreeMap<NameInPipeline, u64>,
    more: BTreeMap<NameInPipeline, u64>,
) -> BTreeMap<NameInPipeline, u64> {
    for (name, count) in more {
        *deals.entry(name).or_default() += count;
    }
    deals
}
