//! Stays counted by stage and group: what the curves are made from.
//!
//! A timeline's [`Stay`]s in, [`ExitCounts`] out, in parallel over chunks that are cut the same way on every machine.

use rayon::prelude::*;

use crate::books::segment::Segment;
use crate::stats::survival::{ExitCause, ExitCounts};
use crate::timeline::{Exit, Stay};

/// Stays per parallel chunk.
const CHUNK: usize = 1 << 16;

/// Stays by stage, of which there are `stages`; those in an unknown stage count in none.
pub(super) fn by_stage(stays: &[Stay], stages: usize) -> Vec<ExitCounts> {
    let groups = counted(stays, stages, 1, |_| 0);
    groups.into_iter().flatten().collect()
}

/// Stays by stage and value of `segment`.
pub(super) fn by_value(stays: &[Stay], stages: usize, segment: &Segment) -> Vec<Vec<ExitCounts>> {
    counted(stays, stages, segment.values.len(), |stay| segment.of_deal[stay.deal.index()] as usize)
}

/// Stays by stage and the group `group_of` puts them in.
fn counted(
    stays: &[Stay],
    stages: usize,
    groups: usize,
    group_of: impl Fn(&Stay) -> usize + Sync,
) -> Vec<Vec<ExitCounts>> {
    let empty = vec![vec![ExitCounts::default(); groups]; stages];
    let count = |chunk: &[Stay]| {
        let mut counts = empty.clone();
        for stay in chunk {
            if let Some(stage) = stay.stage.get() {
                add_stay(&mut counts[stage.index()][group_of(stay)], stay);
            }
        }
        counts
    };
    let parts: Vec<_> = stays.par_chunks(CHUNK).map(count).collect();
    let mut sums = empty.clone();
    for part in &parts {
        sums.iter_mut().flatten().zip(part.iter().flatten()).for_each(|(sum, more)| sum.merge(more));
    }
    sums
}

fn add_stay(counts: &mut ExitCounts, stay: &Stay) {
    match stay.exit {
        Exit::Advanced(_) | Exit::Won => counts.push(stay.days(), ExitCause::Advance),
        Exit::Lost => counts.push(stay.days(), ExitCause::Lost),
        Exit::Back(_) => counts.push(stay.days(), ExitCause::Back),
        Exit::StillThere => counts.push_running(stay.days()),
    }
}
