//! What does a deal lack that deals had which went on from its stage?

use crate::analyses::actions::draft::Draft;
use crate::analyses::actions::facts::{ActionDealFacts, ActionFacts};
use crate::analyses::actions::findings::{activity_missing, fields_missing};
use crate::analyses::actions::habits::{StageHabit, Thing};
use crate::analyses::actions::money::ActionDeal;
use crate::analyses::actions::rows::ActionKind;
use crate::domain::stage::StageList;

/// The rows of a deal: one for all fields, one for activities.
pub(super) fn rows(
    deal: &ActionDeal<'_>,
    facts: &ActionDealFacts,
    all: &ActionFacts,
    stages: &StageList,
) -> Vec<Draft> {
    let habits = facts.missing.iter().filter_map(|&i| all.habits.get(i));
    let (activity, fields): (Vec<&StageHabit>, Vec<&StageHabit>) =
        habits.partition(|habit| habit.thing == Thing::Activity);
    let stage = stages.name(facts.stay.stage);
    let today = deal.state.day;
    let fields = fields_missing(facts, stage, &fields);
    let fields = fields.map(|(what, why)| Draft::of_deal(deal, ActionKind::FieldsMissing, today, what, why));
    let activity = activity.first().map(|habit| {
        let (what, why) = activity_missing(facts, stage, habit, deal.state.last_activity.get());
        Draft::of_deal(deal, ActionKind::ActivityMissing, today, what, why)
    });
    fields.into_iter().chain(activity).collect()
}
