//! How a timeline is built: which rows count, how they are grouped by deal, and how the parts are put together.
//!
//! What the rows of one deal mean is settled in `story`, the sales process in `stage_list`.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::config::Config;
use crate::domain::code::Dictionary;
use crate::domain::day::{Day, Moment};
use crate::domain::ids::{CurrencyId, DealIx, OwnerId, PipelineId, RowIx, StageNameId};
use crate::domain::maybe::Maybe;
use crate::domain::spelling::nearest;
use crate::domain::stage::{ForecastCategory, StageKind};
use crate::ingest::tables::{Activities, Changes, Deals, Tables};
use crate::timeline::bucket::{Buckets, DEALS_PER_CHUNK, by_deal};
use crate::timeline::stage_evidence::StageEvidence;
use crate::timeline::stage_list::Process;
use crate::timeline::story::{Reader, Story};
use crate::timeline::{ActivityStep, DealHead, StageListError, Step, Timeline, TimelineQuality};

/// Chunks of deals whose steps are held twice while they are put together.
const CHUNKS_AT_ONCE: usize = 16;

/// The columns of the deals table the timeline reads, each as long as the table.
pub(super) struct DealColumns {
    pub created_at: Vec<Moment>,
    pub closed_at: Vec<Maybe<Moment>>,
    pub stage: Vec<Maybe<StageNameId>>,
    pub pipeline: Vec<Maybe<PipelineId>>,
    pub status: Vec<Option<StageKind>>,
    pub currency: Vec<CurrencyId>,
    pub owner: Vec<Maybe<OwnerId>>,
    pub category: Vec<Option<ForecastCategory>>,
    pub amount_minor: Vec<Maybe<i64>>,
    pub expected_close: Vec<Maybe<Day>>,
    pub probability: Vec<Maybe<f64>>,
}

impl DealColumns {
    fn read(deals: &Deals) -> Self {
        Self {
            created_at: deals.created_at(),
            closed_at: deals.closed_at(),
            stage: deals.stages(),
            pipeline: deals.pipelines(),
            status: deals.statuses(),
            currency: deals.currencies(),
            owner: deals.owners(),
            category: deals.categories(),
            amount_minor: deals.amounts_minor(),
            expected_close: deals.expected_closes(),
            probability: deals.probabilities(),
        }
    }

    /// The day the stage in `row` is of: that of the closing, else that of the export, which nothing tells.
    pub fn day_of_stage(&self, row: usize) -> Day {
        self.closed_at[row].get().map_or(Day(i32::MAX), Moment::day)
    }
}

impl Timeline {
    /// Builds the timeline as of `as_of`.
    ///
    /// Only rows dated before `as_of` count; deals created on or after it do not exist. A field of a deal that the
    /// change log never names before `as_of` has the value of the deals table on all days.
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
        let table = DealColumns::read(&tables.deals);
        let rows = rows_by_id(&tables.deals, &table.created_at, as_of);
        let position = positions(&rows, tables.deals.len());
        let log = bucket_changes(&tables.changes, &position, rows.len(), as_of);
        let activities = bucket_activities(activities, &position, rows.len(), as_of);
        drop(position);

        let evidence = StageEvidence { table: &table, rows: &rows, log: &log, changes: &tables.changes, as_of };
        let pipelines = tables.deals.pipeline_names();
        let process = evidence.process(&config.stages, &tables.stage_names, pipelines)?;
        let Process { stages, order: stage_order, unlisted: unlisted_stages } = process;
        let reader = Reader { table: &table, changes: &tables.changes, stages: &stages, as_of };
        let mut quality = TimelineQuality {
            deals: rows.len() as u64,
            deals_in_the_future: (tables.deals.len() - rows.len()) as u64,
            change_rows: log.items.len() as u64,
            change_rows_in_the_future: log.left_out,
            stage_order,
            unlisted_stages,
            unknown_pipelines: unknown_pipelines(
                config,
                pipelines,
                rows.iter().filter_map(|row| table.pipeline[row.index()].get()),
            ),
            ..TimelineQuality::default()
        };
        (quality.tracked_fields, quality.untracked_fields) = fields(&tables.deals, &tables.changes, &log.items);
        let (deals, steps, step_offsets) = assemble(&rows, &log, &reader, &mut quality);
        let Buckets { items: activities, offsets: activity_offsets, .. } = activities;
        Ok(Self { as_of, stages, deals, steps, step_offsets, activities, activity_offsets, quality })
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

/// The rows of deals created before `as_of`, ordered by `deal_id`.
fn rows_by_id(deals: &Deals, created_at: &[Moment], as_of: Day) -> Vec<RowIx> {
    let ids = deals.ids();
    let shared = shared_start(&ids);
    let before = deals.rows().filter(|row| created_at[row.index()] < as_of.start());
    let mut keyed: Vec<(u128, RowIx)> =
        before.map(|row| (sort_key(&ids[row.index()].as_bytes()[shared..]), row)).collect();
    let id = |row: RowIx| ids[row.index()];
    keyed.par_sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| (id(a.1), a.1).cmp(&(id(b.1), b.1))));
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// How many bytes all ids begin with in common.
fn shared_start(ids: &[&str]) -> usize {
    let Some((first, rest)) = ids.split_first() else { return 0 };
    let same = |a: &[u8], b: &[u8]| a.iter().zip(b).take_while(|(a, b)| a == b).count();
    rest.iter().fold(first.len(), |shared, id| same(&first.as_bytes()[..shared], id.as_bytes()))
}

/// The first 16 bytes of `text` as a number that sorts the same way: ids are compared in memory order, not by pointer.
fn sort_key(text: &[u8]) -> u128 {
    u128::from_be_bytes(std::array::from_fn(|i| text.get(i).copied().unwrap_or(0)))
}

/// Where each row of the deals table stands among `rows`; the future ones do not.
fn positions(rows: &[RowIx], deals: usize) -> Vec<Maybe<DealIx>> {
    let mut position = vec![Maybe::NONE; deals];
    for (i, row) in rows.iter().enumerate() {
        position[row.index()] = DealIx::at(i).into();
    }
    position
}

fn known(position: &[Maybe<DealIx>], row: RowIx) -> Maybe<DealIx> {
    position.get(row.index()).copied().unwrap_or_default()
}

/// Row numbers of the change log, by deal and time; a row that tells an old value before the others of its moment.
fn bucket_changes(changes: &Changes, position: &[Maybe<DealIx>], deals: usize, as_of: Day) -> Buckets<u32> {
    by_deal(
        deals,
        changes.len(),
        |row| if changes.at[row] < as_of.start() { known(position, changes.deal[row]) } else { Maybe::NONE },
        |row| row as u32,
        |rows| rows.sort_by_key(|&row| (changes.at[row as usize], !changes.prior[row as usize])),
    )
}

fn bucket_activities(
    activities: &Activities,
    position: &[Maybe<DealIx>],
    deals: usize,
    as_of: Day,
) -> Buckets<ActivityStep> {
    by_deal(
        deals,
        activities.deal.len(),
        |row| if activities.at[row] < as_of.start() { known(position, activities.deal[row]) } else { Maybe::NONE },
        |row| ActivityStep { day: activities.at[row].day(), kind: activities.kind[row], count: activities.count[row] },
        |items| items.sort_by_key(|activity| activity.day),
    )
}

/// The part of a timeline that one chunk of deals makes.
#[derive(Default)]
struct Part {
    deals: Vec<DealHead>,
    steps: Vec<Step>,
    step_ends: Vec<usize>,
    without_history: u64,
    closed_without_date: u64,
    disagrees: u64,
}

impl Part {
    fn add(&mut self, reader: &Reader<'_>, row: RowIx, rows: &[u32], story: &mut Story) {
        story.read(reader, row, rows, &mut self.steps);
        self.step_ends.push(self.steps.len());
        self.deals.push(story.head);
        self.without_history += u64::from(rows.is_empty());
        self.closed_without_date += u64::from(story.closed_without_date);
        self.disagrees += u64::from(story.disagrees_with_table);
    }
}

/// Tells every deal's story, in parallel over fixed ranges of deals, and joins the parts in order.
fn assemble(
    rows: &[RowIx],
    log: &Buckets<u32>,
    reader: &Reader<'_>,
    quality: &mut TimelineQuality,
) -> (Vec<DealHead>, Vec<Step>, Vec<usize>) {
    let part = |(chunk, rows): (usize, &[RowIx])| {
        let (mut part, mut story) = (Part::default(), Story::default());
        for (i, &row) in rows.iter().enumerate() {
            part.add(reader, row, log.of(DealIx::at(chunk * DEALS_PER_CHUNK + i)), &mut story);
        }
        part
    };
    let mut deals = Vec::with_capacity(rows.len());
    // At most one step per change, one for the creation and one for the closing.
    let mut steps = Vec::with_capacity(log.items.len() + 2 * rows.len());
    let mut offsets = Vec::with_capacity(rows.len() + 1);
    offsets.push(0);
    let chunks: Vec<(usize, &[RowIx])> = rows.chunks(DEALS_PER_CHUNK).enumerate().collect();
    for chunks in chunks.chunks(CHUNKS_AT_ONCE) {
        let parts: Vec<Part> = chunks.par_iter().copied().map(part).collect();
        for part in parts {
            offsets.extend(part.step_ends.iter().map(|end| steps.len() + end));
            steps.extend(part.steps);
            deals.extend(part.deals);
            quality.without_history += part.without_history;
            quality.closed_without_date += part.closed_without_date;
            quality.history_disagrees_with_table += part.disagrees;
        }
    }
    (deals, steps, offsets)
}

/// Columns that identify or date a deal rather than describe it.
const NOT_A_FIELD: [&str; 6] = ["deal_id", "name", "created_at", "closed_at", "status", "currency"];

/// Which fields the used rows of the log carry, and which columns stand in the deals table only.
fn fields(deals: &Deals, changes: &Changes, used: &[u32]) -> (Vec<String>, Vec<String>) {
    let any = |filled: &dyn Fn(usize) -> bool| used.iter().any(|&row| filled(row as usize));
    let tracked: Vec<&str> = [
        ("stage", any(&|i| changes.stage[i].is_some())),
        ("amount", any(&|i| changes.amount_minor[i].is_some())),
        ("expected_close_date", any(&|i| changes.expected_close[i].is_some())),
        ("owner", any(&|i| changes.owner[i].is_some())),
        ("forecast_category", any(&|i| changes.category[i].is_some())),
        ("probability", any(&|i| changes.probability[i].is_some())),
    ]
    .into_iter()
    .filter_map(|(name, carried)| carried.then_some(name))
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

    #[test]
    fn no_deals_make_an_empty_timeline() {
        let timeline = Timeline::build(&Tables::default(), &Config::default(), Day(9)).expect("nothing to propose");
        assert!(timeline.deals.is_empty() && timeline.spells().is_empty() && timeline.stages.stages().is_empty());
        assert_eq!(timeline.step_offsets, [0]);
    }
}
