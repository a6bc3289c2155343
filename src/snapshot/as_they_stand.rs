//! Training rows where the past cannot be replayed: the closed deals as they stand in the export.
//!
//! Every row says how the deal ended, and shows it as if it were still open on the timeline's day. Stage, age and whatever
//! else tells that it is closed must not be read from it; what may be is the model's business.

use crate::config::TrainingConfig;
use crate::domain::ids::DealIx;
use crate::domain::maybe::Maybe;
use crate::domain::stage::StageKind;
use crate::ingest::tables::Deals;
use crate::snapshot::deal_state::DealState;
use crate::snapshot::landmarks::{Landmark, LandmarkSet, Outcome, draw};
use crate::timeline::Timeline;

/// One row per closed deal; at most `config.max_rows`, drawn as those of [`landmarks`](crate::snapshot::landmarks).
/// `snapshot` are all deals as of the timeline's day.
#[must_use]
pub fn as_they_stand(
    timeline: &Timeline,
    snapshot: &[DealState],
    deals: &Deals,
    config: &TrainingConfig,
) -> LandmarkSet {
    let is_closed = |deal: &DealIx| timeline.head(*deal).kind != StageKind::Open;
    let mut closed: Vec<DealIx> = timeline.deal_ids().filter(is_closed).collect();
    let total_rows = closed.len() as u64;
    let sampled = closed.len() > config.max_rows;
    if sampled {
        closed = draw(timeline, deals, &vec![1; timeline.deals.len()], closed, config);
        closed.sort_unstable();
    }
    let rows = closed.into_iter().map(|deal| row(timeline, &snapshot[deal.index()])).collect();
    LandmarkSet { rows, total_rows, sampled, spacing: None }
}

fn row(timeline: &Timeline, state: &DealState) -> Landmark {
    let known = timeline.as_of.plus(-1);
    let outcome = match state.kind {
        StageKind::Won => Outcome::Won(known),
        StageKind::Lost | StageKind::Open => Outcome::Lost(known),
    };
    let state = DealState {
        day: timeline.as_of,
        kind: StageKind::Open,
        stage_tracked: false,
        closed: Maybe::NONE,
        stage_since: state.created,
        ..*state
    };
    Landmark { state, outcome }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::day::Day;
    use crate::snapshot::all_deals::Snapshot;
    use crate::timeline::fixtures::World;

    #[test]
    fn closed_deals_stand_as_if_they_were_open_with_how_they_ended() {
        let world = World::default().deal("a", 3, "Won").deal("b", 4, "New").deal("c", 5, "Lost");
        let (tables, timeline) = (world.tables(), world.timeline(60));
        let snapshot = Snapshot::of(&timeline).states;
        let set = as_they_stand(&timeline, &snapshot, &tables.deals, &TrainingConfig::default());
        assert_eq!((set.rows.len(), set.total_rows, set.sampled), (2, 2, false));
        assert_eq!([set.rows[0].outcome, set.rows[1].outcome], [Outcome::Won(Day(59)), Outcome::Lost(Day(59))]);
        let [first, second] = [set.rows[0].state, set.rows[1].state];
        assert_eq!((first.deal.index(), second.deal.index()), (0, 2));
        assert!(set.rows.iter().all(|row| row.state.kind == StageKind::Open && row.state.closed.is_none()));
        assert!(set.rows.iter().all(|row| !row.state.stage_tracked && row.state.day == Day(60)));
        let config = TrainingConfig { max_rows: 1, ..TrainingConfig::default() };
        let drawn = as_they_stand(&timeline, &snapshot, &tables.deals, &config);
        assert_eq!((drawn.rows.len(), drawn.total_rows, drawn.sampled), (1, 2, true));
    }
}
