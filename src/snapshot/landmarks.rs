//! Training rows: the states of open deals on past days, with how the deal ended since.

use rayon::prelude::*;

use crate::config::TrainingConfig;
use crate::domain::day::Day;
use crate::domain::ids::DealIx;
use crate::domain::stage::StageKind;
use crate::ingest::tables::Deals;
use crate::snapshot::deal_state::DealState;
use crate::snapshot::replay::replay;
use crate::snapshot::spacing::Spacing;
use crate::timeline::Timeline;

/// What became of a deal, as far as the timeline's day tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Won on that day.
    Won(Day),
    /// Lost on that day.
    Lost(Day),
    /// Still open as of the timeline's day.
    Open,
}

/// One open deal on one past day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landmark {
    /// What was known that morning.
    pub state: DealState,
    /// What came of it.
    pub outcome: Outcome,
}

/// The landmark rows of a timeline, all of them or those of a sample of deals.
#[derive(Clone, Debug)]
pub struct LandmarkSet {
    /// The rows, ordered by day, then by deal.
    pub rows: Vec<Landmark>,
    /// How many rows all deals together have.
    pub total_rows: u64,
    /// Whether `rows` holds a sample of the deals only.
    pub sampled: bool,
    /// How far the days lie apart, and why; none where the deals are seen as they stand, and not on past days.
    pub spacing: Option<Spacing>,
}

/// The landmark rows of a timeline: one per deal and grid day before the timeline's day on which it was open.
///
/// At most `config.max_rows` (but at least one deal): above it whole deals are drawn, those with the smallest seeded
/// hash of their `deal_id`, so that the draw depends on nothing but names and seed. `deals` is the table the timeline
/// was built from. Deals closed on an unknown day give no rows.
#[must_use]
pub fn landmarks(timeline: &Timeline, deals: &Deals, config: &TrainingConfig) -> LandmarkSet {
    let spacing = Spacing::of(timeline, config);
    let grid = spacing.days(timeline, config);
    let counts: Vec<u32> =
        (0..timeline.deals.len()).into_par_iter().map(|i| open_days(timeline, DealIx::at(i), &grid)).collect();
    let total_rows = counts.iter().map(|&count| u64::from(count)).sum();
    let with_rows = timeline.deal_ids().filter(|deal| counts[deal.index()] > 0);
    let sampled = total_rows > config.max_rows as u64;
    let chosen =
        if sampled { draw(timeline, deals, &counts, with_rows.collect(), config) } else { with_rows.collect() };
    let mut rows: Vec<Landmark> = chosen.par_iter().flat_map_iter(|&i| rows_of(timeline, i, &grid)).collect();
    rows.par_sort_by_key(|row| (row.state.day, row.state.deal));
    LandmarkSet { rows, total_rows, sampled, spacing: Some(spacing) }
}

/// On how many of `grid` a deal was open in the morning.
fn open_days(timeline: &Timeline, deal: DealIx, grid: &[Day]) -> u32 {
    let steps = timeline.steps_of(deal);
    let ends = steps.iter().skip(1).map(|step| step.at.day()).chain([timeline.as_of]);
    let open = steps.iter().zip(ends).filter(|(step, _)| timeline.stages.kind(step.stage) == StageKind::Open);
    open.map(|(step, end)| (days_until(grid, end) - days_until(grid, step.at.day())) as u32).sum()
}

/// How many of the ascending days are on or before `day`.
fn days_until(days: &[Day], day: Day) -> usize {
    days.partition_point(|&other| other <= day)
}

/// Draws whole deals out of `candidates`, in the order of their hashes, while their rows fit.
pub(super) fn draw(
    timeline: &Timeline,
    deals: &Deals,
    counts: &[u32],
    candidates: Vec<DealIx>,
    config: &TrainingConfig,
) -> Vec<DealIx> {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&config.seed.to_le_bytes());
    let ranked = candidates.into_par_iter().map(|deal| {
        let id = deals.id(timeline.head(deal).row).unwrap_or_default();
        (seeded_hash(&key, id), deal)
    });
    let mut ranked: Vec<(u64, DealIx)> = ranked.collect();
    ranked.par_sort_unstable();
    let mut rows = 0;
    let fits = ranked.iter().take_while(|(_, deal)| {
        rows += counts[deal.index()] as usize;
        rows <= config.max_rows
    });
    let kept = fits.count().max(1);
    ranked[..kept].iter().map(|&(_, deal)| deal).collect()
}

/// The first 8 bytes of a keyed hash of an id.
fn seeded_hash(key: &[u8; 32], id: &str) -> u64 {
    let bytes = *blake3::keyed_hash(key, id.as_bytes()).as_bytes();
    u64::from_be_bytes(std::array::from_fn(|b| bytes[b]))
}

fn rows_of(timeline: &Timeline, deal: DealIx, grid: &[Day]) -> Vec<Landmark> {
    let head = timeline.head(deal);
    let (outcome, last) = match (head.kind, head.closed.get()) {
        (StageKind::Open, _) => (Outcome::Open, timeline.as_of),
        (StageKind::Won, Some(closed)) => (Outcome::Won(closed), closed),
        (StageKind::Lost, Some(closed)) => (Outcome::Lost(closed), closed),
        (StageKind::Won | StageKind::Lost, None) => return Vec::new(),
    };
    let mut rows = Vec::new();
    let open_until = days_until(grid, last);
    replay(timeline, deal, &grid[..open_until], &mut |state| {
        if state.kind == StageKind::Open {
            rows.push(Landmark { state, outcome });
        }
    });
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::LandmarkGrid;
    use crate::timeline::fixtures::{World, worlds};

    fn config(landmarks: LandmarkGrid) -> TrainingConfig {
        TrainingConfig { landmarks, ..TrainingConfig::default() }
    }

    fn days(set: &LandmarkSet) -> Vec<i32> {
        set.rows.iter().map(|row| row.state.day.0).collect()
    }

    #[test]
    fn one_row_for_each_grid_morning_a_deal_was_open() {
        // Day 31 is 1970-02-01, day 59 is 1970-03-01, day 90 is 1970-04-01.
        let world = World::default().deal("a", 31, "Lost").closed(90).deal("b", 30, "New");
        let (tables, timeline) = (world.tables(), world.timeline(100));
        let set = landmarks(&timeline, &tables.deals, &config(LandmarkGrid::Monthly));
        assert_eq!(days(&set), [31, 59, 59, 90, 90]);
        assert_eq!(set.rows[1].outcome, Outcome::Lost(Day(90)));
        assert_eq!(set.rows[2].outcome, Outcome::Open);
        let config = TrainingConfig { window_days: Some(20), ..config(LandmarkGrid::Weekly) };
        assert_eq!(days(&landmarks(&timeline, &tables.deals, &config)), [86, 86, 93]);
    }

    #[test]
    fn the_as_of_day_itself_and_undated_closings_give_no_rows() {
        let world = World::default().deal("a", 89, "New").deal("b", 0, "Won");
        let set = landmarks(&world.timeline(90), &world.tables().deals, &config(LandmarkGrid::Monthly));
        assert_eq!((set.rows.len(), set.total_rows), (0, 0));
    }

    #[test]
    fn a_sample_keeps_whole_deals_and_follows_the_seed() {
        let world = (0..200).fold(World::default(), |world, i| world.deal(&format!("D{i}"), i % 50, "New"));
        let (tables, timeline) = (world.tables(), world.timeline(300));
        let all = landmarks(&timeline, &tables.deals, &config(LandmarkGrid::Monthly));
        let draw = |seed| {
            let config = TrainingConfig { max_rows: 500, seed, ..config(LandmarkGrid::Monthly) };
            landmarks(&timeline, &tables.deals, &config)
        };
        let (one, two) = (draw(1), draw(2));
        assert!(one.sampled && one.total_rows == all.rows.len() as u64);
        assert!((490..=500).contains(&one.rows.len()), "{}", one.rows.len());
        let text = |rows: &[Landmark]| format!("{rows:?}");
        assert_ne!(text(&one.rows), text(&two.rows));
        assert_eq!(text(&one.rows), text(&draw(1).rows));
        let kept = |deal: DealIx| one.rows.iter().any(|row| row.state.deal == deal);
        let whole: Vec<Landmark> = all.rows.iter().filter(|row| kept(row.state.deal)).copied().collect();
        assert_eq!(text(&one.rows), text(&whole));
    }

    proptest! {
        /// The shortcut over open intervals gives the rows that asking for every grid day gives.
        #[test]
        fn rows_are_counted_right_and_equal_the_replay(world in worlds()) {
            let (tables, timeline) = (world.tables(), world.timeline(75));
            let set = landmarks(&timeline, &tables.deals, &config(LandmarkGrid::Weekly));
            let mut expected = Vec::new();
            for day in (-70..75).map(Day).filter(|day| (75 - day.0) % 7 == 0) {
                for i in timeline.deal_ids() {
                    replay(&timeline, i, &[day], &mut |s| expected.extend((s.kind == StageKind::Open).then_some(s)));
                }
            }
            prop_assert_eq!(set.total_rows, expected.len() as u64);
            let text = |states: Vec<DealState>| format!("{states:?}");
            prop_assert_eq!(text(set.rows.iter().map(|row| row.state).collect()), text(expected));
        }
    }
}
