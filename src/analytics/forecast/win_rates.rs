//! How often were deals won that passed through a stage? The chance to win where neither deal nor configuration has one.

use crate::domain::stage::StageKind;
use crate::timeline::Timeline;

/// Fewest closed deals a rate may rest on.
const FEWEST_CLOSED: u32 = 10;

/// Per position in the stage list: won / (won + lost) among the closed deals that were ever in that open stage, 0 to 1.
///
/// `None` for closing stages and where fewer than 10 closed deals with a known history passed through.
#[must_use]
pub fn stage_win_rates(timeline: &Timeline) -> Vec<Option<f64>> {
    let stages = timeline.stages.stages();
    let mut closed = vec![0_u32; stages.len()];
    let mut won = vec![0_u32; stages.len()];
    let mut last_seen = vec![usize::MAX; stages.len()];
    for (i, deal) in timeline.deals.iter().enumerate() {
        if deal.kind == StageKind::Open || !deal.stage_tracked {
            continue;
        }
        for step in timeline.steps_of(i) {
            let stage = usize::from(step.stage);
            if stages.get(stage).is_none_or(|s| s.kind != StageKind::Open) || last_seen[stage] == i {
                continue;
            }
            last_seen[stage] = i;
            closed[stage] += 1;
            won[stage] += u32::from(deal.kind == StageKind::Won);
        }
    }
    let rate = |(closed, won)| (closed >= FEWEST_CLOSED).then(|| f64::from(won) / f64::from(closed));
    closed.into_iter().zip(won).map(rate).collect()
}
