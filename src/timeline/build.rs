//! How a timeline is built: which rows count, how they are grouped by deal, and how the parts are put together.
//!
//! What the rows of one deal mean is settled in `story`, the sales process in `stage_list`.

use std::collections::BTreeSet;

use polars::prelude::StringChunked;
use rayon::prelude::*;

use crate::config::Config;
use crate::domain::code::{Dictionary, NO_AMOUNT, NO_CODE, NO_DAY};
use crate::domain::day::{Day, Moment};
use crate::domain::spelling::nearest;
use crate::ingest::tables::{Activities, Changes, Deals, Tables};
use crate::timeline::bucket::{Buckets, DEALS_PER_CHUNK, by_deal};
use crate::timeline::stage_evidence::StageEvidence;
use crate::timeline::stage_list::Process;
use crate::timeline::story::{Reader, Story};
use crate::timeline::{ActivityStep, DealHead, StageListError, Step, Timeline, TimelineQuality};

/// Chunks of deals whose steps are held twice while they are put together.
const CHUNKS_AT_ONCE: usize = 16;

/// "No such deal" in a column of positions.
const ABSENT: u32 = u32::MAX;

/// The column that tells sales processes apart.
const PIPELINE: &str = "pipeline";

/// The columns of the deals table the timeline reads, each as long as the table.
pub(super) struct DealColumns {
    pub created_at: Vec<i64>,
    pub closed_at: Vec<i64>,
    pub stage: Vec<u32>,
    pub pipeline: Vec<u32>,
    pub status: Vec<u32>,
    pub currency: Vec<u32>,
    pub owner: Vec<u32>,
    pub category: Vec<u32>,
    pub amount_minor: Vec<i64>,
    pub expected_close: Vec<i32>,
    pub probability: Vec<f64>,
}

impl DealColumns {
    fn read(deals: &Deals) -> Self {
        Self {
            created_at: deals.integers("created_at"),
            closed_at: deals.integers("closed_at"),
            stage: deals.codes("stage"),
            pipeline: deals.codes(PIPELINE),
            status: deals.codes("status"),
            currency: deals.codes("currency"),
            owner: deals.codes("owner"),
            category: deals.codes("forecast_category"),
            amount_minor: deals.integers("amount_minor"),
            expected_close: deals.days("expected_close_date"),
            probability: deals.numbers("probability"),
        }
    }

    /// The day the stage in `row` is of: that of the closing, else that of the export, which nothing tells.
    pub fn day_of_stage(&self, row: usize) -> Day {
        match self.closed_at[row] {
            NO_AMOUNT => Day(i32::MAX),
            closed_at => Moment(closed_at).day(),
        }
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
        let no_pipelines = Dictionary::default();
        let pipelines = tables.deals.dictionary(PIPELINE).unwrap_or(&no_pipelines);
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
                rows.iter().map(|&row| table.pipeline[row as usize]),
            ),
            ..TimelineQuality::default()
        };
        (quality.tracked_fields, quality.untracked_fields) = fields(&tables.deals, &tables.changes, &log.items);
        let (deals, steps, step_offsets) = assemble(&rows, &log, &reader, &mut quality);
        let Buckets { items: activities, offsets: activity_offsets, .. } = activities;
        Ok(Self { as_of, stages, deals, steps, step_offsets, activities, activity_offsets, quality })
    }
}

/// Pipelines of configured stages that none of the deals' pipeline codes stands for.
fn unknown_pipelines(
    config: &Config,
    names: &Dictionary,
    codes: impl Iterator<Item = u32>,
) -> Vec<(String, Option<String>)> {
    let listed: BTreeSet<&str> = config.stages.iter().filter_map(|stage| stage.pipeline.as_deref()).collect();
    if listed.is_empty() {
        return Vec::new();
    }
    let known: BTreeSet<&str> =
        codes.collect::<BTreeSet<u32>>().into_iter().filter_map(|code| names.name(code)).collect();
    let unknown = listed.into_iter().filter(|name| !known.contains(name));
    unknown.map(|name| (name.to_owned(), nearest(name, known.iter().copied()).map(str::to_owned))).collect()
}

/// The rows of deals created before `as_of`, ordered by `deal_id`.
fn rows_by_id(deals: &Deals, created_at: &[i64], as_of: Day) -> Vec<u32> {
    let ids: Vec<&str> = deals
        .frame()
        .column("deal_id")
        .ok()
        .and_then(|column| column.str().ok())
        .map(|ids: &StringChunked| ids.iter().map(Option::unwrap_or_default).collect())
        .unwrap_or_default();
    let shared = shared_start(&ids);
    let before = (0..ids.len() as u32).filter(|&row| created_at[row as usize] < as_of.start().0);
    let mut keyed: Vec<(u128, u32)> =
        before.map(|row| (sort_key(&ids[row as usize].as_bytes()[shared..]), row)).collect();
    let id = |row: u32| ids[row as usize];
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

/// Where each row of the deals table stands among `rows`, [`ABSENT`] for the future ones.
fn positions(rows: &[u32], deals: usize) -> Vec<u32> {
    let mut position = vec![ABSENT; deals];
    for (i, &row) in rows.iter().enumerate() {
        position[row as usize] = i as u32;
    }
    position
}

fn known(position: &[u32], row: u32) -> Option<u32> {
    position.get(row as usize).copied().filter(|&p| p != ABSENT)
}

/// Row numbers of the change log, by deal and time; a row that tells an old value before the others of its moment.
fn bucket_changes(changes: &Changes, position: &[u32], deals: usize, as_of: Day) -> Buckets<u32> {
    by_deal(
        deals,
        changes.len(),
        |row| known(position, changes.deal[row]).filter(|_| changes.at[row] < as_of.start()),
        |row| row as u32,
        |rows| rows.sort_by_key(|&row| (changes.at[row as usize], !changes.prior[row as usize])),
    )
}

fn bucket_activities(activities: &Activities, position: &[u32], deals: usize, as_of: Day) -> Buckets<ActivityStep> {
    by_deal(
        deals,
        activities.deal.len(),
        |row| known(position, activities.deal[row]).filter(|_| activities.at[row] < as_of.start()),
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
    fn add(&mut self, reader: &Reader<'_>, row: u32, rows: &[u32], story: &mut Story) {
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
    rows: &[u32],
    log: &Buckets<u32>,
    reader: &Reader<'_>,
    quality: &mut TimelineQuality,
) -> (Vec<DealHead>, Vec<Step>, Vec<usize>) {
    let part = |(chunk, rows): (usize, &[u32])| {
        let (mut part, mut story) = (Part::default(), Story::default());
        for (i, &row) in rows.iter().enumerate() {
            part.add(reader, row, log.of(chunk * DEALS_PER_CHUNK + i), &mut story);
        }
        part
    };
    let mut deals = Vec::with_capacity(rows.len());
    // At most one step per change, one for the creation and one for the closing.
    let mut steps = Vec::with_capacity(log.items.len() + 2 * rows.len());
    let mut offsets = Vec::with_capacity(rows.len() + 1);
    offsets.push(0);
    let chunks: Vec<(usize, &[u32])> = rows.chunks(DEALS_PER_CHUNK).enumerate().collect();
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
        ("stage", any(&|i| changes.stage[i] != NO_CODE)),
        ("amount", any(&|i| changes.amount_minor[i] != NO_AMOUNT)),
        ("expected_close_date", any(&|i| changes.expected_close[i] != NO_DAY)),
        ("owner", any(&|i| changes.owner[i] != NO_CODE)),
        ("forecast_category", any(&|i| changes.category[i] != NO_CODE)),
        ("probability", any(&|i| !changes.probability[i].is_nan())),
    ]
    .into_iter()
    .filter_map(|(name, carried)| carried.then_some(name))
    .collect();
    let columns = deals.frame().get_column_names();
    let untracked = columns
        .iter()
        .map(|name| if *name == "amount_minor" { "amount" } else { name.as_str() })
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
        let found: Vec<&str> = timeline.deals.iter().filter_map(|d| tables.deals.text("deal_id", d.row)).collect();
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
        assert!(timeline.deals.is_empty() && timeline.stays().is_empty() && timeline.stages.stages().is_empty());
        assert_eq!(timeline.step_offsets, [0]);
    }
}
