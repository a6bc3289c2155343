//! How a timeline is built: which rows count, how they are grouped by deal, and how the parts are put together.
//!
//! What the rows of one deal mean is settled in `story`, the sales process in `process`.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::config::Config;
use crate::domain::code::Dictionary;
use crate::domain::day::Day;
use crate::domain::ids::{DealIx, PipelineId, RowIx};
use crate::domain::spelling::nearest;
use crate::ingest::tables::{Activities, Changes, Deals, Tables};
use crate::timeline::bucket::{Buckets, DEALS_PER_CHUNK};
use crate::timeline::coverage::measure;
use crate::timeline::deal_history::{DealHead, Step, Timeline};
use crate::timeline::deal_table::DealTableColumns;
use crate::timeline::field_past::{FieldPast, FieldPasts, field_pasts};
use crate::timeline::known_rows::{
    bucket_activities, bucket_changes, bucket_later_changes, changes_of_gone, positions, rows_by_id,
};
use crate::timeline::process::error::StageListError;
use crate::timeline::process::evidence::StageEvidence;
use crate::timeline::process::settle::Process;
use crate::timeline::quality::TimelineQuality;
use crate::timeline::story::{LogRows, Story, StorySources};
use crate::timeline::undated::are_undated;

/// Chunks of deals whose steps are held twice while they are put together.
const CHUNKS_AT_ONCE: usize = 16;

impl Timeline {
    /// Builds the timeline as of `as_of`.
    ///
    /// Only rows dated before `as_of` count; deals created on or after it do not exist. A field of a deal that the
    /// change log never names has the value of the deals table on all days. Where the log first names it later, the
    /// table's value is of that later day and does not count.
    ///
    /// # Errors
    /// [`StageListError`] where the data's stages or pipelines cannot be sales processes.
    pub fn build(tables: &Tables, config: &Config, as_of: Day) -> Result<Self, StageListError> {
        Self::with_activities(tables, &tables.activities, config, as_of)
    }

    /// The same without activities, for questions that do not need them.
    ///
    /// # Errors
    /// As [`Timeline::build`].
    pub fn of_changes(tables: &Tables, config: &Config, as_of: Day) -> Result<Self, StageListError> {
        Self::with_activities(tables, &Activities::default(), config, as_of)
    }

    fn with_activities(
        tables: &Tables,
        activities: &Activities,
        config: &Config,
        as_of: Day,
    ) -> Result<Self, StageListError> {
        let table = DealTableColumns::read(tables, as_of);
        let rows = rows_by_id(tables, &table.created_at, as_of);
        let position = positions(&rows, tables.deals.len());
        let log = bucket_changes(tables, &position, rows.len(), as_of);
        // Of today there are none.
        let later = (log.excluded > 0).then(|| bucket_later_changes(tables, &position, rows.len(), as_of));
        let activities = bucket_activities(activities, &position, rows.len(), as_of);
        let mut fields = field_pasts(tables, &position, rows.len(), as_of);
        drop(position);

        let evidence = StageEvidence { table: &table, rows: &rows, log: &log, changes: &tables.changes, as_of };
        let pipelines = tables.deals.pipeline_names();
        let process = evidence.process(&config.stages, &tables.stage_names, pipelines)?;
        let Process { stages, order: stage_order, unlisted: unlisted_stages } = process;
        let sources = StorySources { table: &table, changes: &tables.changes, stages: &stages, as_of };
        let mut quality = TimelineQuality {
            deals: rows.len() as u64,
            deals_in_the_future: table.created_at.iter().filter(|at| **at >= as_of.start()).count() as u64,
            change_rows: log.items.len() as u64,
            change_rows_in_the_future: log.excluded - changes_of_gone(tables, as_of),
            stage_order,
            unlisted_stages,
            unknown_pipelines: unknown_pipelines(
                config,
                pipelines,
                rows.iter().filter_map(|row| table.pipeline[row.index()].get()),
            ),
            ..TimelineQuality::default()
        };
        (quality.tracked_fields, quality.untracked_fields) =
            tracked(&tables.deals, &tables.changes, &log.items, &fields);
        let DealSteps { deals, steps, step_offsets } = assemble(&rows, &log, later.as_ref(), &sources, &mut quality);
        quality.sparse_histories = measure(&mut fields, &deals, &tables.deals, as_of);
        quality.tracked_fields.retain(|name| fields.get(name).is_none_or(FieldPast::covers));
        let Buckets { items: activities, offsets: activity_offsets, .. } = activities;
        let undated = are_undated(&deals);
        Ok(Self { as_of, stages, deals, steps, step_offsets, activities, activity_offsets, fields, quality, undated })
    }
}

/// Pipelines of configured stages that none of the deals is in.
fn unknown_pipelines(
    config: &Config,
    names: &Dictionary<PipelineId>,
    of_deals: impl Iterator<Item = PipelineId>,
) -> Vec<(String, Option<String>)> {
    let listed: BTreeSet<&str> = config.stages.iter().filter_map(|stage| stage.pipeline.as_deref()).collect();
    if listed.is_empty() {
        return Vec::new();
    }
    let known: BTreeSet<&str> =
        of_deals.collect::<BTreeSet<_>>().into_iter().filter_map(|pipeline| names.name(pipeline)).collect();
    let unknown = listed.into_iter().filter(|name| !known.contains(name));
    unknown.map(|name| (name.to_owned(), nearest(name, known.iter().copied()).map(str::to_owned))).collect()
}

/// The part of a timeline that one chunk of deals makes.
#[derive(Default)]
struct ChunkOfDeals {
    deals: Vec<DealHead>,
    steps: Vec<Step>,
    step_ends: Vec<usize>,
    without_history: u64,
    closed_without_date: u64,
    disagrees: u64,
}

impl ChunkOfDeals {
    fn read(
        chunk: usize,
        rows: &[RowIx],
        log: &Buckets<u32>,
        later: Option<&Buckets<u32>>,
        sources: &StorySources<'_>,
    ) -> Self {
        let (mut part, mut story) = (Self::default(), Story::default());
        for (i, &row) in rows.iter().enumerate() {
            let deal = DealIx::at(chunk * DEALS_PER_CHUNK + i);
            let rows = LogRows { before: log.of(deal), later: later.map_or(&[], |later| later.of(deal)) };
            part.add(sources, row, rows, &mut story);
        }
        part
    }

    fn add(&mut self, sources: &StorySources<'_>, row: RowIx, rows: LogRows<'_>, story: &mut Story) {
        story.read(sources, row, rows, &mut self.steps);
        self.step_ends.push(self.steps.len());
        self.deals.push(story.head);
        self.without_history += u64::from(rows.before.is_empty());
        self.closed_without_date += u64::from(story.closed_without_date);
        self.disagrees += u64::from(story.disagrees_with_table);
    }
}

/// Deals and their steps, put together.
struct DealSteps {
    deals: Vec<DealHead>,
    steps: Vec<Step>,
    step_offsets: Vec<usize>,
}

/// Tells every deal's story, in parallel over fixed ranges of deals, and joins the parts in order.
fn assemble(
    rows: &[RowIx],
    log: &Buckets<u32>,
    later: Option<&Buckets<u32>>,
    sources: &StorySources<'_>,
    quality: &mut TimelineQuality,
) -> DealSteps {
    // At most one step per change, one for the creation and one for the closing.
    let steps = Vec::with_capacity(log.items.len() + 2 * rows.len());
    let (deals, step_offsets) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len() + 1));
    let mut all = DealSteps { deals, steps, step_offsets };
    all.step_offsets.push(0);
    let chunks: Vec<(usize, &[RowIx])> = rows.chunks(DEALS_PER_CHUNK).enumerate().collect();
    for chunks in chunks.chunks(CHUNKS_AT_ONCE) {
        let parts = chunks.par_iter().map(|(chunk, rows)| ChunkOfDeals::read(*chunk, rows, log, later, sources));
        for part in parts.collect::<Vec<ChunkOfDeals>>() {
            all.step_offsets.extend(part.step_ends.iter().map(|end| all.steps.len() + end));
            all.steps.extend(part.steps);
            all.deals.extend(part.deals);
            quality.without_history += part.without_history;
            quality.closed_without_date += part.closed_without_date;
            quality.history_disagrees_with_table += part.disagrees;
        }
    }
    all
}

/// Columns that identify or date a deal rather than describe it.
const NOT_A_FIELD: [&str; 6] = ["deal_id", "name", "created_at", "closed_at", "status", "currency"];

/// Which fields the used rows of the log carry, and which columns stand in the deals table only.
fn tracked(deals: &Deals, changes: &Changes, used: &[u32], own: &FieldPasts) -> (Vec<String>, Vec<String>) {
    let mut rows = used.iter().map(|&row| row as usize);
    let tracked: Vec<&str> = [
        ("stage", rows.clone().any(|row| changes.stage[row].is_some())),
        ("amount", rows.clone().any(|row| changes.amount_minor[row].is_some())),
        ("expected_close_date", rows.clone().any(|row| changes.expected_close[row].is_some())),
        ("owner", rows.clone().any(|row| changes.owner[row].is_some())),
        ("forecast_category", rows.clone().any(|row| changes.category[row].is_some())),
        ("probability", rows.any(|row| changes.probability[row].is_some())),
    ]
    .into_iter()
    .filter_map(|(name, carried)| carried.then_some(name))
    .chain(own.keys().map(String::as_str))
    .collect();
    let untracked = deals
        .columns()
        .filter(|name| !NOT_A_FIELD.contains(name) && !tracked.contains(name))
        .map(str::to_owned)
        .collect();
    (tracked.into_iter().map(str::to_owned).collect(), untracked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::fixtures::World;

    #[test]
    fn deals_stand_in_the_order_of_their_ids() {
        let long = |end: &str| format!("D-{}-{end}", "x".repeat(40));
        let ids =
            [long("b"), "D-2".into(), "D-10".into(), "D-é".into(), long("a"), "D-".into(), "D-1".into(), long("")];
        let world = ids.iter().fold(World::default(), |world, id| world.deal(id, 0, "New"));
        let (tables, timeline) = (world.tables(), world.timeline(9));
        let found: Vec<&str> = timeline.deals.iter().filter_map(|d| tables.deals.id(d.row)).collect();
        let mut expected: Vec<&str> = ids.iter().map(String::as_str).collect();
        expected.sort_unstable();
        assert_eq!(found, expected);
    }

    #[test]
    fn quality_counts_what_was_used_and_what_was_not() {
        let world = World::default().deal("a", 10, "New").moved(10, "New").moved(50, "Demo");
        let world = world.deal("b", 20, "New").deal("c", 50, "New").moved(20, "New");
        let quality = world.timeline(50).quality;
        assert_eq!((quality.deals, quality.deals_in_the_future), (2, 1));
        assert_eq!((quality.change_rows, quality.change_rows_in_the_future), (1, 2));
        assert_eq!(quality.without_history, 1);
        assert_eq!(quality.tracked_fields, ["stage"]);
        let untracked = ["owner", "amount", "expected_close_date", "probability", "source", "product"];
        assert_eq!(quality.untracked_fields, untracked);
    }

    /// Before: what is known of a deal that is gone was told to be of later days.
    #[test]
    fn changes_of_deals_that_are_gone_are_not_of_later_days() {
        let world = World::default().deal("a", 10, "New").moved(12, "New").deal("b", 20, "New").moved(55, "New");
        let mut tables = world.tables();
        tables.gone.insert(RowIx::at(0), Day(30));
        let quality = Timeline::build(&tables, &Config::default(), Day(50)).expect("a stage").quality;
        assert_eq!((quality.deals, quality.change_rows, quality.change_rows_in_the_future), (1, 0, 1));
    }

    #[test]
    fn no_deals_make_an_empty_timeline() {
        let timeline = Timeline::build(&Tables::default(), &Config::default(), Day(9)).expect("nothing to propose");
        assert!(timeline.deals.is_empty() && timeline.stays().is_empty() && timeline.stages.stages().is_empty());
        assert_eq!(timeline.step_offsets, [0]);
    }
}
