//! Stays counted by stage and group: what the curves are made from.
//!
//! A timeline's [`Spell`]s in, [`ExitCounts`] out, in parallel over chunks that are cut the same way on every machine.

use rayon::prelude::*;

use crate::books::segment::Segment;
use crate::stats::survival::{ExitCause, ExitCounts};
use crate::timeline::{Exit, Spell};

/// Stays per parallel chunk.
const CHUNK: usize = 1 << 16;

/// Stays by stage, of which there are `stages`; those in an unknown stage count in none.
pub(super) fn by_stage(spells: &[Spell], stages: usize) -> Vec<ExitCounts> {
    let groups = counted(spells, stages, 1, |_| 0);
    groups.into_iter().flatten().collect()
}

/// Stays by stage and value of `segment`.
pub(super) fn by_value(spells: &[Spell], stages: usize, segment: &Segment) -> Vec<Vec<ExitCounts>> {
    counted(spells, stages, segment.values.len(), |spell| segment.of_deal[spell.deal as usize] as usize)
}

/// Stays by stage and the group `group_of` puts them in.
fn counted(
    spells: &[Spell],
    stages: usize,
    groups: usize,
    group_of: impl Fn(&Spell) -> usize + Sync,
) -> Vec<Vec<ExitCounts>> {
    let empty = vec![vec![ExitCounts::default(); groups]; stages];
    let count = |chunk: &[Spell]| {
        let mut counts = empty.clone();
        for spell in chunk {
            if let Some(stage) = counts.get_mut(usize::from(spell.stage)) {
                add_stay(&mut stage[group_of(spell)], spell);
            }
        }
        counts
    };
    let parts: Vec<_> = spells.par_chunks(CHUNK).map(count).collect();
    let mut sums = empty.clone();
    for part in &parts {
        sums.iter_mut().flatten().zip(part.iter().flatten()).for_each(|(sum, more)| sum.merge(more));
    }
    sums
}

fn add_stay(counts: &mut ExitCounts, spell: &Spell) {
    match spell.exit {
        Exit::Advanced(_) | Exit::Won => counts.push(spell.days(), ExitCause::Advance),
        Exit::Lost => counts.push(spell.days(), ExitCause::Lost),
        Exit::Back(_) => counts.push(spell.days(), ExitCause::Back),
        Exit::StillThere => counts.push_running(spell.days()),
    }
}
