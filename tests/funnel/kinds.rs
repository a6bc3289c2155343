//! Deals are held against their own kind only where kinds differ.

use dealcast::analyses::stagnation::{StagnationInput, StagnationStatus, stagnation};
use dealcast::books::segment::Segment;

use crate::paths::{DealPath, FIRST_DAY, LOST, STAGES, world_of};
use crate::world::{AS_OF, World};

/// 300 deals that take a week per stage where they come from s0, two months where they come from s1, and the last of each
/// in S0 for 30 days.
fn two_speeds() -> World {
    let mut state: u64 = 7;
    let mut draw = |n: u64| {
        state = (state * 1_103_515_245 + 12_345) & 0x7FFF_FFFF;
        ((state >> 8) % n) as i32
    };
    let mut paths = Vec::new();
    for i in 0..300_u32 {
        let (source, mut day) = (i % 2, FIRST_DAY + draw(200));
        let mut events = vec![(day, 0)];
        for stage in 1..=STAGES {
            day += if source == 0 { 4 + draw(7) } else { 50 + draw(20) };
            events.push((day, if draw(4) == 0 { LOST } else { stage }));
            if events.last().is_some_and(|event| event.1 == LOST) {
                break;
            }
        }
        paths.push(DealPath { amount: 1, source, events });
    }
    paths.extend([0, 1].map(|source| DealPath { amount: 1, source, events: vec![(AS_OF.0 - 30, 0)] }));
    world_of(&paths)
}

#[test]
fn deals_are_held_against_their_own_kind_where_kinds_differ() {
    let world = two_speeds();
    let judged = |columns: &[&str]| {
        let candidates: Vec<Segment> = columns.iter().map(|column| world.segment(column)).collect();
        let input = StagnationInput {
            timeline: &world.timeline,
            stays: &world.stays,
            snapshot: &world.snapshot,
            config: &world.config.stagnation,
            candidates: &candidates,
            keep: &world.keep,
            previous: None,
        };
        stagnation(&input)
    };
    let result = judged(&["owner", "source"]);
    let levels = result.benchmarks.levels.as_ref().expect("sources differ");
    assert_eq!((levels.column.as_str(), levels.values.len()), ("source", 2));
    let [fast, slow] = [&result.rows[0], &result.rows[1]];
    assert!(fast.status != StagnationStatus::OnPace && slow.status == StagnationStatus::OnPace);
    assert!(
        fast.benchmark_days < Some(12) && slow.benchmark_days > Some(45),
        "{:?} {:?}",
        fast.benchmark_days,
        slow.benchmark_days
    );
    assert!(fast.percentile > Some(90.0) && slow.percentile < Some(5.0), "{:?} {:?}", fast.percentile, slow.percentile);
    assert_eq!(result.benchmarks.whose(world.snapshot.state(slow.deal)), "source=s1");
    // Owners were dealt out in turn: they tell nothing.
    assert_eq!(judged(&["owner"]).benchmarks.levels, None);
}
