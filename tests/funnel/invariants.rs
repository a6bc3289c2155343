//! What holds in any world: books close, cohorts and segments add up, and threads change nothing.

use dealcast::analyses::funnel::FunnelRow;
use dealcast::analyses::stagnation::StagnationStatus;
use dealcast::analyses::stagnation::summary::StagnationSummary;
use proptest::prelude::*;

use crate::paths::{DealPath, FIRST_DAY, LOST, STAGES, WON, reference_world, world_of};
use crate::world::AS_OF;

#[test]
fn threads_change_nothing() {
    let world = reference_world();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| (world.funnel(&["owner", "source"]), world.stagnation()))
    };
    assert_eq!(run(1), run(5));
}

fn random_path() -> impl Strategy<Value = DealPath> {
    let steps = prop::collection::vec((0..60_i32, 0..STAGES + 2), 0..8);
    (FIRST_DAY..FIRST_DAY + 650, 0..STAGES, steps, 0..1_000_i64, 0..3_u32).prop_map(
        |(created, stage, steps, amount, source)| {
            let mut events = vec![(created, stage)];
            for (days, stage) in steps {
                let (day, before) = *events.last().expect("not empty");
                if before < STAGES && stage != before {
                    events.push((day + days, stage));
                }
            }
            DealPath { amount, source, events }
        },
    )
}

/// How many deals of a segment stand in a stage on the as-of day, read off their paths.
fn standing_in(paths: &[DealPath], segment: &str, stage: usize) -> u64 {
    let is_member = |path: &&DealPath| segment == "all" || segment == format!("source=s{}", path.source);
    let last_stage = |path: &DealPath| path.events.iter().rfind(|(day, _)| *day < AS_OF.0).map(|(_, stage)| *stage);
    let standing = paths.iter().filter(is_member).filter(|path| last_stage(path) == Some(stage));
    standing.count() as u64
}

/// What can be added up over cohorts or segments.
fn sums(row: &FunnelRow) -> [i128; 9] {
    let counts = [row.entered, row.advanced, row.lost, row.back, row.open, row.skipped, row.won].map(i128::from);
    let [a, b, c, d, e, f, g] = counts;
    [a, b, c, d, e, f, g, row.value_minor.unwrap_or(0), 1]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn books_close(paths in prop::collection::vec(random_path(), 1..60)) {
        let world = world_of(&paths);
        prop_assume!(!world.timeline.deals.is_empty());
        let funnel = world.funnel(&["owner", "source"]);
        for row in &funnel.rows {
            prop_assert_eq!(row.entered, row.advanced + row.lost + row.back + row.still_there);
            if let Some(share) = row.conversion {
                prop_assert!(0.0 <= share.low && share.low <= share.value && share.value <= share.high && share.high <= 1.0);
                if row.still_there == 0 && row.cohort != 1 {
                    prop_assert!((share.value - row.advanced as f64 / row.entered as f64).abs() < 1e-9);
                }
            }
        }
        let row_of = |segment: usize, stage: usize| {
            let wanted = |row: &&FunnelRow| (row.cohort, row.segment as usize, row.stage as usize) == (0, segment, stage);
            funnel.rows.iter().find(wanted).map_or((0, 0), |row| (row.open, row.still_there))
        };
        for (segment, name) in funnel.segments.iter().enumerate().filter(|(_, name)| !name.starts_with("owner=")) {
            for stage in 0..STAGES + 2 {
                let standing = standing_in(&paths, name, stage);
                let open = if stage < STAGES { standing } else { 0 };
                prop_assert_eq!(row_of(segment, stage), (open, standing), "{} in stage {}", name, stage);
            }
        }
        // Cohorts add up to all cohorts, the values of a column to all deals.
        let total = |keep: &dyn Fn(&FunnelRow) -> bool| {
            let mut sum = vec![[0_i128; 9]; funnel.stages.len()];
            for row in funnel.rows.iter().filter(|row| keep(row)) {
                sum[row.stage as usize].iter_mut().zip(sums(row)).take(8).for_each(|(sum, more)| *sum += more);
            }
            sum
        };
        let all = total(&|row| row.segment == 0 && row.cohort == 0);
        prop_assert_eq!(&all, &total(&|row| row.segment == 0 && row.cohort > 1));
        for column in ["owner=", "source="] {
            let of_column = |row: &FunnelRow| row.cohort == 0 && funnel.segments[row.segment as usize].starts_with(column);
            prop_assert_eq!(&all, &total(&of_column));
        }
        let whole = &funnel.summaries[0];
        prop_assert_eq!(whole.deals, world.timeline.deals.len() as u64);
        let ended = |stage: usize| all[stage][0] as u64;
        prop_assert_eq!((whole.won, whole.lost), (ended(WON), ended(LOST)));
        let open: i128 = all[..STAGES].iter().map(|stage| stage[4]).sum();
        prop_assert_eq!(i128::from(whole.open), open);
        let (stagnation, owner) = (world.stagnation(), world.segment("owner"));
        let summary = StagnationSummary::of(&stagnation, &world.timeline, &world.values, &[owner]);
        for group in summary.groups.iter().flat_map(|(_, groups)| groups) {
            let left = group.moved.deals + group.won.deals + group.lost.deals;
            let stalled = group.of(StagnationStatus::Stalled).deals;
            prop_assert_eq!(stalled + left, group.previously_stalled.deals + group.newly_stalled.deals, "{}", &group.name);
        }
        prop_assert_eq!(stagnation.rows.len() as u64, whole.open);
        for row in &stagnation.rows {
            let (advance, lost) = (row.advance_30d.unwrap_or(0.0), row.lost_30d.unwrap_or(0.0));
            prop_assert!(0.0 <= advance && 0.0 <= lost && advance + lost <= 1.0 + 1e-12, "{:?}", row);
            prop_assert!(row.percentile.is_none_or(|rank| (0.0..=100.0).contains(&rank)), "{:?}", row);
            prop_assert!(row.next_review.is_none_or(|day| day >= AS_OF), "{:?}", row);
            prop_assert_eq!(row.stalled_since.is_some(), row.status == StagnationStatus::Stalled);
        }
    }
}
