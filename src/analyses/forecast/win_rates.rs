//! How often were deals won that passed through a stage? The chance to win where neither deal nor configuration has one.

use crate::domain::ids::StageId;
use crate::domain::stage::StageKind;
use crate::timeline::Timeline;

/// Fewest closed deals a rate may rest on.
const FEWEST_CLOSED: u32 = 10;

/// Per position in the stage list: won / (won + lost) among the closed deals that were ever in that open stage, 0 to 1.
///
/// `None` for closing stages and where fewer than 10 closed deals with a known history passed through.
#[must_use]
pub fn stage_win_rates(timeline: &Timeline) -> Vec<Option<f64>> {
    let stages = timeline.stages.names();
    let mut closed = vec![0_u32; stages.len()];
    let mut won = vec![0_u32; stages.len()];
    let mut last_seen = vec![None; stages.len()];
    for (i, deal) in timeline.deal_ids().zip(&timeline.deals) {
        if deal.kind == StageKind::Open || !deal.stage_tracked {
            continue;
        }
        for step in timeline.steps_of(i) {
            let open = step.stage.get().filter(|stage| timeline.stages.kind(*stage) == StageKind::Open);
            let Some(stage) = open.map(StageId::index).filter(|stage| last_seen[*stage] != Some(i)) else { continue };
            last_seen[stage] = Some(i);
            closed[stage] += 1;
            won[stage] += u32::from(deal.kind == StageKind::Won);
        }
    }
    let rate = |(closed, won)| (closed >= FEWEST_CLOSED).then(|| f64::from(won) / f64::from(closed));
    closed.into_iter().zip(won).map(rate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::fixtures::World;

    #[test]
    fn a_deal_counts_once_in_every_stage_it_was_in() {
        let mut world = World::default();
        for i in 0..12 {
            let end = if i < 3 { "Closed Won" } else { "Closed Lost" };
            world = world.deal(&format!("d{i:02}"), 1, end).moved(2, "New").moved(4, "Demo").moved(6, "New");
            world = if i < 9 { world.moved(8, "Offer") } else { world };
            world = world.moved(10, end).closed(10);
        }
        let timeline = world.timeline(60);
        let rates = stage_win_rates(&timeline);
        let of = |name: &str| timeline.stages.position(name).and_then(|id| rates[id.index()]);
        assert_eq!([of("New"), of("Demo"), of("Offer"), of("Closed Won")], [Some(0.25), Some(0.25), None, None]);
    }
}
