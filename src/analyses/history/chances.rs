//! What a model would have given the deal on the morning after every event.

use super::events::{DealHistory, EventKind, HistoryEvent};
use crate::domain::day::Day;
use crate::domain::stage::StageKind;
use crate::features::FeatureContext;
use crate::model::WinModel;
use crate::snapshot::replay;

impl DealHistory {
    /// Asks `model` after every event what it makes of the deal on the next morning, knowing of the deal what was known
    /// then; of other deals it has learnt what it has learnt. Mornings the deal is closed on have no chance.
    pub fn ask(&mut self, model: &WinModel, context: &FeatureContext<'_>) {
        let as_of = context.timeline.as_of;
        let morning = |event: &HistoryEvent| match event.kind {
            EventKind::Now | EventKind::Score => event.at.day(),
            _ => event.at.day().plus(1).min(as_of),
        };
        let mut days: Vec<Day> = self.events.iter().map(morning).collect();
        days.sort_unstable();
        days.dedup();
        let mut states = Vec::with_capacity(days.len());
        replay(context.timeline, self.deal, &days, &mut |state| {
            states.extend((state.kind == StageKind::Open).then_some(state));
        });
        let chances = model.chances(&states, context);
        for event in &mut self.events {
            let day = morning(event);
            event.win_probability =
                states.iter().zip(&chances).find(|(state, _)| state.day == day).map(|(_, &chance)| chance);
        }
    }
}
